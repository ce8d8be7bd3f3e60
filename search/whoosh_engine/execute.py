"""A Whoosh query tree in, documents and scores out: evaluated on arrays, node by node.

First it is settled which documents match, then only those are scored. What the arrays do not know
is asked of Whoosh's own matchers (`fallback`). Every function that returns documents returns
snapshot-wide numbers, ascending and each once; scores are float32 beside them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from whoosh import query as whoosh

from search import ranking
from search.errors import OverBudget
from search.whoosh_engine import fallback
from search.whoosh_engine.arrays import NO_DAY
from search.whoosh_engine.dates import day_number
from search.whoosh_engine.nodes import Counted, Days, Sources
from search.whoosh_engine.positions import intersect
from search.whoosh_engine.top import at_least, cut
from search.whoosh_engine.view import Docs, Postings, Scores, View

KNOWN = frozenset(
    {whoosh.And, whoosh.Or, whoosh.AndNot, whoosh.AndMaybe, whoosh.Not, whoosh.Every}
    | {whoosh.ConstantScoreQuery, Days, Sources}
)
"""Nodes that are evaluated here, besides words; their subclasses are others."""

_LOOK_UP = 24  # a look-up in a sorted row costs about as much as marking so many documents
_SPARSE = 8  # lists that hold less than one document in so many are sorted, longer ones scattered


class Clock:
    """How long a query may still take."""

    def __init__(self, budget_ms: float) -> None:
        self.budget_ms = budget_ms
        self._end = time.monotonic() + budget_ms / 1000

    def check(self) -> None:
        """Raise OverBudget when the time is up."""
        if time.monotonic() > self._end:
            raise OverBudget(
                f"the query took longer than {self.budget_ms:g} ms; ask for fewer or rarer words"
            )


class Execution:
    """One query on one view. It remembers what it found, so that no part is sought twice."""

    def __init__(self, view: View, clock: Clock) -> None:
        self.view = view
        self.clock = clock
        self._unknown: dict[whoosh.Query, tuple[Docs, Scores]] = {}
        self._matched: dict[whoosh.Query, Docs] = {}

    # --- which documents -----------------------------------------------------

    def match(self, node: whoosh.Query) -> Docs:
        """The documents that match."""
        found = self._matched.get(node)
        if found is None:
            self.clock.check()
            found = self._matched[node] = self._match(node)
        return found

    def _match(self, node: whoosh.Query) -> Docs:
        leaf = as_counted(node)
        if leaf is not None:
            return self.view.counted(leaf).docs
        if type(node) not in KNOWN:
            return self._by_whoosh(node)[0]
        match node:
            case whoosh.And() if node.subqueries:
                return self._all_of(node.subqueries)
            case whoosh.Or():
                return self._union([self.match(part) for part in node.subqueries])
            case whoosh.AndNot():
                return self._kept(whoosh.Not(node.b), self.match(node.a))
            case whoosh.AndMaybe():
                return self.match(node.a)
            case whoosh.ConstantScoreQuery():
                return self.match(node.child)
            case whoosh.Not() | Days() | Sources():
                return self._kept(node, self.view.everything)
            case whoosh.Every(fieldname=None):
                return self.view.everything
            case _:
                return self._by_whoosh(node)[0]

    def _all_of(self, parts: Sequence[whoosh.Query]) -> Docs:
        """Documents that match every part: the rarest part first, filters last."""
        filters = [part for part in parts if is_filter(part)]
        sought = sorted((part for part in parts if not is_filter(part)), key=self._size)
        docs = self.match(sought[0]) if sought else self.view.everything
        for part in sought[1:]:
            if not len(docs):
                return docs
            docs = self._intersection(docs, self.match(part))
        for part in filters:
            docs = self._kept(part, docs)
        return docs

    def _size(self, node: whoosh.Query) -> int:
        """About how many documents match, without looking for them where that is dear."""
        self.clock.check()  # a word beginning may stand for thousands of terms
        leaf = as_counted(node)
        match node:
            case _ if leaf is not None:
                view, field = self.view, leaf.fieldname
                return sum(min(len(view.term(field, slot)) for slot in way) for way in leaf.ways)
            case whoosh.Or() if node.subqueries:
                return sum(map(self._size, node.subqueries))
            case whoosh.And() if node.subqueries:
                return min(map(self._size, node.subqueries))
            case whoosh.AndNot() | whoosh.AndMaybe():
                return self._size(node.a)
            case whoosh.ConstantScoreQuery():
                return self._size(node.child)
            case _:
                return self.view.doc_count_all

    def _intersection(self, left: Docs, right: Docs) -> Docs:
        few, many = (left, right) if len(left) <= len(right) else (right, left)
        if len(few) * _LOOK_UP < len(many):
            return intersect(few, many)
        mask = self.view.mask_buffer()
        mask[many] = True
        found = few[mask.take(few)]
        mask[many] = False
        return found

    def _union(self, rows: Sequence[Docs]) -> Docs:
        filled = [row for row in rows if len(row)]
        if len(filled) < 2:
            return filled[0] if filled else np.empty(0, np.int64)
        if sum(map(len, filled)) * _SPARSE < self.view.doc_count_all:
            return np.unique(np.concatenate(filled))
        mask = self.view.mask_buffer()
        for row in filled:
            mask[row] = True
        found = np.flatnonzero(mask)
        mask[found] = False
        return found

    def _kept(self, node: whoosh.Query, docs: Docs) -> Docs:
        """Those of the documents that a filter lets through."""
        passed = self.passes(node, docs)
        return docs if passed is None else docs[passed]

    def passes(self, node: whoosh.Query, docs: Docs) -> NDArray[np.bool_] | None:
        """Which of the documents a filter lets through; None: all."""
        match node:
            case Days():
                return self._in_days(node, docs)
            case Sources():
                return self._in_sources(node, docs)
            case whoosh.Not():
                unwanted = self.match(node.query)
                mask = self.view.mask_buffer()
                mask[unwanted] = True
                passed = ~mask.take(docs)
                mask[unwanted] = False
                return passed
            case whoosh.ConstantScoreQuery():
                return self.passes(node.child, docs)
            case _:
                return None

    def _in_days(self, node: Days, docs: Docs) -> NDArray[np.bool_]:
        first = self.view.column("published_day").take(docs)
        held: NDArray[np.bool_] = first != NO_DAY
        if node.first is not None:
            held &= self.view.column("published_last_day").take(docs) >= day_number(node.first)
        if node.last is not None:
            held &= first <= day_number(node.last)
        return held

    def _in_sources(self, node: Sources, docs: Docs) -> NDArray[np.bool_]:
        names, codes = self.view.sources
        chosen = np.zeros(len(names) + 1, np.bool_)  # the last one is what -1 points at
        chosen[[number for number, name in enumerate(names) if name in node.names]] = True
        held = chosen.take(codes.take(docs), mode="wrap")
        return ~held if node.excluded else held

    # --- what they are worth -------------------------------------------------

    def ranked(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        """The documents that match, with their scores."""
        leaves = self._leaves(node)
        if leaves is not None:
            return self._scattered(leaves)
        docs = self.match(node)
        return docs, self.scores(node, docs)

    def _leaves(self, node: whoosh.Query) -> list[Counted] | None:
        """The parts of a plain union of words; None for anything else."""
        if type(node) is not whoosh.Or:
            leaf = as_counted(node)
            return None if leaf is None else [leaf]
        if node.boost != 1.0 or node.scale:
            return None
        leaves = [as_counted(part) for part in node.subqueries]
        return None if None in leaves else [leaf for leaf in leaves if leaf is not None]

    def _scattered(self, leaves: Sequence[Counted]) -> tuple[Docs, Scores]:
        """A union of words, matched and scored in one go."""
        rows: list[tuple[Docs, Scores]] = []
        for leaf in leaves:
            self.clock.check()
            postings = self.view.counted(leaf)
            if len(postings):
                impacts = self.view.impacts(leaf, postings)
                rows.append((postings.docs, impacts * np.float32(self.weight(leaf, postings))))
        if not rows:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if len(rows) == 1:
            return rows[0]
        if sum(len(docs) for docs, _ in rows) * _SPARSE < self.view.doc_count_all:
            return _added(rows)
        buffer = self.view.score_buffer()
        for docs, scores in rows:
            np.add.at(buffer, docs.astype(np.intp), scores)
        docs = np.flatnonzero(buffer != 0)
        scores = buffer.take(docs)
        buffer[docs] = 0
        return docs, scores

    def weight(self, leaf: Counted, postings: Postings) -> float:
        """The factor of an impact: the idf and the weight in the query."""
        if not leaf.is_phrase:
            return self.view.idf(len(postings)) * leaf.boost
        return self.phrase_idf(leaf) * leaf.boost

    def phrase_idf(self, leaf: Counted) -> float:
        """`ranking.phrase_idf` of the only way of a phrase."""
        counts = [len(self.view.term(leaf.fieldname, slot)) for slot in leaf.ways[0]]
        return ranking.phrase_idf([self.view.idf(count) for count in counts])

    def scores(self, node: whoosh.Query, docs: Docs) -> Scores:
        """What a node adds to the score of each of these documents; 0 where it does not match."""
        self.clock.check()
        leaf = as_counted(node)
        if leaf is not None:
            return self._leaf_scores(leaf, docs)
        constant = _constant(node)
        if constant == 0:
            return np.zeros(len(docs), np.float32)
        if constant is not None:
            return self._where(node, docs, np.full(len(docs), constant, np.float32))
        if type(node) is whoosh.Or and not node.scale:
            return self._sum(node, docs)
        if type(node) is whoosh.And and node.subqueries:
            return self._where(node, docs, self._sum(node, docs))
        if type(node) is whoosh.AndMaybe:
            both = self.scores(node.a, docs) + self.scores(node.b, docs)
            return self._where(node, docs, both)
        if type(node) is whoosh.AndNot:
            return self._where(node, docs, self.scores(node.a, docs))
        return _looked_up(docs, *self._by_whoosh(node))

    def _sum(self, node: whoosh.And | whoosh.Or, docs: Docs) -> Scores:
        total = np.zeros(len(docs), np.float32)
        for part in node.subqueries:
            total += self.scores(part, docs)
        # Whoosh forgets the boost of a single part, and so do we.
        return total if len(node.subqueries) == 1 else total * np.float32(node.boost)

    def _where(self, node: whoosh.Query, docs: Docs, scores: Scores) -> Scores:
        """The scores of those that match the node, 0 for the others."""
        matched = self.match(node)
        if matched is docs:
            return scores
        mask = self.view.mask_buffer()
        mask[matched] = True
        found = np.where(mask.take(docs), scores, np.float32(0))
        mask[matched] = False
        return found

    def _leaf_scores(self, leaf: Counted, docs: Docs) -> Scores:
        postings = self.view.counted(leaf)
        weight = np.float32(self.weight(leaf, postings))
        if len(postings) == len(docs) and np.array_equal(postings.docs, docs):
            return self.view.impacts(leaf, postings) * weight
        return self._looked_up(leaf, postings, docs) * weight

    def _looked_up(self, leaf: Counted, postings: Postings, docs: Docs) -> Scores:
        """The impacts of a leaf in these documents only."""
        impacts = np.zeros(len(docs), np.float32)
        if not len(postings) or not len(docs):
            return impacts
        if len(docs) * _LOOK_UP < len(postings):
            wanted = docs.astype(postings.docs.dtype, copy=False)
            rows = np.searchsorted(postings.docs, wanted)
            rows[rows == len(postings)] = 0
            held = postings.docs[rows] == wanted
            rows = rows[held]
            impacts[held] = self.view.impacts_of(
                leaf.fieldname, postings.docs[rows], postings.freqs[rows]
            )
            return impacts
        return _looked_up_by_buffer(
            self.view.score_buffer(), docs, postings.docs, self.view.impacts(leaf, postings)
        )

    # --- pairs ---------------------------------------------------------------

    def best_with_pairs(
        self, docs: Docs, scores: Scores, pairs: Sequence[Counted], count: int
    ) -> tuple[Docs, Scores]:
        """Those documents that can be among the best `count` once pairs are added, with them.

        What pairs add is bounded, so that only documents near the top have their positions read.
        """
        pairs = [pair for pair in pairs if self._bound(pair) > 0]
        if not pairs or not len(docs):
            return docs, scores
        if count < len(docs):
            spare = sum(map(self._bound, pairs))
            rows = at_least(scores, cut(count, scores) - np.float32(spare * 1.000_01))
            docs, scores = docs[rows], scores[rows]
        total = scores.copy()
        for pair in pairs:
            self.clock.check()
            postings = self.view.counted_in(pair, docs)
            if len(postings):
                rows = np.searchsorted(docs, postings.docs.astype(docs.dtype, copy=False))
                weight = np.float32(self.phrase_idf(pair) * pair.boost)
                impacts = self.view.impacts_of(pair.fieldname, postings.docs, postings.freqs)
                total[rows] += impacts * weight
        return docs, total

    def _bound(self, pair: Counted) -> float:
        """More than a pair can add to any score; 0 where a word of it occurs nowhere."""
        if not all(len(self.view.term(pair.fieldname, slot)) for slot in pair.ways[0]):
            return 0.0
        return self.phrase_idf(pair) * pair.boost * (ranking.K1 + 1)

    # --- what is not known ---------------------------------------------------

    def _by_whoosh(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        found = self._unknown.get(node)
        if found is None:
            found = self._unknown[node] = fallback.walk(node, self.view, self.clock.check)
        return found


# --- nodes ---------------------------------------------------------------------------------------


def as_counted(node: whoosh.Query) -> Counted | None:
    """The node as a counted word, if it is one: Whoosh's own Term included."""
    if isinstance(node, Counted):
        return node
    if type(node) is whoosh.Term and isinstance(node.text, str):
        return Counted(node.fieldname, (((node.text,),),), boost=node.boost)
    return None


