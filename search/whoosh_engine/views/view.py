"""A snapshot seen as one index: postings by snapshot-wide document number, and norms.

A document's number is its segment's offset plus its number there. Deleted documents never come
out. What a query needs again and again (postings, expansions) is kept, up to CACHE_BYTES.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from search import ranking
from search.loops.terms import BEGIN, LIVE, NUMBER
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.segments.arrays import FieldArrays
from search.whoosh_engine.segments.snapshot import Snapshot
from search.whoosh_engine.views import positions
from search.whoosh_engine.views.columns import Columns, joined
from search.whoosh_engine.views.kept import Kept
from search.whoosh_engine.views.lists import (
    AT_ONCE,
    NOTHING,
    Docs,
    Part,
    Postings,
    Word,
    any_term,
    in_one,
)

CACHE_BYTES = 16_000_000  # per process; two million postings. A worker's private memory has 80 MB

MANY_TERMS = 64  # of a pattern; the places of so many are remembered together
MAX_WORDS = 4_096  # words whose postings are remembered as they lie in the files: three megabytes

Scores = NDArray[np.float32]
Value = TypeVar("Value")


class View(Columns):
    """The one index that a snapshot's segments are together. Many threads may share it."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._kept = Kept(CACHE_BYTES)
        self._words: dict[tuple[str, tuple[str, ...]], Word] = {}
        self._threads = threading.local()
        self._norms: dict[str, NDArray[np.float32]] = {}
        self._means: dict[str, float] = {}
        self._parts: dict[str, tuple[Part, ...]] = {}
        self._whole: dict[str, Any] = {}

    # --- fields --------------------------------------------------------------

    def mean_length(self, field: str) -> float:
        """The mean length of the live texts of a field; 1 where there is none."""
        mean = self._means.get(field)
        if mean is None:
            total = self.snapshot.total_length(field)
            mean = total / self.article_count if total else 1.0
            self._means[field] = mean
        return mean

    def lengths(self, field: str) -> NDArray[np.uint32]:
        """The words of every document in a field."""
        return joined([arrays.lengths for arrays in self.arrays(field)], np.uint32)

    def norms(self, field: str) -> NDArray[np.float32]:
        """`ranking.length_norm` of every document."""
        norms = self._norms.get(field)
        if norms is None:
            shares = 1 - ranking.B + ranking.B * self.lengths(field) / self.mean_length(field)
            norms = (ranking.K1 * shares).astype(np.float32)
            self._norms[field] = norms
        return norms

    def idf(self, holding_count: int) -> float:
        """`ranking.idf` among the articles of this index."""
        return ranking.idf(self.article_count, holding_count)

    # --- postings ------------------------------------------------------------

    def arrays(self, field: str) -> list[FieldArrays]:
        """The field in each segment."""
        return [part.arrays for part in self.parts(field)]

    def parts(self, field: str) -> tuple[Part, ...]:
        """The same with what is to be known of each segment."""
        found = self._parts.get(field)
        if found is None:
            placed = zip(self.snapshot.segments, self.snapshot.offsets, strict=True)
            found = self._parts[field] = tuple(
                Part(
                    segment.field(field),
                    offset,
                    segment.doc_count,
                    segment.deleted if segment.live_count < segment.doc_count else None,
                )
                for segment, offset in placed
            )
        return found

    def whole(self, field: str) -> Any:
        """A field of the only segment as `loops.best` takes it; None if there are several."""
        found = self._whole.get(field)
        if found is None and len(parts := self.parts(field)) == 1:
            found = self._whole[field] = (
                *(parts[0].arrays.loops, parts[0].gone, self.norms(field)),
                *(self.column("published_s"), self.column("id")),
            )
        return found

    def learn(self, field: str, terms: Sequence[str], check: Callable[[], None]) -> None:
        """Look terms up, many in one call, so that none need be looked up alone."""
        for part in self.parts(field):
            known = part.known
            missing = [term for term in terms if term not in known]
            step = AT_ONCE // (len(part.gone) + 100) + 1
            for at in range(0, len(missing), step):
                part.look_up(missing[at : at + step])
                check()

    def note(
        self, field: str, arrays: FieldArrays, terms: tuple[str, ...], numbers: NDArray[np.int64]
    ) -> None:
        """Note the numbers of the terms that a pattern stands for in a segment."""
        if len(terms) >= MANY_TERMS:
            self._kept.keep(("numbers", id(arrays), terms), numbers)
        else:
            part = next(part for part in self.parts(field) if part.arrays is arrays)
            part.note(terms, numbers)

    def term(self, field: str, terms: tuple[str, ...]) -> Word:
        """Where any of these terms occurs, and how telling that is."""
        key = (field, terms)
        found = self._words.get(key)
        if found is None:
            found = self._kept.find(key)
        if found is None:
            found = self._word(field, terms)
            if any(found.made):
                self._kept.keep(key, found)
            else:
                if len(self._words) > MAX_WORDS:
                    self._words.clear()
                self._words[key] = found
        return found

    def _word(self, field: str, terms: tuple[str, ...]) -> Word:
        size, spans, are_few = 0, [], len(terms) < MANY_TERMS
        made: list[Postings | None] = []
        for part in self.parts(field):
            there: list[int] = []
            if are_few:
                for term in terms:
                    row = part.place(term)
                    if row[NUMBER] >= 0:
                        there += row[BEGIN:LIVE]
                        live = row[LIVE]
            spans.append(there)
            if are_few and len(there) <= 2:
                made.append(None)
                size += live if there else 0
            else:
                postings = self._made(part, terms)
                made.append(postings)
                size += len(postings.docs)
        return Word(size, ranking.idf(self.article_count, size), spans, made, are_few=are_few)

    def _made(self, part: Part, terms: tuple[str, ...]) -> Postings:
        """The postings of several terms added up."""
        numbers = self.numbers(part, terms)
        return part.live(*any_term(part.arrays, numbers)) if numbers else NOTHING

    def numbers(self, part: Part, terms: tuple[str, ...]) -> list[int]:
        """The numbers of those terms that the segment has."""
        if len(terms) < MANY_TERMS:
            rows = [part.place(term) for term in terms]
            return [row[NUMBER] for row in rows if row[NUMBER] >= 0]
        arrays = part.arrays
        numbers: NDArray[np.int64] = self.kept(
            ("numbers", id(arrays), terms),
            lambda: np.array([n for term in terms if (n := arrays.find(term.encode())) >= 0], int),
        )
        known: list[int] = numbers.tolist()
        return known

    def occurring(self, field: str, terms: tuple[str, ...]) -> tuple[str, ...]:
        """Those terms that a segment has, be it in deleted documents alone."""
        found: set[str] = set()
        for part in self.parts(field):
            found.update(part.there(terms))
        return tuple([term for term in terms if term in found]) if found else ()

    def counted(self, node: Counted, check: Callable[[], None] = lambda: None) -> Word:
        """Where a word or a phrase occurs; `check` looks at the clock meanwhile."""
        if node.slot is not None:
            return self.term(node.fieldname, node.slot)
        found = self.known(node)
        if found is None:
            slots = [slot for way in node.ways for slot in way if len(slot) < MANY_TERMS]
            self.learn(node.fieldname, [*chain.from_iterable(slots)], check)
            made = []
            for part in self.parts(node.fieldname):
                ways = self._numbered(part, node.ways)
                its = positions.occurrences(part.arrays, ways, node.within, check=check)
                made.append(part.live(*its))
            found = self.keep(node, made)
        return found

    def known(self, phrase: Counted) -> Word | None:
        """Where a phrase occurs, if it was sought before."""
        found: Word | None = self._kept.find((phrase.fieldname, phrase.ways, phrase.within))
        return found

    def keep(self, phrase: Counted, made: list[Postings]) -> Word:
        """Where it was found in each segment, for the next time."""
        size = sum([len(each.docs) for each in made])
        found = Word(size, self.idf(size), [()] * len(made), made, are_few=False)
        return self._kept.keep((phrase.fieldname, phrase.ways, phrase.within), found)

    def postings(self, node: Counted, check: Callable[[], None] = lambda: None) -> Postings:
        """A word's or a phrase's postings in all segments, by snapshot-wide numbers."""
        word, parts = self.counted(node, check), self.parts(node.fieldname)
        if len(parts) == 1 and parts[0].deleted is None:
            return parts[0].postings(word, 0)
        key = ("postings", node.fieldname, node.ways, node.within)
        return self.kept(
            key, lambda: in_one([part.postings(word, at) for at, part in enumerate(parts)])
        )

    def live_frequency(self, field: str, term: str) -> int:
        """How many articles have a term."""
        return self.term(field, (term,)).size

    def counted_in(self, node: Counted, wanted: Docs) -> Postings:
        """The same, among some documents only: for phrases that are too dear to seek everywhere."""
        found: list[Postings] = []
        for part, local in self._split(node.fieldname, wanted):
            ways = self._numbered(part, node.ways)
            docs, freqs = positions.occurrences(part.arrays, ways, node.within, local)
            found.append(Postings(docs + np.uint32(part.offset), freqs))
        return in_one(found)

    def _split(self, field: str, docs: Docs) -> Iterator[tuple[Part, Docs]]:
        """Ascending documents by the segments that have any of them, as they are numbered there."""
        parts = self.parts(field)
        if len(parts) == 1 and len(docs):
            yield parts[0], docs.astype(np.uint32, copy=False)
            return
        for part in parts:
            first, last = docs.searchsorted([part.offset, part.offset + part.doc_count])
            if first < last:
                yield part, (docs[first:last] - part.offset).astype(np.uint32)

    def _numbered(self, part: Part, ways: tuple[Slots, ...]) -> list[tuple[tuple[int, ...], ...]]:
        """The ways by the numbers that their terms have in one segment."""
        return [tuple(tuple(self.numbers(part, slot)) for slot in way) for way in ways]

    # --- room ----------------------------------------------------------------

    def kept(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What was made for this key before, or is made now; the least used goes first."""
        return self._kept.get(key, make)

    # Rows of one number a document that a thread keeps for its searches, cleared. Whoever takes one clears
    # it and gives it back; whoever is stopped in between does not, and the next one gets a new one.

    def take_mask(self) -> NDArray[np.bool_]:
        """A row of False; give it back as `mask`."""
        kept: NDArray[np.bool_] | None = self._threads.__dict__.pop("mask", None)
        return np.zeros(self.doc_count_all, np.bool_) if kept is None else kept

    def take_ranks(self) -> NDArray[np.uint32]:
        """A row of zeros; give it back as `ranks`."""
        kept: NDArray[np.uint32] | None = self._threads.__dict__.pop("ranks", None)
        return np.zeros(self.doc_count_all, np.uint32) if kept is None else kept

    def give_back(self, **rows: Any) -> None:
        """Keep rows, cleared, for this thread's next search."""
        self._threads.__dict__.update(rows)
