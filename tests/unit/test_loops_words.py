"""Adding up, meeting and filtering words, each beside a few lines of NumPy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.loops import filters, reach, words, words_met
from search.loops.lists import Arrays, Field

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


class Segment(NamedTuple):
    """Words in a field of a segment; every second one is given as made of several."""

    field: Arrays
    made_docs: NDArray[np.uint32]
    made_freqs: NDArray[np.uint8]
    spans: NDArray[np.int64]


def segment(given_words: list[Word], kind: Any) -> Segment:
    lying, made = given_words[::2], given_words[1::2]

    def row(parts: list[Any], item: Any) -> NDArray[Any]:
        return np.concatenate([np.empty(0, item), *parts]).astype(item)

    docs, freqs = (
        row([each.docs for each in lying], np.uint32),
        row([each.freqs for each in lying], kind),
    )
    places: list[tuple[int, int]] = []
    for number, each in enumerate(given_words):
        before = sum(len(other.docs) for other in given_words[number % 2 : number : 2])
        begin = before + len(docs) * (number % 2)
        places.append((begin, begin + len(each.docs)))
    for fixed in (docs, freqs):
        fixed.flags.writeable = False
    octets = freqs.view(np.uint8)
    nothing = np.empty(0, np.uint32)
    nothing.flags.writeable = False
    starts, positions = np.empty(0, np.int64), np.empty(0, np.uint16)
    starts.flags.writeable = positions.flags.writeable = False
    return Segment(
        tuple(Field(starts, docs, octets, freqs.itemsize, nothing, 1, positions, 1)),
        row([each.docs for each in made], np.uint32),
        row([each.freqs for each in made], np.uint32).view(np.uint8),
        np.array(places, np.int64).reshape(-1),
    )


def gone_of(random: np.random.Generator) -> NDArray[np.uint32]:
    count = int(random.choice([0, 0, 5, 300]))
    return np.sort(random.choice(SIZE, count, replace=False)).astype(np.uint32)


@given(seeds, st.integers(1, 4), FREQS, st.sampled_from([1, 10, 40, 10_000]), st.booleans())
@settings(max_examples=200)
def test_any_of_the_words(seed: int, size: int, kind: Any, count: int, halves: bool) -> None:  # noqa: FBT001
    """The total; all that may be among the best, ascending; sums in the words' order."""
    random = np.random.default_rng(seed)
    norms, gone = norms_of(random), gone_of(random)
    given_words = [word(random, kind) for _ in range(size)]
    weights = random.uniform(0.1, 9, size).astype(np.float32)
    share, most = float(random.choice([0, 0.2, np.inf])), float(random.choice([0, 0.5, 100]))
    every = cleared(np.float32)
    for each, weight in zip(given_words, weights, strict=True):
        every += each.scores(norms, float(weight))
    every[gone] = 0
    held = segment(given_words, kind)
    for first, last in [(0, 300), (300, SIZE)] if halves else [(0, SIZE)]:
        offset = np.float32(np.arange(7))  # a segment before it
        total, docs, found, low = words.any_word(
            *held,
            weights,
            np.concatenate([offset, norms]),
            gone,
            7,
            first,
            last,
            count,
            share,
            most,
        )
        part = every[first:last]
        assert total == np.count_nonzero(part)
        assert found.tolist() == every[docs - 7].tolist()
        assert (np.diff(docs.astype(int)) > 0).all()
        nth = np.sort(part)[-count] if count <= total else 0.0
        assert low <= nth
        needed = max(nth / (1 + share), nth - most)
        wanted = first + np.flatnonzero((part > 0) & (part >= needed))
        assert set(wanted) <= set((docs - 7).tolist())


@pytest.mark.parametrize("count", [1, 30])
def test_any_of_the_words_of_many_documents(count: int) -> None:
    """More than are added up together, of which some have none."""
    random, size = np.random.default_rng(5), 3 * words.CHUNK + 100
    within = np.concatenate([np.arange(words.CHUNK), np.arange(2 * words.CHUNK, size)])
    rows = [np.sort(random.choice(within, share, replace=False)) for share in (9_000, 3_000, 40)]
    given_words = [Word(row.astype(np.uint32), random.integers(1, 9, len(row))) for row in rows]
    norms, weights = random.uniform(0.5, 4, size).astype(np.float32), np.ones(3, np.float32)
    every = np.zeros(size, np.float32)
    for docs, freqs in given_words:
        freq = freqs.astype(np.float32)
        every[docs] += freq * np.float32(2.5) / (norms[docs] + freq)
    gone = np.arange(5, size, 900, dtype=np.uint32)
    every[gone] = 0
    held = segment(given_words, np.uint8)
    total, found, scores, _ = words.any_word(
        *held, weights, norms, gone, 0, 0, size, count, 0.0, 0.0
    )
    assert total == np.count_nonzero(every)
    assert scores.tolist() == every[found].tolist()
    assert set(np.argsort(-every, kind="stable")[:count]) <= set(found.tolist())
    assert len(found) < 20 * count


