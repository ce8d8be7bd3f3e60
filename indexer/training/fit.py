"""Labelled rows -> boosted trees in the form that `indexer/learned/forest.py` reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from indexer.learned.columns import Floats
from indexer.learned.forest import MAX_LEAVES

RATE = 0.05


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows with what is right for them (True: yes) and how much each counts."""

    rows: Floats
    labels: NDArray[np.bool_]
    weights: Floats

    @classmethod
    def joined(cls, parts: Sequence[Labelled]) -> Labelled:
        """All parts one below the other."""
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.labels for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )


def boosted_trees(
    labelled: Labelled,
    *,
    features: Sequence[str],
    trees: int,
    smallest_leaf: int,
    draws: int = 1,
) -> dict[str, Any]:
    """Fit and translate: `{"base", "features", "trees"}` with nested trees, rounded for reading.

    Of several draws, which differ by their seed, the log odds are averaged: one forest of all their
    trees, whose leaves say their share.
    """
    settings = {
        "objective": "binary",
        "learning_rate": RATE,
        "num_leaves": MAX_LEAVES,
        "min_data_in_leaf": smallest_leaf,
        "lambda_l2": 1.0,
        "feature_fraction_bynode": 0.4,
        "max_bin": 63,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    rows = lightgbm.Dataset(labelled.rows, labelled.labels.astype(np.int8), weight=labelled.weights)
    models = [
        lightgbm.train({**settings, "seed": draw}, rows, num_boost_round=trees).dump_model()
        for draw in range(draws)
    ]
    nested = [
        _nested(tree["tree_structure"], features, draws)
        for model in models
        for tree in model["tree_info"]
    ]
    used = sorted({name for tree in nested for name in _used(tree)}, key=list(features).index)
    return {"base": 0.0, "features": used, "trees": nested}


def _nested(node: Mapping[str, Any], features: Sequence[str], draws: int) -> Any:
    if "leaf_value" in node:
        return float(f"{node['leaf_value'] / draws:.4g}")
    left, right = (_nested(node[side], features, draws) for side in ("left_child", "right_child"))
    return [features[node["split_feature"]], float(f"{node['threshold']:.6g}"), left, right]


def _used(tree: Any) -> set[str]:
    if isinstance(tree, float):
        return set()
    return {tree[0]} | _used(tree[2]) | _used(tree[3])
