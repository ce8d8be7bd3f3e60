"""The best of many rows are the first of all of them in order."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.loops.top import NO_TIME, best, dated


@given(
    st.integers(0, 3_000),
    st.integers(0, 600),
    st.integers(1, 40),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=80)
def test_the_best_are_the_first_of_all_in_order(
    size: int, count: int, first_values: int, second_values: int, seed: int
) -> None:
    """Many ties, so that the later values decide."""
    random = np.random.default_rng(seed)
    docs = random.choice(2 * size + 1, size, replace=False).astype(np.uint32)
    firsts = random.integers(0, first_values, size).astype(np.float32)
    seconds = np.where(
        random.random(2 * size + 1) < 0.2, NO_TIME, random.integers(-2, second_values, 2 * size + 1)
    )
    keys = random.permutation(2 * size + 1).astype(np.uint64)
    wanted = np.lexsort((keys[docs], -(seconds[docs] + 2**62), -firsts))[:count]
    rows = np.empty(count, np.int64)
    held = best(firsts, docs, seconds, keys, rows)
    assert rows[:held].tolist() == wanted.tolist()
    for oldest in (False, True):
        held = dated(docs, seconds, keys, oldest, rows)
        places = [_place(int(doc), seconds, keys, oldest=oldest) for doc in docs]
        assert rows[:held].tolist() == sorted(range(size), key=places.__getitem__)[:count]


def _place(
    doc: int, seconds: NDArray[np.int64], keys: NDArray[np.uint64], *, oldest: bool
) -> tuple[bool, int, int]:
    second = int(seconds[doc])
    return second == NO_TIME, second if oldest else -second, int(keys[doc])
