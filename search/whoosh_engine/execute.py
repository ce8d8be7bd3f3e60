"""A Whoosh query tree in, documents and scores out: the best in order, or all that match.

First it is settled which documents match (`matches`), then only those are scored. Words of which any or
all are enough, in an index of one segment, take one or two calls of compiled loops.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from whoosh import query as whoosh

from search.compiled import clock_s
from search.errors import OverBudget
from search.loops.best import FEW, Found, best_of_any, best_of_met
from search.loops.reach import within_reach
from search.loops.words import any_word
from search.loops.words_met import add_found
from search.whoosh_engine.filters import Filters, Gate, gate
from search.whoosh_engine.kinds import (
    all_counted,
    as_counted,
    constant_of,
    leaves_of,
    ranked_leaves,
)
from search.whoosh_engine.lists import AT_ONCE, NO_DOCS, Docs, Laid, Part, Word, laid_out
from search.whoosh_engine.matches import Matching, are_of_one_field
from search.whoosh_engine.neighbours import Neighbours
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.order import MANY, by_score
from search.whoosh_engine.row import TEXT
from search.whoosh_engine.view import Scores

NO_SCORES: Scores = np.empty(0, np.float32)
_NO_PAIRS = (0,)


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


class Execution(Matching):
    """One query on one view: what matches, what it is worth, the best of it."""

    # --- the best ------------------------------------------------------------

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
        words = leaves_of(node)
        near = Neighbours(pairs, ranked_leaves(node) if words is None else words, self.view)
        total, docs, scores, low, in_order = self._found(node, words, count, near, filters)
        if in_order:
            return total, docs, scores
        if near:
            near.add(docs, scores, low, self.clock.check)
            if FEW < count < len(docs):
                _, docs, scores, _ = within_reach(docs, scores, count, 0.0, 0.0)
        rows = by_score(self.view, count, scores, docs)
        return total, docs.take(rows), scores.take(rows)

    def _found(
        self,
        node: whoosh.Query,
        any_of: Sequence[Counted] | None,
        count: int,
        near: Neighbours,
        filters: Filters,
    ) -> Found:
        """What `loops.best` tells of the documents that match and pass."""
        if any_of and are_of_one_field(any_of):
            return self._any_of(any_of, count, near, filters)
        all_of = _all_words(node)
        if all_of and are_of_one_field(all_of) and self._is_little(all_of, count, near):
            return self._best_of_all(all_of, count, near, filters)
        docs = self.union(self.rows(node, filters))
        scores = self.scores(node, docs, all_match=True)
        if not near or count >= len(docs):
            return len(docs), docs, scores, 0.0, False
        return (*within_reach(docs, scores, count, near.share, near.most), False)

    def count_to_rank(self, node: whoosh.Query) -> int:
        """How many documents match, where the best of them may be asked for next."""
        words = _all_words(node)
        if words and are_of_one_field(words):
            return len(self.meet(words, counted=True).docs)
        return len(self.match(node))

    def _is_little(self, words: Sequence[Counted], count: int, near: Neighbours) -> bool:
        """Whether one call finds the best: in a segment that is the whole index, and of one field."""
        field = words[0].fieldname
        return count <= MANY and len(self.view.parts(field)) == 1 and (field == TEXT or not near)

    def _any_of(
        self, leaves: Sequence[Counted], count: int, near: Neighbours, filters: Filters
    ) -> Found:
        """The best of the documents that have any of some words of a field, or what they are among."""
        view, field = self.view, leaves[0].fieldname
        words, weights, size = [], [], 0
        for leaf in leaves:
            word, weight = self.counted(leaf)
            words.append(word)
            weights.append(weight)
            size += word.size
        passing = gate(view, filters) if filters else None
        if size > AT_ONCE or not self._is_little(leaves, count, near):
            return (*self._some_at_a_time(field, words, weights, passing, count, near), False)
        (part,) = view.parts(field)
        spans, made_docs, made_freqs = self._laid(words, 0, part, passing)
        given = part.arrays.loops, made_docs, made_freqs, np.array(spans), part.gone
        found: Found = best_of_any(*given, *self._worth(field, weights, count, near))
        return found

    def _some_at_a_time(  # noqa: PLR0913, PLR0917 - what `_any_of` knows
        self,
        field: str,
        words: Sequence[Word],
        weights: Sequence[float],
        passing: Gate | None,
        count: int,
        near: Neighbours,
    ) -> tuple[int, Docs, Scores, float]:
        """What `within_reach` tells of the documents that have any of the words and pass."""
        norms = self.view.norms(field)
        factors = np.array(weights, np.float32)
        found: list[tuple[int, Docs, Scores, float]] = [(0, NO_DOCS, NO_SCORES, 0.0)]
        for place, part in enumerate(self.view.parts(field)):
            spans, made_docs, made_freqs = self._laid(words, place, part, passing)
            work = sum(spans[1::2]) - sum(spans[::2])
            step = part.doc_count * AT_ONCE // max(work, AT_ONCE) + 1
            words_there = part.arrays.loops, made_docs, made_freqs, np.array(spans)
            given = *words_there, factors, norms, part.gone, part.offset
            for first in range(0, part.doc_count, step):
                self.clock.check()
                last = min(first + step, part.doc_count)
                found.append(any_word(*given, first, last, count, near.share, near.most))
        if len(found) == 2:
            return found[1]
        totals, docs, scores, _ = zip(*found, strict=True)
        joined = np.concatenate(docs), np.concatenate(scores)
        return (sum(totals), *within_reach(*joined, count, near.share, near.most)[1:])

    def _laid(self, words: Sequence[Word], place: int, part: Part, passing: Gate | None) -> Laid:
        """Where the words are in one of the segments, in documents that pass."""
        laid = laid_out(words, place, len(part.arrays.docs))
        return passing.through(laid, part, self.clock.check) if passing else laid

    def _best_of_all(
        self, leaves: Sequence[Counted], count: int, near: Neighbours, filters: Filters
    ) -> Found:
        """The best of the documents that have all of some words of a field, and pass."""
        _, docs, often, _, weights = self.meet(leaves, counted=True)
        if filters and (passing := gate(self.view, filters)):
            rows = passing.passing(docs)
            docs, often = docs.take(rows), often.take(rows, axis=1)
        field = leaves[0].fieldname
        arrays = self.view.parts(field)[0].arrays.loops
        found: Found = best_of_met(arrays, docs, often, *self._worth(field, weights, count, near))
        return found

    def _worth(self, field: str, weights: list[float], count: int, near: Neighbours) -> Any:
        """Pairs, weights, norms, what orders documents, and which are wanted, as loops take them."""
        view = self.view
        pairs = np.array(near.given(0) if near else _NO_PAIRS, np.int64)
        each = np.array(weights + near.weights, np.float32)
        by_date, by_id = view.column("published_s"), view.column("id")
        return pairs, each, view.norms(field), by_date, by_id, count, near.share, near.most

    def ranked(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        """The documents that match, with their scores."""
        leaves = leaves_of(node)
        if leaves and are_of_one_field(leaves):
            alone, every = Neighbours((), (), self.view), max(self.view.doc_count_all, MANY + 1)
            return self._any_of(leaves, every, alone, ())[1:3]
        docs = self.match(node)
        return docs, self.scores(node, docs, all_match=True)

    # --- what documents are worth --------------------------------------------

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
            return _looked_up(docs, *self.by_whoosh(node))
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
        total = np.zeros(len(docs), np.float32)
        for part in node.subqueries:
            total += self.scores(part, docs, all_match=all_match)
        # Whoosh forgets the boost of a single part, and so do we.
        if node.boost == 1.0 or len(node.subqueries) == 1:
            return total
        return total * np.float32(node.boost)

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
        _, weight = self.counted(leaf)
        its, norms = self.view.postings(leaf), self.view.norms(leaf.fieldname)
        ranks = self.view.take_ranks()
        add_found(docs, its.docs, its.freqs, norms, weight, ranks, scores)
        self.view.give_back(ranks=ranks)
        return scores


def _all_words(node: whoosh.Query) -> list[Counted] | None:
    """The parts of a plain intersection of several words; None for anything else."""
    if type(node) is whoosh.And and node.boost == 1.0 and len(node.subqueries) > 1:
        return all_counted(node.subqueries)
    return None


def _looked_up(docs: Docs, found: Docs, scores: Scores) -> Scores:
    """The scores of `found`, for these documents; 0 where there is none."""
    answer = np.zeros(len(docs), np.float32)
    if len(found):
        rows = np.searchsorted(found, docs)
        rows[rows == len(found)] = 0
        held = found[rows] == docs
        answer[held] = scores[rows[held]]
    return answer
