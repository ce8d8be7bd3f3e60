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
    UNKNOWN,
    Floats,
    Ints,
    put,
)
from indexer.context import add_context, add_neighbours
from indexer.dates import MAYBE, MONTHS
from indexer.lines import Line
from indexer.words import ARTICLE, ASKING, LINKING, ORDER, STOP, Words, words_of_lines

ENGLISH_STOP_SHARE = 0.2
"""From this share of stop words among the words of its longer lines on, a text is English."""
LOOKED_AT = 3_000
"""Characters of a line that are counted; shares do not change much behind them."""
BEGINS_NUMBER = re.compile(r"\W{0,2}\d+\s*[.):]")

LETTER, UPPER, DIGIT, WORD, SPACE, WIDE, QUOTE, COMMA, END, PIPE, MARK = (1 << i for i in range(11))
COUNTED = ((LETTER, WORD, UPPER, DIGIT, WIDE), (QUOTE, COMMA, PIPE, MARK))
"""Classes whose characters are counted together: each in a field of one number."""
FIELD_BITS = 12
"""A field holds LOOKED_AT."""
QUOTES = "\"“”„«»‘’'「」"
COMMAS = ",;،、，؛"
ENDS = ".!?…؟۔。！？।"
PIPES = "|»›•·→▸/"
LAST = {"ends": ENDS, "ends_comma": ",;،؛-–—", "ends_colon": ":：", "ends_question": "?؟？"}
ENDING = {
    mark: sum((mark in marks) << k for k, marks in enumerate(LAST.values()))
    for mark in "".join(LAST.values())
}
"""A line's last mark -> one bit for each of LAST that it belongs to."""
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
    table[(table & (WORD | SPACE)) == 0] |= MARK
    return table


@cache
def counters() -> list[Ints]:
    """For each group of COUNTED a table: character -> a one in the field of each of its classes."""
    table = character_classes().astype(np.int64)
    return [
        np.sum([((table & bit) != 0) << FIELD_BITS * k for k, bit in enumerate(group)], axis=0)
        for group in COUNTED
    ]


def is_english(words: Words) -> bool:
    """Whether the longer lines (all, if there are none) are full of English stop words."""
    long = np.flatnonzero(words.counts >= SENTENCE_WORDS)
    asked = np.zeros(len(words.counts), np.bool_)
    asked[long[:200] if len(long) else slice(200)] = True
    place = np.arange(len(words.numbers)) - (np.cumsum(words.counts) - words.counts)[words.rows]
    of_asked = words.numbers[asked[words.rows] & (place < 200)]
    stop = np.count_nonzero(words.bits[of_asked] & STOP)
    return len(of_asked) > 0 and bool(stop >= ENGLISH_STOP_SHARE * len(of_asked))


def table(
    lines: Sequence[Line],
    words: Words | None = None,
    *,
    english: bool | None = None,
    cased: bool = True,
) -> Floats:
    """The features of all lines of one text: float32, one row a line, columns as FEATURES.

    `words` are those of the lines, where they are at hand. `english` None finds out; `cased` False hides letter case, as for scripts without it.
    """
    count = len(lines)
    rows = np.zeros((len(FEATURES), count), np.float32).T  # a column's values stand side by side
    if not count:
        return rows
    words = words or words_of_lines(lines)
    knows_english = is_english(words) if english is None else english
    _characters(lines, rows, cased=cased)
    _phrases(lines, words, rows, english=knows_english)
    _meanings(words, rows, english=knows_english)
    add_context(lines, words, rows, english=knows_english)
    add_neighbours(rows)
    return rows


