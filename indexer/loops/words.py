"""What the words of lines say: what they are about, and where else they stand."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    I8,
    boolean,
    compiled,
    float32,
    int64,
    named,
    read_only,
    void,
    writable,
)

Ints = NDArray[np.int64]


class Words(NamedTuple):
    """All words of a text, line by line; a word is a number, the same for the same word."""

    counts: Ints
    """(lines): how many words a line has."""
    numbers: Ints
    """(words): which word it is."""
    bits: Ints
    """(different words): what a word is."""


WORDS = named(Words, *[writable(int64)] * 3)
FLAGS = read_only(boolean)

STOP, TALE, ADDRESS, ING, ED, PICTURE, AUTHOR, SITE = (1 << i for i in range(8))
ARTICLE, LINKING, ASKING, ORDER, LONG, MEDIUM, NUMBERED = (1 << i for i in range(8, 15))
"""What a word is, a bit each."""
MANY = 1 << 40
SENTENCE_WORDS = 12
ENGLISH_STOP_SHARE = 0.2
"""From this share of stop words among the words of its longer lines on, a text is English."""
ASKED = 200
"""So many of its longer lines are asked, and of each so many words."""

MEANING_COLUMNS = (
    "stop_words", "tale", "address", "ing", "ed", "picture_words", "author_words", "site_words",
    "begins_article", "begins_linking", "begins_asking", "begins_order",
)  # fmt: skip
SHARES, COUNTS = 5, 8
"""Before these of MEANING_COLUMNS stand shares of words, and counts; behind them first words."""
MOST_COUNTED = 4
UNKNOWN = -1.0

TOPIC_COLUMNS = (
    "topic", "lead_topic", "head_topic", "previous_topic", "named_elsewhere", "first_word_lines",
)  # fmt: skip
TOPIC, LEAD_TOPIC, HEAD_TOPIC, PREVIOUS_TOPIC, NAMED_ELSEWHERE, FIRST_WORD_LINES = range(6)
LEAD_LINES = 3
SHORT_WORDS = 8


@compiled(boolean(WORDS))
def is_english(said: Words) -> bool:
    """Whether the longer lines (all, if there are none) are full of English stop words."""
    counts, numbers, bits = said.counts, said.numbers, said.bits
    least = 0
    for count in counts:
        if count >= SENTENCE_WORDS:
            least = SENTENCE_WORDS
            break
    start = asked = looked_at = stop = 0
    for count in counts:
        if count >= least:
            asked += 1
            if asked > ASKED:
                break
            for k in range(start, start + min(count, ASKED)):
                stop += bits[numbers[k]] & STOP
                looked_at += 1
        start += count
    return looked_at > 0 and stop >= ENGLISH_STOP_SHARE * looked_at


@compiled(writable(int64)(WORDS, boolean, I8, writable(float32, 2)))
def describe_words(
    said: Words,
    english: bool,  # noqa: FBT001 - compiled functions are called by place
    at: Ints,
    rows: NDArray[np.float32],
) -> Ints:
    """Fill MEANING_COLUMNS, UNKNOWN if the text is not English; for each line what its words are.

    at: the columns; rows (columns, lines).
    """
    counts, numbers, bits = said.counts, said.numbers, said.bits
    meant = np.zeros(len(counts), np.int64)
    times = np.zeros(COUNTS, np.int64)
    start = 0
    for line in range(len(counts)):
        count = counts[line]
        times[:] = 0
        together = 0
        for k in range(start, start + count):
            own = bits[numbers[k]]
            together |= own
            for i in range(COUNTS):
                times[i] += (own >> i) & 1
        meant[line] = together
        first = bits[numbers[start]] if count else 0
        for i in range(len(at)):
            if not english:
                rows[at[i], line] = UNKNOWN
            elif i < SHARES:
                rows[at[i], line] = times[i] / max(1, count)
            elif i < COUNTS:
                rows[at[i], line] = min(MOST_COUNTED, times[i])
            else:
                rows[at[i], line] = (first >> i) & 1
        start += count
    return meant


@compiled(writable(int64)(WORDS, FLAGS, boolean))
def rarest(said: Words, counted: NDArray[np.bool_], inside: bool) -> Ints:  # noqa: FBT001
    """For each line how often its rarest word stands on the counted lines; MANY if it has none.

    `inside` leaves out its first and last word, and all words with digits.
    """
    counts, numbers, bits = said.counts, said.numbers, said.bits
    times = np.zeros(len(bits), np.int64)
    start = 0
    for line in range(len(counts)):
        if counted[line]:
            for k in range(start, start + counts[line]):
                times[numbers[k]] += 1
        start += counts[line]
    found = np.full(len(counts), MANY, np.int64)
    start = 0
    for line in range(len(counts)):
        stop = start + counts[line]
        for k in range(start + inside, stop - inside):
            word = numbers[k]
            if not (inside and bits[word] & NUMBERED):
                found[line] = min(found[line], times[word])
        start = stop
    return found


@compiled()
def _is_short(count: int) -> bool:
    return 2 <= count <= SHORT_WORDS


@compiled()
def _slot_of(pairs: Ints, pair: int) -> int:
    """Where the pair stands in the table, or may be put."""
    most = len(pairs) - 1
    mixed = np.uint64(pair) * np.uint64(0x9E3779B97F4A7C15)
    slot: int = int64(mixed >> np.uint64(32)) & most
    while pairs[slot] != pair and pairs[slot] >= 0:
        slot = (slot + 1) & most
    return slot


@compiled()
def _beginnings(said: Words, begin: Ints) -> Ints:
    """The pairs of words that begin lines (open addressing); counted, how often a word does."""
    counts, numbers, bits = said.counts, said.numbers, said.bits
    vocabulary = len(bits)
    slots = 1
    while slots < 2 * len(counts):
        slots *= 2
    pairs = np.full(slots, -1, np.int64)
    start = 0
    for count in counts:
        if count:
            begin[numbers[start]] += 1
        if count > 1:
            pair = numbers[start] * vocabulary + numbers[start + 1]
            pairs[_slot_of(pairs, pair)] = pair
        start += count
    return pairs


@compiled()
def _describe_beginnings(said: Words, at: Ints, rows: NDArray[np.float32]) -> None:
    """How common a line's beginning is.

    In how many short lines (bylines, captions, tags) its first two words stand, and how many
    lines begin with its first.
    """
    counts, numbers, bits = said.counts, said.numbers, said.bits
    lines, vocabulary = len(counts), len(bits)
    begin = np.zeros(vocabulary, np.int64)
    pairs = _beginnings(said, begin)
    times = np.zeros(len(pairs), np.int64)
    last = np.full(len(pairs), -1, np.int64)  # the last short line that a pair was met on
    start = 0
    for line in range(lines):
        stop = start + counts[line]
        if _is_short(counts[line]):
            for k in range(start, stop - 1):
                pair = numbers[k] * vocabulary + numbers[k + 1]
                slot = _slot_of(pairs, pair)
                if pairs[slot] == pair and last[slot] != line:
                    last[slot] = line
                    times[slot] += 1
        start = stop
    start = 0
    for line in range(lines):
        count = counts[line]
        elsewhere = 0
        if count > 1:
            slot = _slot_of(pairs, numbers[start] * vocabulary + numbers[start + 1])
            elsewhere = times[slot] - _is_short(count)
        rows[at[NAMED_ELSEWHERE], line] = min(3, elsewhere)
        often = math.log1p(begin[numbers[start]]) - math.log1p(lines) / 2 if count else 0.0
        rows[at[FIRST_WORD_LINES], line] = often
        start += count


@compiled(void(WORDS, FLAGS, FLAGS, int64, I8, writable(float32, 2)))
def describe_topic(  # noqa: PLR0913, PLR0917 - what a line is compared with
    said: Words,
    core: NDArray[np.bool_],
    prose: NDArray[np.bool_],
    telling: int,
    at: Ints,
    rows: NDArray[np.float32],
) -> None:
    """Fill TOPIC_COLUMNS: shares of a line's telling words that stand elsewhere.

    In the core of the text (other lines of it), in its first lines, in the first lines of the file,
    and in the sentence before. `telling` is the bit of words that are long enough; at: the columns;
    rows (columns, lines).
    """
    counts, numbers, bits = said.counts, said.numbers, said.bits
    lines, vocabulary = len(counts), len(bits)
    in_core = np.zeros(vocabulary, np.int64)
    in_lead = np.zeros(vocabulary, np.bool_)
    in_head = np.zeros(vocabulary, np.bool_)
    seen = np.full(vocabulary, -1, np.int64)  # the last line that a word was met on
    lead = start = 0
    for line in range(lines):
        stop = start + counts[line]
        for k in range(start, stop):
            word = numbers[k]
            if core[line] and seen[word] != line:
                in_core[word] += 1
                in_lead[word] |= lead < LEAD_LINES
            in_head[word] |= line < LEAD_LINES
            seen[word] = line
        lead += core[line]
        start = stop
    seen[:] = -1
    in_sentence = np.full(vocabulary, -1, np.int64)  # the last sentence that a word stood in
    sentence = -1
    start = 0
    for line in range(lines):
        stop = start + counts[line]
        size = topic = first_lines = head = previous = 0
        for k in range(start, stop):
            word = numbers[k]
            if seen[word] == line or not bits[word] & telling or bits[word] & STOP:
                continue
            seen[word] = line
            size += 1
            topic += in_core[word] > core[line]
            first_lines += in_lead[word]
            head += in_head[word]
            previous += sentence >= 0 and in_sentence[word] == sentence
        rows[at[TOPIC], line] = topic / size if size else 0.5
        rows[at[LEAD_TOPIC], line] = first_lines / size if size and not core[line] else 0.5
        rows[at[HEAD_TOPIC], line] = head / size if size and line >= LEAD_LINES else 0.5
        rows[at[PREVIOUS_TOPIC], line] = previous / size if size else 0.5
        if prose[line]:
            sentence = line
            for k in range(start, stop):
                in_sentence[numbers[k]] = line
        start = stop
    _describe_beginnings(said, at, rows)