def _constant(node: whoosh.Query) -> float | None:
    """The score of whatever matches, where it is the same for all."""
    if isinstance(node, Days | Sources):
        return 0.0
    if type(node) is whoosh.ConstantScoreQuery:
        return float(node.score)
    if type(node) is whoosh.Not:
        return 1.0  # Whoosh gives that to what it lets through
    if type(node) is whoosh.Every and node.fieldname is None:
        return float(node.boost)
    return None


def is_filter(node: whoosh.Query) -> bool:
    """Whether it is cheaper to ask it about given documents than for all of its own."""
    if isinstance(node, whoosh.ConstantScoreQuery):
        return is_filter(node.child)
    unfielded_every = isinstance(node, whoosh.Every) and node.fieldname is None
    return unfielded_every or type(node) in {whoosh.Not, Days, Sources}


def _added(rows: Sequence[tuple[Docs, Scores]]) -> tuple[Docs, Scores]:
    """Short lists added up by sorting."""
    docs = np.concatenate([docs for docs, _ in rows])
    scores = np.concatenate([scores for _, scores in rows])
    order = np.argsort(docs, kind="stable")
    docs, scores = docs[order], scores[order]
    firsts = np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1])))
    return docs[firsts], np.add.reduceat(scores, firsts)


def _looked_up(docs: Docs, found: Docs, scores: Scores) -> Scores:
    """The scores of `found`, for these documents; 0 where there is none."""
    answer = np.zeros(len(docs), np.float32)
    if len(found):
        rows = np.searchsorted(found, docs)
        rows[rows == len(found)] = 0
        held = found[rows] == docs
        answer[held] = scores[rows[held]]
    return answer


def _looked_up_by_buffer(buffer: Scores, docs: Docs, found: Docs, scores: Scores) -> Scores:
    """The same through a row with one place a document."""
    buffer[found] = scores
    answer = buffer.take(docs)
    buffer[found] = 0
    return answer
