"""Words as numbers, the same for the same word, and what their letters and a table say of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.compiled import U2, U4, U8, compiled, int64, mixed, named, uint64, writable

Ints = NDArray[np.int64]


class Lexicon(NamedTuple):
    """Words of which is known what they are."""

    known: NDArray[np.uint64]
    """What is made of their letters."""
    slots: Ints
    """Where they are found: see `slots_of`."""
    bits: Ints
    """(words): what each is."""


LEXICON = named(Lexicon, writable(uint64), writable(int64), writable(int64))
SAID = mixed(*[writable(int64)] * 3, writable(uint64))

ED, ING, LONG, MEDIUM, NUMBERED = (1 << i for i in (4, 3, 12, 13, 14))
"""Of the bits of a word (`loops/words.py`) those that its letters tell."""
AN_E, A_D, AN_I, AN_N, A_G = (ord(letter) for letter in "eding")
ENDED_LETTERS = 5
"""Shorter words that end in `ed` or `ing` are others (`red`, `king`)."""
DIGIT, LAST_POINT, LINE_FEED, SPACE = 1 << 2, 65_535, 10, 32
NO_LETTERS, MIXING = np.uint64(0xCBF29CE484222325), np.uint64(0x9E3779B97F4A7C15)


@compiled()
def _spelling(
    points: NDArray[np.uint32], start: int, stop: int, classes: NDArray[np.uint16]
) -> int:
    """The bits that a word's letters tell."""
    size = stop - start
    bits = (MEDIUM if size >= 3 else 0) | (LONG if size >= 4 else 0)
    if size >= 2 and points[stop - 2] == AN_E and points[stop - 1] == A_D:
        return bits | (ED if size >= ENDED_LETTERS else 0)
    if size >= 2 and points[stop - 2] == AN_N and points[stop - 1] == A_G:
        return bits | (ING if size >= ENDED_LETTERS and points[stop - 3] == AN_I else 0)
    for k in range(start, stop):
        if classes[min(int64(points[k]), LAST_POINT)] & DIGIT:
            return bits | NUMBERED
    return bits


@compiled()
def _find(word: np.uint64, known: NDArray[np.uint64], slots: Ints) -> int:
    """The slot where the number of a word stands, or where it may be put: there stands -1.

    A word is what is made of its letters, 64 bits; known: those of the words of the table.
    """
    most = len(slots) - 1
    slot: int = int64(word ^ (word >> np.uint64(32))) & most
    while slots[slot] >= 0 and known[slots[slot]] != word:
        slot = (slot + 1) & most
    return slot


@compiled()
def _slots_for(words: int) -> Ints:
    """Open addressing: twice as many places and more, all of them empty."""
    slots = 1
    while slots < 2 * words:
        slots *= 2
    return np.full(slots, -1, np.int64)


@compiled(SAID(U4, int64, LEXICON, U2))
def number_words(
    points: NDArray[np.uint32], lines: int, lexicon: Lexicon, classes: NDArray[np.uint16]
) -> tuple[Ints, Ints, Ints, NDArray[np.uint64]]:
    """How many words each line has, which each is, and what each of the different ones is.

    points: the words' letters, a space between two, a line feed behind each line; classes
    (65,536): of characters, as in `loops/letters.py`. Words are numbered as they are met; the last
    of the answers is what they are found by.
    """
    listed, listed_slots, listed_bits = lexicon.known, lexicon.slots, lexicon.bits
    most = len(points) // 2 + 1
    counts = np.zeros(lines, np.int64)
    numbers, bits = np.empty(most, np.int64), np.empty(most, np.int64)
    known = np.empty(most, np.uint64)
    slots = _slots_for(most)
    words = different = line = start = 0
    word = NO_LETTERS
    for k in range(len(points)):
        point = points[k]
        if point != SPACE and point != LINE_FEED:  # noqa: PLR1714 - a set is slow in a loop
            word = (word ^ np.uint64(point)) * MIXING
            continue
        if k > start:
            slot = _find(word, known, slots)
            if slots[slot] < 0:
                slots[slot] = different
                known[different] = word
                meant = listed_slots[_find(word, listed, listed_slots)]
                bits[different] = _spelling(points, start, k, classes)
                if meant >= 0:
                    bits[different] |= listed_bits[meant]
                different += 1
            numbers[words] = slots[slot]
            words += 1
            counts[line] += 1
        line += point == LINE_FEED
        start = k + 1
        word = NO_LETTERS
    return counts, numbers[:words].copy(), bits[:different].copy(), known[:different].copy()


@compiled(writable(int64)(U8))
def slots_of(known: NDArray[np.uint64]) -> Ints:
    """A table in which different words are found."""
    slots = _slots_for(len(known))
    for number in range(len(known)):
        slots[_find(known[number], known, slots)] = number
    return slots
