"""What a segment is: flat, immutable arrays, all of them views of one memory-mapped file.

How the file is laid out is in `segment_file`; several segments as one are a `snapshot`.
"""

from __future__ import annotations

import copy
import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.loops.lists import POS_BLOCK as POS_BLOCK
from search.loops.lists import Arrays, Field
from search.loops.patterns import heads_of, place_of
from search.loops.top import NO_TIME as NO_TIME
from search.model import Article
from search.whoosh_engine.segments.byte_rows import Bytes, read_ahead
from search.whoosh_engine.segments.segment_file import Buffer, damaged, parse
from search.whoosh_engine.segments.stored import Opened, opened, unpack_article

NO_DAY = np.iinfo(np.int32).min
"""In `published_day` and `published_last_day`: the article is undated."""

MAX_READ_AHEAD = 64_000_000
"""Bytes of a row of postings that is mapped as a whole before the first search: two milliseconds, and of a
disk that has not read it yet a fraction of a second. A larger one is mapped where it is looked at."""

Sections = Mapping[str, NDArray[Any]]


# --- a field -------------------------------------------------------------------------------------


class Spelt(NamedTuple):
    """Sorted forms, the term of each, and how often each is it."""

    forms: Bytes
    terms: NDArray[np.uint32]
    counts: NDArray[np.uint32]


