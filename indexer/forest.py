"""Boosted trees read from a data file and evaluated with NumPy; no learning library at run time.

A row's leaf in a tree is found without walking: every inner node that the row fails rules out the
leaves on its left, and the leftmost leaf that nobody ruled out is the row's (QuickScorer, Lucchese
et al., SIGIR 2015). One comparison of the whole table for each of the at most 15 node places, or
for several of them, does all trees and all rows at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.columns import Floats

MAX_LEAVES = 16
NODES = MAX_LEAVES - 1
ROWS_AT_ONCE = 512
COMPARED_AT_ONCE = 60_000
"""Both keep the working arrays in the processor's cache; few rows take few steps."""


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees as arrays; a row of each array is a node's place in its tree, a column a tree."""

    columns: NDArray[np.intp]
    """(NODES, trees): the feature that is compared."""
    thresholds: Floats
    """(NODES, trees): a row goes right where the feature is greater."""
    left: NDArray[np.uint16]
    """(NODES, trees): the leaves that a row rules out by going right, one bit a leaf."""
    values: Floats
    """(trees, MAX_LEAVES): what a leaf adds to the score."""
    base: float
    """The score before the first tree, in log odds."""

    def probabilities(self, rows: Floats) -> Floats:
        """For each row (float32, shape (lines, features)) the probability of being kept."""
        parts = [
            self._log_odds(rows[i : i + ROWS_AT_ONCE]) for i in range(0, len(rows), ROWS_AT_ONCE)
        ]
        log_odds = np.concatenate(parts) if parts else np.zeros(0, np.float32)
        result: Floats = np.reciprocal(1 + np.exp(-log_odds), dtype=np.float32)
        return result

    def _log_odds(self, rows: Floats) -> Floats:
        """Trees stand in the rows of what is worked on, so that a feature is copied in one piece."""
        trees = self.values.shape[0]
        by_feature = np.ascontiguousarray(rows.T)
        gone = np.zeros((trees, len(rows)), np.uint16)
        at_once = max(1, COMPARED_AT_ONCE // gone.size)
        for i in range(0, NODES, at_once):
            places = slice(i, i + at_once)
            values = by_feature.take(self.columns[places], axis=0, mode="clip")
            left = (values > self.thresholds[places, :, None]) * self.left[places, :, None]
            gone |= left[0] if len(left) == 1 else np.bitwise_or.reduce(left, axis=0)
        leaves = _lowest_bit().take(~gone)
        leaves = leaves + np.arange(0, trees * MAX_LEAVES, MAX_LEAVES)[:, None]
        result: Floats = self.values.ravel().take(leaves).sum(axis=0, dtype=np.float32)
        return result + np.float32(self.base)


@cache
def _lowest_bit() -> NDArray[np.uint8]:
    """The place of the lowest bit of each 16-bit number."""
    numbers = np.arange(1 << 16)
    lowest = numbers & -numbers
    lowest[0] = 1
    found: NDArray[np.uint8] = np.log2(lowest).astype(np.uint8)
    return found


Node = Sequence[Any]
"""`[feature, threshold, left, right]` (greater goes right), or a number for a leaf."""


def from_trees(trees: Sequence[Any], *, features: Sequence[str], base: float) -> Forest:
    """Arrays for nested trees: a node is `[feature name, threshold, left, right]`, a leaf a number."""
    column = {name: i for i, name in enumerate(features)}
    shape = (NODES, len(trees))
    columns = np.zeros(shape, np.intp)
    thresholds = np.full(shape, np.inf, np.float32)
    left = np.zeros(shape, np.uint16)
    values = np.zeros((len(trees), MAX_LEAVES), np.float32)
    for t, tree in enumerate(trees):
        for n, (name, threshold, left_leaves) in enumerate(_nodes(tree)):
            columns[n, t] = column[name]
            thresholds[n, t] = threshold
            left[n, t] = sum(1 << leaf for leaf in left_leaves)
        leaves = list(_leaves(tree))
        values[t, : len(leaves)] = leaves
    return Forest(columns, thresholds, left, values, base)


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
