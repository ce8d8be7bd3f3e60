"""Words that stand side by side as they were typed: what their nearness adds to scores.

It never changes what matches. What it can add is bounded, so that positions are read only of
articles that are near enough to the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.loops.words_beside import add_beside
from search.ranking import K1, PAIR_WEIGHT
from search.whoosh_engine.lists import Docs, Postings
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.row import TEXT
from search.whoosh_engine.view import Scores, View

Array = NDArray[Any]

_AT_ONCE = 50_000  # articles times words: some milliseconds


class Neighbours:
    """The pairs of a query, both words of which occur."""

    def __init__(self, pairs: Sequence[Slots], words: Sequence[Counted], view: View) -> None:
        """`words` are those whose scores are part of what the pairs are added to."""
        self._view = view
        self._words: list[Postings] = []
        """Those of each slot."""
        self._pairs: list[int] = []
        self._weights: list[float] = []
        self.share = self.most = 0.0
        """No pairs add more to a score than this share of it (infinite where that is not known);
        nor more than that."""
        slots: dict[tuple[str, ...], int] = {}
        counts: list[int] = []  # in how many pairs each slot is
        for one, other in pairs:
            first, second = view.term(TEXT, one), view.term(TEXT, other)
            if first.size and second.size and first.numbers and second.numbers:
                self._weights.append((first.idf + second.idf) * PAIR_WEIGHT)
                for slot, postings in ((one, first), (other, second)):
                    number = slots.setdefault(slot, len(counts))
                    if number == len(counts):
                        counts.append(0)
                        self._words.append(postings)
                    counts[number] += 1
                    self._pairs.append(number)
        if self._weights:
            self.most = sum(self._weights) * (K1 + 1)
            # A pair is no more frequent than either of its words, so its impact is at most theirs,
            # and it is worth a tenth of what its words are worth together, typed once.
            times = {word.slot: word.boost for word in words if word.fieldname == TEXT}
            self.share = PAIR_WEIGHT * max(
                [
                    count / times[slot] if slot in times else math.inf
                    for slot, count in zip(slots, counts, strict=True)
                ]
            )

    def __bool__(self) -> bool:
        return bool(self._weights)

    def add(self, docs: Docs, scores: Scores, low: float, check: Callable[[], None]) -> None:
        """Add to the scores of ascending documents what can make them as large as `low`."""
        parts = self._view.parts(TEXT)
        edges = [0]
        if len(parts) > 1:
            edges = docs.searchsorted([part.offset for part in parts]).tolist()
        edges.append(len(docs))
        step = _AT_ONCE // len(self._words) + 1
        for number, part in enumerate(parts):
            first, last = edges[number], edges[number + 1]
            if first == last or part.arrays.positions is None:
                continue
            given = self._given(number)
            for at in range(first, last, step):
                check()
                span = slice(at, min(at + step, last))
                add_beside(part.arrays.loops, *given, part.offset, docs[span], low, scores[span])

    def _given(self, part: int) -> tuple[Array, Array, Scores]:
        """The pairs as the loop takes them, by the numbers that terms have in a segment."""
        terms = [word.numbers[part] for word in self._words]
        numbers = [len(terms), *self._pairs, 0, *accumulate(map(len, terms))]
        for each in terms:
            numbers += each
        weights = np.array(self._weights, np.float32)
        return np.array(numbers, np.int64), weights, self._view.norms(TEXT)
