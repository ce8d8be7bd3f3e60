"""Values are tallied as a counter would."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.loops.facets import tally
from search.loops.unions import BITS

types = st.sampled_from(["u1", "u2", "u4"])
rows = st.lists(st.lists(st.integers(0, 149)), max_size=4)


@given(st.lists(st.integers(0, 9), min_size=50, max_size=50), rows, types, types)
def test_each_document_is_counted_once_in_both_columns(
    values: list[int], rows: list[list[int]], of_values: str, of_others: str
) -> None:
    values *= 3
    others = values[::-1]
    counts, other_counts = np.zeros(10, np.int64), np.zeros(10, np.int64)
    seen = np.zeros(150 // BITS + 1, np.uint64)
    for docs in rows:
        columns = np.array(values).astype(of_values), np.array(others).astype(of_others)
        tally(np.array(docs, np.uint32), seen, *columns, counts, other_counts)
    met = {doc for docs in rows for doc in docs}
    bits = np.unpackbits(seen.view(np.uint8), bitorder="little")
    assert set(np.flatnonzero(bits).tolist()) == met
    for every, counted in ((values, counts), (others, other_counts)):
        wanted = Counter(every[doc] for doc in met)
        assert counted.tolist() == [wanted[value] for value in range(10)]


@pytest.mark.parametrize(("value", "other", "doc"), [(3, 0, 0), (0, 3, 0), (0, 0, 1), (0, 0, BITS)])
def test_what_cannot_be_is_an_error(value: int, other: int, doc: int) -> None:
    column, second = np.array([value], np.uint8), np.array([other], np.uint8)
    counts = np.zeros(3, np.int64), np.zeros(3, np.int64)
    with pytest.raises(IndexError):
        tally(np.array([doc], np.uint32), np.zeros(1, np.uint64), column, second, *counts)
