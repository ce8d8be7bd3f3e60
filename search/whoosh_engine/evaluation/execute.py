"""A Whoosh query tree in, documents and scores out: the best in order, or all that match.

First it is settled which documents match (`matches`), then only those are scored. Words side by side in
an index of one segment take one call of a compiled loop (`at_once`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from whoosh import query as whoosh

from search.loops.best import FEW
from search.loops.reach import within_reach
from search.loops.words import any_word
from search.loops.words_met import add_found
from search.whoosh_engine.evaluation.at_once import AtOnce
from search.whoosh_engine.evaluation.filters import Filters, Gate, gate
from search.whoosh_engine.evaluation.matches import are_of_one_field
from search.whoosh_engine.evaluation.neighbours import Neighbours
from search.whoosh_engine.evaluation.order import MANY, by_date, by_score
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.queries.kinds import (
    as_counted,
    constant_of,
    leaves_of,
    ranked_leaves,
)
from search.whoosh_engine.views.lists import (
    AT_ONCE,
    NO_DOCS,
    Docs,
    Laid,
    Part,
    Word,
    laid_out,
)
from search.whoosh_engine.views.view import Scores

Reached = tuple[int, Docs, Scores, float]

NO_SCORES: Scores = np.empty(0, np.float32)


class Execution(AtOnce):
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
        found = self.at_once(node, count, pairs, filters) if count <= MANY else None
        if found and found[4]:
            return found[:3]
        words = leaves_of(node)
        near = Neighbours(pairs, ranked_leaves(node) if words is None else words, self.view)
        total, docs, scores, low = (
            found[:4] if found else self._found(node, words, count, near, filters)
        )
        if near:
            near.add(docs, scores, low, self.clock.check)
            if FEW < count < len(docs):
                _, docs, scores, _ = within_reach(docs, scores, count, 0.0, 0.0)
        rows = by_score(self.view, count, scores, docs)
        return total, docs.take(rows), scores.take(rows)

    def _found(
        self,
        node: whoosh.Query,
        words: Sequence[Counted] | None,
        count: int,
        near: Neighbours,
        filters: Filters,
    ) -> Reached:
        """What `within_reach` tells of the documents that match and pass."""
        if words and are_of_one_field(words):
            return self._any_of(words, count, near, filters)
        docs = self.union(self.rows(node, filters))
        scores = self.scores(node, docs, all_match=True)
        if not near or count >= len(docs):
            return len(docs), docs, scores, 0.0
        return within_reach(docs, scores, count, near.share, near.most)

    def first_by_date(
        self, node: whoosh.Query, count: int, filters: Filters, *, oldest: bool
    ) -> tuple[int, Docs]:
        """How many documents match and pass; the `count` that come first by date."""
        if count <= MANY:
            found = self.dated_at_once(node, count, filters, oldest=oldest)
            if found:
                return found
        docs = self.union(self.rows(node, filters))
        return len(docs), by_date(self.view, count, docs, oldest=oldest)

    def count_to_rank(self, node: whoosh.Query, count: int, pairs: Sequence[Slots]) -> int:
        """How many documents match, where the best of them may be asked for next."""
        found = self.at_once(node, count, pairs, ()) if count <= MANY else None
        return found[0] if found else len(self.match(node))

    # --- words, some at a time -----------------------------------------------

    def _any_of(
        self, leaves: Sequence[Counted], count: int, near: Neighbours, filters: Filters
    ) -> Reached:
        """What `within_reach` tells of the documents that have any of some words of a field and pass."""
        counted = [self.counted(leaf) for leaf in leaves]
        words, factors = [word for word, _ in counted], np.array([its for _, its in counted], "f4")
        field = leaves[0].fieldname
        norms = self.view.norms(field)
        passing = gate(self.view, filters)
        found: list[Reached] = [(0, NO_DOCS, NO_SCORES, 0.0)]
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

    def ranked(self, node: whoosh.Query) -> tuple[Docs, Scores]:
        """The documents that match, with their scores."""
        leaves = leaves_of(node)
        if leaves and are_of_one_field(leaves):
            alone, every = Neighbours((), (), self.view), self.view.doc_count_all
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


def _looked_up(docs: Docs, found: Docs, scores: Scores) -> Scores:
    """The scores of `found`, for these documents; 0 where there is none."""
    answer = np.zeros(len(docs), np.float32)
    if len(found):
        rows = np.searchsorted(found, docs)
        rows[rows == len(found)] = 0
        held = found[rows] == docs
        answer[held] = scores[rows[held]]
    return answer