def _characters(lines: Sequence[Line], rows: Floats, *, cased: bool) -> None:
    texts = [line.text[:LOOKED_AT] for line in lines]
    joined = "\n".join(texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    points = np.minimum(points, 65_535).astype(np.intp)
    classes = character_classes().take(points)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.cumsum(lengths + 1) - (lengths + 1)

    def per_line(fields: Ints, count: int) -> Ints:
        sums = np.add.reduceat(fields, starts)
        shifts = FIELD_BITS * np.arange(count)[:, None]
        return (sums >> shifts) & ((1 << FIELD_BITS) - 1)

    word, upper, inner = ((classes & bit) != 0 for bit in (WORD, UPPER, END))
    word_start = word.copy()
    word_start[1:] &= ~word[:-1]
    inner[:-1] &= (classes[1:] & (SPACE | WIDE)) != 0
    (letters, word_characters, upper_count, digits, wide), (quotes, commas, pipes, marks) = (
        per_line(table.take(points), len(group))
        for table, group in zip(counters(), COUNTED, strict=True)
    )
    begins = word_start + ((word_start & upper) << FIELD_BITS) + (inner << np.int64(2 * FIELD_BITS))
    words, upper_words, inner_ends = per_line(begins, 3)
    words = np.where(wide > 2, np.maximum(words, words + wide // 2), words)
    safe_characters, safe_words = np.maximum(1, lengths), np.maximum(1, words)
    known_case = (upper_count.sum() > 0) and cased
    put(rows, "words", np.log1p(words))
    put(rows, "characters", np.log1p(lengths))
    put(rows, "word_length", np.minimum(20, word_characters / safe_words))
    put(rows, "upper_words", upper_words / safe_words if known_case else UNKNOWN)
    put(rows, "upper_letters", upper_count / np.maximum(1, letters) if known_case else UNKNOWN)
    put(rows, "digits", digits / safe_characters)
    put(rows, "marks", marks / safe_characters)
    put(rows, "commas", np.minimum(8, commas))
    put(rows, "inner_ends", np.minimum(12, inner_ends))
    put(rows, "quotes", np.minimum(6, quotes))
    put(rows, "pipes", np.minimum(6, pipes))
    last = [phrases.without_credit(text).rstrip(CLOSING)[-1:] for text in texts]
    kinds = np.array([ENDING.get(mark, 0) for mark in last])
    for k, name in enumerate(LAST):
        put(rows, name, (kinds >> k) & 1)
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
    inside = np.flatnonzero(upper[1:] & word[:-1] & ~upper[:-1]) + 1
    for i in set((np.searchsorted(starts, inside, "right") - 1).tolist()):
        rows[i, COLUMN["glued"]] = phrases.glued_count(lines[i].text)


def _phrases(lines: Sequence[Line], words: Words, rows: Floats, *, english: bool) -> None:
    put(rows, "blank_before", [line.blank_before for line in lines])
    put(rows, "blank_after", [line.blank_after for line in lines])
    _marks(lines, rows)
    if english:
        families = np.array(
            [phrases.family_of(*each) for each in zip(lines, words.families(), strict=True)]
        )
        put(rows, "family", families)
        put(rows, "in_family", families >= 0)
    else:
        put(rows, "family", UNKNOWN)
        put(rows, "in_family", UNKNOWN)


def _marks(lines: Sequence[Line], rows: Floats) -> None:
    """What few lines hold; most texts are known at once to hold no address and no code."""
    whole = "\n".join([line.text for line in lines])
    addresses = phrases.address_parts(whole)
    may_be_code = phrases.may_be_code(whole)
    for i, line in enumerate(lines):
        text = line.text
        if "0" in line.same:  # a number
            if len(text) <= phrases.MAX_CHARACTERS:
                rows[i, COLUMN["has_date"]] = has_date(line)
            rows[i, COLUMN["starts_number"]] = BEGINS_NUMBER.match(text) is not None
        if addresses:
            rows[i, COLUMN["has_address"]] = phrases.has_address(text, addresses)
        if " " not in text:
            rows[i, COLUMN["image_name"]] = phrases.is_image_name(text)
        if may_be_code:
            rows[i, COLUMN["code"]] = phrases.is_code(text)


SHARES = [COLUMN[name] for name in ("stop_words", "tale", "address", "ing", "ed")]
COUNTS = [COLUMN[name] for name in ("picture_words", "author_words", "site_words")]
"""In the order of the bits that `Words.times` counts."""
BEGINS = [
    COLUMN[name] for name in ("begins_article", "begins_linking", "begins_asking", "begins_order")
]
BEGINNING = np.array([[ARTICLE], [LINKING], [ASKING], [ORDER]])
MOST_COUNTED = 4


def _meanings(words: Words, rows: Floats, *, english: bool) -> None:
    """What English words say; UNKNOWN in other languages."""
    if not english:
        rows[:, [*SHARES, *COUNTS, *BEGINS]] = UNKNOWN
        return
    times = words.times()
    rows.T[SHARES] = times[: len(SHARES)] / np.maximum(1, words.counts)
    rows.T[COUNTS] = np.minimum(MOST_COUNTED, times[len(SHARES) :])
    rows.T[BEGINS] = (words.first_bits() & BEGINNING) != 0


def has_date(line: Line) -> bool:
    """Whether a date or a clock stands in the line (quick and a little too generous)."""
    text = line.text
    if "0" not in line.same:
        return False
    if "ago" in line.words or ":" in text:
        return phrases.CLOCK.search(text) is not None or MAYBE.search(text) is not None
    return MAYBE.search(text) is not None or not MONTHS.keys().isdisjoint(line.words)
