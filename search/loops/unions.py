"""The postings of several terms of a field as one list: which documents have any of them, how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    I8,
    U1,
    U4,
    U8,
    compiled,
    int64,
    several,
    uint32,
    uint64,
    void,
    writable,
)

Ints = NDArray[np.int64]
Docs = NDArray[np.uint32]
BITS = 64
Bits = NDArray[np.uint64]
"""A bit for each document, BITS in a number."""


@compiled(void(I8, U4, I8, writable(uint64)))
def mark(starts: Ints, docs: Docs, numbers: Ints, bits: Bits) -> None:
    """Set the bits of the documents that have any of these terms."""
    for number in numbers:
        for posting in range(starts[number], starts[number + 1]):
            doc = uint64(docs[uint64(posting)])
            bits[doc >> uint64(6)] |= uint64(1) << (doc & uint64(63))


@compiled()
def _count(bits: int) -> int:
    """How many bits of a number are set."""
    count = 0
    while bits:
        bits &= bits - uint64(1)
        count += 1
    return count


@compiled(several(writable(uint32), 2)(U8))
def marked(bits: Bits) -> tuple[Docs, Docs]:
    """The documents whose bits are set, ascending; how many stand before each number of bits."""
    before = np.empty(len(bits), np.uint32)
    count = 0
    for place in range(len(bits)):
        before[place] = count
        count += _count(bits[place])
    docs = np.empty(count, np.uint32)
    fill = 0
    for place in range(len(bits)):
        rest = bits[place]
        while rest:
            lowest = rest & (~rest + uint64(1))
            docs[fill] = 64 * place + _count(lowest - uint64(1))
            fill += 1
            rest ^= lowest
    return docs, before


@compiled(void(I8, U4, U1, int64, I8, U8, U4, writable(uint32)))
def add(  # noqa: PLR0913, PLR0917 - the postings of a field, and what is counted
    starts: Ints,
    docs: Docs,
    freqs: NDArray[np.uint8],
    freq_bytes: int,
    numbers: Ints,
    bits: Bits,
    before: Docs,
    counts: NDArray[np.uint32],
) -> None:
    """Add how often each document has these terms to its count; `freqs` are the bytes of the frequencies."""
    for number in numbers:
        for posting in range(starts[number], starts[number + 1]):
            doc = uint64(docs[uint64(posting)])
            place = doc >> uint64(6)
            lower = bits[place] & ((uint64(1) << (doc & uint64(63))) - uint64(1))
            row = before[place] + _count(lower)
            if freq_bytes == 1:
                counts[row] += freqs[uint64(posting)]
            else:
                for octet in range(freq_bytes):
                    counts[row] += uint32(freqs[posting * freq_bytes + octet]) << uint32(8 * octet)


@compiled(several(writable(uint32), 2)(I8, U4, U1, int64, I8, int64, int64))
def added_up(  # noqa: PLR0913, PLR0917 - as above
    starts: Ints,
    docs: Docs,
    freqs: NDArray[np.uint8],
    freq_bytes: int,
    numbers: Ints,
    doc_count: int,
    at_most: int,
) -> tuple[Docs, NDArray[np.uint32]]:
    """The documents that have any of these terms, ascending, and how often.

    None at all where that were more than `at_most` postings: then by `mark`, `marked` and `add`, in parts.
    """
    work = 0
    for number in numbers:
        work += starts[number + 1] - starts[number]
    if work > at_most:
        return np.empty(0, np.uint32), np.empty(0, np.uint32)
    bits = np.zeros((doc_count + BITS - 1) // BITS, np.uint64)
    mark(starts, docs, numbers, bits)
    held, before = marked(bits)
    counts = np.zeros(len(held), np.uint32)
    add(starts, docs, freqs, freq_bytes, numbers, bits, before, counts)
    return held, counts
