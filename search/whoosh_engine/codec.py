"""Whoosh's door to the arrays: a codec whose segments are the files of `segments`.

`whoosh.index.open_dir` works on an index of ours through it, and any other Whoosh index can be
written with it (`writer(codec=ArrayCodec())`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec import base

from search.whoosh_engine.stock.codec_read import (
    ArrayPerDocReader,
    ArrayTermsReader,
    Opened,
    column_filename,
)
from search.whoosh_engine.stock.codec_write import ArrayFieldWriter, ArrayPerDocWriter
from search.whoosh_engine.stock.postings import ArrayPostingsWriter, read_postings

SEGMENT_EXTENSION = ".seg"


class ArrayCodec(base.Codec):
    """Makes the readers and writers of array segments.

    Whoosh's own codec keeps a field's length in one byte, so that 15 words become 16. Ours keeps
    it as it is; `rounded_lengths` makes it as coarse as Whoosh's, for those who count on that.
    """

    def __init__(self, *, rounded_lengths: bool = False) -> None:
        self._rounded_lengths = rounded_lengths

    def per_document_writer(self, storage: Any, segment: Any) -> Any:
        """See `whoosh.codec.base.Codec`."""
        return ArrayPerDocWriter(storage, segment, rounded=self._rounded_lengths)

    def field_writer(self, storage: Any, segment: Any) -> Any:
        """See `whoosh.codec.base.Codec`."""
        return ArrayFieldWriter(storage, segment, SEGMENT_EXTENSION)

    def postings_writer(self, dbfile: Any, byteids: bool = False) -> Any:  # noqa: FBT001, FBT002
        """See `whoosh.codec.base.Codec`."""
        return ArrayPostingsWriter(dbfile, byteids=byteids)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> Any:
        """See `whoosh.codec.base.Codec`."""
        return read_postings(dbfile, terminfo, format_, term=term, scorer=scorer)

    def per_document_reader(self, storage: Any, segment: Any) -> Any:
        """See `whoosh.codec.base.Codec`."""
        return ArrayPerDocReader(Opened(storage, segment, SEGMENT_EXTENSION))

    def terms_reader(self, storage: Any, segment: Any) -> Any:
        """See `whoosh.codec.base.Codec`."""
        return ArrayTermsReader(Opened(storage, segment, SEGMENT_EXTENSION))

    def new_segment(self, storage: Any, indexname: str) -> Any:
        """See `whoosh.codec.base.Codec`."""
        del storage
        return ArraySegment(indexname)

    def column_filename(self, segment: Any, fieldname: str) -> str:
        """Where Whoosh puts a column that it adds to a segment afterwards."""
        return column_filename(segment, fieldname)


class ArraySegment(base.Segment):
    """What Whoosh's table of contents says of a segment: its name, size and deleted documents."""

    def __init__(self, indexname: str, segid: str | None = None, doc_count: int = 0) -> None:
        self.indexname = indexname
        self.segid = segid if segid is not None else self._random_id()
        self.compound = False
        self._doc_count = doc_count
        self._deleted: set[int] = set()

    def __getstate__(self) -> dict[str, Any]:
        """Plain values only, so that the table of contents names no class but this one."""
        return {
            "indexname": self.indexname,
            "segid": self.segid,
            "doc_count": self._doc_count,
            "deleted": pack_mask(self.mask()),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["indexname"], state["segid"], state["doc_count"])  # type: ignore[misc]
        self.set_mask(unpack_mask(state["deleted"], self._doc_count))

    def codec(self) -> ArrayCodec:
        """The codec that reads it."""
        return ArrayCodec()

    def mask(self) -> NDArray[np.bool_]:
        """True for each deleted document."""
        mask = np.zeros(self._doc_count, bool)
        mask[list(self._deleted)] = True
        return mask

    def set_mask(self, mask: NDArray[np.bool_]) -> None:
        """Say which documents are deleted."""
        self._deleted = set(np.flatnonzero(mask).tolist())

    def should_assemble(self) -> bool:
        """Whoosh shall not pack the file into another one: it is one file already."""
        return False

    def set_doc_count(self, doc_count: int) -> None:
        """Say how many documents there are, deleted ones included."""
        self._doc_count = doc_count

    def doc_count_all(self) -> int:
        """All documents, deleted ones included."""
        return self._doc_count

    def deleted_count(self) -> int:
        """How many documents are deleted."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """The numbers of the deleted documents."""
        return iter(sorted(self._deleted))

    def delete_document(self, docnum: int, delete: bool = True) -> None:  # noqa: FBT001, FBT002
        """Mark a document as deleted, or take the mark away."""
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return docnum in self._deleted


def pack_mask(mask: NDArray[np.bool_]) -> bytes:
    """A mask in few bytes: nothing at all where nothing is marked."""
    return zlib.compress(np.packbits(mask).tobytes(), 1) if mask.any() else b""


def unpack_mask(packed: bytes, count: int) -> NDArray[np.bool_]:
    """The mask that `pack_mask` took."""
    if not packed:
        return np.zeros(count, bool)
    bits = np.frombuffer(zlib.decompress(packed), np.uint8)
    return np.unpackbits(bits, count=count).astype(bool)