@pytest.mark.parametrize("count", [1, 10, 1_000])
@pytest.mark.parametrize("sizes", [(60,), (60, 40), (3, 60, 0, 50)])
def test_any_of_rare_words_among_many_documents(sizes: tuple[int, ...], count: int) -> None:
    """Many of them in the same documents, in two parts of the segment."""
    random, size = np.random.default_rng(6), 30_000
    shared = random.choice(size, 80, replace=False)
    rows = [np.sort(random.choice(shared, share, replace=False)) for share in sizes]
    given_words = [Word(row.astype(np.uint32), random.integers(1, 300, len(row))) for row in rows]
    norms = random.uniform(0.5, 4, size).astype(np.float32)
    weights = random.uniform(0.1, 9, len(sizes)).astype(np.float32)
    every = np.zeros(size, np.float32)
    for (docs, freqs), weight in zip(given_words, weights, strict=True):
        freq = freqs.astype(np.float32)
        every[docs] += freq * np.float32(2.5) / (norms[docs] + freq) * weight
    gone = np.sort(shared[::9]).astype(np.uint32)
    every[gone] = 0
    held = segment(given_words, np.uint16)
    for first, last in [(0, 12_000), (12_000, size)]:
        total, found, scores, _ = words.any_word(
            *held, weights, norms, gone, 0, first, last, count, 0.0, 0.0
        )
        part = every[first:last]
        assert total == np.count_nonzero(part)
        assert scores.tolist() == every[found].tolist()
        assert (np.diff(found.astype(int)) > 0).all()
        best = np.argsort(-part, kind="stable")[: min(count, total)]
        assert set(first + best) <= set(found.tolist())


@given(seeds, st.integers(2, 4), FREQS, st.booleans())
@settings(max_examples=150)
def test_all_of_the_words(seed: int, size: int, kind: Any, counted: bool) -> None:  # noqa: FBT001
    """At once or step by step; how often only where that is asked for."""
    random = np.random.default_rng(seed)
    gone, ranks = gone_of(random), cleared(np.uint32)
    given_words = [word(random, kind) for _ in range(size)]
    order = np.argsort([len(each.docs) for each in given_words], kind="stable")
    room = len(given_words[order[0]].docs)
    met, often = np.empty(room, np.uint32), np.zeros((size, room), np.uint32)
    held, at, laid = room, 0, segment(given_words, kind)
    for last in sorted({int(random.integers(2, size + 1)), size}):
        held = words_met.meet(*laid, order, at, last, held, gone, ranks, met, often, counted)
        at = last
    rows = np.array([each.row() for each in given_words])
    has = np.asarray((rows > 0).all(axis=0))
    has[gone] = False
    wanted = np.flatnonzero(has)
    assert met[:held].tolist() == wanted.tolist()
    assert often[:, :held].tolist() == (rows[:, wanted] * counted).tolist()
    assert not ranks.any()


@pytest.mark.parametrize("scored", [True, False])
@pytest.mark.parametrize("rarest", [0, 1, words_met.SOME, 2 * words_met.SOME + 1])
def test_all_of_the_words_of_many_documents(rarest: int, scored: bool) -> None:  # noqa: FBT001
    """More than are met together, one word typed twice, some lying there and some made."""
    random, size = np.random.default_rng(7), 40_000
    shares = [30_000, rarest, 35_000, 25_000, rarest]
    rows = [np.sort(random.choice(size, share, replace=False)) for share in shares]
    rows[4] = rows[1]
    given_words = [Word(row.astype(np.uint32), random.integers(1, 300, len(row))) for row in rows]
    norms = random.uniform(0.5, 4, size).astype(np.float32)
    weights = random.uniform(0.1, 9, 5 * scored).astype(np.float32)
    every = np.zeros(size, np.float32)
    for (docs, freqs), weight in zip(given_words, weights, strict=False):
        freq = freqs.astype(np.float32)
        every[docs] += freq * np.float32(2.5) / (norms[docs] + freq) * weight
    gone, ranks = np.arange(5, size, 9, dtype=np.uint32), np.zeros(size, np.uint32)
    held = segment(given_words, np.uint16)
    found, scores = words_met.having_all(*held, gone, ranks, weights, norms)
    wanted = set.intersection(*[set(row.tolist()) for row in rows]) - set(gone.tolist())
    assert found.tolist() == sorted(wanted)
    assert scores.tolist() == every[found[: len(scores)]].tolist()
    assert len(scores) == len(found) * scored
    assert not ranks.any()


