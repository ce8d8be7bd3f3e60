"""One committed state of an index: its segments as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from search.errors import UnknownArticle
from search.model import Rejection
from search.whoosh_engine.segments.arrays import Segment


@dataclass(frozen=True)
class Snapshot:
    """One committed state of an index. It holds its files open; many threads may share it."""

    generation: str
    committed_at: str
    """ISO 8601, UTC."""
    segments: tuple[Segment, ...]
    rejections: tuple[Rejection, ...] = ()
    directory: Path | None = None

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """What to add to a segment's document number to have the snapshot's."""
        total, found = 0, []
        for segment in self.segments:
            found.append(total)
            total += segment.doc_count
        return tuple(found)

    @cached_property
    def doc_count_all(self) -> int:
        """Document numbers run from 0 to this, deleted ones included."""
        return sum(segment.doc_count for segment in self.segments)

    @cached_property
    def doc_count(self) -> int:
        """How many articles there are."""
        return sum(segment.live_count for segment in self.segments)

    def total_length(self, field_name: str) -> int:
        """Words of all articles in a field, extras and deleted articles not counted."""
        return sum(
            int(segment.field(field_name).lengths[~segment.deleted].sum(dtype=np.int64))
            for segment in self.segments
        )

    @cached_property
    def size_bytes(self) -> int:
        """What the segments take on disk."""
        return sum(segment.size_bytes for segment in self.segments)

    @cached_property
    def languages(self) -> tuple[str | None, ...]:
        """The languages of the articles, None among them if some have none."""
        found: set[str | None] = set()
        for segment in self.segments:
            counts = np.bincount(segment.column("language")[~segment.deleted] + 1)
            codes = (np.flatnonzero(counts) - 1).tolist()
            names = segment.names("language")
            found |= {names[code].decode("utf-8") if code >= 0 else None for code in codes}
        return tuple(sorted(found, key=lambda language: language or ""))

    def locate(self, doc: int) -> tuple[Segment, int]:
        """The segment of a document of this snapshot, and its number there."""
        for segment, offset in zip(self.segments, self.offsets, strict=True):
            if doc < offset + segment.doc_count:
                return segment, doc - offset
        raise IndexError(doc)

    def find(self, article_id: str) -> int:
        """The document number of an article. Raises UnknownArticle."""
        try:
            key = int(article_id, 16) if len(article_id) == 16 else -1
        except ValueError:
            key = -1
        if 0 <= key < 1 << 64:
            for segment, offset in zip(self.segments, self.offsets, strict=True):
                for doc in np.flatnonzero(segment.column("id") == np.uint64(key)).tolist():
                    if not segment.deleted[doc]:
                        return offset + int(doc)
        raise UnknownArticle(f"{article_id}: no article has this id; it may have been removed")
