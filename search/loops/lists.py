"""What loops over lists of postings share: a place in a list, a posting's frequency and positions.

They are compiled into the loops that call them.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U1, U2, U4, compiled, int64, mixed, uint64

POS_BLOCK = 32
"""Postings: the frequencies of so many are added up at most to find where positions begin."""

Docs = NDArray[np.uint32]
Octets = NDArray[np.uint8]
Ints = NDArray[np.int64]


class Field(NamedTuple):
    """The postings of a field of one segment, as `arrays.FieldArrays` has them.

    A loop takes the arrays out before it begins: each look into the tuple counts a reference, which
    takes as long as twenty numbers. So does each call of a function that is not compiled into its
    caller, and each array that is given another value in a loop. Python hands it over as a plain
    tuple: numba takes 1.5 µs more to see what a named one is.
    """

    starts: Ints
    docs: NDArray[np.uint32]
    freqs: NDArray[np.uint8]
    """The bytes of the frequencies, the least first."""
    freq_bytes: int
    """How many each has."""
    blocks: NDArray[np.uint32]
    """`pos_blocks` in parts of four bytes, the least first."""
    block_parts: int
    """How many each has."""
    positions: NDArray[np.uint16]
    """The positions in parts of two bytes, the least first."""
    position_parts: int
    """How many each has."""


Arrays = tuple[Any, ...]
"""The items of a `Field`."""
FIELD = mixed(I8, U4, U1, int64, U4, int64, U2, int64)
"""The type of a field, as it is handed over."""


@compiled()
def sought(docs: Docs, at: int, last: int, doc: int) -> int:
    """The first place from `at` on whose document is not before this one: doubled steps, then halves."""
    step = 1
    while at + step < last and docs[at + step] < doc:
        at += step
        step *= 2
    end = min(at + step, last)
    while at < end:
        middle = (at + end) >> 1
        if docs[middle] < doc:
            at = middle + 1
        else:
            end = middle
    return at


@compiled()
def frequency_of(freqs: Octets, freq_bytes: int, posting: int) -> int:
    """How often a posting's term occurs; `freqs` are bytes, so many for each posting."""
    if freq_bytes == 1:
        return int(freqs[uint64(posting)])
    often: int = 0
    for octet in range(freq_bytes):
        often |= int64(freqs[posting * freq_bytes + octet]) << (8 * octet)
    return often


@compiled()
def block_begin(blocks: Docs, block_parts: int, block: int) -> int:
    """Where the positions of a block's first posting begin."""
    begin: int = int64(blocks[block * block_parts])
    if block_parts > 1:
        begin |= int64(blocks[block * block_parts + 1]) << 32
    return begin


@compiled()
def positions_begin(
    blocks: Docs, block_parts: int, freqs: Octets, freq_bytes: int, posting: int
) -> int:
    """Where the positions of a posting begin."""
    block = posting // POS_BLOCK
    begin = block_begin(blocks, block_parts, block)
    for before in range(block * POS_BLOCK, posting):
        begin += frequency_of(freqs, freq_bytes, before)
    return begin


@compiled()
def position_count(
    blocks: Docs, block_parts: int, freqs: Octets, freq_bytes: int, first: int, last: int
) -> int:
    """How many positions the postings from `first` to before `last` have."""
    if first >= last:
        return 0
    behind = positions_begin(blocks, block_parts, freqs, freq_bytes, last - 1)
    behind += frequency_of(freqs, freq_bytes, last - 1)
    count: int = behind - positions_begin(blocks, block_parts, freqs, freq_bytes, first)
    return count


@compiled()
def position_at(positions: NDArray[np.uint16], parts: int, at: int) -> int:
    """A position."""
    position: int = int64(positions[uint64(at * parts)])
    if parts > 1:
        position |= int64(positions[uint64(at * parts + 1)]) << 16
    return position


@compiled()
def copied(values: NDArray[Any], row: NDArray[Any], at: int) -> int:
    """Copy numbers into a row from this place on; where they end.

    Given a span, numba takes three seconds to compile how it says that one does not fit.
    """
    for value in values:
        row[at] = value
        at += 1
    return at


@compiled()
def once(row: Ints, first: int, last: int) -> int:
    """Sort the numbers from `first` to before `last` and keep each once; where they end."""
    row[first:last].sort()
    fill = first
    for place in range(first, last):
        if place == first or row[place] != row[fill - 1]:
            row[fill] = row[place]
            fill += 1
    return fill
