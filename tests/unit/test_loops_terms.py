"""Terms by their letters, beside a dictionary of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.loops import terms as loops
from search.whoosh_engine.segments.byte_rows import joined

texts = st.lists(st.text(max_size=5), unique=True, max_size=30)


@given(texts, st.lists(st.text(max_size=5), max_size=6), st.integers(0, 2**32 - 1))
@settings(max_examples=200)
def test_what_is_known_of_terms(held: list[str], others: list[str], seed: int) -> None:
    """Their numbers, where their postings are, and how many of these are of live documents."""
    random = np.random.default_rng(seed)
    terms = sorted(text.encode() for text in held)
    letters, begins = joined(terms)
    rows = [np.flatnonzero(random.random(40) < share) for share in random.random(len(terms))]
    starts = np.cumsum([0, *map(len, rows)])
    docs = np.concatenate([np.empty(0, np.uint32), *rows]).astype(np.uint32)
    gone = np.flatnonzero(random.random(40) < random.choice([0, 0.1, 0.9])).astype(np.uint32)
    wanted = [text.encode() for text in (*held, *others)]
    octets = np.frombuffer(b"".join([each + bytes([loops.END]) for each in wanted]), np.uint8)
    table = np.full((len(wanted), 4), 7)
    loops.look_up(letters, begins, starts, docs, gone, octets, table)
    for term, (number, begin, behind, live) in zip(wanted, table.tolist(), strict=True):
        if term not in terms:
            assert number == -1
            continue
        assert number == terms.index(term)
        assert docs[begin:behind].tolist() == rows[number].tolist()
        assert live == len(set(rows[number].tolist()) - set(gone.tolist()))
    numbers = table[:, loops.NUMBER]
    there = numbers >= 0
    assert loops.known_of(numbers[there], starts, docs, gone).tolist() == table[there].tolist()


@pytest.mark.parametrize("starts", [[0, -1], [0, 1 << 40], [2, 1], [1 << 40, 1 << 40]])
def test_postings_that_are_not_there_are_an_error(starts: list[int]) -> None:
    """A damaged number once had a union ask for a row of so many."""
    letters, begins = joined([b"a"])
    octets = np.frombuffer(b"a" + bytes([loops.END]), np.uint8)
    none, docs = np.empty(0, np.uint32), np.arange(3, dtype=np.uint32)
    table = np.empty((1, 4), np.int64)
    with pytest.raises(IndexError, match="outside"):
        loops.look_up(letters, begins, np.array(starts), docs, none, octets, table)
