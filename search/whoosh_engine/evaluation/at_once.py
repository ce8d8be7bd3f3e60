"""Words in a segment that is the whole index: the best of what they find, in one compiled call.

Whatever takes more than some milliseconds, or is no row of words, is not for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query as whoosh

from search.loops.best import Found, best_of_all, best_of_any, best_of_phrase, dated_of_all
from search.loops.terms import BEGIN, LIVE
from search.whoosh_engine.evaluation.filters import Filters, gate
from search.whoosh_engine.evaluation.matches import Matching, are_of_one_field
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.queries.kinds import all_counted, leaves_of
from search.whoosh_engine.queries.row import TEXT
from search.whoosh_engine.views.lists import (
    AT_ONCE,
    NO_DOCS,
    NO_OCTETS,
    Docs,
    Laid,
    Part,
    Postings,
    octets_of,
    with_made,
)


class AtOnce(Matching):
    """One query on one view."""

    _last: tuple[whoosh.Query, int, Found] | None = None
    """The node whose best were found last, how many were asked for, and those."""

    def at_once(
        self, node: whoosh.Query, count: int, pairs: Sequence[Slots], filters: Filters
    ) -> Found | None:
        """What one call finds of documents that match and pass; None if that is not for it."""
        if self._last and self._last[0] is node and self._last[1] == count and not filters:
            return self._last[2]
        leaves, whole, is_all = self._asked(node)
        if whole is None or (pairs and leaves[0].fieldname != TEXT):
            return None
        if len(leaves) == 1 and leaves[0].is_phrase:
            return None if filters else self._phrase(leaves[0], count, whole)
        laid, numbers = self._given(leaves, pairs, filters, is_all=is_all)
        if numbers is None:
            return None
        boosts = np.array([leaf.boost for leaf in leaves])
        given: Any = (*whole, self.view.article_count, count, numbers, boosts)
        given += laid[1:]
        if is_all:
            given += (ranks := self.view.take_ranks(),)
            met, found = best_of_all(*given)
            self.view.give_back(ranks=ranks)
            if not filters:
                self.met.append((leaves, met))
        else:
            found = best_of_any(*given)
        if not filters:
            self._last = node, count, found
        return found

    def dated_at_once(
        self, node: whoosh.Query, count: int, filters: Filters, *, oldest: bool
    ) -> tuple[int, Docs] | None:
        """How many match, and which come first by date; None if one call does not tell it."""
        leaves, whole, is_all = self._asked(node)
        if whole is None or filters or not (is_all or len(leaves) == 1):
            return None
        laid, numbers = self._given(leaves, (), filters, is_all=is_all)
        if numbers is None or len(laid.made_docs):
            return None
        ranks = self.view.take_ranks()
        given: Any = (*whole, count, np.array(laid.spans), ranks, oldest)
        met, total, found = dated_of_all(*given)
        self.view.give_back(ranks=ranks)
        if is_all:
            self.met.append((leaves, met))
        return total, found

    def _asked(self, node: whoosh.Query) -> tuple[Sequence[Counted], Any, bool]:
        """The words of a row, their field if the index is one segment, and whether all must be there."""
        is_all = type(node) is whoosh.And and node.boost == 1.0 and len(node.subqueries) > 1
        leaves = all_counted(node.subqueries) if is_all else leaves_of(node)
        if not leaves or not are_of_one_field(leaves):
            return (), None, False
        self.clock.check()
        return leaves, self.view.whole(leaves[0].fieldname), is_all

    def _given(
        self, leaves: Sequence[Counted], pairs: Sequence[Slots], filters: Filters, *, is_all: bool
    ) -> tuple[Laid, NDArray[np.int64] | None]:
        """What `loops.best` is told of words; None if there is more than that may be."""
        (part,) = self.view.parts(leaves[0].fieldname)
        spans, rows, made = list[int](), list[int](), list[Postings]()
        places, own, work = dict[Any, int](), len(part.arrays.docs), 0
        for leaf in leaves:
            row = part.row(leaf.slot) if leaf.slot else None
            if row is None:
                if leaf.is_phrase:  # its idf is its words'
                    return _NOTHING
                word, _ = self.counted(leaf)
                if word.made[0] is None:
                    return _NOTHING
                made.append(word.made[0])
                rows += (-1, 0, 0, word.size)
                spans += (own, own := own + word.size)
            else:
                places[leaf.slot] = len(rows) // 4
                rows += row
                spans += row[BEGIN:LIVE]
            work += spans[-1] - spans[-2]
        ends = self._ends(pairs, part, places, rows)
        if ends is None or work > AT_ONCE:
            return _NOTHING
        laid = self._passed(with_made(spans, made), part, filters, is_all=is_all)
        numbers = np.array([len(leaves), len(pairs), *ends, *laid.spans, *rows])
        return laid, numbers

    def _passed(self, laid: Laid, part: Part, filters: Filters, *, is_all: bool) -> Laid:
        """Words in what filters let through; if all must be there the rarest: others are sought in it."""
        passing = gate(self.view, filters)
        if not passing:
            return laid
        spans = laid.spans
        these = _rarest(spans) if is_all and not len(laid.made_docs) else slice(None)
        passed = passing.through(laid._replace(spans=spans[these]), part, self.clock.check)
        spans[these] = passed.spans
        return passed._replace(spans=spans)

    @staticmethod
    def _ends(
        pairs: Sequence[Slots], part: Part, places: dict[Any, int], rows: list[int]
    ) -> list[int] | None:
        """The places of the words of pairs; of those that are not there, too, which are added."""
        ends = []
        for pair in pairs:
            for slot in pair:
                if slot not in places:
                    row = part.row(slot)
                    if row is None:
                        return None
                    places[slot] = len(rows) // 4
                    rows += row
                ends.append(places[slot])
        return ends

    def _phrase(self, leaf: Counted, count: int, whole: Any) -> Found | None:
        """The same of a phrase that was not sought before."""
        view = self.view
        (part,) = view.parts(leaf.fieldname)
        if leaf.within is not None or part.arrays.positions is None or view.known(leaf):
            return None
        terms = [term for slot in leaf.ways[0] if (term := part.only(slot))]
        if len(terms) < len(leaf.ways[0]):
            return None
        table = np.empty((len(terms), 4), np.int64)
        given: Any = (*whole, *part.arrays.sought, view.article_count, count)
        given += (octets_of(terms), table, leaf.boost, AT_ONCE)
        total, docs, freqs, firsts, scores = best_of_phrase(*given)
        part.remember(terms, table.tolist())
        if total < 0:
            return None
        view.keep(leaf, [Postings(docs, freqs)])
        return total, firsts, scores, 0.0, True


_NOTHING = Laid([], NO_DOCS, NO_OCTETS), None


def _rarest(spans: list[int]) -> slice:
    """Where the shortest of some spans stands."""
    sizes = [behind - begin for begin, behind in zip(spans[::2], spans[1::2], strict=True)]
    at = 2 * sizes.index(min(sizes))
    return slice(at, at + 2)
