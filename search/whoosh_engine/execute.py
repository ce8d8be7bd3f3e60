"""A Whoosh query tree in, documents and scores out: evaluated on arrays, node by node.

First it is settled which documents match, then only those are scored. What the arrays do not know
is asked of Whoosh's own matchers (`fallback`). Every function that returns documents returns
snapshot-wide numbers, ascending and each once; scores are float32 beside them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as whoosh

from search import ranking
from search.compiled import clock_s
from search.errors import OverBudget
from search.loops import words as loops
from search.whoosh_engine import fallback
from search.whoosh_engine.filters import Filters, Gate, gate
from search.whoosh_engine.kinds import (
    KNOWN,
    all_counted,
    as_counted,
    constant_of,
    is_filter,
    leaves_of,
    ranked_leaves,
)
from search.whoosh_engine.lists import NO_DOCS, Docs, Postings
from search.whoosh_engine.neighbours import Neighbours
from search.whoosh_engine.nodes import Counted, Days, Slots, Sources
from search.whoosh_engine.order import by_score
from search.whoosh_engine.view import Scores, View

_FEW = 100  # rows; of so many those that are too low are passed by one by one


class _Met(NamedTuple):
    """The documents that have all of some words, and how often: see `loops.add_met`."""

    node: whoosh.And
    words: Sequence[Counted]
    docs: Docs
    often: NDArray[np.uint32]
    first: NDArray[Any]
    rows: Sequence[int]
    weights: Sequence[float]


class Clock:
    """How long a query may still take."""

    def __init__(self, budget_ms: float) -> None:
        self.budget_ms = budget_ms
        self._end = clock_s() + budget_ms / 1000

    def check(self) -> None:
        """Raise OverBudget when the time is up."""
        is_late = time.monotonic() > self._end  # clock_s() is never ahead, and slower
        if is_late and clock_s() > self._end:
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
        self._met: list[_Met] = []

    # --- words -----------------------------------------------------------------

    def counted(self, leaf: Counted) -> tuple[Postings, float]:
        """Where a leaf occurs, and the factor of its impacts: its idf and its weight in the query."""
        self.clock.check()  # a word's beginning may stand for thousands of terms
        if leaf.slot is not None:
            postings = self.view.term(leaf.fieldname, leaf.slot)
            return postings, postings.idf * leaf.boost
        postings = self.view.counted(leaf, self.clock.check)
        idf = self.phrase_idf(leaf) if leaf.is_phrase else postings.idf
        return postings, idf * leaf.boost

    # --- which documents -----------------------------------------------------

    def match(self, node: whoosh.Query) -> Docs:
        """The documents that match."""
        leaf = as_counted(node)
        if leaf is not None:
            return self.counted(leaf)[0].docs
        leaves = all_counted(node.subqueries) if type(node) is whoosh.And else None
        if leaves and len(leaves) > 1:
            return self._meet(node, leaves)
        found = self._matched.get(node)
        if found is None:
            self.clock.check()
            found = self._matched[node] = self._match(node)
        return found

    def _match(self, node: whoosh.Query) -> Docs:
        if type(node) not in KNOWN:
            return self._by_whoosh(node)[0]
        match node:
            case whoosh.And() if node.subqueries:
                return self._all_of(node.subqueries)
            case whoosh.Or():
                return self._union([self.match(part) for part in node.subqueries])
            case whoosh.AndNot():
                return self.kept(whoosh.Not(node.b), self.match(node.a))
            case whoosh.AndMaybe():
                return self.match(node.a)
            case whoosh.ConstantScoreQuery():
                return self.match(node.child)
            case whoosh.Not() | Days() | Sources():
                return self.kept(node, self.view.everything)
            case whoosh.Every(fieldname=None):
                return self.view.everything
            case _:
                return self._by_whoosh(node)[0]

    def count(self, node: whoosh.Query) -> int:
        """How many documents match."""
        return len(self.match(node))

    def _all_of(self, parts: Sequence[whoosh.Query]) -> Docs:
        """Documents that match every part: the rarest part first, filters last."""
        filters = [part for part in parts if is_filter(part)]
        sought = sorted((part for part in parts if not is_filter(part)), key=self._size)
        docs = self.match(sought[0]) if sought else self.view.everything
        for part in sought[1:]:
            if not len(docs):
                return docs
            self.clock.check()
            few, many = sorted((docs, self.match(part)), key=len)
            ranks = self.view.take_ranks()
            docs = loops.in_both(few, many, ranks)
            self.view.give_back(ranks=ranks)
        for part in filters:
            docs = self.kept(part, docs)
        return docs

    def _meet(self, node: whoosh.And, leaves: Sequence[Counted]) -> Docs:
        """Documents that have every one of several words; how often each is remembered."""
        for known in self._met:
            if known.node == node:
                return known.docs
        counted = [self.counted(leaf) for leaf in leaves]
        found = [postings for postings, _ in counted]
        sizes = [postings.size for postings in found]
        order = sorted(range(len(found)), key=sizes.__getitem__)
        first = found[order[0]]
        docs, met = first.docs, np.empty(first.size, np.uint32)
        often = np.empty((len(found), first.size), np.uint32)
        rows, ranks = [0] * len(found), self.view.take_ranks()
        for place, word in enumerate(order[1:], 1):
            self.clock.check()
            rows[word] = place
            its = found[word]
            held = loops.meet(docs, met, often, place, its.docs, its.freqs, ranks)
            docs = met[:held]
        self.view.give_back(ranks=ranks)
        weights = [weight for _, weight in counted]
        self._met.append(_Met(node, leaves, docs, often, first.freqs, rows, weights))
        return docs

    def _union(self, rows: Sequence[Docs]) -> Docs:
        """The documents of any of the rows."""
        rows = [row for row in rows if len(row)]
        if len(rows) < 2:
            return rows[0] if rows else NO_DOCS
        mask = self.view.take_mask()
        for row in rows:
            self.clock.check()
            loops.flag(row, mask)
        found = np.flatnonzero(mask).astype(np.uint32)
        mask.fill(False)
        self.view.give_back(mask=mask)
        return found

    def _size(self, node: whoosh.Query) -> int:
        """About how many documents match, without looking for them where that is dear."""
        leaf = as_counted(node)
        if leaf is not None:
            field, term = leaf.fieldname, self.view.term
            return sum(min([term(field, slot).size for slot in way]) for way in leaf.ways)
        match node:
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

    # --- filters -------------------------------------------------------------

    def narrowed(self, node: whoosh.Query, filters: Filters) -> Docs:
        """The documents that match and that all the filters let through."""
        passing = gate(self.view, filters)
        leaves = leaves_of(node) if passing else None
        if leaves is None:
            return self._through(passing, self.match(node))
        return self._union([self._through(passing, self.match(leaf)) for leaf in leaves])

    def _through(self, passing: Gate | None, docs: Docs) -> Docs:
        self.clock.check()
        return docs.take(passing(docs)) if passing else docs

    def kept(self, node: whoosh.Query, docs: Docs) -> Docs:
        """Those of the documents that a filter lets through."""
        match node:
            case Days() | Sources():
                return self._through(gate(self.view, (node,)), docs)
            case whoosh.Not():
                unwanted = self.match(node.query)
                mask = self.view.take_mask()
                mask[unwanted] = True
                passed = ~mask.take(docs)
                mask[unwanted] = False
                self.view.give_back(mask=mask)
                return docs[passed]
            case whoosh.ConstantScoreQuery():
                return self.kept(node.child, docs)
            case _:
                return docs

    # --- what they are worth -------------------------------------------------

    def best(
        self,
        node: whoosh.Query,
        count: int,
        pairs: Sequence[Slots] = (),
        filters: Filters = (),
    ) -> tuple[int, Docs, Scores]:
        """How many documents match and pass; the best `count` in order, with their scores.

        Among equal scores the newest come first, the undated last, then by id.
        """
        leaves = leaves_of(node)
        near = Neighbours(pairs, ranked_leaves(node) if leaves is None else leaves, self.view)
        if leaves is not None:
            total, docs, scores, low = self._any_word(leaves, filters, count, near)
        else:
            docs = self.narrowed(node, filters)
            scores = self.scores(node, docs, all_match=True)
            total, low = len(docs), 0.0
            if near and count < total:
                bound = near.share, near.most
                _, docs, scores, low = loops.within_reach(docs, scores, count, *bound)
        if near:
            near.add(docs, scores, low, self.clock.check)
            if _FEW < count < len(docs):
                _, docs, scores, _ = loops.within_reach(docs, scores, count, 0.0, 0.0)
        rows = by_score(self.view, count, scores, docs)
        return total, docs.take(rows), scores.take(rows)

    def ranked(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        """The documents that match, with their scores."""
        leaves = leaves_of(node)
        if leaves is None:
            docs = self.match(node)
            return docs, self.scores(node, docs, all_match=True)
        near = Neighbours((), (), self.view)
        return self._any_word(leaves, (), self.view.doc_count_all, near)[1:3]

    def _any_word(
        self, leaves: Sequence[Counted], filters: Filters, count: int, near: Neighbours
    ) -> tuple[int, Docs, Scores, float]:
        """How many documents have any of the words; those that may be among the best, ascending.

        With them their scores, and what surely all of the best have.
        """
        view = self.view
        passing = gate(view, filters)
        scores, met = view.take_scores()
        for leaf in leaves:
            postings, weight = self.counted(leaf)
            docs, freqs = postings.docs, postings.freqs
            if passing:
                rows = passing(docs)
                docs, freqs = docs.take(rows), freqs.take(rows)
            loops.add(docs, freqs, view.norms(leaf.fieldname), weight, scores, met)
        found: tuple[int, Docs, Scores, float]
        found = loops.harvest(scores, met, count, near.share, near.most)
        view.give_back(scores=(scores, met))
        return found

    def phrase_idf(self, leaf: Counted) -> float:
        """`ranking.phrase_idf` of the only way of a phrase."""
        term = self.view.term
        return ranking.phrase_idf([term(leaf.fieldname, slot).idf for slot in leaf.ways[0]])

    def scores(self, node: whoosh.Query, docs: Docs, *, all_match: bool = False) -> Scores:
        """What a node adds to the score of each of these documents; 0 where it does not match.

        `all_match` says that it matches them all, which need not be looked at then.
        """
        self.clock.check()
        leaf = as_counted(node)
        if leaf is not None:
            return self._leaf_scores(leaf, docs)
        scores = self._inner_scores(node, docs)
        if scores is None:
            return _looked_up(docs, *self._by_whoosh(node))
        if all_match or type(node) is whoosh.Or or not scores.any():
            return scores
        return self._where(node, docs, scores)

    def _inner_scores(self, node: whoosh.Query, docs: Docs) -> Scores | None:
        """The scores of those documents that match, anything for others; None: not known here."""
        if type(node) is whoosh.Or and not node.scale:
            return self._sum(node, docs, all_match=False)
        if type(node) is whoosh.And and node.subqueries:
            return self._sum(node, docs, all_match=True)
        if type(node) is whoosh.AndMaybe:
            return self.scores(node.a, docs, all_match=True) + self.scores(node.b, docs)
        if type(node) is whoosh.AndNot:
            return self.scores(node.a, docs, all_match=True)
        constant = constant_of(node)
        return None if constant is None else np.full(len(docs), constant, np.float32)

    def _sum(self, node: whoosh.And | whoosh.Or, docs: Docs, *, all_match: bool) -> Scores:
        for met in self._met:
            if met.docs is docs and met.node == node and len({w.fieldname for w in met.words}) == 1:
                total = self._sum_of_met(met)
                break
        else:
            total = np.zeros(len(docs), np.float32)
            for part in node.subqueries:
                total += self.scores(part, docs, all_match=all_match)
        # Whoosh forgets the boost of a single part, and so do we.
        if node.boost == 1.0 or len(node.subqueries) == 1:
            return total
        return total * np.float32(node.boost)

    def _sum_of_met(self, met: _Met) -> Scores:
        """What words are worth in the documents that have them all."""
        scores = np.zeros(len(met.docs), np.float32)
        weights = np.array(met.weights, np.float32)
        rows, norms = np.array(met.rows), self.view.norms(met.words[0].fieldname)
        loops.add_met(met.docs, met.often, met.first, rows, weights, norms, scores)
        return scores

    def _where(self, node: whoosh.Query, docs: Docs, scores: Scores) -> Scores:
        """The scores of those that match the node, 0 for the others."""
        matched = self.match(node)
        if matched is docs:
            return scores
        mask = self.view.take_mask()
        mask[matched] = True
        found = np.where(mask.take(docs), scores, np.float32(0))
        mask[matched] = False
        self.view.give_back(mask=mask)
        return found

    def _leaf_scores(self, leaf: Counted, docs: Docs) -> Scores:
        scores = np.zeros(len(docs), np.float32)
        postings, weight = self.counted(leaf)
        norms, ranks = self.view.norms(leaf.fieldname), self.view.take_ranks()
        loops.add_found(docs, postings.docs, postings.freqs, norms, weight, ranks, scores)
        self.view.give_back(ranks=ranks)
        return scores

    # --- what is not known ---------------------------------------------------

    def _by_whoosh(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        found = self._unknown.get(node)
        if found is None:
            found = self._unknown[node] = fallback.walk(node, self.view, self.clock.check)
        return found


def _looked_up(docs: Docs, found: Docs, scores: Scores) -> Scores:
    """The scores of `found`, for these documents; 0 where there is none."""
    answer = np.zeros(len(docs), np.float32)
    if len(found):
        rows = np.searchsorted(found, docs)
        rows[rows == len(found)] = 0
        held = found[rows] == docs
        answer[held] = scores[rows[held]]
    return answer
