"""A table of strings: each has a number, and is found by its letters.

The table is open addressing. A slot has a key: of up to eight bytes the bytes themselves, which
tells two strings apart without looking at their letters; of a longer one a hash below a byte that no
UTF-8 has. Which slot a key has depends on a secret, so that nobody can write words that all meet in
one. No string is empty or has a zero byte.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    U1,
    compiled,
    int32,
    int64,
    named,
    read_only,
    uint8,
    uint64,
    void,
    writable,
)

BYTE, WORD = np.uint64(8), 8
BITS = np.uint64(64)
_LONG = np.uint64(0xFF) << np.uint64(56)
_SIXTEEN, HALF, _FORTY_EIGHT = (np.uint64(bits) for bits in (16, 32, 48))
NUMBER = np.uint64((1 << 32) - 1)
MIX = np.uint64(0x9E3779B97F4A7C15)
_NEWLINE = 10


class Table(NamedTuple):
    """Strings and where to find them."""

    slots: NDArray[np.uint64]
    """[slots, 2], a power of two: the key, 0 for a free slot; the number of the string whose key that is
    and, above 32 bits, where its letters start."""
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]
    counts: NDArray[np.int64]
    """How many strings there are, and whether (1) another found no room."""
    secret: np.uint64
    """An odd number."""


TABLE = named(Table, writable(uint64, 2), writable(int64), writable(uint8), writable(int64), uint64)


@compiled()
def long_key(packed: Any, mixed: Any, size: int) -> Any:
    """The key of a string by its first eight bytes, what the others come to, and how many there are."""
    both = (mixed ^ (mixed >> HALF) ^ packed) * MIX
    return (both >> _SIXTEEN) | (uint64(size & 0xFF) << _FORTY_EIGHT) | _LONG


@compiled()
def _key(word: Any, begin: int, end: int, secret: Any) -> Any:
    packed, mixed, shift = uint64(0), secret, uint64(0)
    for index in range(begin, min(end, begin + WORD)):
        packed |= uint64(word[index]) << shift
        shift += BYTE
    for index in range(begin + WORD, end):
        mixed = (mixed ^ uint64(word[index])) * MIX
    return packed if end - begin <= WORD else long_key(packed, mixed, end - begin)


@compiled()
def first_slot(key: Any, last: int, secret: Any) -> Any:
    """Where a key is sought first."""
    mixed = (key ^ (key >> HALF)) * secret
    return int64(mixed >> HALF) & last


@compiled()
def slot_of(
    slots: Any, starts: Any, letters: Any, secret: Any, word: Any, begin: int, end: int
) -> Any:
    """The slot of the string `word[begin:end]`, or the free one where it belongs, and its key."""
    key, size, last = _key(word, begin, end, secret), end - begin, len(slots) - 1
    slot = first_slot(key, last, secret)
    while slots[slot, 0] != 0:
        if slots[slot, 0] == key:
            number = int64(slots[slot, 1] & NUMBER)
            start, same = starts[number], starts[number + 1] - starts[number] == size
            index = 0
            while same and index < size:
                same = letters[start + index] == word[begin + index]
                index += 1
            if same:
                break
        slot = (slot + 1) & last
    return slot, key


@compiled()
def number_of(table: Any, word: Any, begin: int, end: int) -> Any:
    """The number of the string `word[begin:end]`, which is added if it is new.

    Where there is no room for it, that is noted and the number is 0.
    """
    slots, starts, letters = table.slots, table.starts, table.letters
    slot, key = slot_of(slots, starts, letters, table.secret, word, begin, end)
    if slots[slot, 0] != 0:
        return int64(slots[slot, 1] & NUMBER)
    number = table.counts[0]
    start, size = starts[number], end - begin
    if number + 1 >= len(starts) or start + size > len(letters):
        table.counts[1] = 1
        return int64(0)
    for index in range(size):
        letters[start + index] = word[begin + index]
    starts[number + 1] = start + size
    slots[slot, 0], slots[slot, 1] = key, uint64(start) << HALF | uint64(number)
    table.counts[0] = number + 1
    return number


@compiled(void(read_only(uint64, 2), writable(uint64, 2), uint64))
def place_anew(slots: NDArray[np.uint64], larger: NDArray[np.uint64], secret: np.uint64) -> None:
    """Bring all strings to a larger table's slots, which are free."""
    last = len(larger) - 1
    for old in range(len(slots)):
        if slots[old, 0] != 0:
            slot = first_slot(slots[old, 0], last, secret)
            while larger[slot, 0] != 0:
                slot = (slot + 1) & last
            larger[slot, 0], larger[slot, 1] = slots[old, 0], slots[old, 1]


@compiled(void(TABLE, U1, writable(int32)))
def number_lines(table: Table, lines: NDArray[np.uint8], numbers: NDArray[np.int32]) -> None:
    """The number of each string; each ends with a line feed, and there must be room for all."""
    begin, row = 0, 0
    for index in range(len(lines)):
        if lines[index] == _NEWLINE:
            numbers[row] = number_of(table, lines, begin, index)
            begin, row = index + 1, row + 1
