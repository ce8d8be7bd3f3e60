"""Which documents match a Whoosh query tree: evaluated on arrays, node by node.

What the arrays do not know is asked of Whoosh's own matchers (`fallback`). Every function that returns
documents returns snapshot-wide numbers, ascending and each once; scores are float32 beside them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
from whoosh import query as whoosh

from search import ranking
from search.loops.words_met import flag, in_both, meet
from search.whoosh_engine.evaluation import fallback
from search.whoosh_engine.evaluation.clock import Clock
from search.whoosh_engine.evaluation.filters import Filters, Gate, gate
from search.whoosh_engine.nodes import Counted, Days, Sources
from search.whoosh_engine.queries.kinds import KNOWN, all_counted, as_counted, is_filter, leaves_of
from search.whoosh_engine.views.lists import AT_ONCE, NO_DOCS, Docs, Part, Word, laid_out
from search.whoosh_engine.views.view import Scores, View

MANY_TIMES = 2  # documents that stand so often in rows are quicker to count when they are one row


class Matching(ABC):
    """One query on one view. It remembers what it found, so that no part is sought twice."""

    def __init__(self, view: View, clock: Clock) -> None:
        self.view = view
        self.clock = clock
        self._unknown: dict[whoosh.Query, tuple[Docs, Scores]] = {}
        self._matched: dict[whoosh.Query, Docs] = {}
        self.met: list[tuple[Sequence[whoosh.Query], Docs]] = []
        """Of words that must all be there: the documents that have them."""

    # --- words -----------------------------------------------------------------

    def counted(self, leaf: Counted) -> tuple[Word, float]:
        """Where a leaf occurs, and the factor of its impacts: its idf and its weight in the query."""
        self.clock.check()  # a word's beginning may stand for thousands of terms
        if leaf.slot is not None:
            word = self.view.term(leaf.fieldname, leaf.slot)
            return word, word.idf * leaf.boost
        word = self.view.counted(leaf, self.clock.check)
        idf = self.phrase_idf(leaf) if leaf.is_phrase else word.idf
        return word, idf * leaf.boost

    def phrase_idf(self, leaf: Counted) -> float:
        """`ranking.phrase_idf` of the only way of a phrase."""
        term = self.view.term
        return ranking.phrase_idf([term(leaf.fieldname, slot).idf for slot in leaf.ways[0]])

    # --- which documents -----------------------------------------------------

    def match(self, node: whoosh.Query) -> Docs:
        """The documents that match."""
        leaf = as_counted(node)
        if leaf is not None:
            return self._docs_of(leaf)
        leaves = all_counted(node.subqueries) if type(node) is whoosh.And else None
        if leaves and len(leaves) > 1 and are_of_one_field(leaves):
            return self._meet(leaves)
        found = self._matched.get(node)
        if found is None:
            self.clock.check()
            found = self._matched[node] = self._match(node)
        return found

    def _docs_of(self, leaf: Counted) -> Docs:
        self.clock.check()
        return self.view.postings(leaf, self.clock.check).docs

    def _match(self, node: whoosh.Query) -> Docs:
        if type(node) not in KNOWN:
            return self.by_whoosh(node)[0]
        match node:
            case whoosh.And() if node.subqueries:
                return self._all_of(node.subqueries)
            case whoosh.Or():
                return self.union([self.match(part) for part in node.subqueries])
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
                return self.by_whoosh(node)[0]

    def count(self, node: whoosh.Query) -> int:
        """How many documents match."""
        leaf = as_counted(node)
        return len(self.match(node)) if leaf is None else self.counted(leaf)[0].size

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
            docs = in_both(few, many, ranks)
            self.view.give_back(ranks=ranks)
        for part in filters:
            docs = self.kept(part, docs)
        return docs

    def _meet(self, leaves: Sequence[Counted]) -> Docs:
        """Documents that have every one of some words of a field."""
        for known, docs in self.met:
            if known == leaves:
                return docs
        words = [self.counted(leaf)[0] for leaf in leaves]
        parts = self.view.parts(leaves[0].fieldname)
        found = [self._met_in(part, place, words) for place, part in enumerate(parts)]
        docs = found[0] if len(found) == 1 else np.concatenate([NO_DOCS, *found])
        self.met.append((leaves, docs))
        return docs

    def _met_in(self, part: Part, place: int, words: Sequence[Word]) -> Docs:
        """The documents of a segment that have all of the words."""
        spans, made_docs, made_freqs = laid_out(words, place, len(part.arrays.docs))
        sizes = [spans[at + 1] - spans[at] for at in range(0, len(spans), 2)]
        order = sorted(range(len(sizes)), key=sizes.__getitem__)
        held = sizes[order[0]]
        met, often = np.empty(held, np.uint32), np.empty((len(sizes), 0), np.uint32)
        ranks = self.view.take_ranks()
        arrays = part.arrays.loops, made_docs, made_freqs, np.array(spans), np.array(order)
        first, work = 0, 0
        for last in range(1, len(order) + 1):
            work += sizes[order[last - 1]]
            if last > 1 and (work > AT_ONCE or last == len(order)):
                self.clock.check()
                held = meet(*arrays, first, last, held, part.gone, ranks, met, often, False)
                first, work = last, 0
        self.view.give_back(ranks=ranks)
        docs = met[:held]
        return docs + np.uint32(part.offset) if part.offset else docs

    def union(self, rows: Sequence[Docs]) -> Docs:
        """The documents of any of the rows."""
        rows = [row for row in rows if len(row)]
        if len(rows) < 2:
            return rows[0] if rows else NO_DOCS
        mask = self.view.take_mask()
        for row in rows:
            self.clock.check()
            flag(row, mask)
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

    def rows(self, node: whoosh.Query, filters: Filters) -> list[Docs]:
        """The documents that match and that all the filters let through: of a union, each word's.

        Those of many frequent words are one row.
        """
        passing = gate(self.view, filters)
        parts = leaves_of(node) or [node]
        found = [self._through(passing, self.match(part)) for part in parts]
        are_many = sum(map(len, found)) > MANY_TIMES * self.view.doc_count_all
        return [self.union(found)] if are_many else found

    def _through(self, passing: Gate | None, docs: Docs) -> Docs:
        self.clock.check()
        return docs.take(passing.passing(docs)) if passing else docs

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

    # --- what is not known ---------------------------------------------------

    def by_whoosh(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        """The documents that match a node of any kind, and their scores."""
        found = self._unknown.get(node)
        if found is None:
            found = self._unknown[node] = fallback.walk(
                node, self.view, self.ranked, self.clock.check
            )
        return found

    @abstractmethod
    def ranked(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        """The documents that match, with their scores."""


def are_of_one_field(leaves: Sequence[Counted]) -> bool:
    """Whether words are all sought in the same field."""
    field = leaves[0].fieldname
    for leaf in leaves:  # noqa: SIM110 - a third of the time of all()
        if leaf.fieldname != field:
            return False
    return True
