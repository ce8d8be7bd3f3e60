"""Lines -> one row of numbers each, for the classifier. Vectorised: no Python loop over characters.

Rows stand for lines, columns for FEATURES. What only English has (stop words, pronouns, set
phrases) is UNKNOWN in other languages, and letter case is UNKNOWN in scripts without it; the
classifier has been trained with both hidden, so that it can do without them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from indexer import phrases
from indexer.columns import (
    COLUMN,
    FEATURES,
    SENTENCE_WORDS,
    STOP_WORDS,
    UNKNOWN,
    Floats,
    Ints,
    put,
)
from indexer.context import add_context, add_neighbours
from indexer.dates import MAYBE, MONTHS
from indexer.lines import Line, line_of, remembered
from indexer.words import (
    ADDRESS,
    ARTICLE,
    ASKING,
    AUTHOR,
    ED,
    ING,
    LINKING,
    ORDER,
    PICTURE,
    SITE,
    STOP,
    TALE,
    Words,
    words_of_lines,
)

ENGLISH_STOP_SHARE = 0.2
"""From this share of stop words among the words of its longer lines on, a text is English."""
LOOKED_AT = 3_000
"""Characters of a line that are counted; shares do not change much behind them."""
NUMERAL = re.compile(r"\d")
BEGINS_NUMBER = re.compile(r"\W{0,2}\d+\s*[.):]")

LETTER, UPPER, DIGIT, WORD, SPACE, WIDE, QUOTE, COMMA, END, PIPE = (1 << i for i in range(10))
QUOTES = "\"“”„«»‘’'「」"
COMMAS = ",;،、，؛"
ENDS = ".!?…؟۔。！？।"
PIPES = "|»›•·→▸/"
CLOSING = QUOTES + ")]』」*"


@cache
def character_classes() -> NDArray[np.uint16]:
    """For each code point below 65,536 the classes it belongs to."""
    table = np.zeros(65_536, np.uint16)
    for point in range(65_536):
        character = chr(point)
        category = unicodedata.category(character)
        if category[0] == "L":
            table[point] |= LETTER | WORD
        elif category[0] in "MN":
            table[point] |= WORD
        if category in {"Lu", "Lt"}:
            table[point] |= UPPER
        elif category == "Nd":
            table[point] |= DIGIT
        if character.isspace():
            table[point] |= SPACE
    table[ord("_")] |= WORD
    for low, high in ((0x2E80, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x0E00, 0x0EFF)):
        table[low:high] |= WIDE * (table[low:high] & LETTER)
    for characters, bit in ((QUOTES, QUOTE), (COMMAS, COMMA), (ENDS, END), (PIPES, PIPE)):
        for character in characters:
            table[ord(character)] |= bit
    return table


def is_english(lines: Sequence[Line]) -> bool:
    """Whether the longer lines (all, if there are none) are full of English stop words."""
    long = [line.words for line in lines if len(line.words) >= SENTENCE_WORDS]
    words = [word for one in (long or [line.words for line in lines])[:200] for word in one[:200]]
    return bool(words) and sum(map(STOP_WORDS.__contains__, words)) >= ENGLISH_STOP_SHARE * len(
        words
    )


def table(lines: Sequence[Line], *, english: bool | None = None, cased: bool = True) -> Floats:
    """The features of all lines of one text: float32, one row a line, columns as FEATURES.

    `english` None finds out; `cased` False hides letter case, as for scripts without it.
    """
    count = len(lines)
    rows = np.zeros((count, len(FEATURES)), np.float32)
    if not count:
        return rows
    knows_english = is_english(lines) if english is None else english
    words = words_of_lines(lines)
    _characters(lines, rows, cased=cased)
    _phrases(lines, rows, english=knows_english)
    _meanings(words, rows, english=knows_english)
    add_context(lines, words, rows, english=knows_english)
    add_neighbours(rows)
    return rows


def _characters(lines: Sequence[Line], rows: Floats, *, cased: bool) -> None:
    texts = [line.text[:LOOKED_AT] for line in lines]
    joined = "\n".join(texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = character_classes()[np.minimum(points, 65_535)]
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.cumsum(lengths + 1) - (lengths + 1)

    def per_line(hits: NDArray[np.bool_]) -> Ints:
        return np.add.reduceat(hits, starts, dtype=np.int64)

    def has(bit: int) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = (classes & bit) != 0
        return found

    word = has(WORD)
    word_start = word.copy()
    word_start[1:] &= ~word[:-1]
    upper = has(UPPER)
    end = has(END)
    letters = per_line(has(LETTER))
    wide = per_line(has(WIDE))
    word_characters = per_line(word)
    words = per_line(word_start)
    words = np.where(wide > 2, np.maximum(words, words + wide // 2), words)
    inner = end.copy()
    inner[:-1] &= has(SPACE)[1:] | has(WIDE)[1:]
    safe_characters, safe_words = np.maximum(1, lengths), np.maximum(1, words)
    upper_count = per_line(upper)
    known_case = (upper_count.sum() > 0) and cased
    put(rows, "words", np.log1p(words))
    put(rows, "characters", np.log1p(lengths))
    put(rows, "word_length", np.minimum(20, word_characters / safe_words))
    put(rows, "upper_words", per_line(word_start & upper) / safe_words if known_case else UNKNOWN)
    put(rows, "upper_letters", upper_count / np.maximum(1, letters) if known_case else UNKNOWN)
    put(rows, "digits", per_line(has(DIGIT)) / safe_characters)
    put(rows, "marks", per_line(~(word | has(SPACE))) / safe_characters)
    put(rows, "commas", np.minimum(8, per_line(has(COMMA))))
    put(rows, "inner_ends", np.minimum(12, per_line(inner)))
    put(rows, "quotes", np.minimum(6, per_line(has(QUOTE))))
    put(rows, "pipes", np.minimum(6, per_line(has(PIPE))))
    last = [phrases.without_credit(text).rstrip(CLOSING)[-1:] for text in texts]
    put(rows, "ends", [mark in ENDS and bool(mark) for mark in last])
    put(rows, "ends_comma", [mark in ",;،؛-–—" and bool(mark) for mark in last])
    put(rows, "ends_colon", [mark in ":：" and bool(mark) for mark in last])
    put(rows, "ends_question", [mark in "?؟？" and bool(mark) for mark in last])
    first = classes[starts]
    lower_start = (first & (LETTER | UPPER | WIDE)) == LETTER
    put(rows, "starts_lower", lower_start if known_case else UNKNOWN)
    put(rows, "starts_mark", (first & (WORD | QUOTE)) == 0)
    put(rows, "starts_quote", (first & QUOTE) != 0)
    prose = (words >= SENTENCE_WORDS) & (
        (rows[:, COLUMN["ends"]] > 0) | (words >= 2 * SENTENCE_WORDS)
    )
    put(rows, "prose", prose)
    name_like = (words >= 1) & (words <= 4) & (rows[:, COLUMN["upper_words"]] == 1)
    put(rows, "name_like", name_like)


def _phrases(lines: Sequence[Line], rows: Floats, *, english: bool) -> None:
    put(rows, "blank_before", [line.blank_before for line in lines])
    put(rows, "blank_after", [line.blank_after for line in lines])
    rows[:, MARKS] = [_marks(line.text) for line in lines]
    if english:
        families = np.array([_family(line.text) for line in lines])
        put(rows, "family", families)
        put(rows, "in_family", families >= 0)
    else:
        put(rows, "family", UNKNOWN)
        put(rows, "in_family", UNKNOWN)


MARKS = [
    COLUMN[name]
    for name in ("has_date", "has_address", "image_name", "glued", "code", "starts_number")
]


@remembered
def _marks(text: str) -> tuple[float, ...]:
    """What the columns MARKS hold of a line."""
    return (
        len(text) <= phrases.MAX_CHARACTERS and has_date(line_of(0, text)),
        phrases.has_address(text),
        phrases.is_image_name(text),
        phrases.glued_count(text),
        phrases.is_code(text),
        BEGINS_NUMBER.match(text) is not None,
    )


@remembered
def _family(text: str) -> int:
    return phrases.family_of(line_of(0, text)) if len(text) <= phrases.MAX_CHARACTERS else -1


SHARES = {"stop_words": STOP, "tale": TALE, "address": ADDRESS, "ing": ING, "ed": ED}
COUNTS = {"picture_words": PICTURE, "author_words": AUTHOR, "site_words": SITE}
BEGINS = {
    "begins_article": ARTICLE,
    "begins_linking": LINKING,
    "begins_asking": ASKING,
    "begins_order": ORDER,
}
MOST_COUNTED = 4


def _meanings(words: Words, rows: Floats, *, english: bool) -> None:
    """What English words say; UNKNOWN in other languages."""
    if not english:
        for name in (*SHARES, *COUNTS, *BEGINS):
            put(rows, name, UNKNOWN)
        return
    for name, bit in SHARES.items():
        put(rows, name, words.share(bit))
    for name, bit in COUNTS.items():
        put(rows, name, np.minimum(MOST_COUNTED, words.count(bit)))
    for name, bit in BEGINS.items():
        put(rows, name, words.begins(bit))


def has_date(line: Line) -> bool:
    """Whether a date or a clock stands in the line (quick and a little too generous)."""
    text = line.text
    if NUMERAL.search(text) is None:
        return False
    if "ago" in line.words or ":" in text:
        return phrases.CLOCK.search(text) is not None or MAYBE.search(text) is not None
    return MAYBE.search(text) is not None or not MONTHS.keys().isdisjoint(line.words)