@given(seeds, FREQS)
@settings(max_examples=80)
def test_given_documents(seed: int, kind: Any) -> None:
    random = np.random.default_rng(seed)
    norms, ranks = norms_of(random), cleared(np.uint32)
    one, found = word(random, kind), word(random, kind).docs
    scores = np.ones(len(found), np.float32)
    words_met.add_found(found, one.docs, one.freqs, norms, 0.7, ranks, scores)
    assert scores.tolist() == (1 + one.scores(norms, 0.7)[found]).tolist()
    both = words_met.in_both(found, one.docs, ranks)
    assert both.tolist() == np.intersect1d(found, one.docs).tolist()
    mask = cleared(np.bool_)
    words_met.flag(found, mask)
    assert np.flatnonzero(mask).tolist() == found.tolist()
    assert not ranks.any()


@given(seeds, st.sampled_from([1, 10, 10_000]))
@settings(max_examples=80)
def test_within_reach_are_those_that_may_be_among_the_best(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    docs = word(random, np.uint8).docs
    scores = random.uniform(0, 9, len(docs)).astype(np.float32)
    _, held, found, low = reach.within_reach(docs, scores, count, 0.2, 1.0)
    nth = np.sort(scores)[-count] if count <= len(docs) else 0.0
    assert low <= nth
    assert set(docs[scores >= max(nth / 1.2, nth - 1)]) <= set(held.tolist())
    assert (
        dict(zip(held.tolist(), found.tolist(), strict=True)).items()
        <= dict(zip(docs.tolist(), scores.tolist(), strict=True)).items()
    )


@given(seeds)
@settings(max_examples=60)
def test_filters(seed: int) -> None:
    random = np.random.default_rng(seed)
    first = random.integers(-5, 5, SIZE).astype(np.int32)
    last = first + random.integers(0, 4, SIZE).astype(np.int32)
    sources = random.integers(-1, 3, SIZE).astype(np.int32)
    chosen = random.random(4) < 0.5
    since, until = -2, int(random.integers(-2, 6))
    docs = word(random, np.uint8).docs
    rows = np.empty(len(docs) + 1, np.int64)
    held = filters.passing(docs, first, last, since, until, sources, chosen, rows)
    passed = (last >= since) & (first <= until) & chosen[sources]
    assert rows[:held].tolist() == np.flatnonzero(passed[docs]).tolist()


@given(seeds, st.integers(1, 4), FREQS)
@settings(max_examples=60)
def test_words_in_what_filters_let_through(seed: int, size: int, kind: Any) -> None:
    random = np.random.default_rng(seed)
    days = random.integers(-5, 5, (2, SIZE + 7)).astype(np.int32)
    sources = random.integers(-1, 3, SIZE + 7).astype(np.int32)
    chosen = random.random(4) < 0.5
    given_words = [word(random, kind) for _ in range(size)]
    held = segment(given_words, kind)
    first, last = days[0].copy(), days[1].copy()
    spans, docs, freqs = filters.through(*held, 7, first, last, -2, 3, sources, chosen)
    passed = ((days[1] >= -2) & (days[0] <= 3) & chosen[sources])[7:]
    own = len(Field(*held.field).docs)
    for each, (begin, behind) in zip(given_words, spans.reshape(-1, 2) - own, strict=True):
        kept = passed[each.docs]
        assert docs[begin:behind].tolist() == each.docs[kept].tolist()
        assert freqs[begin:behind].tolist() == each.freqs[kept].tolist()


def test_a_document_that_there_is_not_is_an_error_and_no_foreign_memory() -> None:
    held = segment([Word(np.array([SIZE], np.uint32), np.ones(1, np.uint8))] * 2, np.uint8)
    weights, gone = np.ones(2, np.float32), np.empty(0, np.uint32)
    with pytest.raises(IndexError):
        words.any_word(*held, weights, cleared(np.float32), gone, 0, 0, SIZE + 1, 10, 0.0, 0.0)
