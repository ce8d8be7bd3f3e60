"""A file's lines, and what makes two lines the same. Nothing here knows what is furniture."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, TypeVar

from indexer.folder.files import Unreadable

WORD, RUN_OF_LETTERS = re.compile(r"\w+"), re.compile(r"[^\W\d_]+")
DIGITS = re.compile(r"\d+")
MAX_LINES = 50_000
"""No article is longer. A file with more is refused: it would take the time of a thousand others."""
LINE_END = re.compile(r"\r\n|\r|\n")
SPACED_LINES = bytes(
    ord(chr(point).lower()) if chr(point).isalnum() or chr(point) in "_\n" else ord(" ")
    for point in range(128)
) + bytes(range(128, 256))
"""ASCII in lower case, a space for whatever belongs to no word but line feeds: splitting it is a
third of the time of WORD, which finds the same."""
LETTERS = bytes(
    ord(chr(point).lower()) if chr(point).isalpha() else ord(" ") for point in range(128)
) + bytes(128)
"""ASCII in lower case, a space for whatever is no letter."""
ZEROS = bytes(ord("0") if chr(byte) in "0123456789" else byte for byte in range(256))
PRINTERS_MARKS = "’‘“”–—…•\u00a0"
"""What makes most lines of English text more than ASCII; none of them belongs to a word."""
MAX_KEY_CHARACTERS = 2_000
"""Longer lines are compared by their beginning: nobody's furniture is that long."""

REMEMBERED = 16_384
"""Lines of which is remembered what was found in them; in a crawl half of all lines come again."""
MAX_REMEMBERED_CHARACTERS = 300

MAX_LINE_CHARACTERS = 50_000
"""Of a longer line the beginning is looked at; all of it is kept or removed together."""

Found = TypeVar("Found")


class Line(NamedTuple):
    """One line with something to read on it; a tuple, for there are hundreds to a file."""

    number: int
    """Counted from 1 in the file's own lines (text) or in the order of its blocks (HTML)."""
    text: str
    """Without white space at its ends."""
    words: tuple[str, ...]
    """Lower case."""
    same: str
    """What is equal for lines that say the same: words alone, every number alike."""
    blank_before: bool = False
    blank_after: bool = False

    @property
    def said(self) -> str:
        """The words as one text."""
        return " ".join(self.words) if "0" in self.same else self.same


def remembered(find: Callable[[Line], Found]) -> Callable[[Line], Found]:
    """Remember what a short line's own words tell: furniture stands in file after file of a site."""
    known: dict[str, Found] = {}

    def found(line: Line) -> Found:
        text = line.text
        if text in known:
            return known[text]
        made = find(line)
        if len(text) <= MAX_REMEMBERED_CHARACTERS:
            if len(known) >= REMEMBERED:
                known.clear()
            known[text] = made
        return made

    return found


def said_by(texts: Sequence[str]) -> list[tuple[tuple[str, ...], str]]:
    """The words of each text (no line feed in it), and what is equal for texts that say the same."""
    if not texts:
        return []
    whole = unmarked("\n".join([text[:MAX_LINE_CHARACTERS] for text in texts]))
    spaced = whole.encode("utf-8", "surrogatepass").translate(SPACED_LINES)
    words = [
        tuple(line.split()) if line.isascii() else words_of(text)
        for line, text in zip(_decoded(spaced).split("\n"), texts, strict=True)
    ]
    return list(zip(words, same_of(words), strict=True))


def same_of(said: Sequence[Sequence[str]]) -> list[str]:
    """Lower-case words as one text each, in which every number is 0."""
    whole = "\n".join(map(" ".join, said)).encode("utf-8", "surrogatepass").translate(ZEROS)
    while b"00" in whole:
        whole = whole.replace(b"00", b"0")
    lines = _decoded(whole).split("\n")
    return [line if line.isascii() else DIGITS.sub("0", line) for line in lines]


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")


def words_of(text: str, *, limit: int | None = MAX_LINE_CHARACTERS) -> tuple[str, ...]:
    """The words of a line, lower case, as the cleaner counts them (search/text.py is finer)."""
    text = unmarked(text[:limit])
    if text.isascii():
        return tuple(text.encode().translate(SPACED_LINES).decode().split())
    return tuple(WORD.findall(text.replace("\u00ad", "").lower()))


def runs_of_letters(text: str) -> list[str]:
    """Runs of letters, lower case: words without digits."""
    bare = unmarked(text)
    if bare.isascii():
        return bare.encode().translate(LETTERS).decode().split()
    return RUN_OF_LETTERS.findall(text.lower())


def unmarked(text: str) -> str:
    """The text with a space for each of PRINTERS_MARKS."""
    if not text.isascii():
        for mark in PRINTERS_MARKS:
            text = text.replace(mark, " ")
    return text


def too_many_lines() -> Unreadable:
    """Why a file is not cleaned that is no article, and what can be done."""
    return Unreadable(
        f"holds more than {MAX_LINES:,} lines, which no article does; split it, or leave it out"
        " with [articles] exclude"
    )


def bare_lines(text: str) -> list[str]:
    """All lines of a text without white space at their ends, blank ones too."""
    split = LINE_END.split(text) if "\r" in text else text.split("\n")
    return [line.strip() for line in split]


def text_lines(text: str) -> list[Line]:
    """The lines of a plain text that are not blank; a line without a word counts, too.

    Raises Unreadable for more than MAX_LINES.
    """
    raw = bare_lines(text)
    if len(raw) > MAX_LINES and sum(map(bool, raw)) > MAX_LINES:
        raise too_many_lines()
    last = len(raw) - 1
    said = iter(said_by(list(filter(None, raw))))
    return [
        Line(i + 1, line, *next(said), i == 0 or not raw[i - 1], i == last or not raw[i + 1])
        for i, line in enumerate(raw)
        if line
    ]


@lru_cache(maxsize=65_536)
def _key(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def key_of(line: Line) -> int:
    """A 64-bit number that is the same for the same line in every file and every run."""
    return _key(line.same[:MAX_KEY_CHARACTERS])


def keys_of(lines: Iterable[Line]) -> frozenset[int]:
    """The keys of the lines that may recur: all that hold a word."""
    return frozenset([_key(line.same[:MAX_KEY_CHARACTERS]) for line in lines if line.words])
