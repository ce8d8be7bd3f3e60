"""Values are tallied as a counter would."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.loops.facets import tally


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=50),
    st.data(),
    st.sampled_from([np.uint8, np.uint16, np.uint32]),
)
def test_each_value_is_counted(values: list[int], data: st.DataObject, dtype: type) -> None:
    docs = data.draw(st.lists(st.integers(0, len(values) - 1)))
    counts = np.zeros(10, np.int64)
    tally(np.array(values, dtype), np.array(docs, np.uint32), counts)
    wanted = Counter(values[doc] for doc in docs)
    assert counts.tolist() == [wanted[value] for value in range(10)]


@pytest.mark.parametrize(("value", "doc"), [(3, 0), (0, 1)])
def test_what_cannot_be_is_an_error(value: int, doc: int) -> None:
    with pytest.raises(IndexError):
        tally(np.array([value], np.uint8), np.array([doc], np.uint32), np.zeros(3, np.int64))
