"""The exam of the cleaning gate is itself checked: the labels fit the files of `articles/`.

`labels.jsonl` has one record for each article (each line of a JSON Lines file is one) and each file
that gives none. `lines` says of every line of a text, and of the telling blocks of a page, whether
it belongs to the body (`keep`), does not (`drop`) or may (`opt`: captions, standfirsts, notes of
correction). `title`, `published`, `source`, `author` and `agency` are what the file itself states,
or null: mastheads carry the day of the crawl and no title of the paper is taken from a folder's
name. Copies of one report share `story`. `damage` names what a file suffered on its way; the lines
are labelled as they read once it is repaired.
"""

import hashlib
import html
import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
ARTICLES = ROOT / "articles"
RECORDS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (ROOT / "tests/quality/labels.jsonl").read_text("utf-8").split("\n")
    if line
]
READABLE = [record for record in RECORDS if not record.get("refused")]
KINDS = {
    "keep": {"body", "subhead"},
    "opt": {"caption", "standfirst", "author_note"},
    "drop": {
        "advert", "author_note", "byline", "caption", "category", "comment", "comment_prompt",
        "cookie", "dup", "footer", "image_name", "masthead", "nav", "newsletter", "readmore",
        "related", "share", "source_line", "tags", "title",
    },
}  # fmt: skip
REASONS = {"empty", "binary", "damaged", "no article"}


def of_form(form: str) -> list[Any]:
    return [pytest.param(r, id=r["path"]) for r in READABLE if r["form"] == form]


def contents(record: dict[str, Any]) -> str:
    return file_of(record).read_bytes().decode(record["encoding"])


def file_of(record: dict[str, Any]) -> Path:
    path: str = record["path"]
    return ARTICLES / path.partition("#")[0]


def repaired(line: str, damage: str | None) -> str:
    """The line before the damage: UTF-8 read as Windows-1252, or entities left in a text."""
    if damage == "mojibake":
        return b"".join(_web_byte(character) for character in line).decode("utf-8")
    return html.unescape(line) if damage == "entities" else line


def _web_byte(character: str) -> bytes:
    """A byte as browsers read Windows-1252: its five holes are the control characters."""
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def squeezed(text: str) -> str:
    return " ".join(text.replace("\u00ad", "").split())


def test_every_label_has_its_file_and_no_article_has_two() -> None:
    assert all(file_of(record).is_file() for record in RECORDS)
    assert max(Counter(record["path"] for record in RECORDS).values()) == 1


def test_every_file_of_the_sample_corpus_is_labelled() -> None:
    """Of those that Git knows: a reader may well have dropped files of their own beside them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "."], cwd=ARTICLES, capture_output=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("no Git checkout: which files belong to the sample corpus is not known")
    files = set(listed.stdout.decode().rstrip("\0").split("\0"))
    assert {record["path"].partition("#")[0] for record in RECORDS} == files


@pytest.mark.parametrize("record", [pytest.param(r, id=r["path"]) for r in RECORDS])
def test_a_file_is_the_one_that_was_labelled(record: dict[str, Any]) -> None:
    """A checkout that changes line ends or encodings spoils the exam: .gitattributes forbids it."""
    assert hashlib.sha256(file_of(record).read_bytes()).hexdigest() == record["sha256"]


@pytest.mark.parametrize("record", of_form("text"))
def test_every_line_of_a_text_that_is_not_blank_is_labelled(record: dict[str, Any]) -> None:
    lines = [line.removesuffix("\r") for line in contents(record).split("\n")]
    found = [
        (number, repaired(line, record.get("damage")))
        for number, line in enumerate(lines, 1)
        if line.strip()
    ]
    assert [(line["line"], line["text"]) for line in record["lines"]] == found


@pytest.mark.parametrize("record", of_form("html"))
def test_the_labelled_blocks_of_a_page_stand_in_its_text(record: dict[str, Any]) -> None:
    text = squeezed(BeautifulSoup(contents(record), "lxml").get_text())
    for block in record["lines"]:
        assert squeezed(block["text"]) in text


@pytest.mark.parametrize("record", of_form("jsonl"))
def test_the_lines_of_a_json_lines_article_are_its_text(record: dict[str, Any]) -> None:
    articles = [json.loads(line) for line in contents(record).splitlines()]
    by_id = {article["id"]: article for article in articles}
    article = by_id[record["path"].partition("#")[2]]
    assert [line["text"] for line in record["lines"]] == article["text"].split("\n\n")
    for name in ("title", "published", "source", "author", "language", "url"):
        assert record[name] == article.get(name)


@pytest.mark.parametrize("record", [pytest.param(r, id=r["path"]) for r in READABLE])
def test_an_article_has_a_body_and_known_kinds_of_lines(record: dict[str, Any]) -> None:
    assert any(line["label"] == "keep" for line in record["lines"])
    for line in record["lines"]:
        assert line["kind"] in KINDS[line["label"]]


@pytest.mark.parametrize("record", [pytest.param(r, id=r["path"]) for r in READABLE])
def test_a_title_and_a_source_stand_in_the_file(record: dict[str, Any]) -> None:
    text = squeezed(repaired(contents(record), record.get("damage")))
    plain = squeezed(html.unescape(text))
    for name in ("title", "source", "author", "agency"):
        stated = record[name]
        spellings = (stated, stated.upper(), stated.replace(" ", "")) if stated else ()
        assert stated is None or any(squeezed(spelling) in plain for spelling in spellings)


def test_a_refused_file_has_a_reason() -> None:
    reasons = Counter(record["reason"] for record in RECORDS if record.get("refused"))
    assert set(reasons) == REASONS


def test_wire_copies_share_their_story() -> None:
    copies = Counter(record["story"] for record in READABLE)
    assert sum(count >= 3 for count in copies.values()) >= 5
