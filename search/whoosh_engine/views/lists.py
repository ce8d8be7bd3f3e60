"""Where words occur: in a segment as its postings lie there, or as they were made of several."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.loops import terms as loops
from search.loops.unions import BITS, add, added_up, mark, marked
from search.whoosh_engine.segments.arrays import FieldArrays

Docs = NDArray[Any]
"""Document numbers, ascending, each once: uint32 as stored, or int64."""

AT_ONCE = 1_000_000  # postings: some milliseconds
FEW_TERMS = 8  # of a word: its stems in several languages, and as one with its neighbours
MAX_KNOWN = 20_000  # terms of a field of a segment whose place is remembered; some six megabytes
NO_DOCS: Docs = np.empty(0, np.uint32)
NO_FREQS: NDArray[Any] = np.empty(0, np.uint32)
NO_OCTETS: NDArray[np.uint8] = np.empty(0, np.uint8)
_END = bytes([loops.END])
_NOWHERE = (0, 0)
_NO_ROW = (-1, 0, 0, 0)


class Postings(NamedTuple):
    """Documents (ascending) and beside them how often each has something (`freqs`)."""

    docs: Docs
    freqs: NDArray[Any]


NOTHING = Postings(NO_DOCS, NO_FREQS)


class Word:
    """Where something occurs, segment by segment: a word of one or several terms, a phrase."""

    __slots__ = ("are_few", "idf", "made", "size", "spans")

    def __init__(
        self,
        size: int,
        idf: float,
        spans: Sequence[Sequence[int]],
        made: Sequence[Postings | None],
        *,
        are_few: bool,
    ) -> None:
        self.size = size
        """How many live documents have it."""
        self.idf = idf
        """How telling it is among all articles."""
        self.spans = spans
        """In each segment, where each term's postings begin and end, one pair after the other."""
        self.made = made
        """Of a phrase, and where several terms occur: its postings, without deleted documents."""
        self.are_few = are_few
        """Whether it is a word of a few terms, whose spans are known."""

    @property
    def private_bytes(self) -> int:
        """What it takes beyond the mapped files."""
        return sum([each.docs.nbytes + each.freqs.nbytes for each in self.made if each])


class Part:
    """A field in one of the segments."""

    def __init__(
        self, arrays: FieldArrays, offset: int, doc_count: int, deleted: NDArray[np.bool_] | None
    ) -> None:
        self.arrays = arrays
        self.offset = offset
        """What to add to a document's number there to have the snapshot's."""
        self.doc_count = doc_count
        self.deleted = deleted
        """True for deleted documents; None when there are none."""
        self.known: dict[str, Sequence[int]] = {}
        """What `loops.terms` tells of terms."""
        self.gone = NO_DOCS if deleted is None else np.flatnonzero(deleted).astype(np.uint32)
        """The deleted documents."""

    @cached_property
    def _sought(self) -> Any:
        return (*self.arrays.sought, self.arrays.starts, self.arrays.docs)

    def place(self, term: str) -> Sequence[int]:
        """What `loops.terms` tells of a term."""
        return self.known.get(term) or self.look_up((term,))[0]

    def row(self, slot: Sequence[str]) -> Sequence[int] | None:
        """What `loops.terms` tells of a word; None if it is several terms there."""
        if len(slot) == 1:
            return self.known.get(slot[0]) or self.look_up(slot)[0]
        if len(slot) > FEW_TERMS:
            return None
        there = self.there(slot)
        return _NO_ROW if not there else self.place(there[0]) if len(there) == 1 else None

    def only(self, slot: Sequence[str]) -> str | None:
        """The term of a word that is one term there; None if it is none or several."""
        if len(slot) == 1:
            return slot[0]
        there = self.there(slot) if len(slot) <= FEW_TERMS else []
        return there[0] if len(there) == 1 else None

    def there(self, terms: Sequence[str]) -> list[str]:
        """Those terms that the segment has, be it in deleted documents alone."""
        return [term for term in terms if self.place(term)[loops.NUMBER] >= 0]

    def look_up(self, terms: Sequence[str]) -> list[list[int]]:
        """What `loops.terms` tells of each term, remembered."""
        letters, begins, starts, docs = self._sought
        table = np.empty((len(terms), 4), np.int64)
        loops.look_up(letters, begins, starts, docs, self.gone, octets_of(terms), table)
        rows: list[list[int]] = table.tolist()
        self.remember(terms, rows)
        return rows

    def note(self, terms: Iterable[str], numbers: NDArray[np.int64]) -> None:
        """The same of terms whose numbers were met."""
        table = loops.known_of(numbers, self.arrays.starts, self.arrays.docs, self.gone)
        self.remember(terms, table.tolist())

    def remember(self, terms: Iterable[str], rows: Iterable[Sequence[int]]) -> None:
        """Keep what `loops.terms` told of terms."""
        if len(self.known) > MAX_KNOWN:
            self.known.clear()
        self.known.update(zip(terms, rows, strict=True))

    def live(self, docs: Docs, freqs: NDArray[Any]) -> Postings:
        """Postings without those of deleted documents."""
        if self.deleted is not None:
            live = ~self.deleted[docs]
            docs, freqs = docs[live], freqs[live]
        return Postings(docs, freqs)

    def postings(self, word: Word, place: int) -> Postings:
        """A word's postings by snapshot-wide numbers; `place` is that of the segment."""
        found = word.made[place]
        if found is None:
            begin, behind = word.spans[place] or _NOWHERE
            found = self.live(self.arrays.docs[begin:behind], self.arrays.freqs[begin:behind])
        if self.offset:
            return Postings(found.docs + np.uint32(self.offset), found.freqs)
        return found


