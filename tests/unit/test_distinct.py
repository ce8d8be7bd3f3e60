"""Distinct chunks by sorting: the same as a dictionary finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from search.text import analyse_chunk
from search.whoosh_engine import distinct as module
from search.whoosh_engine.distinct import cut, distinct

LETTERS = st.sampled_from("abA.'é中")
chunks = st.text(LETTERS, min_size=1, max_size=9) | st.builds(
    lambda piece, times: piece * times, st.text(LETTERS, min_size=1, max_size=4), st.integers(1, 14)
)
texts = st.lists(st.lists(chunks, max_size=8).map(lambda row: "  ".join(row).encode()), max_size=6)


def check(found: list[bytes]) -> None:
    joined, starts, ends, counts = cut(found)
    pieces = [joined[a:z] for a, z in zip(starts.tolist(), ends.tolist(), strict=True)]
    given = [piece for text in found for piece in text.split()]
    assert [piece.lower() for piece in pieces] == [piece.lower() for piece in given]
    for piece, before in zip(pieces, given, strict=True):
        if piece != before:
            assert before[:1].isupper()
            assert piece[1:] == before[1:]
        assert analyse_chunk(piece) == analyse_chunk(before)
    assert counts.tolist() == [len(text.split()) for text in found]
    if pieces:
        firsts, groups = distinct(joined, starts, ends)
        assert [pieces[first] for first in firsts[groups].tolist()] == pieces
        kinds = {pieces[first] for first in firsts.tolist()}
        assert kinds == set(pieces)
        long = sum(len(piece) > module._LONGEST for piece in pieces)
        if module._FACTORS.all():
            assert len(firsts) <= len(set(pieces)) + long


@for_any(texts)
def test_every_chunk_has_its_kind(found: list[bytes]) -> None:
    check(found)


@for_any(texts)
def test_chunks_of_the_same_key_are_told_apart(found: list[bytes]) -> None:
    """With factors of zero all chunks have one key: right all the same, only slower."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_FACTORS", np.zeros(3, np.uint64))
        check(found)
