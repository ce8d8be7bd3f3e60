"""What is known of each document: columns over all segments of a snapshot, and the articles themselves."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.model import Article
from search.whoosh_engine.segments.byte_rows import read_ahead
from search.whoosh_engine.segments.snapshot import Snapshot
from search.whoosh_engine.segments.stored import Opened
from search.whoosh_engine.views.lists import Docs

_COLUMNS = {"id": np.uint64, "published_s": np.int64}  # all others are int32


class Columns:
    """The documents of a snapshot, by their snapshot-wide numbers."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.doc_count_all = snapshot.doc_count_all
        """How many documents the segments have, deleted ones included."""
        self.article_count = snapshot.doc_count
        self._columns: dict[str, NDArray[Any]] = {}

    @cached_property
    def deleted(self) -> NDArray[np.bool_] | None:
        """True for deleted documents; None when there are none."""
        if self.article_count == self.doc_count_all:
            return None
        return np.concatenate([segment.deleted for segment in self.snapshot.segments])

    @cached_property
    def everything(self) -> Docs:
        """All articles."""
        if self.deleted is None:
            return np.arange(self.doc_count_all, dtype=np.uint32)
        return np.flatnonzero(~self.deleted).astype(np.uint32)

    def column(self, name: str) -> NDArray[Any]:
        """One number for each document, over all segments."""
        column = self._columns.get(name)
        if column is None:
            columns = [segment.column(name) for segment in self.snapshot.segments]
            column = self._columns[name] = joined(columns, _COLUMNS.get(name, np.int32))
            read_ahead(column)
        return column

    @cached_property
    def sources(self) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """The names of all sources, and for each document the number of its own (-1: none)."""
        return self._coded("source")

    @cached_property
    def languages(self) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        """The same for languages."""
        return self._coded("language")

    def _coded(self, column: str) -> tuple[tuple[str, ...], NDArray[np.int32]]:
        numbers: dict[str, int] = {}
        parts: list[NDArray[np.int32]] = []
        for segment in self.snapshot.segments:
            names = segment.names(column).texts()
            known = [numbers.setdefault(name, len(numbers)) for name in names]
            table = np.array([*known, -1], np.int32)  # the last one is what -1 points at
            parts.append(table[segment.column(column)])
        return tuple(numbers), joined(parts, np.int32)

    def article(self, doc: int) -> Article:
        """The article with this number."""
        segment, local = self.snapshot.locate(doc)
        return segment.article(local)

    def opened(self, doc: int) -> Opened:
        """Its fields and body as they are stored: all that a hit shows."""
        segment, local = self.snapshot.locate(doc)
        return segment.opened(local)


def joined(parts: list[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    """Arrays one after the other; a single one as it is."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, dtype)
