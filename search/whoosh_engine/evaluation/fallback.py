"""Where Whoosh walks by itself: nodes that the arrays do not know, and ours inside Whoosh's own.

The same articles and scores as in `execute`, one posting at a time. No query of ours needs it; it
keeps every Whoosh query right on this index, and is what the arrays are held against.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import numpy as np
from whoosh import matching, reading, scoring
from whoosh.query import Query
from whoosh.searching import Searcher
from whoosh.support.levenshtein import levenshtein

from search import ranking
from search.whoosh_engine import schema
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.segments.byte_rows import Bytes
from search.whoosh_engine.views.lists import Docs
from search.whoosh_engine.views.view import Scores, View

_STEPS = 1_000  # postings walked between two looks at the clock


Evaluate = Callable[[Query], tuple[Docs, Scores]]
"""Documents, ascending, and scores of one of our own nodes."""


def walk(
    node: Query, view: View, evaluate: Evaluate, check: Callable[[], None]
) -> tuple[Docs, Scores]:
    """Documents, ascending, and scores of any Whoosh query."""
    searcher = Searcher(ViewReader(view, evaluate), weighting=Weighting(view))
    matcher = node.matcher(searcher, searcher.context(weighting=searcher.weighting))
    docs: list[int] = []
    scores: list[float] = []
    while matcher.is_active():
        docs.append(matcher.id())
        scores.append(matcher.score())
        matcher.next()
        if len(docs) % _STEPS == 0:
            check()
    return np.array(docs, np.uint32), np.array(scores, np.float32)


class Weighting(scoring.WeightingModel):
    """`search.ranking` as Whoosh asks for it."""

    def __init__(self, view: View) -> None:
        self._view = view

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: float = 1) -> Any:  # noqa: ARG002 - Whoosh's signature
        """The scorer of one term."""
        term = text.decode() if isinstance(text, bytes) else text
        return Scorer(self._view, fieldname, self._view.live_frequency(fieldname, term))


class Scorer(scoring.BaseScorer):
    """Scores the postings of one term."""

    def __init__(self, view: View, fieldname: str, holding_count: int) -> None:
        self._lengths = view.lengths(fieldname)
        self._mean = view.mean_length(fieldname)
        self._idf = view.idf(holding_count)

    def score(self, matcher: Any) -> float:
        """`ranking.word_score` of the posting that the matcher stands on."""
        length = int(self._lengths[matcher.id()])
        return ranking.word_score(int(matcher.weight()), length, self._mean, self._idf)


class ViewReader(reading.IndexReader):
    """A View as Whoosh reads an index: one segment, no deleted documents in its postings."""

    def __init__(self, view: View, evaluate: Evaluate) -> None:
        self.view = view
        self._evaluate = evaluate
        self.schema = schema.schema()
        self.is_closed = False

    def __contains__(self, term: tuple[str, Any]) -> bool:
        return bool(self.view.live_frequency(*_texts(*term)))

    def generation(self) -> None:
        """None: Whoosh shall not look for a newer one."""

    def indexed_field_names(self) -> list[str]:
        """All fields that have postings."""
        return list(self.schema.names())

    def terms_from(self, fieldname: str, prefix: Any) -> Iterator[tuple[str, bytes]]:
        """The terms of a field from here on, sorted."""
        start = prefix if isinstance(prefix, bytes) else prefix.encode()
        rows = [_terms_from(arrays.terms, start) for arrays in self.view.arrays(fieldname)]
        for term, _ in groupby(heapq.merge(*rows)):
            if (fieldname, term) in self:
                yield fieldname, term

    def all_terms(self) -> Iterator[tuple[str, bytes]]:
        """All terms of all fields."""
        for fieldname in sorted(self.indexed_field_names()):
            yield from self.terms_from(fieldname, b"")

    def terms_within(
        self, fieldname: str, text: str, maxdist: int, prefix: int = 0
    ) -> Iterator[str]:
        """The terms at most so many insertions, deletions and replacements away."""
        for _, term in self.terms_from(fieldname, text[:prefix]):
            found = term.decode()
            if not found.startswith(text[:prefix]):
                return
            if levenshtein(text, found, limit=maxdist) <= maxdist:
                yield found

    def term_info(self, fieldname: str, text: Any) -> Any:
        """Counts of a term. Raises Whoosh's TermNotFound."""
        postings = self._postings(fieldname, text)
        lengths = self.view.lengths(fieldname)[postings.docs]
        return reading.TermInfo(
            weight=float(postings.freqs.sum()),
            df=len(postings),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(postings.freqs.max()),
            minid=int(postings.docs[0]),
            maxid=int(postings.docs[-1]),
        )

    def postings(self, fieldname: str, text: Any, scorer: Any = None) -> Any:
        """A matcher over a term's postings, positions included. Raises Whoosh's TermNotFound."""
        postings = self._postings(fieldname, text)
        field, term = _texts(fieldname, text)
        form = self.schema[field].format
        values = [form.encode(row) for row in self._positions(field, term)]
        return matching.ListMatcher(
            postings.docs.tolist(),
            weights=postings.freqs.tolist(),
            values=values,
            format=form,
            scorer=scorer,
            term=(field, term.encode()),
        )

    def _positions(self, field: str, term: str) -> Iterator[list[int]]:
        """The positions of a term in each article that has it."""
        for part in self.view.parts(field):
            number = part.arrays.find(term.encode())
            if number >= 0:
                docs, freqs = part.arrays.postings(number)
                ends = np.cumsum(freqs, dtype=np.int64)
                rows = np.split(part.arrays.positions_of(number), ends[:-1])
                for doc, row in zip(docs.tolist(), rows, strict=True):
                    if part.deleted is None or not part.deleted[doc]:
                        yield row.tolist()

    def _postings(self, fieldname: str, text: Any) -> Any:
        postings = self.view.postings(_word(fieldname, text))
        if not len(postings.docs):
            field, term = _texts(fieldname, text)
            raise reading.TermNotFound(f"no article has the term {term!r} in {field}")
        return postings

    def matcher_of(self, node: Query) -> Any:
        """One of our own nodes, for Whoosh to walk."""
        docs, scores = self._evaluate(node)
        return matching.ListMatcher(docs.tolist(), weights=scores.tolist())

    def has_deletions(self) -> bool:
        """Whether numbers are missing between 0 and doc_count_all."""
        return self.view.deleted is not None

    def is_deleted(self, docnum: int) -> bool:
        """Whether a number is missing."""
        return self.view.deleted is not None and bool(self.view.deleted[docnum])

    def doc_count_all(self) -> int:
        """One more than the highest number there may be."""
        return self.view.doc_count_all

    def doc_count(self) -> int:
        """How many articles there are."""
        return self.view.article_count

    def frequency(self, fieldname: str, text: Any) -> int:
        """How often a term occurs."""
        return int(self.view.postings(_word(fieldname, text)).freqs.sum())

    def doc_frequency(self, fieldname: str, text: Any) -> int:
        """How many articles have a term."""
        return self.view.live_frequency(*_texts(fieldname, text))

    def field_length(self, fieldname: str) -> int:
        """The words of all articles in a field."""
        return self.view.snapshot.total_length(fieldname)

    def min_field_length(self, fieldname: str) -> int:
        """The words of the shortest text, deleted ones included."""
        return int(self.view.lengths(fieldname).min(initial=0))

    def max_field_length(self, fieldname: str) -> int:
        """The words of the longest text, deleted ones included."""
        return int(self.view.lengths(fieldname).max(initial=0))

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The words of an article in a field."""
        return int(self.view.lengths(fieldname)[docnum]) or default

    def stored_fields(self, docnum: int) -> dict[str, str]:
        """The article's id, as Whoosh's results give it out."""
        return {"id": self.view.article(docnum).id}

    def has_vector(self, docnum: int, fieldname: str) -> bool:  # noqa: ARG002 - Whoosh's signature
        """No vectors are kept."""
        return False

    def vector(self, docnum: int, fieldname: str, format_: Any = None) -> Any:
        """No vectors are kept: raises KeyError."""
        raise KeyError(f"no vector of {fieldname} for document {docnum} ({format_})")


def _texts(fieldname: str, text: Any) -> tuple[str, str]:
    return fieldname, text.decode() if isinstance(text, bytes) else text


def _word(fieldname: str, text: Any) -> Counted:
    field, term = _texts(fieldname, text)
    return Counted(field, (((term,),),))


def _terms_from(terms: Bytes, start: bytes) -> Iterator[bytes]:
    """The terms of a segment that are not before this one."""
    return (terms[number] for number in range(bisect_left(terms, start), len(terms)))
