"""The postings of several terms added up are those that a dictionary would count."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.loops.unions import add, added_up, mark, marked

DOCS = 200
lists = st.lists(
    st.dictionaries(st.integers(0, DOCS - 1), st.integers(1, 70_000), max_size=40),
    min_size=1,
    max_size=5,
)


@given(lists, st.sampled_from([1, 2, 4]))
def test_postings_are_added_up(terms: list[dict[int, int]], freq_bytes: int) -> None:
    most = 256**freq_bytes - 1
    rows = [(doc, min(freq, most)) for term in terms for doc, freq in sorted(term.items())]
    starts = np.cumsum([0, *map(len, terms)])
    docs = np.array([doc for doc, _ in rows], np.uint32)
    freqs = np.array([freq for _, freq in rows], f"<u{freq_bytes}").view(np.uint8)
    these = np.arange(len(terms))
    bits = np.zeros(-(-DOCS // 64), np.uint64)
    mark(starts, docs, these, bits)
    held, before = marked(bits)
    counts = np.zeros(len(held), np.uint32)
    add(starts, docs, freqs, freq_bytes, these, bits, before, counts)
    wanted: Counter[int] = Counter()
    for doc, freq in rows:
        wanted[doc] += freq
    assert list(zip(held.tolist(), counts.tolist(), strict=True)) == sorted(wanted.items())
    given = starts, docs, freqs, freq_bytes, these, DOCS
    for mine, its in zip(added_up(*given, len(rows)), (held, counts), strict=True):
        assert mine.tolist() == its.tolist()
    assert not rows or [len(row) for row in added_up(*given, len(rows) - 1)] == [0, 0]


def test_a_document_that_cannot_be_is_an_error() -> None:
    with pytest.raises(IndexError):
        mark(np.array([0, 1]), np.array([64], np.uint32), np.array([0]), np.zeros(1, np.uint64))
