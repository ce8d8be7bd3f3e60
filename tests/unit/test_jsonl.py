"""JSON Lines: every good line is an article, every bad one is listed with its number."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from indexer.counts import Recurs
from indexer.folder import files, walk
from indexer.folder.files import Unreadable
from indexer.jsonl import MAX_BODY_CHARACTERS, TOO_LONG, articles, is_iso_date
from indexer.read import article_of
from indexer.settings import Settings
from search.config import Articles, Cleaning, Config
from search.model import Article, Rejection

LIMIT = 10_000


def read(folder: Path, *, limit: int = LIMIT) -> tuple[list[Article], dict[str, str]]:
    (found,) = walk.scan(Articles(roots=(folder,))).files
    bad: list[Rejection] = []
    state = files.fingerprint(found)
    good = list(articles(found, state, max_line_bytes=limit, bad=bad.append))
    return good, {rejection.path: rejection.reason for rejection in bad}


def write(folder: Path, *lines: Any, name: str = "a.jsonl") -> Path:
    plain = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    data = b"\n".join(plain) + b"\n"
    file = folder / name
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return file


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_every_field_of_a_line_is_taken_as_it_stands(tmp_path: Path, name: str) -> None:
    write(
        tmp_path,
        {
            "id": "x/1",
            "title": "A  bridge\nopens",
            "text": "It opened.\n\nPeople came.",
            "published": "2016-11-25T10:00:00+03:00",
            "source": "The Courier",
            "author": ["Ann Lee", "Bo Ek"],
            "language": "EN-gb",
            "url": "https://example.org/1",
        },
        name=name,
    )
    (article,), bad = read(tmp_path)
    assert bad == {}
    assert article.path == f"{name}#x/1"
    assert len(article.id) == 16
    assert (article.title, article.body) == ("A bridge opens", "It opened.\n\nPeople came.")
    assert article.published == "2016-11-25T10:00:00+03:00"
    assert (article.source, article.author) == ("The Courier", "Ann Lee, Bo Ek")
    assert (article.language, article.url) == ("en", "https://example.org/1")
    assert article.removed == ()


@pytest.mark.parametrize("stated", [{}, {"language": None}, {"language": "unknown"}])
def test_a_language_that_is_not_stated_is_told_by_the_words(
    tmp_path: Path, stated: dict[str, Any]
) -> None:
    """The language decides which endings a search forgives."""
    text = "Le port est fermé depuis lundi, et les dockers ne sont pas dans la rue avec le maire."
    write(tmp_path, {"id": 1, "text": text} | stated, {"id": 2, "text": "Qxv 17."} | stated)
    (french, unknown), bad = read(tmp_path)
    assert bad == {}
    assert french.language == "fr"
    assert french.provenance["language"].found_in == "common words"
    assert french.provenance["language"].confidence < 1
    assert unknown.language is None
    assert "language" not in unknown.provenance


def test_bad_lines_are_listed_by_number_and_the_others_go_on(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"id": 1, "text": "one"},
        b"",
        b"{not json",
        b"[1]",
        {"text": "no id"},
        {"id": "a"},
        {"id": "b", "text": 5},
        {"id": "c", "text": "  \n\u200b"},
        {"id": True, "text": "x"},
        {"id": "d\u0001", "text": "x"},
        {"id": "1", "text": "again"},
        b'{"id": "e", "text": "\xff"}',
        {"id": "f", "text": "x", "title": {"a": 1}},
        {"id": "g", "text": "x" * LIMIT},
        b"[" * 9_000,
        {"id": "h", "text": "last"},
    )
    good, bad = read(tmp_path)
    assert [article.path for article in good] == ["a.jsonl#1", "a.jsonl#h"]
    reasons = {int(path.removeprefix("a.jsonl#line ")): reason for path, reason in bad.items()}
    assert {number: reason.partition(":")[0] for number, reason in reasons.items()} == {
        3: "is not JSON",
        4: "is a list, not an object",
        5: "has no `id`",
        6: "has no `text`",
        7: "has a `text` that is a number",
        8: "has an empty `text`",
        9: "has an `id` that is true or false",
        10: "has an `id` that is empty or holds control characters",
        11: 'repeats the id "1" of line 1; the first one counts',
        12: "is not UTF-8",
        13: "has a `title` that is an object",
        14: "is longer than 0.01 MB",
        15: "is nested too deeply",
    }


def test_a_line_without_a_title_gets_its_first_words(tmp_path: Path) -> None:
    write(tmp_path, {"id": 1, "text": "The bridge opened. " * 20})
    (article,), _ = read(tmp_path)
    assert article.title.startswith("The bridge opened.")
    assert article.title.endswith("…")
    assert article.provenance["title"].found_in == "first words"


def test_what_does_not_show_is_no_title(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"id": 1, "title": "\u200b", "source": "\u200e ", "text": "\u200b\nThe bridge opened."},
    )
    (article,), _ = read(tmp_path)
    assert (article.title, article.source) == ("The bridge opened.", None)


@pytest.mark.parametrize(
    ("given", "published"),
    [
        ("2016", "2016"),
        (2016, "2016"),
        ("2016-11", "2016-11"),
        ("2016-11-25 10:00", "2016-11-25T10:00"),
        ("2016-11-25T10:00:00.123Z", "2016-11-25T10:00:00.123Z"),
        ("25.11.2016", None),
        ("2016-13", None),
        ("2016-02-30", None),
        ("0000", None),
        ("yesterday", None),
        (1.5, None),
        ("", None),
    ],
)
def test_a_date_is_iso_8601_or_none(tmp_path: Path, given: object, published: str | None) -> None:
    write(tmp_path, {"id": 1, "text": "x", "published": given})
    (article,), bad = read(tmp_path)
    assert (article.published, bad) == (published, {})
    if published is None and given:
        assert str(given) in article.provenance["published"].found_in
    assert is_iso_date(str(given).strip()) == (published is not None)


def test_characters_that_no_text_holds_are_cleaned(tmp_path: Path) -> None:
    write(tmp_path, b'{"id": 1, "text": "a\\u0000b \\ud800 \\ud83d\\ude00\\u0007"}')
    (article,), _ = read(tmp_path)
    assert article.body == "ab \ufffd \N{GRINNING FACE}"


def test_a_byte_order_mark_and_line_separators_inside_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, b"\xef\xbb\xbf" + json.dumps({"id": 1, "text": "a\u2028b"}).encode())
    (article,), bad = read(tmp_path)
    assert (article.body, bad) == ("a\u2028b", {})


def test_a_packed_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        *({"id": n, "text": os.urandom(50).hex()} for n in range(2_000)),
        name="a.jsonl.gz",
    )
    file.write_bytes(file.read_bytes()[:-1_000])
    with pytest.raises(Unreadable, match=r"is cut short after line 19\d\d; copy it again"):
        read(tmp_path)


def test_what_is_not_packed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_text('{"id": 1, "text": "x"}\n', encoding="utf-8")
    with pytest.raises(Unreadable, match="is damaged in its first line: Not a gzipped file"):
        read(tmp_path)


def test_a_line_without_end_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(bytes(LIMIT * 60)))
    with pytest.raises(Unreadable, match="has a line of more than 1 MB"):
        read(tmp_path)


def test_what_unpacks_without_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.jsonl.INFLATION_FREE_BYTES", 1_000)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress((b" " * 5_000 + b"\n") * 3_000))
    with pytest.raises(Unreadable, match="unpacks to more than 200 times its size"):
        read(tmp_path)


@pytest.mark.parametrize("line", [b"", b" \r", b"no JSON"])
def test_lines_that_are_no_articles_are_not_read_and_listed_for_ever(
    tmp_path: Path, line: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few kilobytes can hold a hundred million of them, each worth a line in a list."""
    monkeypatch.setattr("indexer.jsonl.MAX_USELESS_LINES", 50)
    one = {"id": 1, "text": "Rain."}
    write(tmp_path, one, *[line] * 60)
    assert len(read(tmp_path)[0]) == 1, "ten for each article are beside the limit"
    write(tmp_path, one, *[line] * 61)
    with pytest.raises(Unreadable, match="has but 1 good lines among its first 62; mend it"):
        read(tmp_path)


