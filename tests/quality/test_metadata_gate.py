"""Title, date, source, author, agency and language, measured: pinned floors, checksums of the exam.

Two exams: the sample corpus (`labels.jsonl`) and `metadata.jsonl`, short articles of imagined
papers, each with one way to state (or not to state) a date, a writer or a paper, in 15 languages.
Dates must agree in their precision, clock time and zone; what a file does not state must be None.
Run this file as a program to see the figures and everything that was answered wrongly.
"""

import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from indexer.cleaning.article import Cleaned, clean_html, clean_text
from indexer.lines.decode import decode
from indexer.lines.lines import words_of

ROOT = Path(__file__).resolve().parents[2]
CORPUS, SAMPLES = ROOT / "tests/quality/labels.jsonl", ROOT / "tests/quality/metadata.jsonl"
EXAM = "0974d90fbaba07b73d15336538b32ad1394e63a9af78c409af133df858df47f4"
FIELDS = ("title", "published", "source", "author", "agency", "language")
FLOORS = {
    "corpus": dict.fromkeys(FIELDS, 0.98) | {"agency": 0.95},
    "samples": dict.fromkeys(FIELDS, 0.98),
}
DATED_LINE = re.compile(r"(?:dateline in )?line (\d+)")


def records(exam: str) -> Iterator[tuple[dict[str, Any], Cleaned]]:
    for line in (CORPUS if exam == "corpus" else SAMPLES).read_text("utf-8").split("\n"):
        record = json.loads(line) if line else {"refused": True}
        if not record.get("refused") and record.get("form") != "jsonl":
            yield record, (of_corpus(record) if exam == "corpus" else of_samples(record))


def of_corpus(record: dict[str, Any]) -> Cleaned:
    is_html = record["form"] == "html"
    text = decode((ROOT / "articles" / record["path"]).read_bytes(), is_html=is_html).text
    return clean_html(text) if is_html else clean_text(text)


def of_samples(record: dict[str, Any]) -> Cleaned:
    if record["kind"] == "html":
        return clean_html(record["html"], url=record["url"])
    return clean_text(record["text"])


def is_right(name: str, record: dict[str, Any], article: Cleaned) -> bool:
    given, stated = getattr(article, name), record[name]
    if name == "title" and stated is None:
        return article.provenance["title"].found_in == "derived"
    if name in {"published", "language"} or given is None or stated is None:
        return bool(given == stated)
    return words_of(given) == words_of(stated)


@cache
def measured(exam: str) -> tuple[dict[str, float], list[str]]:
    right: Counter[str] = Counter()
    wrong, count = [], 0
    for record, article in records(exam):
        count += 1
        for name in FIELDS:
            if is_right(name, record, article):
                right[name] += 1
            else:
                where = record.get("path") or record["id"]
                wrong.append(f"{where}: {name} {getattr(article, name)!r}, not {record[name]!r}")
    return {name: right[name] / count for name in FIELDS}, wrong


def checksum() -> str:
    return hashlib.sha256(SAMPLES.read_bytes()).hexdigest()


def test_the_samples_are_those_that_the_floors_were_set_on() -> None:
    """New samples are welcome: run this file, look at the figures, set the checksum anew."""
    assert checksum() == EXAM


@pytest.mark.parametrize("exam", FLOORS)
def test_metadata_is_no_worse_than_its_floors(exam: str) -> None:
    shares, wrong = measured(exam)
    below = {name: share for name, share in shares.items() if share < FLOORS[exam][name]}
    assert not below, "\n".join(wrong)


@pytest.mark.parametrize("exam", FLOORS)
def test_no_article_is_given_a_date_that_it_does_not_state(exam: str) -> None:
    invented = [
        record.get("path") or record["id"]
        for record, article in records(exam)
        if record["published"] is None and article.published is not None
    ]
    assert invented == []


@pytest.mark.parametrize("exam", FLOORS)
def test_provenance_names_the_line_that_holds_the_year(exam: str) -> None:
    for record, article in records(exam):
        found = article.provenance.get("published")
        match = DATED_LINE.match(found.found_in) if found else None
        if match and record.get("language") == "en" and "counted from" not in found.found_in:  # type: ignore[union-attr]
            removed = {removal.line: removal.text for removal in article.removed}
            line = removed.get(int(match[1]), article.body)
            year = (article.published or "")[:4]
            assert year in line or year[2:] in line


def test_the_address_of_a_page_is_its_own_where_it_states_one() -> None:
    for record, article in records("samples"):
        if record["kind"] == "html":
            assert article.url == record["canonical"]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("tr-label", "cp1254"), ("tr-label", "iso8859-9"), ("ru-label", "cp1251"), ("ru-label", "koi8-r"),
        ("ar-label", "cp1256"), ("zh-label", "gb18030"), ("ja-label", "cp932"), ("ja-label", "euc_jp"), ("ko-label", "cp949"),
        ("pl-label", "cp1250"), ("pl-label", "iso8859-2"), ("de-label", "cp1252"), ("fr-label", "utf-16"), ("fa-jalali", "utf-8-sig"),
        ("es-label", "mojibake"), ("ru-label", "mojibake"), ("ar-label", "mojibake"), ("tr-label", "entities"),
        ("zh-label", "entities"), ("de-label", "soft hyphens"),
    ],
)  # fmt: skip
def test_the_same_is_known_whatever_the_text_has_been_through(name: str, encoding: str) -> None:
    """Old encodings, UTF-8 read as windows-1252, entities, soft hyphens in every long word."""
    record = next(r for r, _ in records("samples") if r["id"] == name)
    text: str = record["text"]
    if encoding == "mojibake":
        table = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256)}
        data = "".join(table[byte] for byte in text.encode()).encode()
    elif encoding == "entities":
        data = re.sub(r"[^\x00-\x7f]", lambda m: f"&amp;#{ord(m[0])};", text).encode()
    elif encoding == "soft hyphens":
        data = re.sub(r"([a-zß-ü]{4})(?=[a-zß-ü]{4})", "\\1\u00ad", text).encode()
    else:
        data = text.encode(encoding, "replace")
    article = clean_text(decode(data, is_html=False).text)
    wrong = {
        field: getattr(article, field) for field in FIELDS if not is_right(field, record, article)
    }
    assert wrong == {}


def main() -> None:
    out = sys.stdout
    for exam in FLOORS:
        shares, wrong = measured(exam)
        print(exam, {name: round(share, 3) for name, share in shares.items()}, file=out)
        print(*wrong, sep="\n", file=out)
    print(checksum(), file=out)


if __name__ == "__main__":
    main()
