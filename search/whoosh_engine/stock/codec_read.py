"""The reading side of the codec: Whoosh's interfaces over the arrays of a segment."""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec import base
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile
from whoosh.reading import TermInfo, TermNotFound

from search.whoosh_engine.segments.arrays import FieldArrays, field_from
from search.whoosh_engine.segments.byte_rows import Bytes
from search.whoosh_engine.segments.segment_file import Buffer, parse
from search.whoosh_engine.segments.stored import unpack_article
from search.whoosh_engine.stock import safe_pickle
from search.whoosh_engine.stock.codec_matcher import ArrayMatcher, weights_of
from search.whoosh_engine.stock.codec_write import DOCUMENTS_EXTENSION

SHOWN = ("id", "path", "title", "source", "author", "language")

Array = NDArray[Any]


class Opened:
    """The sections of a segment's files, in whatever storage they are."""

    def __init__(self, storage: Any, segment: Any, extension: str) -> None:
        self.storage = storage
        self.segment = segment
        self.doc_count = int(segment.doc_count_all())
        self.sections: dict[str, Array] = {}
        for ending in (DOCUMENTS_EXTENSION, extension):
            name = segment.make_filename(ending)
            if storage.file_exists(name):
                self.sections |= parse(name, _content(storage, name))[1]
        self._fields: dict[str, FieldArrays] = {}

    def field(self, name: str) -> FieldArrays:
        """The arrays of a field."""
        found = self._fields.get(name)
        if found is None:
            found = self._fields[name] = field_from(self.sections, name, self.doc_count)
        return found

    def row(self, name: str) -> Bytes:
        """A row of byte strings by the name of its section."""
        return Bytes.of(self.sections[name], self.sections[f"{name}_starts"])


def _content(storage: Any, name: str) -> Buffer:
    if isinstance(storage, FileStorage):
        with (Path(storage.folder) / name).open("rb") as file:
            if os.fstat(file.fileno()).st_size:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return b""
    length = storage.file_length(name)
    file = storage.open_file(name)
    try:
        return bytes(file.get(0, length))
    finally:
        file.close()


def column_filename(segment: Any, fieldname: str) -> str:
    """Where Whoosh puts a column that is added to a segment afterwards (`add_sortable`)."""
    return str(segment.make_filename(f".{fieldname}.col"))


class ArrayPerDocReader(base.PerDocumentReader):
    """Lengths, stored values, columns and vectors."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._segment = opened.segment

    def doc_count(self) -> int:
        """Documents that are not deleted."""
        return self._opened.doc_count - int(self._segment.deleted_count())

    def doc_count_all(self) -> int:
        """All documents."""
        return self._opened.doc_count

    def has_deletions(self) -> bool:
        """Whether any document is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Whether this document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Any:
        """The deleted documents."""
        return self._segment.deleted_docs()

    def supports_columns(self) -> bool:
        """Yes."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Whether any document has a value in the column."""
        return f"{fieldname}/column" in self._opened.sections or bool(
            self._opened.storage.file_exists(column_filename(self._segment, fieldname))
        )

    def column_reader(self, fieldname: str, column: Any) -> Any:
        """Whoosh's own reader of the column's bytes."""
        section = self._opened.sections.get(f"{fieldname}/column")
        if section is not None:
            content = section.tobytes()
        else:
            content = bytes(
                _content(self._opened.storage, column_filename(self._segment, fieldname))[:]
            )
        return column.reader(BufferFile(content), 0, len(content), self._opened.doc_count)

    def _lengths(self, fieldname: str) -> Array | None:
        return self._opened.sections.get(f"{fieldname}/lengths")

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Words of a document in a field."""
        lengths = self._lengths(fieldname)
        return int(lengths[docnum]) if lengths is not None else default

    def field_length(self, fieldname: str) -> int:
        """Words of all documents in a field, deleted ones included, as Whoosh counts them."""
        total = self._opened.sections.get(f"{fieldname}/total_length")
        if total is not None:
            return int(total[0])
        lengths = self._lengths(fieldname)
        return int(lengths.sum(dtype=np.int64)) if lengths is not None else 0

    def min_field_length(self, fieldname: str) -> int:
        """The shortest."""
        lengths = self._lengths(fieldname)
        return int(lengths.min()) if lengths is not None and len(lengths) else 0

    def max_field_length(self, fieldname: str) -> int:
        """The longest."""
        lengths = self._lengths(fieldname)
        return int(lengths.max()) if lengths is not None and len(lengths) else 0

    def _vector_row(self, docnum: int, fieldname: str) -> int:
        docs = self._opened.sections.get(f"{fieldname}/vector/doc")
        if docs is None:
            return -1
        row = int(np.searchsorted(docs, docnum))
        return row if row < len(docs) and docs[row] == docnum else -1

    def has_vector(self, docnum: int, fieldname: str) -> bool:
        """Whether the document has a vector in the field."""
        return self._vector_row(docnum, fieldname) >= 0

    def vector(self, docnum: int, fieldname: str, format_: Any) -> Any:
        """A matcher over the document's terms."""
        row = self._vector_row(docnum, fieldname)
        if row < 0:
            raise KeyError(f"document {docnum} has no vector in {fieldname}")
        field = self._opened.field(f"{fieldname}/vector")
        span = range(int(field.starts[row]), int(field.starts[row + 1]))
        ids = [field.terms[index].decode("utf-8") for index in span]
        return ArrayMatcher(field, row, format_, ids=ids)

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """What is stored of a document."""
        if "stored" in self._opened.sections:  # an article of ours
            article = unpack_article(self._opened.row("stored")[docnum])
            return {name: getattr(article, name) for name in SHOWN} | {"text": article.body}
        packed = self._opened.row("pickled")[docnum]
        return dict(safe_pickle.loads(packed)) if packed else {}


