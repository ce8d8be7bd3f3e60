"""Selecting the best few is sorting all and cutting."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from search.whoosh_engine import top


@given(
    st.integers(0, 20_000),
    st.integers(1, 600),
    st.integers(1, 40),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None)
def test_the_best_are_the_first_of_all_in_order(
    size: int, count: int, first_values: int, second_values: int, seed: int
) -> None:
    """Many ties, so that the later keys decide; more rows than the sample."""
    random = np.random.default_rng(seed)
    first = random.integers(0, first_values, size).astype(np.float32)
    second = random.integers(0, second_values, size)
    last = random.permutation(size)
    found = top.best(count, first, (lambda rows: second[rows], lambda rows: last[rows]))
    wanted = np.lexsort((last, second, first))[::-1][:count]
    assert found.tolist() == wanted.tolist()


@given(st.integers(1, 200), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_the_cut_is_the_value_at_that_place(count: int, seed: int) -> None:
    values = np.random.default_rng(seed).random(30_000).astype(np.float32)
    assert top.cut(count, values) == np.sort(values)[-count]


def test_a_sample_that_is_above_the_rest_misleads_nobody() -> None:
    """Every row that the sample takes is high, and there are too few of them."""
    values = np.zeros(30_000, np.float32)
    values[: 9 * 14 : 14] = 1
    values[5] = 0.5
    assert top.cut(9, values) == 1
    assert top.cut(10, values) == 0.5
    assert top.cut(11, values) == 0
