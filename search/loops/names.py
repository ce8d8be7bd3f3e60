"""Strings in a blob, by their numbers: sorted, and copied out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import I4, I8, U1, compiled, int32, int64, uint8, uint64, void, writable
from search.loops.lists import copied

HEAD = 8
"""Bytes of a string that are at hand as a number: so it is compared in a third of the memory."""
_BYTE = np.uint64(8)
_NEWLINE = 10


@compiled(void(U1, I8, I4, int64, writable(uint8)))
def copy_out(
    letters: NDArray[np.uint8],
    starts: NDArray[np.int64],
    numbers: NDArray[np.int32],
    gap: int,
    out: NDArray[np.uint8],
) -> None:
    """The strings of these numbers, one after the other, so many line feeds after each."""
    at = 0
    for number in numbers:
        for index in range(starts[number], starts[number + 1]):
            out[at] = letters[index]
            at += 1
        for _ in range(gap):
            out[at] = _NEWLINE
            at += 1


@compiled()
def head_of(letters: Any, begin: int, end: int) -> Any:
    """The first HEAD bytes of a string, the first of all uppermost; what it has too few is 0."""
    head = uint64(0)
    for index in range(begin, begin + HEAD):
        head <<= _BYTE
        if index < end:
            head |= uint64(letters[index])
    return head


@compiled()
def _precedes(letters: Any, starts: Any, one: int, other: int) -> Any:
    """Whether one string comes before another whose first eight bytes are the same."""
    a, b = starts[one] + HEAD, starts[other] + HEAD
    while a < starts[one + 1] and b < starts[other + 1]:
        if letters[a] != letters[b]:
            return letters[a] < letters[b]
        a += 1
        b += 1
    return starts[one + 1] - starts[one] < starts[other + 1] - starts[other]


@compiled(void(U1, I8, writable(int32), writable(int32)))
def sort_numbers(
    letters: NDArray[np.uint8],
    starts: NDArray[np.int64],
    numbers: NDArray[np.int32],
    spare: NDArray[np.int32],
) -> None:
    """Put numbers in the order of their strings' bytes, by merging; `spare` is as long."""
    count = len(numbers)
    heads = np.empty(count, np.uint64)
    for row in range(count):
        heads[row] = head_of(letters, starts[numbers[row]], starts[numbers[row] + 1])
    spare_heads = np.empty(count, np.uint64)
    width = 1
    while width < count:
        for begin in range(0, count, 2 * width):
            middle, end = min(begin + width, count), min(begin + 2 * width, count)
            left, right = begin, middle
            for to in range(begin, end):
                if right >= end:
                    first = True
                elif left >= middle:
                    first = False
                elif heads[left] != heads[right]:
                    first = heads[left] < heads[right]
                else:
                    first = not _precedes(letters, starts, numbers[right], numbers[left])
                if first:
                    spare[to], spare_heads[to] = numbers[left], heads[left]
                    left += 1
                else:
                    spare[to], spare_heads[to] = numbers[right], heads[right]
                    right += 1
        copied(spare, numbers, 0)
        copied(spare_heads, heads, 0)
        width *= 2
