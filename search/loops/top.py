"""The best few of many rows, in an order that leaves no tie: a heap, whose root is the worst of them."""

# ruff: noqa: FBT001, PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import F4, I8, U4, U8, boolean, compiled, int64, uint64, writable

NO_TIME = np.iinfo(np.int64).min
"""In `published_s`: the article is undated."""


@compiled()
def _tied(
    row: int,
    other: int,
    docs: NDArray[np.uint32],
    seconds: NDArray[np.int64],
    keys: NDArray[np.uint64],
) -> bool:
    """Whether a row comes before another of the same first value."""
    doc, than = docs[row], docs[other]
    if seconds[doc] != seconds[than]:
        return bool(seconds[doc] > seconds[than])
    return bool(keys[doc] < keys[than])


@compiled()
def _sink(
    heap: NDArray[np.int64],
    size: int,
    row: int,
    at: int,
    firsts: NDArray[Any],
    docs: NDArray[np.uint32],
    seconds: NDArray[np.int64],
    keys: NDArray[np.uint64],
) -> None:
    """Put a row where there is none in the heap, or below."""
    first = firsts[row]
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        if below + 1 < size:
            one, two = firsts[heap[below]], firsts[heap[below + 1]]
            if two < one or (
                two == one and _tied(heap[below], heap[below + 1], docs, seconds, keys)
            ):
                below += 1
        worse = firsts[heap[below]]
        if worse > first or (worse == first and not _tied(row, heap[below], docs, seconds, keys)):
            break
        heap[at] = heap[below]
        at = below
    heap[at] = row


@compiled()
def _begin(
    room: int,
    firsts: NDArray[Any],
    docs: NDArray[np.uint32],
    seconds: NDArray[np.int64],
    keys: NDArray[np.uint64],
    rows: NDArray[np.int64],
) -> None:
    """Make a heap of the first rows."""
    for row in range(room):
        rows[row] = row
    for at in range(room // 2 - 1, -1, -1):
        _sink(rows, room, rows[at], at, firsts, docs, seconds, keys)


@compiled()
def _end(
    room: int,
    firsts: NDArray[Any],
    docs: NDArray[np.uint32],
    seconds: NDArray[np.int64],
    keys: NDArray[np.uint64],
    rows: NDArray[np.int64],
) -> None:
    """Put the rows of the heap in order."""
    for size in range(room - 1, 0, -1):  # the worst goes to the end, again and again
        worst = rows[0]
        _sink(rows, size, rows[size], 0, firsts, docs, seconds, keys)
        rows[size] = worst


@compiled(int64(F4, U4, I8, U8, writable(int64)))
def best(
    scores: NDArray[np.float32],
    docs: NDArray[np.uint32],
    seconds: NDArray[np.int64],
    keys: NDArray[np.uint64],
    rows: NDArray[np.int64],
) -> int:
    """Fill `rows` with the rows of the best documents in order; how many there are.

    The larger score comes first, then the larger of `seconds`, then the smaller of `keys`, which
    both have a number for every document there is.
    """
    room = min(len(rows), len(docs))
    _begin(room, scores, docs, seconds, keys, rows)
    for row in range(room or len(docs), len(docs)):
        least = scores[rows[0]]
        if scores[row] > least or (
            scores[row] == least and _tied(row, rows[0], docs, seconds, keys)
        ):
            _sink(rows, room, row, 0, scores, docs, seconds, keys)
    _end(room, scores, docs, seconds, keys, rows)
    return room


@compiled(int64(U4, I8, U8, boolean, writable(int64)))
def dated(
    docs: NDArray[np.uint32],
    seconds: NDArray[np.int64],
    keys: NDArray[np.uint64],
    oldest: bool,
    rows: NDArray[np.int64],
) -> int:
    """The same by `seconds` alone, the larger or the smaller first; those of NO_TIME come last."""
    room = min(len(rows), len(docs))
    firsts = np.empty(len(docs), np.int64)  # of rows that were among the best
    for row in range(room):
        first = seconds[docs[row]]
        firsts[row] = -first if oldest and first != NO_TIME else first
    _begin(room, firsts, docs, seconds, keys, rows)
    least = firsts[rows[0]] if room else 0
    for row in range(room or len(docs), len(docs)):
        first = seconds[docs[uint64(row)]]
        if oldest and first != NO_TIME:
            first = -first
        if first > least or (first == least and _tied(row, rows[0], docs, seconds, keys)):
            firsts[row] = first
            _sink(rows, room, row, 0, firsts, docs, seconds, keys)
            least = firsts[rows[0]]
    _end(room, firsts, docs, seconds, keys, rows)
    return room
