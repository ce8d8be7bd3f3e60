"""Boosted trees read from a data file; no learning library at run time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.learned.columns import Floats
from indexer.loops.trees import ALL_LEAVES, add_scores

MAX_LEAVES = 16
NODES = MAX_LEAVES - 1
LOWEST_BIT = np.array(
    [0, *((n & -n).bit_length() - 1 for n in range(1, 1 << MAX_LEAVES))], np.uint8
)
"""The place of the lowest bit of each 16-bit number."""


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees as arrays; a row of each array is a tree, a column a node's place in it."""

    columns: NDArray[np.int64]
    """(trees, NODES): the feature that is compared."""
    thresholds: Floats
    """(trees, NODES): a row goes right where the feature is greater."""
    stay: NDArray[np.uint16]
    """(trees, NODES): the leaves that remain for a row that goes right, one bit a leaf."""
    values: Floats
    """(trees, MAX_LEAVES): what a leaf adds to the score."""
    base: float
    """The score before the first tree, in log odds."""

    def probabilities(self, rows: Floats) -> Floats:
        """For each row (float32, shape (lines, features)) the probability of being kept."""
        scores = np.zeros(len(rows), np.float32)
        features = np.ascontiguousarray(rows.T)
        add_scores(
            features, self.columns, self.thresholds, self.stay, self.values, LOWEST_BIT, scores
        )
        result: Floats = np.reciprocal(1 + np.exp(-(scores + np.float32(self.base))))
        return result


Compared = tuple[str, float, int]
"""The feature and the threshold of an inner node, and the leaves that remain for what is greater, one bit a leaf."""


def from_trees(trees: Sequence[Any], *, features: Sequence[str], base: float) -> Forest:
    """Arrays for nested trees: a node is `[feature name, threshold, left, right]`, a leaf a number."""
    column = {name: i for i, name in enumerate(features)}
    shape = (len(trees), NODES)
    columns = np.zeros(shape, np.int64)
    thresholds = np.full(shape, np.inf, np.float32)
    stay = np.full(shape, ALL_LEAVES, np.uint16)
    values = np.zeros((len(trees), MAX_LEAVES), np.float32)
    for t, tree in enumerate(trees):
        nodes: list[Compared] = []
        leaves: list[float] = []
        _lay_out(tree, nodes, leaves)
        values[t, : len(leaves)] = leaves
        if nodes:
            names, limits, remaining = zip(*nodes, strict=True)
            columns[t, : len(nodes)] = [column[name] for name in names]
            thresholds[t, : len(nodes)] = limits
            stay[t, : len(nodes)] = remaining
    return Forest(columns, thresholds, stay, values, base)


def _lay_out(tree: Any, nodes: list[Compared], leaves: list[float]) -> None:
    """Put a tree's inner nodes behind the others, each before those below it, and its leaves from the left."""
    if isinstance(tree, int | float):
        leaves.append(tree)
        return
    name, threshold, left, right = tree
    place, first = len(nodes), len(leaves)
    nodes.append((name, threshold, 0))
    _lay_out(left, nodes, leaves)
    ruled_out = (1 << len(leaves)) - (1 << first)
    nodes[place] = (name, threshold, int(ALL_LEAVES) & ~ruled_out)
    _lay_out(right, nodes, leaves)


def decode(stored: Mapping[str, Any], features: Sequence[str]) -> Forest:
    """The forest of a weights file's content; `features` are the columns of the rows to come."""
    missing = set(stored["features"]) - set(features)
    if missing:
        raise ValueError(
            f"the weights ask for {', '.join(sorted(missing))}, which no feature is called: "
            "train again with python -m indexer.training"
        )
    return from_trees(stored["trees"], features=features, base=stored["base"])


@dataclass(frozen=True, slots=True)
class Model:
    """A forest and the probability from which its answer is yes."""

    forest: Forest
    threshold: float

    def probabilities(self, rows: Floats) -> Floats:
        """One probability a row."""
        return self.forest.probabilities(rows)
