"""Words that stand side by side as they were typed: what their nearness adds to scores.

It never changes what matches. What a pair can add is bounded, so that positions are read only of
articles that are near enough to the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search import ranking
from search.whoosh_engine.frequencies import Row
from search.whoosh_engine.lists import Docs, Postings
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.positions import FEW, once
from search.whoosh_engine.top import at_least, cut
from search.whoosh_engine.union import AT_ONCE
from search.whoosh_engine.view import Scores

if TYPE_CHECKING:
    from search.whoosh_engine.execute import Execution

_SLACK = 1.000_01  # more than float32 may lose in a few operations
_MANY = (
    8  # times as many articles as are wanted; of fewer each one's own bound is worked out at once
)


class _Pair(NamedTuple):
    """Two words, where each occurs, and the weight of both side by side."""

    node: Counted
    first: Postings
    second: Postings
    weight: float


class Neighbours:
    """The pairs of a query, both words of which occur."""

    def __init__(
        self, pairs: Sequence[Counted], words: Sequence[Counted], execution: Execution
    ) -> None:
        """`words` are those whose scores are part of what the pairs are added to."""
        self._execution = execution
        self._words = words
        self._pairs: list[_Pair] = []
        for node in pairs:
            one, other = [execution.word(node.fieldname, slot) for slot in node.ways[0]]
            if one.size and other.size:
                weight = ranking.phrase_idf([one.idf, other.idf]) * node.boost
                self._pairs.append(_Pair(node, one, other, weight))

    @cached_property
    def _most(self) -> float:
        """No pairs add more to a score than this."""
        return sum([pair.weight for pair in self._pairs]) * (ranking.K1 + 1) * _SLACK

    @cached_property
    def _share(self) -> float:
        """No pairs add more to a score than this share of it; infinite where that is not known.

        A pair is no more frequent than either of its words, so its impact is at most theirs, and
        it is worth a part of what its words are worth together. A word may be in two pairs.
        """
        known = {(word.fieldname, word.slot[0]): word for word in self._words if word.slot}
        shares: dict[Counted, float] = {}
        for pair in self._pairs:
            field = pair.node.fieldname
            first, second = pair.node.ways[0]
            one, other = known.get((field, first[0])), known.get((field, second[0]))
            if one is None or other is None or one is other:
                return math.inf
            if not (_covers(one, first) and _covers(other, second)):
                return math.inf
            share = pair.weight / (self._worth(one) + self._worth(other))
            shares[one] = shares.get(one, 0.0) + share
            shares[other] = shares.get(other, 0.0) + share
        return max(shares.values(), default=0.0) * _SLACK

    def _worth(self, word: Counted) -> float:
        return self._execution.counted(word)[1]

    def reach(self, score: float) -> float:
        """The least score that pairs may lift to this one."""
        return max(score - self._most, score / (1 + self._share))

    def added(self, docs: Docs, scores: Scores, count: int) -> tuple[Docs, Scores]:
        """Those documents that can be among the best `count` once pairs are added, with them."""
        if not self._pairs or not len(docs):
            return docs, scores
        execution = self._execution
        if count < len(docs):
            low = float(cut(count, scores)) * (2 - _SLACK)
            if len(docs) > _MANY * count:
                rows = at_least(scores, self.reach(low))
                docs, scores = execution.frequencies.narrow(docs, rows), scores.take(rows)
        if len(self._pairs) * len(docs) > AT_ONCE:
            return self._one_by_one(docs, scores, low if count < len(docs) else None)
        often = execution.frequencies.of
        least = [_least(pair, docs, often) for pair in self._pairs]
        if count < len(docs):
            able = scores.copy()
            for pair, freqs in zip(self._pairs, least, strict=True):
                self._add(pair, docs, freqs, able)
            rows = at_least(able, low)
            if len(rows) < len(docs):
                docs, scores = docs.take(rows), scores.take(rows)
                least = [freqs.take(rows) for freqs in least]
        total = scores.copy()
        wanted = [freqs.nonzero()[0] for freqs in least]
        for pair, freqs in zip(self._pairs, self._beside(docs, wanted), strict=True):
            self._add(pair, docs, freqs, total)
        return docs, total

    def _one_by_one(self, docs: Docs, scores: Scores, low: float | None) -> tuple[Docs, Scores]:
        """The same in little room, for there may be hundreds of pairs; `low` is what the best reach."""
        often, check = self._execution.view.rows.frequencies, self._execution.clock.check
        if low is not None:
            able = scores.copy()
            for pair in self._pairs:
                check()
                self._add(pair, docs, _least(pair, docs, often), able)
            rows = at_least(able, low)
            docs, scores = docs.take(rows), scores.take(rows)
        total = scores.copy()
        for pair in self._pairs:
            wanted = _least(pair, docs, often).nonzero()[0]
            self._add(pair, docs, self._sought(pair, docs, wanted), total)
        return docs, total

    def _sought(self, pair: _Pair, docs: Docs, wanted: NDArray[Any]) -> NDArray[Any]:
        """How often each document has a pair, which can only be where it is wanted."""
        self._execution.clock.check()
        count = np.zeros(len(docs), np.uint32)
        if len(wanted):
            found = self._execution.view.counted_in(pair.node, docs.take(wanted), certain=True)
            count[docs.searchsorted(found.docs.astype(docs.dtype, copy=False))] = found.freqs
        return count

    def _beside(self, docs: Docs, wanted: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """How often each document has each pair, which can only be where it is wanted."""
        view = self._execution.view
        counts = [np.zeros(len(docs), np.uint32) for _ in self._pairs]
        few = [row for row in wanted if len(row)]
        if not few:
            return counts
        rows = few[0] if len(few) == 1 else once(np.sort(np.concatenate(few)))
        slots = list(dict.fromkeys(slot for pair in self._pairs for slot in pair.node.ways[0]))
        if len(rows) * len(slots) > FEW:
            return [
                self._sought(pair, docs, row) for pair, row in zip(self._pairs, wanted, strict=True)
            ]
        field = self._pairs[0].node.fieldname
        places = dict(zip(slots, view.places(field, slots, docs.take(rows)), strict=True))
        for pair, count in zip(self._pairs, counts, strict=True):
            first, second = (places[slot] for slot in pair.node.ways[0])
            for row, left, right in zip(rows.tolist(), first, second, strict=True):
                if left and right:
                    count[row] = len({place + 1 for place in left}.intersection(right))
        return counts

    def _add(self, pair: _Pair, docs: Docs, freqs: NDArray[Any], scores: Scores) -> None:
        """Add to the scores what a pair of these frequencies is worth."""
        rows = freqs.nonzero()[0]
        if len(rows):
            view, field = self._execution.view, pair.node.fieldname
            impacts = view.impacts_of(field, docs.take(rows), freqs.take(rows))
            scores[rows] += impacts * np.float32(pair.weight)


def _least(pair: _Pair, docs: Docs, often: Callable[[Postings, Docs], Row]) -> NDArray[Any]:
    """How often each document may have a pair: no more often than either of its words."""
    least: NDArray[Any] = np.minimum(often(pair.first, docs), often(pair.second, docs))
    return least


def _covers(word: Counted, slot: tuple[str, ...]) -> bool:
    """Whether a word occurs wherever a slot's terms do, at least as often."""
    return word.slot == slot or set(slot) <= set(word.slot or ())
