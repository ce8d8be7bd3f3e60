"""Boosted trees: every tree on every row in one call.

A row's leaf in a tree is found without walking: every inner node that the row fails rules out the
leaves on its left, and the leftmost leaf that nobody ruled out is the row's (QuickScorer, Lucchese
et al., SIGIR 2015). So one node is compared for many rows at once, without a branch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import U1, compiled, float32, int64, read_only, uint16, void, writable

TOGETHER = 64
"""Rows that are compared at once; a number known beforehand lets the compiler use wide registers."""
ALL_LEAVES = np.uint16(0xFFFF)


@compiled(
    void(
        read_only(float32, 2),
        read_only(int64, 2),
        read_only(float32, 2),
        read_only(uint16, 2),
        read_only(float32, 2),
        U1,
        writable(float32),
    )
)
def add_scores(  # noqa: PLR0913, PLR0917 - a forest is that many arrays
    features: NDArray[np.float32],
    columns: NDArray[np.int64],
    thresholds: NDArray[np.float32],
    stay: NDArray[np.uint16],
    values: NDArray[np.float32],
    lowest_bit: NDArray[np.uint8],
    scores: NDArray[np.float32],
) -> None:
    """Add to each row's score what its leaves say, tree by tree.

    features (features, rows); columns, thresholds and stay (trees, nodes), stay being the leaves
    that remain if a row's feature is greater than the threshold, one bit a leaf, and all of them
    behind a tree's last node; values (trees, leaves); lowest_bit (65,536): the place of a number's
    lowest bit; scores (rows).
    """
    trees, nodes = columns.shape
    rows = features.shape[1]
    part = np.zeros((features.shape[0], TOGETHER), np.float32)
    left = np.empty(TOGETHER, np.uint16)
    for first in range(0, rows, TOGETHER):
        size = min(TOGETHER, rows - first)
        for feature in range(features.shape[0]):
            for row in range(size):
                part[feature, row] = features[feature, first + row]
        for tree in range(trees):
            for row in range(TOGETHER):
                left[row] = ALL_LEAVES
            for node in range(nodes):
                remaining = stay[tree, node]
                if remaining == ALL_LEAVES:
                    break
                threshold = thresholds[tree, node]
                column = columns[tree, node]
                for row in range(TOGETHER):
                    left[row] &= remaining if part[column, row] > threshold else ALL_LEAVES
            for row in range(size):
                scores[first + row] += values[tree, lowest_bit[left[row]]]
