"""The writing side of the codec, for whoever indexes with Whoosh's own writer.

It serves any schema: what the arrays of our own fields do not have (weights that are not
frequencies, values of other formats, vectors, Whoosh's columns) goes into extra sections.
"""

from __future__ import annotations

import io
import pickle
from array import array
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import formats
from whoosh.codec import base
from whoosh.filedb.structfile import StructFile
from whoosh.util.numeric import byte_to_length, length_to_byte

from search.whoosh_engine.segments.byte_rows import joined
from search.whoosh_engine.segments.segment_file import SegmentFile, narrow

DOCUMENTS_EXTENSION = ".doc"
"""The sections of documents have a file of their own here: Whoosh reads them before it writes terms."""

Array = NDArray[Any]


def has_plain_positions(format_: Any) -> bool:
    """Whether a format's values say nothing but positions, which the arrays keep."""
    words = type(format_)
    return bool(
        issubclass(words, formats.Positions)
        and words.encode is formats.Positions.encode
        and words.decode_positions is formats.Positions.decode_positions
    )


def write_sections(storage: Any, name: str, sections: dict[str, Array], doc_count: int) -> None:
    """Write sections as a file of a Whoosh storage."""
    image = io.BytesIO()
    out = SegmentFile(image)
    for key, array_ in sections.items():
        out.put(key, array_)
    out.finish({"doc_count": doc_count})
    file = storage.create_file(name)
    file.write(image.getvalue())
    file.close()


class PostingRows:
    """Postings of many terms (or of many vectors), one after the other."""

    def __init__(self) -> None:
        self.terms: list[bytes] = []
        self.starts = array("q", [0])
        self.ids = array("q")
        self.weights = array("f")
        self.values: list[bytes] = []

    def sections(self, prefix: str, format_: Any) -> dict[str, Array]:
        """Their sections; positions as an array where they are all that the values say."""
        weights = np.array(self.weights, np.float32)
        found: dict[str, Array] = {
            "starts": np.array(self.starts, np.int64),
            "docs": np.array(self.ids, np.uint32),
        }
        positions = self._positions(format_) if has_plain_positions(format_) else None
        if positions is not None:
            found |= positions
        else:
            found["freqs"] = np.ones(len(weights), np.uint8)
            if any(self.values):
                found["values"], found["value_starts"] = joined(self.values)
        if not np.array_equal(weights, found["freqs"]):
            found["weights"] = weights
        return {f"{prefix}/{name}": array_ for name, array_ in found.items()}

    def _positions(self, format_: Any) -> dict[str, Array] | None:
        """The values as arrays; None if any of them is not what the format itself would write."""
        rows = []
        for value in self.values:
            try:
                row = format_.decode_positions(value)
            except (EOFError, pickle.UnpicklingError):
                return None
            if min(row, default=0) < 0 or format_.encode(row) != value:
                return None
            rows.append(row)
        freqs = np.array([len(row) for row in rows], np.int64)
        positions = np.array([position for row in rows for position in row], np.int64)
        before = np.zeros(len(freqs) + 1, np.int64)
        np.cumsum(freqs, out=before[1:])
        return {
            "freqs": narrow(freqs),
            "positions": narrow(positions, at_least=2),
            "pos_starts": before[np.array(self.starts, np.int64)],
        }


