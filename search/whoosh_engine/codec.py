"""Whoosh's door to the arrays: a codec whose segments are the files of `arrays`."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec import base

SEGMENT_EXTENSION = ".seg"


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
