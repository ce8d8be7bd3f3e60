"""Labelled rows -> boosted trees in the form that `indexer/forest.py` reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from indexer.columns import Floats
from indexer.forest import MAX_LEAVES


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
    rate: float,
    smallest_leaf: int,
) -> dict[str, Any]:
    """Fit and translate: `{"base", "features", "trees"}` with nested trees, rounded for reading."""
    model = HistGradientBoostingClassifier(
        max_iter=trees,
        learning_rate=rate,
        max_leaf_nodes=MAX_LEAVES,
        min_samples_leaf=smallest_leaf,
        l2_regularization=1.0,
        max_features=0.4,
        max_bins=64,
        early_stopping=False,
        random_state=0,
    )
    model.fit(labelled.rows, labelled.labels, sample_weight=labelled.weights)
    nested = [_nested(steps[0].nodes, 0, features) for steps in model._predictors]  # noqa: SLF001 - the trees have no public name
    used = sorted({name for tree in nested for name in _used(tree)}, key=list(features).index)
    base = float(np.ravel(model._baseline_prediction)[0])  # noqa: SLF001 - nor has this
    return {"base": round(base, 5), "features": used, "trees": nested}


def _nested(nodes: Any, at: int, features: Sequence[str]) -> Any:
    node = nodes[at]
    if node["is_leaf"]:
        return float(f"{node['value']:.4g}")
    threshold = float(f"{node['num_threshold']:.6g}")
    left = _nested(nodes, node["left"], features)
    right = _nested(nodes, node["right"], features)
    return [features[node["feature_idx"]], threshold, left, right]


def _used(tree: Any) -> set[str]:
    if isinstance(tree, float):
        return set()
    return {tree[0]} | _used(tree[2]) | _used(tree[3])