def test_a_text_longer_than_any_article_is_refused(tmp_path: Path) -> None:
    longest = "a " * (MAX_BODY_CHARACTERS // 2 - 1) + "aa"
    write(tmp_path, {"id": 1, "text": longest}, {"id": 2, "text": longest + "a"})
    good, bad = read(tmp_path, limit=2 * MAX_BODY_CHARACTERS)
    assert [article.path for article in good] == ["a.jsonl#1"]
    assert bad == {"a.jsonl#line 2": TOO_LONG}
    (tmp_path / "a.jsonl").unlink()
    (tmp_path / "b.txt").write_text(f"{longest} a longer one\n")
    (found,) = walk.scan(Articles(roots=(tmp_path,))).files
    settings = Settings.of(Config(cleaning=Cleaning(enabled=False)))
    content = files.read(found, max_bytes=2 * MAX_BODY_CHARACTERS)
    with pytest.raises(Unreadable, match="holds more than 6,000,000 characters of text"):
        article_of(found, content, settings, recurs=Recurs(frozenset()))


def test_a_file_that_changed_since_its_fingerprint_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, {"id": 1, "text": "x"})
    (found,) = walk.scan(Articles(roots=(tmp_path,))).files
    state = files.fingerprint(found)
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"id": 2, "text": "y"}\n')
    with pytest.raises(Unreadable, match="changed while it was read"):
        list(articles(found, state, max_line_bytes=LIMIT, bad=lambda _: None))
