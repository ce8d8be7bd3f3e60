"""A Whoosh query tree in, documents and scores out: evaluated on arrays, node by node.

First it is settled which documents match, then only those are scored. What the arrays do not know
is asked of Whoosh's own matchers (`fallback`). Every function that returns documents returns
snapshot-wide numbers, ascending and each once; scores are float32 beside them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray
from whoosh import query as whoosh

from search import ranking
from search.errors import OverBudget
from search.whoosh_engine import fallback
from search.whoosh_engine.arrays import NO_DAY
from search.whoosh_engine.dates import day_number
from search.whoosh_engine.frequencies import Memory
from search.whoosh_engine.kinds import KNOWN, as_counted, constant_of, is_filter, leaves_of
from search.whoosh_engine.lists import Docs, Postings
from search.whoosh_engine.nodes import Counted, Days, Sources
from search.whoosh_engine.positions import LOOK_UP, intersect
from search.whoosh_engine.union import Ranked, Reach, Wanted, best_of_union, scored, union_docs
from search.whoosh_engine.view import Scores, View


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
        self._met: dict[tuple[str, tuple[str, ...]], Postings] = {}
        self.frequencies = Memory(view.rows)

    # --- words -----------------------------------------------------------------

    def word(self, field: str, terms: tuple[str, ...]) -> Postings:
        """Where a word occurs, and its idf."""
        found = self._met.get((field, terms))
        if found is None:
            self.clock.check()  # a word beginning may stand for thousands of terms
            found = self._met[field, terms] = self.view.term(field, terms)
        return found

    def counted(self, leaf: Counted) -> tuple[Postings, float]:
        """Where a leaf occurs, and the factor of its impacts: its idf and its weight in the query."""
        if leaf.slot is not None:
            postings = self.word(leaf.fieldname, leaf.slot)
            return postings, postings.idf * leaf.boost
        self.clock.check()
        postings = self.view.counted(leaf)
        idf = self.phrase_idf(leaf) if leaf.is_phrase else postings.idf
        return postings, idf * leaf.boost

    # --- which documents -----------------------------------------------------

    def match(self, node: whoosh.Query) -> Docs:
        """The documents that match."""
        leaf = as_counted(node)
        if leaf is not None:
            return self.counted(leaf)[0].docs
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
                rows = [row for part in node.subqueries if len(row := self.match(part))]
                if len(rows) < 2:
                    return rows[0] if rows else np.empty(0, np.int64)
                return union_docs(self.view, rows)
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
        words = [leaf for part in parts if (leaf := as_counted(part)) and leaf.slot is not None]
        if len(words) == len(parts):
            return self._all_words(words)
        filters = [part for part in parts if is_filter(part)]
        sought = sorted((part for part in parts if not is_filter(part)), key=self._size)
        docs = self.match(sought[0]) if sought else self.view.everything
        for part in sought[1:]:
            if not len(docs):
                return docs
            self.clock.check()
            leaf = as_counted(part)
            if leaf is None:
                docs = self._intersection(docs, self.match(part))
            else:
                freqs = self.frequencies.of(self.counted(leaf)[0], docs)
                docs = self.frequencies.narrow(docs, freqs.nonzero()[0])
        for part in filters:
            docs = self.kept(part, docs)
        return docs

    def _all_words(self, words: Sequence[Counted]) -> Docs:
        """Documents that have every word; how often each is remembered."""
        rows = [self.counted(word)[0] for word in words]
        rarest, *others = sorted(rows, key=attrgetter("size"))
        docs, frequencies = rarest.docs, self.frequencies
        frequencies.know(docs, {rarest: rarest.freqs})
        for postings in others:
            if not len(docs):
                break
            docs = frequencies.narrow(docs, frequencies.of(postings, docs).nonzero()[0])
        return docs

    def _size(self, node: whoosh.Query) -> int:
        """About how many documents match, without looking for them where that is dear."""
        leaf = as_counted(node)
        if leaf is not None:
            field = leaf.fieldname
            return sum(min([self.word(field, slot).size for slot in way]) for way in leaf.ways)
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

    def _intersection(self, left: Docs, right: Docs) -> Docs:
        few, many = (left, right) if len(left) <= len(right) else (right, left)
        if len(few) * LOOK_UP < len(many):
            return intersect(few, many)
        mask = self.view.mask_buffer()
        mask[many] = True
        found = few[mask.take(few)]
        mask[many] = False
        return found

    def kept(self, node: whoosh.Query, docs: Docs) -> Docs:
        """Those of the documents that a filter lets through."""
        passed = self.passes(node, docs)
        return docs if passed is None else docs[passed]

    def narrowed(self, node: whoosh.Query, filters: Sequence[whoosh.Query]) -> Docs:
        """The documents that match and that all the filters let through."""
        leaves = leaves_of(node) if filters else None
        if leaves is None:
            return self._through(filters, self.match(node))
        rows = [self._through(filters, self.match(leaf)) for leaf in leaves]
        return union_docs(self.view, rows) if len(rows) > 1 else rows[0]

    def _through(self, filters: Sequence[whoosh.Query], docs: Docs) -> Docs:
        for each in filters:
            docs = self.kept(each, docs)
        return docs

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

    def best(
        self, node: whoosh.Query, count: int, reach: Reach = float
    ) -> tuple[int, Docs, Scores]:
        """How many documents match; with every one that can be among the best `count`, their scores.

        What is added afterwards to the scores of those that have several words may lift `reach(x)`
        to x. The documents are in ascending order.
        """
        words = self._words(node)
        if words is None:
            docs = self.match(node)
            return len(docs), docs, self.scores(node, docs, all_match=True)
        return best_of_union(
            self.view, words, Wanted(count, reach), self.frequencies, self.clock.check
        )

    def ranked(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        """The documents that match, with their scores."""
        _, docs, scores = self.best(node, self.view.doc_count_all)
        return docs, scores

    def _words(self, node: whoosh.Query) -> list[Ranked] | None:
        """The parts of a plain union of words, for what they are worth; None for anything else."""
        leaves = leaves_of(node)
        if leaves is None:
            return None
        words: list[Ranked] = []
        for leaf in leaves:
            self.clock.check()
            postings, weight = self.counted(leaf)
            if postings.size:
                words.append(Ranked(leaf.fieldname, postings, weight))
        return words

    def phrase_idf(self, leaf: Counted) -> float:
        """`ranking.phrase_idf` of the only way of a phrase."""
        return ranking.phrase_idf([self.word(leaf.fieldname, slot).idf for slot in leaf.ways[0]])

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
        total = self._sum_of_words(node.subqueries, docs)
        if total is None:
            total = np.zeros(len(docs), np.float32)
            for part in node.subqueries:
                total += self.scores(part, docs, all_match=all_match)
        # Whoosh forgets the boost of a single part, and so do we.
        if node.boost == 1.0 or len(node.subqueries) == 1:
            return total
        return total * np.float32(node.boost)

    def _sum_of_words(self, parts: Sequence[whoosh.Query], docs: Docs) -> Scores | None:
        """The same for words of one field, all at once; None for anything else."""
        leaves = [leaf for part in parts if (leaf := as_counted(part)) is not None]
        if len(leaves) < len(parts) or len({leaf.fieldname for leaf in leaves}) != 1:
            return None
        field = leaves[0].fieldname
        words = [Ranked(field, *self.counted(leaf)) for leaf in leaves]
        return scored(self.view, words, docs, self.frequencies, self.clock.check)

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
        postings, weight = self.counted(leaf)
        return self.view.summed(
            leaf.fieldname, docs, [self.frequencies.of(postings, docs)], [weight]
        )

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
