"""How often words occur in given documents: looked up or laid out, and remembered for those at hand."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.lists import Docs, Postings
from search.whoosh_engine.positions import LOOK_UP

Row = NDArray[Any]
_CLEARED = 32  # clearing a row of so many documents takes as long as placing one posting


class Rows:
    """Each thread's zeroed rows of one frequency a document."""

    def __init__(self, doc_count: int) -> None:
        self._doc_count = doc_count
        self._threads = threading.local()

    def frequencies(self, postings: Postings, docs: Docs) -> Row:
        """How often it occurs in each of these documents; 0 where it does not."""
        size, wanted = postings.size, len(docs)
        if not size or not wanted:
            return np.zeros(wanted, np.uint8)
        if wanted * LOOK_UP > size + self._doc_count // _CLEARED:
            row = self._of(postings.freqs.dtype)
            row[postings.docs.astype(np.intp)] = postings.freqs
            found: Row = row.take(docs)
            row.fill(0)
            return found
        rows = postings.docs.searchsorted(docs.astype(np.uint32, copy=False))
        held = postings.docs.take(rows, mode="clip") == docs
        freqs: Row = postings.freqs.take(rows, mode="clip")
        freqs *= held
        return freqs

    def _of(self, dtype: np.dtype[Any]) -> Row:
        rows: dict[str, Row] = self._threads.__dict__
        row = rows.get(dtype.char)
        if row is None:
            row = rows[dtype.char] = np.zeros(self._doc_count, dtype)
        return row


class Memory:
    """How often this and that occurs in the documents that a query is at; one query's own."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._docs: Docs | None = None
        self._known: dict[Postings, Row] = {}

    def know(self, docs: Docs, known: Mapping[Postings, Row]) -> None:
        """The documents at hand, and what is known of them already."""
        self._docs, self._known = docs, dict(known)

    def of(self, postings: Postings, docs: Docs) -> Row:
        """How often something occurs in each of these documents."""
        if docs is not self._docs:
            self.know(docs, {})
        found = self._known.get(postings)
        if found is None:
            found = self._known[postings] = self._rows.frequencies(postings, docs)
        return found

    def narrow(self, docs: Docs, rows: NDArray[np.int64]) -> Docs:
        """Some of the documents, with what is known of them."""
        narrowed: Docs = docs.take(rows)
        if docs is self._docs:
            self.know(narrowed, {key: row.take(rows) for key, row in self._known.items()})
        return narrowed
