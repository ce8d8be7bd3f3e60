"""Lists of postings: of one term or several, of one segment or several, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.arrays import FieldArrays

Docs = NDArray[Any]
"""Document numbers, ascending, each once: uint32 as stored, or int64."""


class Postings:
    """Where something occurs: `docs` (ascending) and beside them how often (`freqs`)."""

    __slots__ = ("docs", "freqs", "idf", "size")

    def __init__(self, docs: Docs, freqs: NDArray[Any]) -> None:
        self.docs = docs
        self.freqs = freqs
        self.size = len(docs)
        self.idf = 0.0
        """How telling it is among all articles, where that is known."""

    def __len__(self) -> int:
        return self.size

    @property
    def private_bytes(self) -> int:
        """What it takes beyond the mapped files."""
        return sum(array.nbytes for array in (self.docs, self.freqs) if array.base is None)


NO_DOCS: Docs = np.empty(0, np.uint32)
NO_FREQS: NDArray[Any] = np.empty(0, np.uint8)


def any_term(arrays: FieldArrays, numbers: Sequence[int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Postings of one segment: of one term as they lie there, of several added up."""
    if len(numbers) == 1:
        return arrays.postings(numbers[0])
    rows = _rows_of(arrays, numbers)
    docs, freqs = arrays.docs.take(rows), arrays.freqs.take(rows)
    if len(docs) * 8 < len(arrays.lengths):
        order = docs.argsort(kind="stable")  # merges the rows
        docs, freqs = docs.take(order), freqs.take(order)
        first = np.ones(len(docs), np.bool_)
        np.not_equal(docs[1:], docs[:-1], out=first[1:])
        firsts = first.nonzero()[0]
        return docs.take(firsts), np.add.reduceat(freqs, firsts, dtype=np.uint32)
    counts = np.bincount(docs, weights=freqs, minlength=len(arrays.lengths))
    held = np.flatnonzero(counts != 0)
    return held.astype(np.uint32), counts[held].astype(np.uint32)


def _rows_of(arrays: FieldArrays, numbers: Sequence[int]) -> NDArray[np.int64]:
    """The postings of these terms, one term after the other."""
    these = np.array(numbers)
    begins = arrays.starts.take(these)
    sizes = arrays.starts.take(these + 1) - begins
    ends = np.cumsum(sizes)
    rows = np.repeat(begins - ends + sizes, sizes)
    rows += np.arange(len(rows))
    return rows


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
