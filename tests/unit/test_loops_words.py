"""Adding up, meeting and filtering words, each beside a few lines of NumPy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.loops import words

SIZE = 700  # documents
FREQS = st.sampled_from([np.uint8, np.uint16, np.uint32])
seeds = st.integers(0, 2**32 - 1)


class Word(NamedTuple):
    docs: NDArray[np.uint32]
    freqs: NDArray[Any]

    def row(self) -> NDArray[np.float32]:
        """Its frequency in every document."""
        row = np.zeros(SIZE, np.float32)
        row[self.docs] = self.freqs
        return row

    def scores(self, norms: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
        row = self.row()
        return row * np.float32(2.5) / (norms + row) * np.float32(weight)


def word(random: np.random.Generator, freqs: Any) -> Word:
    count = int(random.choice([0, 1, 3, 20, 90, 650]))
    docs = np.sort(random.choice(SIZE, count, replace=False)).astype(np.uint32)
    return Word(docs, random.integers(1, 200, count).astype(freqs))


def norms_of(random: np.random.Generator) -> NDArray[np.float32]:
    return random.uniform(0.5, 4, SIZE).astype(np.float32)


def cleared(item: Any, size: int = SIZE) -> NDArray[Any]:
    return np.zeros(size, item)


@given(seeds, st.lists(FREQS, max_size=4), st.sampled_from([1, 10, 40, 10_000]))
@settings(max_examples=150, deadline=None)
def test_any_of_the_words(seed: int, kinds: list[Any], count: int) -> None:
    """The total; all that may be among the best, ascending; sums in the words' order; cleared rows."""
    random = np.random.default_rng(seed)
    norms = norms_of(random)
    blocks = -(-SIZE // words.BLOCK)
    scores, met = cleared(np.float32, blocks * words.BLOCK), cleared(np.uint8, blocks)
    every = cleared(np.float32)
    for freqs in kinds:
        each, weight = word(random, freqs), float(random.uniform(0.1, 9))
        words.add(each.docs, each.freqs, norms, weight, scores, met)
        every += each.scores(norms, weight)
    share, most = float(random.choice([0, 0.2, np.inf])), float(random.choice([0, 0.5, 100]))
    total, docs, found, low = words.harvest(scores, met, count, share, most)
    assert total == np.count_nonzero(every)
    assert found.tolist() == every[docs].tolist()
    assert (np.diff(docs.astype(int)) > 0).all()
    nth = np.sort(every)[-count] if count <= total else 0.0
    assert low <= nth
    needed = max(nth / (1 + share), nth - most)
    assert set(np.flatnonzero((every > 0) & (every >= needed))) <= set(docs.tolist())
    assert not scores.any()
    assert not met.any()


@given(seeds, st.lists(FREQS, min_size=2, max_size=4))
@settings(max_examples=150, deadline=None)
def test_all_of_the_words(seed: int, kinds: list[Any]) -> None:
    random = np.random.default_rng(seed)
    norms, ranks = norms_of(random), cleared(np.uint32)
    given_words = [word(random, freqs) for freqs in kinds]
    weights = random.uniform(0.1, 9, len(given_words)).astype(np.float32)
    docs, first = given_words[0]
    met, often = np.empty(len(docs), np.uint32), np.empty((len(kinds), len(docs)), np.uint32)
    for known, (its_docs, freqs) in enumerate(given_words[1:], 1):
        held = words.meet(docs, met, often, known, its_docs, freqs, ranks)
        docs = met[:held]
    held = len(docs)
    rows = np.array([each.row() for each in given_words])
    wanted = np.flatnonzero((rows > 0).all(axis=0))
    assert docs.tolist() == wanted.tolist()
    assert first[often[0, :held]].tolist() == rows[0, wanted].tolist()
    assert often[1:, :held].tolist() == rows[1:, wanted].tolist()
    scores = cleared(np.float32, held)
    words.add_met(docs, often, first, np.arange(len(rows)), weights, norms, scores)
    every = cleared(np.float32)
    for each, weight in zip(given_words, weights, strict=True):
        every += each.scores(norms, float(weight))
    assert scores.tolist() == every[wanted].tolist()
    assert not ranks.any()


@given(seeds, FREQS)
@settings(max_examples=80, deadline=None)
def test_given_documents(seed: int, kind: Any) -> None:
    random = np.random.default_rng(seed)
    norms, ranks = norms_of(random), cleared(np.uint32)
    one, found = word(random, kind), word(random, kind).docs
    scores = np.ones(len(found), np.float32)
    words.add_found(found, one.docs, one.freqs, norms, 0.7, ranks, scores)
    assert scores.tolist() == (1 + one.scores(norms, 0.7)[found]).tolist()
    both = words.in_both(found, one.docs, ranks)
    assert both.tolist() == np.intersect1d(found, one.docs).tolist()
    mask = cleared(np.bool_)
    words.flag(found, mask)
    assert np.flatnonzero(mask).tolist() == found.tolist()
    assert not ranks.any()


@given(seeds, st.sampled_from([1, 10, 10_000]))
@settings(max_examples=80, deadline=None)
def test_within_reach_are_those_that_may_be_among_the_best(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    docs = word(random, np.uint8).docs
    scores = random.uniform(0, 9, len(docs)).astype(np.float32)
    _, held, found, low = words.within_reach(docs, scores, count, 0.2, 1.0)
    nth = np.sort(scores)[-count] if count <= len(docs) else 0.0
    assert low <= nth
    assert set(docs[scores >= max(nth / 1.2, nth - 1)]) <= set(held.tolist())
    assert (
        dict(zip(held.tolist(), found.tolist(), strict=True)).items()
        <= dict(zip(docs.tolist(), scores.tolist(), strict=True)).items()
    )


@given(seeds)
@settings(max_examples=60, deadline=None)
def test_filters(seed: int) -> None:
    random = np.random.default_rng(seed)
    first = random.integers(-5, 5, SIZE).astype(np.int32)
    last = first + random.integers(0, 4, SIZE).astype(np.int32)
    sources = random.integers(-1, 3, SIZE).astype(np.int32)
    chosen = random.random(4) < 0.5
    since, until = -2, int(random.integers(-2, 6))
    docs = word(random, np.uint8).docs
    rows = np.empty(len(docs) + 1, np.int64)
    held = words.passing(docs, first, last, since, until, sources, chosen, rows)
    passed = (last >= since) & (first <= until) & chosen[sources]
    assert rows[:held].tolist() == np.flatnonzero(passed[docs]).tolist()


def test_a_document_that_there_is_not_is_an_error_and_no_foreign_memory() -> None:
    docs, freqs = np.array([SIZE], np.uint32), np.ones(1, np.uint8)
    norms, scores = cleared(np.float32), cleared(np.float32)
    with pytest.raises(IndexError):
        words.add(docs, freqs, norms, 1.0, scores, cleared(np.uint8, 99))
