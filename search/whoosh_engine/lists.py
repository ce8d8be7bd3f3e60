"""Lists of postings: of one term or several, of one segment or several, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.loops.unions import add, mark, marked
from search.whoosh_engine.arrays import FieldArrays
from search.whoosh_engine.kept import array_bytes

Docs = NDArray[Any]
"""Document numbers, ascending, each once: uint32 as stored, or int64."""


class Postings:
    """Where something occurs: `docs` (ascending) and beside them how often (`freqs`)."""

    __slots__ = ("docs", "freqs", "idf", "numbers", "size")

    def __init__(self, docs: Docs, freqs: NDArray[Any]) -> None:
        self.docs = docs
        self.freqs = freqs
        self.size = len(docs)
        self.idf = 0.0
        """How telling it is among all articles, where that is known."""
        self.numbers: Sequence[Sequence[int]] = ()
        """Of a word of a few terms: their numbers in each segment."""

    def __len__(self) -> int:
        return self.size

    @property
    def private_bytes(self) -> int:
        """What it takes beyond the mapped files."""
        return array_bytes(self.docs) + array_bytes(self.freqs)


AT_ONCE = 1_000_000  # postings: some milliseconds
NO_DOCS: Docs = np.empty(0, np.uint32)
NO_FREQS: NDArray[Any] = np.empty(0, np.uint8)


def any_term(arrays: FieldArrays, numbers: Sequence[int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Postings of one segment: of one term as they lie there, of several added up."""
    if len(numbers) == 1:
        return arrays.postings(numbers[0])
    starts, docs, freqs, freq_bytes, *_ = arrays.loops
    these = np.array(numbers, np.int64)
    before = np.cumsum(starts.take(these + 1) - starts.take(these))
    edges = before.searchsorted(np.arange(AT_ONCE, before[-1], AT_ONCE))
    parts = np.split(these, edges) if len(edges) else (these,)
    bits = np.zeros(-(-len(arrays.lengths) // 64), np.uint64)
    for part in parts:
        mark(starts, docs, part, bits)
    held, ranks = marked(bits)
    counts = np.zeros(len(held), np.uint32)
    for part in parts:
        add(starts, docs, freqs, freq_bytes, part, bits, ranks, counts)
    return held, counts


def in_one(parts: list[Postings]) -> Postings:
    """The lists of several segments, which lie one after the other, as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Postings(NO_DOCS, NO_FREQS)
    return Postings(
        np.concatenate([part.docs for part in parts]),
        np.concatenate([part.freqs for part in parts]),
    )