def octets_of(terms: Sequence[str]) -> NDArray[np.uint8]:
    """Terms as loops look them up."""
    return np.frombuffer(b"".join([term.encode() + _END for term in terms]), np.uint8)


class Laid(NamedTuple):
    """Where the postings of several words are, as loops take it (`loops.words.add`)."""

    spans: list[int]
    made_docs: Docs
    made_freqs: NDArray[np.uint8]


def laid_out(words: Sequence[Word], place: int, own: int) -> Laid:
    """The words in one of the segments, whose field has so many postings."""
    spans: list[int] = []
    made: list[Postings] = []
    for word in words:
        its = word.made[place]
        if its is None:
            spans += word.spans[place] or _NOWHERE
        else:
            spans += (own, own := own + len(its.docs))
            made.append(its)
    return with_made(spans, made)


def with_made(spans: list[int], made: Sequence[Postings]) -> Laid:
    """Spans, those of postings that were made counted on from the field's own."""
    if not made:
        return Laid(spans, NO_DOCS, NO_OCTETS)
    docs, freqs = in_one(made)
    return Laid(spans, docs, freqs.view(np.uint8))


def any_term(arrays: FieldArrays, numbers: Sequence[int]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Postings of several terms of a segment added up."""
    starts, docs, freqs, freq_bytes, *_ = arrays.loops
    these, doc_count = np.array(numbers, np.int64), len(arrays.lengths)
    held, counts = added_up(starts, docs, freqs, freq_bytes, these, doc_count, AT_ONCE)
    if len(held):
        return held, counts
    before = np.cumsum(starts.take(these + 1) - starts.take(these))
    parts = np.split(these, before.searchsorted(np.arange(AT_ONCE, before[-1], AT_ONCE)))
    bits = np.zeros(-(-doc_count // BITS), np.uint64)
    for part in parts:
        mark(starts, docs, part, bits)
    held, ranks = marked(bits)
    counts = np.zeros(len(held), np.uint32)
    for part in parts:
        add(starts, docs, freqs, freq_bytes, part, bits, ranks, counts)
    return held, counts


def in_one(parts: Sequence[Postings]) -> Postings:
    """Several lists, one after the other, as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return NOTHING
    return Postings(
        np.concatenate([part.docs for part in parts]),
        np.concatenate([part.freqs for part in parts]),
    )
