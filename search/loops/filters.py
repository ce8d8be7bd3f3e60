"""Which documents days and sources let through, and where words are in those."""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    I4,
    I8,
    U1,
    U4,
    boolean,
    compiled,
    int32,
    int64,
    mixed,
    read_only,
    uint32,
    uint64,
    writable,
)
from search.loops.lists import FIELD, Arrays, Docs, Field, Ints, Octets, frequency_of

Days = NDArray[np.int32]

_chosen = read_only(boolean)


@compiled(int64(U4, I4, I4, int32, int32, I4, _chosen, writable(int64)))
def passing(
    docs: Docs,
    first_days: Days,
    last_days: Days,
    since: int,
    until: int,
    sources: Days,
    chosen: NDArray[np.bool_],
    rows: NDArray[np.int64],
) -> int:
    """Fill `rows` with the rows of documents dated in a period and of chosen sources; how many.

    A document's source -1 is the last one of `chosen`.
    """
    held = 0
    for row in range(len(docs)):
        doc = docs[row]
        rows[held] = row
        held += chosen[sources[doc]] and last_days[doc] >= since and first_days[doc] <= until
    return held


_postings = mixed(writable(int64), writable(uint32), writable(uint32))


@compiled(_postings(FIELD, U4, U1, I8, int64, I4, I4, int32, int32, I4, _chosen))
def through(
    arrays: Arrays,
    made_docs: Docs,
    made_freqs: Octets,
    spans: Ints,
    offset: int,
    first_days: Days,
    last_days: Days,
    since: int,
    until: int,
    sources: Days,
    chosen: NDArray[np.bool_],
) -> tuple[Ints, Docs, NDArray[np.uint32]]:
    """Words, given as to `words.any_word`, in the documents that pass: spans, documents, how often."""
    field = Field(*arrays)
    own, room = len(field.docs), 0
    for word in range(len(spans) // 2):
        room += spans[2 * word + 1] - spans[2 * word]
    found, often = np.empty(room, np.uint32), np.empty(room, np.uint32)
    rows, held = np.empty(room + 1, np.int64), 0
    passed = np.empty(len(spans), np.int64)
    for word in range(len(spans) // 2):
        begin, behind = spans[2 * word], spans[2 * word + 1]
        docs, freqs, size = field.docs, field.freqs, field.freq_bytes
        if begin >= own:
            docs, freqs, size = made_docs, made_freqs, 4
            begin, behind = begin - own, behind - own
        count = 0
        for at in range(begin, behind):
            doc = uint64(offset + int64(docs[uint64(at)]))
            rows[uint64(count)] = at
            count += chosen[sources[doc]] and last_days[doc] >= since and first_days[doc] <= until
        passed[2 * word] = own + held
        for row in range(count):
            found[held], often[held] = docs[rows[row]], frequency_of(freqs, size, rows[row])
            held += 1
        passed[2 * word + 1] = own + held
    return passed, found[:held], often[:held]
