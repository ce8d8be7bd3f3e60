"""Fitting one model after the other: a second forest learns from the first one's answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from indexer.cleaning import comments
from indexer.cleaning.models import COLUMNS
from indexer.learned import forest
from indexer.learned.columns import Floats
from indexer.learned.company import company_rows
from indexer.learned.forest import Forest
from indexer.training.examples import Example, chosen
from indexer.training.fit import Labelled, boosted_trees

Fitted = dict[str, Any]
SETTINGS: dict[str, dict[str, Any]] = {
    "text": {"trees": 300, "smallest_leaf": 40},
    "company": {"trees": 200, "smallest_leaf": 40, "draws": 2},
    "html": {"trees": 300, "smallest_leaf": 30},
    "html_company": {"trees": 100, "smallest_leaf": 30},
    "title": {"trees": 100, "smallest_leaf": 40},
    "date": {"trees": 60, "smallest_leaf": 20},
}
THRESHOLDS = {
    "text": 0.45,
    "company": 0.45,
    "html": 0.45,
    "html_company": 0.45,
    "title": 0.02,
    "date": 0.5,
}
"""From sweeps over cross-validated probabilities; docs/extraction.md has that of the texts."""


def fit(name: str, parts: Sequence[Labelled]) -> Fitted:
    """One model from its labelled rows."""
    fitted = boosted_trees(Labelled.joined(parts), features=COLUMNS[name], **SETTINGS[name])
    return {"threshold": THRESHOLDS[name], **fitted}


class Apart:
    """First forests (for texts or for pages) by the folds that they have not seen, fitted when asked for.

    What the second forest learns from must be answers about unknown sites, for such it will get.
    """

    def __init__(self, name: str, examples: Sequence[Example], say: Callable[[str], None]) -> None:
        self._name = name
        self._examples = examples
        self._say = say
        self._fitted: dict[frozenset[int], tuple[Fitted, Forest]] = {}

    def without(self, folds: AbstractSet[int]) -> Fitted:
        """The forest that has not seen these folds."""
        return self._of(folds)[0]

    def chances(self, example: Example) -> Floats:
        """What the forest without the example's fold thinks of its lines."""
        return self._of({example.fold})[1].probabilities(example.rows)

    def labelled(self, folds: AbstractSet[int]) -> list[Labelled]:
        """What a second forest that shall not see these folds is fitted on."""
        return [
            chosen(self._judged(each, folds))
            for each in self._examples
            if each.fold not in folds and each.lines
        ]

    def _judged(self, example: Example, folds: AbstractSet[int]) -> Example:
        judge = self._of(folds | {example.fold})[1]

        def judged(rows: Floats) -> Floats:
            chances = judge.probabilities(rows)
            chances[comments.told_apart(example.comments, chances, THRESHOLDS[self._name])] = 0
            return company_rows(chances, rows)

        return replace(
            example,
            rows=judged(example.rows),
            variants=tuple(judged(rows) for rows in example.variants),
        )

    def _of(self, folds: AbstractSet[int]) -> tuple[Fitted, Forest]:
        known = frozenset(folds)
        if known not in self._fitted:
            parts = [chosen(e) for e in self._examples if e.fold not in known and e.lines]
            fitted = fit(self._name, parts)
            self._fitted[known] = fitted, forest.decode(fitted, COLUMNS[self._name])
            self._say(f"{self._name} without the folds {sorted(known)}")
        return self._fitted[known]