class ArrayTermsReader(base.TermsReader):
    """The sorted terms of each field."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._names = sorted(
            key[:-6] for key in opened.sections if key.endswith("/terms") and "/vector/" not in key
        )

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._opened.field(term[0]).find(term[1]) >= 0

    def indexed_field_names(self) -> list[str]:
        """Fields that have terms."""
        return self._names

    def cursor(self, fieldname: str, fieldobj: Any) -> Any:
        """A cursor over the terms of a field."""
        return ArrayCursor(self._opened, fieldname, fieldobj)

    def _from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, int, bytes]]:
        """Name, number and text of the terms from a place on, through all later fields."""
        for name in self._names[bisect_left(self._names, fieldname) :]:
            terms = self._opened.field(name).terms
            first = bisect_left(terms, prefix) if name == fieldname else 0
            for number in range(first, len(terms)):
                yield name, number, terms[number]

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """All terms of all fields."""
        return ((name, text) for name, _, text in self._from("", b""))

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """All terms from this one on."""
        return ((name, text) for name, _, text in self._from(fieldname, prefix))

    def items(self) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """All terms with their statistics."""
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], Any]]:
        """All terms from this one on with their statistics."""
        for name, number, text in self._from(fieldname, prefix):
            yield (name, text), term_info(self._opened, name, number)

    def _number(self, fieldname: str, text: bytes) -> int:
        number = self._opened.field(fieldname).find(text)
        if number < 0:
            raise TermNotFound(f"no term {fieldname}:{text!r}")
        return number

    def term_info(self, fieldname: str, text: bytes) -> Any:
        """A term's statistics."""
        return term_info(self._opened, fieldname, self._number(fieldname, text))

    def frequency(self, fieldname: str, text: bytes) -> float:
        """A term's total weight."""
        number = self._opened.field(fieldname).find(text)
        return float(term_info(self._opened, fieldname, number).weight()) if number >= 0 else 0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many documents have the term."""
        field = self._opened.field(fieldname)
        number = field.find(text)
        return field.doc_frequency(number) if number >= 0 else 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Any:
        """A matcher over the term's postings."""
        number = self._number(fieldname, text)
        return ArrayMatcher(
            self._opened.field(fieldname), number, format_, term=(fieldname, text), scorer=scorer
        )


def term_info(opened: Opened, fieldname: str, number: int) -> Any:
    """Whoosh's statistics of a term."""
    field = opened.field(fieldname)
    docs, _ = field.postings(number)
    weights = weights_of(field, number)
    by_document = opened.sections.get(f"{fieldname}/lengths")
    by_posting = field.extra.get("posting_lengths")
    lengths = np.zeros(1, np.uint32)
    if by_document is not None:
        lengths = by_document[docs]
    elif by_posting is not None:
        lengths = by_posting[field.starts[number] : field.starts[number + 1]]
    return TermInfo(
        weight=float(weights.sum(dtype=np.float64)),
        df=len(docs),
        minlength=int(lengths.min(initial=2**31)),
        maxlength=int(lengths.max(initial=0)),
        maxweight=float(weights.max(initial=0)),
        minid=int(docs[0]) if len(docs) else None,
        maxid=int(docs[-1]) if len(docs) else 0,
    )


class ArrayCursor(base.FieldCursor):
    """A place in the sorted terms of a field."""

    def __init__(self, opened: Opened, fieldname: str, fieldobj: Any) -> None:
        self._opened = opened
        self._fieldname = fieldname
        self._fieldobj = fieldobj
        self._terms = opened.field(fieldname).terms
        self._at = 0

    def first(self) -> Any:
        """Go to the first term."""
        self._at = 0
        return self.text()

    def find(self, term: Any) -> Any:
        """Go to the first term that is not before this one."""
        wanted = term if isinstance(term, bytes) else self._fieldobj.to_bytes(term)
        self._at = bisect_left(self._terms, wanted)
        return self.text()

    def next(self) -> Any:
        """Go to the next term."""
        self._at += 1
        return self.text()

    def text(self) -> Any:
        """The term; None behind the last."""
        return self._fieldobj.from_bytes(self._terms[self._at]) if self.is_valid() else None

    def term_info(self) -> Any:
        """Its statistics."""
        return term_info(self._opened, self._fieldname, self._at) if self.is_valid() else None

    def is_valid(self) -> bool:
        """Whether there is a term here."""
        return self._at < len(self._terms)
