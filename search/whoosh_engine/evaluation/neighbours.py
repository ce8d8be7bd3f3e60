"""Words that stand side by side as they were typed: what their nearness adds to scores.

It never changes what matches. What it can add is bounded, so that positions are read only of
articles that are near enough to the best.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from search.loops.best import BESIDE_AT_ONCE
from search.loops.words_beside import add_beside
from search.ranking import K1, PAIR_WEIGHT
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.queries.row import TEXT
from search.whoosh_engine.views.lists import Docs, Word
from search.whoosh_engine.views.view import Scores, View


class Neighbours:
    """The pairs of a query, both words of which occur."""

    def __init__(self, pairs: Sequence[Slots], words: Sequence[Counted], view: View) -> None:
        """`words` are those whose scores are part of what the pairs are added to."""
        self._view = view
        self._words: list[Word] = []
        """Those of each slot."""
        self._pairs: list[int] = []
        self.weights: list[float] = []
        self.share = self.most = 0.0
        """No pairs add more to a score than this share of it (infinite where that is not known);
        nor more than that."""
        if pairs:
            self._take(pairs, words)

    def _take(self, pairs: Sequence[Slots], words: Sequence[Counted]) -> None:
        numbers: dict[tuple[str, ...], int] = {}
        term, found, ends = self._view.term, self._words, self._pairs
        for one, other in pairs:
            first, second = term(TEXT, one), term(TEXT, other)
            if first.size and second.size and first.are_few and second.are_few:
                self.weights.append((first.idf + second.idf) * PAIR_WEIGHT)
                for slot, word in ((one, first), (other, second)):
                    number = numbers.get(slot)
                    if number is None:
                        number = numbers[slot] = len(found)
                        found.append(word)
                    ends.append(number)
        if not found:
            return
        self.most = sum(self.weights) * (K1 + 1)
        # A pair is no more frequent than either of its words, so its impact is at most theirs,
        # and it is worth a tenth of what its words are worth together, typed once.
        times = {word.slot: word.boost for word in words if word.fieldname == TEXT}
        shares = [
            ends.count(number) / times[slot] if slot in times else math.inf
            for slot, number in numbers.items()
        ]
        self.share = PAIR_WEIGHT * max(shares)

    def __bool__(self) -> bool:
        return bool(self.weights)

    def given(self, place: int) -> list[int]:
        """The pairs as loops take them, by where their postings are in one of the segments."""
        edges, spans = [0], list[int]()
        for word in self._words:
            spans += word.spans[place]
            edges.append(len(spans) // 2)
        return [len(self._words), *self._pairs, *edges, *spans]

    def add(self, docs: Docs, scores: Scores, low: float, check: Callable[[], None]) -> None:
        """Add to the scores of ascending documents what can make them as large as `low`."""
        parts = self._view.parts(TEXT)
        edges = [0]
        if len(parts) > 1:
            edges = docs.searchsorted([part.offset for part in parts]).tolist()
        edges.append(len(docs))
        step = BESIDE_AT_ONCE // len(self._words) + 1
        weights, norms = np.array(self.weights, np.float32), self._view.norms(TEXT)
        for place, part in enumerate(parts):
            first, last = edges[place], edges[place + 1]
            if first == last or part.arrays.positions is None:
                continue
            field, numbers = part.arrays.loops, np.array(self.given(place), np.int64)
            for at in range(first, last, step):
                check()
                span = slice(at, min(at + step, last))
                add_beside(
                    field, numbers, weights, norms, part.offset, docs[span], low, scores[span]
                )