class ArrayPerDocWriter(base.PerDocWriterWithColumns):
    """Lengths, stored values, columns and vectors of documents."""

    def __init__(self, storage: Any, segment: Any, *, rounded: bool) -> None:
        super().__init__()
        self._rounded = rounded
        self._storage = storage
        self._segment = segment
        self._doc_count = 0
        self._stored: list[bytes] = []
        self._values: dict[str, Any] = {}
        self._lengths: dict[str, dict[int, int]] = defaultdict(dict)
        self._columns: dict[str, tuple[Any, Any, io.BytesIO]] = {}
        self._vectors: dict[str, tuple[Any, PostingRows, array[int]]] = {}
        self._in_doc = False
        self.is_closed = False

    def start_doc(self, docnum: int) -> None:
        """Begin a document."""
        if self._in_doc:
            raise ValueError(f"document {docnum} begins before the last one has ended")
        if docnum != self._doc_count:
            raise ValueError(f"document {docnum} begins where {self._doc_count} should")
        self._docnum = docnum
        self._doc_count += 1
        self._values = {}
        self._in_doc = True

    def add_field(self, fieldname: str, fieldobj: Any, value: Any, length: int | None) -> None:
        """Note a field's stored value and its length in words."""
        del fieldobj
        if value is not None:
            self._values[fieldname] = value
        if length:
            self._lengths[fieldname][self._docnum] = length

    def add_vector_items(self, fieldname: str, fieldobj: Any, items: Iterable[Any]) -> None:
        """Note the document's terms in a field, with weights and values."""
        rows = list(items)
        if not rows:
            return
        if fieldname not in self._vectors:
            self._vectors[fieldname] = (fieldobj.vector, PostingRows(), array("q"))
        _, vectors, docs = self._vectors[fieldname]
        for text, weight, value in rows:
            vectors.terms.append(text.encode("utf-8") if isinstance(text, str) else text)
            vectors.ids.append(0)
            vectors.weights.append(weight)
            vectors.values.append(value or b"")
        vectors.starts.append(len(vectors.ids))
        docs.append(self._docnum)

    def finish_doc(self) -> None:
        """End the document."""
        self._stored.append(pickle.dumps(self._values, 2) if self._values else b"")
        self._in_doc = False

    def _has_column(self, fieldname: str) -> bool:
        return fieldname in self._columns

    def _create_column(self, fieldname: str, column: Any) -> None:
        image = io.BytesIO()
        file = StructFile(image)
        self._columns[fieldname] = (column.writer(file), file, image)

    def _get_column(self, fieldname: str) -> Any:
        return self._columns[fieldname][0]

    def close(self) -> None:
        """Write the file."""
        if self._in_doc:
            self.finish_doc()
        sections: dict[str, Array] = {}
        sections["pickled"], sections["pickled_starts"] = joined(self._stored)
        for fieldname, row in self._lengths.items():
            lengths = np.zeros(self._doc_count, np.uint32)
            sections[f"{fieldname}/total_length"] = np.array([sum(row.values())], np.int64)
            lengths[list(row)] = [
                byte_to_length(length_to_byte(length)) if self._rounded else length
                for length in row.values()
            ]
            sections[f"{fieldname}/lengths"] = lengths
        for fieldname, (writer, _, image) in self._columns.items():
            writer.finish(self._doc_count)
            sections[f"{fieldname}/column"] = np.frombuffer(image.getvalue(), np.uint8)
        for fieldname, (format_, rows, docs) in self._vectors.items():
            sections |= rows.sections(f"{fieldname}/vector", format_)
            blob, starts = joined(rows.terms)
            sections[f"{fieldname}/vector/terms"] = blob
            sections[f"{fieldname}/vector/term_starts"] = starts
            sections[f"{fieldname}/vector/doc"] = np.array(docs, np.int64)
        name = self._segment.make_filename(DOCUMENTS_EXTENSION)
        write_sections(self._storage, name, sections, self._doc_count)
        self.is_closed = True


class ArrayFieldWriter(base.FieldWriter):
    """Terms and postings, which Whoosh gives in order."""

    def __init__(self, storage: Any, segment: Any, extension: str) -> None:
        self._storage = storage
        self._name = segment.make_filename(extension)
        self._documents_name = segment.make_filename(DOCUMENTS_EXTENSION)
        self._sections: dict[str, Array] = {}
        self._fieldname: str | None = None
        self._in_term = False
        self.is_closed = False

    def start_field(self, fieldname: str, fieldobj: Any) -> None:
        """Begin a field."""
        self._fieldname, self._format = fieldname, fieldobj.format
        self._rows = PostingRows()
        self._lengths = array("I")

    def start_term(self, text: bytes) -> None:
        """Begin a term of the field."""
        if self._fieldname is None:
            raise ValueError("a term begins outside a field")
        if self._in_term:
            raise ValueError("a term begins before the last one has ended")
        self._rows.terms.append(text)
        self._in_term = True

    def add(self, docnum: int, weight: float, vbytes: bytes, length: int) -> None:
        """Note a posting of the term."""
        self._lengths.append(length or 0)
        self._rows.ids.append(docnum)
        self._rows.weights.append(weight)
        self._rows.values.append(vbytes or b"")

    def finish_term(self) -> None:
        """End the term."""
        if not self._in_term:
            raise ValueError("a term ends that has not begun")
        self._rows.starts.append(len(self._rows.ids))
        self._in_term = False

    def finish_field(self) -> None:
        """End the field."""
        if self._fieldname is None:
            raise ValueError("a field ends that has not begun")
        name = self._fieldname
        self._sections |= self._rows.sections(name, self._format)
        blob, starts = joined(self._rows.terms)
        self._sections |= {f"{name}/terms": blob, f"{name}/term_starts": starts}
        if not self._storage.file_exists(self._documents_name):
            # Terms without documents: what is known of their lengths must stand here.
            self._sections[f"{name}/posting_lengths"] = np.array(self._lengths, np.uint32)
        self._fieldname = None

    def close(self) -> None:
        """Write the file."""
        write_sections(self._storage, self._name, self._sections, 0)
        self.is_closed = True
