"""Boosted trees read from a data file; no learning library at run time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.columns import Floats
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


Node = Sequence[Any]
"""`[feature, threshold, left, right]` (greater goes right), or a number for a leaf."""


def from_trees(trees: Sequence[Any], *, features: Sequence[str], base: float) -> Forest:
    """Arrays for nested trees: a node is `[feature name, threshold, left, right]`, a leaf a number."""
    column = {name: i for i, name in enumerate(features)}
    shape = (len(trees), NODES)
    columns = np.zeros(shape, np.int64)
    thresholds = np.full(shape, np.inf, np.float32)
    stay = np.full(shape, ALL_LEAVES, np.uint16)
    values = np.zeros((len(trees), MAX_LEAVES), np.float32)
    for t, tree in enumerate(trees):
        for n, (name, threshold, left_leaves) in enumerate(_nodes(tree)):
            columns[t, n] = column[name]
            thresholds[t, n] = threshold
            stay[t, n] = ALL_LEAVES - sum(1 << leaf for leaf in left_leaves)
        leaves = list(_leaves(tree))
        values[t, : len(leaves)] = leaves
    return Forest(columns, thresholds, stay, values, base)


def _leaves(tree: Any) -> Iterator[float]:
    if isinstance(tree, int | float):
        yield tree
        return
    yield from _leaves(tree[2])
    yield from _leaves(tree[3])


def _nodes(tree: Any, first_leaf: int = 0) -> Iterator[tuple[str, float, range]]:
    """Every inner node with the leaves on its left, leaves counted from the left."""
    if isinstance(tree, int | float):
        return
    left_count = sum(1 for _ in _leaves(tree[2]))
    yield tree[0], tree[1], range(first_leaf, first_leaf + left_count)
    yield from _nodes(tree[2], first_leaf)
    yield from _nodes(tree[3], first_leaf + left_count)


def decode(stored: Mapping[str, Any], features: Sequence[str]) -> Forest:
    """The forest of a weights file's content; `features` are the columns of the rows to come."""
    missing = set(stored["features"]) - set(features)
    if missing:
        raise ValueError(
            f"the weights ask for {', '.join(sorted(missing))}, which no feature is called: "
            "train again with python -m indexer.training"
        )
    return from_trees(stored["trees"], features=features, base=stored["base"])