@dataclass(frozen=True)
class FieldArrays:
    """The postings of one field of a segment. Row t of `starts` and `pos_starts` is term t.

    The postings of term t are `docs[starts[t]:starts[t + 1]]`, ascending, with `freqs` beside
    them; its positions are `positions[pos_starts[t]:pos_starts[t + 1]]`, posting after posting,
    `freqs` of them for each. A field without positions has `positions` None.
    """

    terms: Bytes
    """Sorted, UTF-8 (any bytes in an index that Whoosh itself filled)."""
    starts: NDArray[np.int64]
    docs: NDArray[np.uint32]
    freqs: NDArray[Any]
    """uint8, uint16 or uint32, as the largest demands."""
    pos_starts: NDArray[np.int64] | None
    positions: NDArray[Any] | None
    """uint16 or uint32."""
    lengths: NDArray[np.uint32]
    """Words of each document, extras not counted."""
    forms: Bytes
    """The folded surface forms, sorted; a form occurs once for each of its terms."""
    form_terms: NDArray[np.uint32]
    """The term of each form."""
    form_counts: NDArray[np.uint32]
    """How often each form occurs as that term."""
    pos_blocks: NDArray[Any] | None = None
    """How many positions stand before every POS_BLOCK-th posting of the field."""
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """What a field filled by Whoosh itself may need beside: weights, values, lengths in bytes."""

    def find(self, term: bytes) -> int:
        """The number of a term, or -1."""
        found = place_of(*self.sought, np.frombuffer(term, np.uint8))
        return -1 if found < 0 else found

    @cached_property
    def sought(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The terms as loops take them."""
        return self._terms.octets, self._terms.starts

    @cached_property
    def _terms(self) -> Bytes:
        read_ahead(self.starts)
        return self.terms.read_ahead()

    @cached_property
    def spelt(self) -> Spelt:
        """What letters are sought in: forms; a field that is not stemmed has its terms."""
        if len(self.forms):
            return Spelt(self.forms.read_ahead(), self.form_terms, self.form_counts)
        numbers = np.arange(len(self.terms), dtype=np.uint32)
        return Spelt(self._terms, numbers, np.diff(self.starts).astype(np.uint32))

    def find_form(self, form: bytes) -> int:
        """The first row of a form, or -1."""
        return max(-1, self.forms.find(form))

    @cached_property
    def heads(self) -> NDArray[np.uint64]:
        """The first letters of what is spelt, for near spellings."""
        forms = self.spelt.forms
        return heads_of(forms.octets, forms.starts)

    def postings(self, term_number: int) -> tuple[NDArray[np.uint32], NDArray[Any]]:
        """Documents and frequencies of a term: views, not copies."""
        span = slice(self.starts[term_number], self.starts[term_number + 1])
        return self.docs[span], self.freqs[span]

    def positions_of(self, term_number: int) -> NDArray[Any]:
        """All positions of a term, posting after posting: a view."""
        if self.positions is None or self.pos_starts is None:
            return np.empty(0, np.uint16)
        return self.positions[self.pos_starts[term_number] : self.pos_starts[term_number + 1]]

    @cached_property
    def loops(self) -> Arrays:
        """The postings as compiled loops take them: a `Field`, as a plain tuple."""
        every = np.empty(0, np.uint16) if self.positions is None else self.positions
        blocks = self._pos_blocks
        for each in (self.docs, self.freqs, blocks, every):
            if each.nbytes <= MAX_READ_AHEAD:
                read_ahead(each)
        field = Field(
            _fixed(self.starts),
            _fixed(self.docs),
            _fixed(self.freqs).view(np.uint8),
            self.freqs.itemsize,
            _fixed(blocks).view(np.uint32),
            blocks.itemsize // 4,
            _fixed(every).view(np.uint16),
            every.itemsize // 2,
        )
        return tuple(field)

    @cached_property
    def _pos_blocks(self) -> NDArray[Any]:
        if self.pos_blocks is not None:
            return self.pos_blocks
        return position_blocks(self.freqs)  # a field that Whoosh's own writer filled

    def position_count(self, term_number: int) -> int:
        """How often the term occurs, as far as positions are known."""
        if self.pos_starts is None:
            return 0
        return int(self.pos_starts[term_number + 1] - self.pos_starts[term_number])

    def doc_frequency(self, term_number: int) -> int:
        """How many documents have the term, deleted ones included."""
        return int(self.starts[term_number + 1] - self.starts[term_number])


def _fixed(array: NDArray[Any]) -> NDArray[Any]:
    """The array so that it may not be written: what is mapped never may, what is in memory might."""
    view = array.view()
    view.flags.writeable = False
    return view


def position_blocks(freqs: NDArray[Any], *, first: int = 0, before: int = 0) -> NDArray[np.int64]:
    """`FieldArrays.pos_blocks` of some postings, of which the first is the field's `first`.

    `before` positions stand before them.
    """
    ends = freqs.cumsum(dtype=np.int64)
    begins: NDArray[np.int64] = ends - freqs
    begins = begins[-first % POS_BLOCK :: POS_BLOCK]
    begins += before
    return begins


FIELD_SECTIONS = (
    "terms", "term_starts", "starts", "docs", "freqs", "pos_starts", "positions", "lengths", "pos_blocks",
    "forms", "form_starts", "form_terms", "form_counts",
)  # fmt: skip

_NOTHING: NDArray[Any] = np.empty(0, np.uint8)


def field_from(sections: Sections, name: str, doc_count: int) -> FieldArrays:
    """The field of that name; one that the segment does not have is empty."""

    def section(part: str, dtype: Any) -> NDArray[Any]:
        found = sections.get(f"{name}/{part}")
        return found if found is not None else np.empty(0, dtype)

    def starts(part: str) -> NDArray[Any]:
        found = section(part, np.int64)
        return found if len(found) else np.zeros(1, np.int64)

    lengths = section("lengths", np.uint32)
    extra = {
        key[len(name) + 1 :]: value
        for key, value in sections.items()
        if key.startswith(f"{name}/") and key[len(name) + 1 :] not in FIELD_SECTIONS
    }
    has_positions = f"{name}/positions" in sections
    return FieldArrays(
        terms=Bytes.of(section("terms", np.uint8), starts("term_starts")),
        starts=starts("starts"),
        docs=section("docs", np.uint32),
        freqs=section("freqs", np.uint8),
        pos_starts=starts("pos_starts") if has_positions else None,
        positions=section("positions", np.uint16) if has_positions else None,
        pos_blocks=sections.get(f"{name}/pos_blocks"),
        lengths=lengths if len(lengths) == doc_count else np.zeros(doc_count, np.uint32),
        forms=Bytes.of(section("forms", np.uint8), starts("form_starts")),
        form_terms=section("form_terms", np.uint32),
        form_counts=section("form_counts", np.uint32),
        extra=extra,
    )


# --- a segment -----------------------------------------------------------------------------------


class Segment:
    """Documents 0 to doc_count - 1, all of whose arrays are views of one read-only buffer."""

    def __init__(
        self,
        name: str,
        buffer: Buffer,
        *,
        deleted: NDArray[np.bool_] | None = None,
        dead_files: NDArray[np.bool_] | None = None,
    ) -> None:
        self.name = name
        self._buffer = buffer
        self.meta, self.sections = parse(name, buffer)
        self.size_bytes = len(buffer)
        self.doc_count = int(self.meta["doc_count"])
        self.deleted = deleted if deleted is not None else np.zeros(self.doc_count, bool)
        """True for each document that is not there any more."""
        self.dead_files = dead_files if dead_files is not None else np.zeros(self.file_count, bool)
        self._fields: dict[str, FieldArrays] = {}
        self.remembered: dict[str, Any] = {}
        """What was worked out about it; like its arrays, shared by whatever masks it has."""

    @classmethod
    def open(cls, path: Path, **masks: Any) -> Segment:
        """Map a segment's file. The mapping lives as long as any array of it."""
        with path.open("rb") as file:
            if not os.fstat(file.fileno()).st_size:
                raise damaged(path.name, "the file is empty")
            return cls(path.name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), **masks)

    def release(self) -> None:
        """Give the memory of mapped pages back to the system; whoever reads on gets them again."""
        if isinstance(self._buffer, mmap.mmap):
            self._buffer.madvise(mmap.MADV_DONTNEED)

    def masked(self, deleted: NDArray[np.bool_], dead_files: NDArray[np.bool_]) -> Segment:
        """The same arrays with other documents and files marked as gone."""
        other = copy.copy(self)
        other.deleted, other.dead_files = deleted, dead_files
        return other

    def field(self, name: str) -> FieldArrays:
        """The postings of a field; empty for one that no document has."""
        found = self._fields.get(name)
        if found is None:
            # The same object for every thread: a view remembers what it knows of it by its `id`.
            read = field_from(self.sections, name, self.doc_count)
            found = self._fields.setdefault(name, read)
        return found

    @property
    def field_names(self) -> tuple[str, ...]:
        """The fields that have postings."""
        return tuple(key[:-6] for key in self.sections if key.endswith("/terms"))

    def column(self, name: str) -> NDArray[Any]:
        """One number for each document.

        `id` uint64 · `published_day`, `published_last_day` int32, the first and last day of what
        is stated (NO_DAY) · `published_s` int64 (NO_TIME) · `source`, `language` int32 into
        `names` (-1: none) · `file` int32 into `names("file")`.
        """
        return self.sections[name]

    def names(self, column: str) -> Bytes:
        """What the codes of `source`, `language` and `file` mean."""
        return Bytes.of(
            self.sections.get(f"{column}_names", _NOTHING),
            self.sections.get(f"{column}_name_starts", np.zeros(1, np.int64)),
        )

    @property
    def live_count(self) -> int:
        """How many documents are not deleted."""
        return self.doc_count - int(np.count_nonzero(self.deleted))

    @property
    def file_count(self) -> int:
        """How many files its documents came from, dead ones included."""
        return len(self.sections.get("file_keys", ()))

    def stored(self, doc: int) -> bytes:
        """The packed article, as `stored.unpack_article` takes it."""
        starts = self.sections["stored_starts"]
        return self.sections["stored"][starts[doc] : starts[doc + 1]].tobytes()

    def article(self, doc: int) -> Article:
        """The article as it was put."""
        return unpack_article(self.stored(doc))

    def opened(self, doc: int) -> Opened:
        """The article's fields and body as they are stored."""
        return opened(self.stored(doc))
