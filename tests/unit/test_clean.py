"""The `clean` verb: what scripts rely on."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from indexer.clean import clean_files
from indexer.contract import in_order
from indexer.limits import Failed
from indexer.records import batches, clean_stream
from indexer.settings import Settings
from indexer.workers import Workers
from search.config import Config

KEYS = ["id", "path", "title", "published", "source", "author", "language", "body", "removed"]
KEYS.append("provenance")
TEXT = (
    "Bridge at {place} opens to carts\n\n"
    "The bridge over the river at {place} opened to carts on Monday, the mayor said. A band played "
    "while the first of them crossed.\n\n"
    "The mayor of {place} thanked the masons, who had worked through two winters and one flood.\n\n"
    "Subscribe to our weekly letter\n"
    "The Valley Courier has been read in {other} since 1911 and is printed on local paper.\n"
)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(Settings.of(Config()), max_file_seconds=5.0, count=2) as pool:
        yield pool


def ask(workers: Workers, *lines: bytes | dict[str, Any]) -> list[dict[str, Any]]:
    """The answers to these lines, through a real pipe."""
    plain = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    source, sink = os.pipe()

    def write() -> None:
        with open(sink, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.write(b"\n".join(plain) + b"\n")

    writer = threading.Thread(target=write)
    writer.start()
    with open(source, "rb") as stream:  # noqa: PTH123 - a descriptor
        answers = [json.loads(line) for line in clean_stream(stream, SETTINGS, workers)]
    writer.join()
    return answers


SETTINGS = Settings.of(Config())


def test_an_answer_has_exactly_the_promised_keys(workers: Workers) -> None:
    text = TEXT.format(place="Aldham", other="towns")
    (answer,) = ask(workers, {"id": "x", "kind": "text", "text": text})
    assert list(answer) == KEYS
    assert answer["id"] == "x"
    assert "opened to carts on Monday" in answer["body"]
    for removal in answer["removed"]:
        assert list(removal) == ["line", "text", "reason"]
    for found in answer["provenance"].values():
        assert list(found) == ["from", "confidence"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_page_is_read_from_its_file(workers: Workers, tmp_path: Path, packed: bool) -> None:  # noqa: FBT001
    paragraphs = "".join(f"<p>{p}</p>" for p in TEXT.format(place="A", other="b").split("\n\n"))
    data = f"<html><body>{paragraphs}</body></html>".encode()
    file = tmp_path / ("a.html.gz" if packed else "a.html")
    file.write_bytes(gzip.compress(data) if packed else data)
    (answer,) = ask(
        workers, {"id": 1, "kind": "html", "html": str(file), "url": "http://a.example/"}
    )
    assert (answer["id"], answer["path"]) == (1, str(file))
    assert "opened to carts" in answer["body"]


def test_every_line_has_one_answer_in_order_bad_ones_too(workers: Workers, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")
    (tmp_path / "bad.html.gz").write_bytes(b"nonsense")
    good = {"kind": "text", "text": TEXT.format(place="Aldham", other="towns")}
    bad: list[tuple[bytes | dict[str, Any], str]] = [
        (b"nonsense", "is not JSON"),
        (b"", "is not JSON"),
        (b"[1]", "is not an object"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"\xff", "is not JSON"),
        (b'{"id": NaN}', "is not JSON: NaN is no number"),
        (b'{"id": -1e400}', "is not JSON: -1e400 is no number"),
        ({"id": 1}, "has the `kind` null"),
        ({"id": 1, "kind": "pdf"}, 'has the `kind` "pdf": want "text" or "html"'),
        ({"id": 1, "kind": "text"}, "has no `text`"),
        ({"id": 1, "kind": "text", "text": 5}, "has a `text` that is no text"),
        ({"id": 1, "kind": "html", "html": "/no/such.html"}, "cannot be read: No such file"),
        ({"id": 1, "kind": "html", "html": "a\0b"}, "cannot be read"),
        ({"id": 1, "kind": "html", "html": str(tmp_path / "pipe.html")}, "is a pipe"),
        ({"id": 1, "kind": "html", "html": str(tmp_path / "bad.html.gz")}, "is damaged"),
        ({"id": 1, "kind": "html", "html": "x", "url": 5}, "has a `url` that is no text"),
    ]
    lines: list[bytes | dict[str, Any]] = []
    for line, _ in bad:
        lines += [line, good | {"id": len(lines)}]
    answers = ask(workers, *lines)
    assert len(answers) == len(lines)
    for number, (answer, (line, reason)) in enumerate(zip(answers[::2], bad, strict=True)):
        assert list(answer) == ["id", "error"]
        assert answer["error"].startswith(f"line {2 * number + 1}: ")
        assert reason in answer["error"]
        assert answer["id"] == (line["id"] if isinstance(line, dict) else None)
    assert [answer["id"] for answer in answers[1::2]] == list(range(0, len(lines), 2))


def test_line_separators_inside_a_text_end_no_record(workers: Workers) -> None:
    text = TEXT.format(place="Aldham", other="towns") + "\u2028\x85\r"
    line = json.dumps({"id": 1, "kind": "text", "text": text}, ensure_ascii=False).encode()
    (answer,) = ask(workers, line)
    assert answer["id"] == 1


def test_halves_of_characters_do_not_break_the_output(workers: Workers) -> None:
    (answer,) = ask(workers, b'{"id": "\\ud800", "kind": "text", "text": "\\ud83d x"}')
    assert answer["id"] == "\ud800"


def test_an_answer_does_not_depend_on_its_neighbours(workers: Workers) -> None:
    record = {"id": 1, "kind": "text", "text": TEXT.format(place="Aldham", other="towns")}
    others = [
        record | {"id": n, "text": TEXT.format(place=p, other="towns")}
        for n, p in enumerate(["Brack", "Corvel", "Delm"])
    ]
    assert ask(workers, *others, record)[-1] == ask(workers, record)[0]


def test_an_answer_comes_before_the_next_question() -> None:
    """A client that waits for each answer must not wait for ever."""
    source, sink = os.pipe()
    with open(source, "rb") as stream:  # noqa: PTH123 - a descriptor
        lines = batches(cast("BinaryIO", stream), max_line_bytes=100)
        os.write(sink, b"one\n")
        assert next(lines) == [b"one"]
        os.write(sink, b"two\nthree\nfo")
        assert next(lines) == [b"two", b"three"]
        os.write(sink, b"ur\n" + b"x" * 101 + b"\nlast")
        os.close(sink)
        assert [line for batch in lines for line in batch] == [b"four", None, b"last"]


def test_a_line_that_is_too_long_is_not_held_in_memory() -> None:
    source, sink = os.pipe()

    def write() -> None:
        with open(sink, "wb") as stream:  # noqa: PTH123 - a descriptor
            stream.writelines([b"x" * 100_000] * 200)
            stream.write(b"\nshort\n")

    writer = threading.Thread(target=write)
    writer.start()
    with open(source, "rb") as stream:  # noqa: PTH123 - a descriptor
        found = [line for batch in batches(stream, max_line_bytes=1_000) for line in batch]
    writer.join()
    assert found == [None, b"short"]


def test_files_count_their_recurring_lines_together(workers: Workers, tmp_path: Path) -> None:
    for place in ("Aldham", "Brack", "Corvel"):
        text = TEXT.format(place=place, other="the river towns")
        (tmp_path / f"{place}.txt").write_text(text, encoding="utf-8")
    (tmp_path / "empty.txt").touch()

    def cleaned(*names: str) -> dict[str, dict[str, Any] | Failed]:
        paths = [str(tmp_path / name) for name in names]
        answers = clean_files(paths, SETTINGS, workers, explain=False)
        return {
            Path(path).name: a if isinstance(a, Failed) else json.loads(a) for path, a in answers
        }

    alone = cleaned("Aldham.txt")["Aldham.txt"]
    together = cleaned("Aldham.txt", "Brack.txt", "Corvel.txt", "empty.txt")
    assert together["empty.txt"] == Failed("is empty")
    among = together["Aldham.txt"]
    assert isinstance(alone, dict)
    assert isinstance(among, dict)
    assert "printed on local paper" in alone["body"]
    assert "printed on local paper" not in among["body"]
    assert among["path"] == str(tmp_path / "Aldham.txt")
    assert cleaned("", "nothing.txt").keys() >= {"nothing.txt", "Aldham.txt", "Brack.txt"}


def test_an_explanation_shows_every_line_with_its_verdict(workers: Workers, tmp_path: Path) -> None:
    text = TEXT.format(place="Aldham", other="towns")
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    ((_, answer),) = clean_files([str(tmp_path / "a.txt")], SETTINGS, workers, explain=True)
    assert isinstance(answer, str)
    for number, line in enumerate(text.splitlines(), start=1):
        if line:
            assert any(f"{number:>4}  {line}" in shown for shown in answer.splitlines())
    assert any(line.startswith("+ ") for line in answer.splitlines())
    assert any(line.startswith("- ") and line.endswith("]") for line in answer.splitlines())


def test_answers_are_put_in_order() -> None:
    assert list(in_order([(2, "c"), (0, "a"), (1, "b"), (3, "d")])) == [*enumerate("abcd")]
    assert list(in_order(iter([]))) == []
