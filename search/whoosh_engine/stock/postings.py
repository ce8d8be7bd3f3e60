"""One list of postings in any file of Whoosh's: what a codec must offer beside its segments."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from whoosh.codec import base
from whoosh.reading import TermInfo

from search.whoosh_engine.segments.arrays import field_from
from search.whoosh_engine.segments.byte_rows import joined
from search.whoosh_engine.segments.segment_file import SegmentFile, parse
from search.whoosh_engine.stock.codec_matcher import ArrayMatcher
from search.whoosh_engine.stock.codec_write import PostingRows


class ListInfo(TermInfo):
    """The statistics of a list, and where in its file it lies."""

    place, size = 0, 0


class ArrayPostingsWriter(base.PostingsWriter):
    """Gathers the postings of a term and writes them when it is finished."""

    def __init__(self, dbfile: Any, *, byteids: bool) -> None:
        self._file = dbfile
        self._byteids = byteids
        self._info: Any = None

    def start_postings(self, format_: Any, terminfo: Any) -> None:
        """Begin a list."""
        if self._info is not None:
            raise ValueError("a list of postings begins before the last one has ended")
        self._format = format_
        self._info = ListInfo()
        self._info.__dict__.update(terminfo.__dict__)
        self._rows = PostingRows()
        self._lengths: list[int] = []

    def add_posting(
        self, id_: Any, weight: float, vbytes: bytes, length: int | None = None
    ) -> None:
        """Add a document, or a term of a vector."""
        if self._byteids:
            self._rows.terms.append(id_.encode("utf-8"))
        self._rows.ids.append(len(self._rows.ids) if self._byteids else id_)
        self._rows.weights.append(weight)
        self._rows.values.append(vbytes or b"")
        self._lengths.append(length or 0)
        self._info.add_posting(id_, weight, length)

    def finish_postings(self) -> Any:
        """Write the list; returns its statistics, with which it is read."""
        self._rows.starts.append(len(self._rows.ids))
        image = io.BytesIO()
        out = SegmentFile(image)
        for name, array_ in self._rows.sections("list", self._format).items():
            out.put(name, array_)
        if self._byteids:
            blob, starts = joined(self._rows.terms)
            out.put("list/terms", blob)
            out.put("list/term_starts", starts)
        else:
            # Lengths are kept by document number, as in a segment, so that a matcher finds them.
            lengths = np.zeros(max(self._rows.ids, default=-1) + 1, np.uint32)
            lengths[np.array(self._rows.ids, np.int64)] = self._lengths
            out.put("list/lengths", lengths)
        out.finish({"doc_count": 0})
        info, self._info = self._info, None
        info.place, info.size = self._file.tell(), len(image.getvalue())
        self._file.write(image.getvalue())
        return info

    def written(self) -> bool:
        """Whether part of the list is in the file already: never, it goes in whole."""
        return False


def read_postings(dbfile: Any, info: Any, format_: Any, *, term: Any, scorer: Any) -> ArrayMatcher:
    """A matcher over a list that ArrayPostingsWriter wrote."""
    content = bytes(dbfile.get(info.place, info.size))
    _, sections = parse("postings", content)
    lengths = sections.get("list/lengths", np.empty(0, np.uint32))
    field = field_from(sections, "list", len(lengths))
    ids = field.terms.texts() if len(field.terms) else None
    return ArrayMatcher(field, 0, format_, term=term, scorer=scorer, ids=ids)
