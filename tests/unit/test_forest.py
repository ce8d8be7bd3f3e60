"""The vectorised trees answer as trees walked node by node do."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning import models
from indexer.cleaning.models import COLUMNS, file_name
from indexer.learned import forest
from indexer.loops.trees import TOGETHER

FEATURES = ("length", "links", "place")
NUMBERS = st.floats(-4, 4, width=16, allow_nan=False)


def trees(leaves: int) -> st.SearchStrategy[Any]:
    """Nested trees of at most that many leaves."""
    leaf = st.floats(-1, 1, width=32)
    if leaves < 2:
        return leaf
    return st.one_of(
        leaf,
        st.integers(1, leaves - 1).flatmap(
            lambda left: st.tuples(
                st.sampled_from(FEATURES), NUMBERS, trees(left), trees(leaves - left)
            ).map(list)
        ),
    )


def walked(tree: Any, row: dict[str, float]) -> float:
    while not isinstance(tree, float):
        name, threshold, left, right = tree
        tree = right if row[name] > threshold else left
    return tree


@given(
    st.lists(trees(forest.MAX_LEAVES), min_size=1, max_size=4),
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=8),
)
def test_all_trees_at_once_equal_each_tree_walked(
    grown: list[Any], rows: list[tuple[float, ...]]
) -> None:
    table = np.array(rows, np.float32).reshape(len(rows), len(FEATURES))
    found = forest.from_trees(grown, features=FEATURES, base=0.25).probabilities(table)
    scores = [
        0.25 + sum(walked(tree, dict(zip(FEATURES, row, strict=True))) for tree in grown)
        for row in rows
    ]
    assert np.allclose(found, [1 / (1 + np.exp(-score)) for score in scores], atol=1e-5)


def test_many_rows_are_scored_in_parts_without_a_seam() -> None:
    grown = [["length", 0.0, -1.0, 1.0]]
    rows = np.linspace(-1, 1, 3 * TOGETHER + 1, dtype=np.float32)[:, None].repeat(3, 1)
    found = forest.from_trees(grown, features=FEATURES, base=0.0).probabilities(rows)
    assert len(found) == len(rows)
    assert np.array_equal(found > 0.5, rows[:, 0] > 0)


def test_weights_for_a_feature_that_is_gone_say_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"smell.*train again with python -m indexer.training"):
        forest.decode({"features": ["smell"], "trees": [], "base": 0}, FEATURES)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_shipped_weights_fit_the_features_and_can_be_read(name: str) -> None:
    text = (Path(models.__file__).parent / file_name(name)).read_text(encoding="utf-8")
    stored = json.loads(text)
    assert set(stored["features"]) <= set(COLUMNS[name])
    assert 0 < stored["threshold"] < 1
    assert text.count("\n") > len(stored["trees"]), "one tree a line"
