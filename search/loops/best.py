"""The best of what plain words find in a segment that is the whole index, in one call: scored and in order.

What takes two microseconds a call takes as long for a hundred postings: where there are few, the
loops of `words`, `words_met`, `words_beside`, `side_by_side` and `top` are called from here.

Words are given as one row of numbers: how many are scored, how many pairs there are, the two words
of each pair, where the postings of each begin and end, and of each word what `loops.terms` knows of its
term. Behind these stand words that are only in pairs.
"""

# ruff: noqa: FBT001, PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    F4,
    F8,
    I8,
    U1,
    U4,
    U8,
    boolean,
    compiled,
    float32,
    float64,
    int64,
    mixed,
    uint32,
    writable,
)
from search.loops.lists import FIELD, Arrays, Docs, Field, Ints, Octets, position_count, sought
from search.loops.phrases import counted
from search.loops.reach import Scores, narrowed
from search.loops.side_by_side import side_by_side, work_of
from search.loops.terms import BEGIN, BEHIND, LIVE, NUMBER, look_up
from search.loops.top import best, dated
from search.loops.words import any_word, worth
from search.loops.words_beside import add_beside
from search.loops.words_met import having_all
from search.ranking import K1, PAIR_WEIGHT

FEW = 100
"""Rows; of so many those that are too low are passed by one by one."""
BESIDE_AT_ONCE = 50_000
"""Articles times words that neighbours are looked for in: some milliseconds."""

Keys = NDArray[np.uint64]
Boosts = NDArray[np.float64]
Found = tuple[int, Docs, Scores, float, bool]

_NO_DOCS = np.empty(0, np.uint32)
_NO_OCTETS = np.empty(0, np.uint8)
_NO_WEIGHTS = np.empty(0, np.float32)

_found = mixed(int64, writable(uint32), writable(float32), float64, boolean)
_given = (U4, F4, I8, U8, int64, int64, I8, F8)


@compiled()
def _idf(articles: int, holding: int) -> float:
    """`ranking.idf`."""
    return math.log1p((articles - holding + 0.5) / (holding + 0.5))


@compiled()
def _laid_out(
    numbers: Ints, boosts: Boosts, articles: int
) -> tuple[Ints, Scores, Ints, float, float]:
    """Spans and weights as `any_word` takes them, pairs (weights behind) as `add_beside` does.

    No pairs add more to a score than a share of it (infinite where that is not known), nor more
    than so much: the last two items.
    """
    words, pairs = numbers[0], numbers[1]
    first = 2 + 2 * pairs
    ends, spans = numbers[2:first], numbers[first : first + 2 * words]
    rows = numbers[first + 2 * words :].reshape(-1, 4)
    slots = len(rows)
    idfs, times = np.empty(slots, np.float64), np.zeros(slots, np.int64)
    weights = np.empty(words + pairs, np.float32)
    for slot in range(slots):
        idfs[slot] = _idf(articles, rows[slot, LIVE])
        if slot < words:
            weights[slot] = idfs[slot] * boosts[slot]
    near = np.empty(2 + 2 * pairs + 3 * slots, np.int64)
    held, most = 0, 0.0
    for pair in range(pairs):
        one, other = ends[2 * pair], ends[2 * pair + 1]
        if rows[one, LIVE] and rows[other, LIVE]:
            near[1 + 2 * held], near[2 + 2 * held] = one, other
            weight = (idfs[one] + idfs[other]) * PAIR_WEIGHT
            weights[words + held] = weight
            most += weight
            times[one] += 1
            times[other] += 1
            held += 1
    first = 1 + 2 * held
    near[0], near[first] = slots, 0
    for slot in range(slots):
        near[first + slot + 1] = slot + 1
        near[first + slots + 1 + 2 * slot] = rows[slot, BEGIN]
        near[first + slots + 2 + 2 * slot] = rows[slot, BEHIND]
    # A pair is no more frequent than either of its words, so its impact is at most theirs,
    # and it is worth a tenth of what its words are worth together, typed once.
    share = 0.0
    for slot in range(slots):
        if times[slot]:
            share = max(share, times[slot] / boosts[slot] if slot < words else math.inf)
    near = near[: first + 3 * slots + 1]
    return spans, weights[: words + held], near, PAIR_WEIGHT * share, most * (K1 + 1)


@compiled()
def _ordered(
    arrays: Arrays,
    total: int,
    docs: Docs,
    scores: Scores,
    low: float,
    pairs: Ints,
    weights: Scores,
    norms: Scores,
    seconds: Ints,
    ids: Keys,
    count: int,
) -> Found:
    """The documents with what neighbours add, in order; as they are where that would take long."""
    if len(weights):
        if len(docs) * pairs[0] > BESIDE_AT_ONCE:
            return total, docs, scores, low, False
        add_beside(arrays, pairs, weights, norms, 0, docs, low, scores)
        if FEW < count < len(docs):
            held, _ = narrowed(docs, scores, len(docs), count, 0.0, 0.0)
            docs, scores = docs[:held], scores[:held]
    rows = np.empty(min(count, len(docs)), np.int64)
    best(scores, docs, seconds, ids, rows)
    return total, docs[rows], scores[rows], low, True


@compiled(_found(FIELD, *_given, U4, U1))
def best_of_any(
    arrays: Arrays,
    gone: Docs,
    norms: Scores,
    seconds: Ints,
    ids: Keys,
    articles: int,
    count: int,
    numbers: Ints,
    boosts: Boosts,
    made_docs: Docs,
    made_freqs: Octets,
) -> Found:
    """How many documents have any of the words; the best, their scores; what surely all of them have.

    The last item says that they are in order: otherwise pairs were not looked at, for that would
    take long, and the documents are those that may be among the best, ascending.
    """
    spans, weights, pairs, share, most = _laid_out(numbers, boosts, articles)
    words = numbers[0]
    total, docs, scores, low = any_word(
        *(arrays, made_docs, made_freqs, spans, weights[:words], norms, gone, 0, 0, len(norms)),
        *(count, share, most),
    )
    weights = weights[words:]
    return _ordered(arrays, total, docs, scores, low, pairs, weights, norms, seconds, ids, count)


_ranks = writable(uint32)


@compiled(mixed(writable(uint32), _found)(FIELD, *_given, U4, U1, _ranks))
def best_of_all(
    arrays: Arrays,
    gone: Docs,
    norms: Scores,
    seconds: Ints,
    ids: Keys,
    articles: int,
    count: int,
    numbers: Ints,
    boosts: Boosts,
    made_docs: Docs,
    made_freqs: Octets,
    ranks: Docs,
) -> tuple[Docs, Found]:
    """The documents that have all of the words, ascending; behind them the same of these."""
    spans, weights, pairs, share, most = _laid_out(numbers, boosts, articles)
    of_words = weights[: numbers[0]]
    met, scores = having_all(arrays, made_docs, made_freqs, spans, gone, ranks, of_words, norms)
    docs, total = met.copy(), len(met)
    held, low = narrowed(docs, scores, total, count, share, most)
    docs, scores, weights = docs[:held], scores[:held], weights[numbers[0] :]
    found = _ordered(
        arrays, total, docs, scores, float64(low), pairs, weights, norms, seconds, ids, count
    )
    return met, found


@compiled()
def _live(docs: Docs, freqs: Docs, gone: Docs) -> int:
    """Move the documents that are not gone to the front, and how often beside; how many."""
    held = at = 0
    for row in range(len(docs)):
        at = sought(gone, at, len(gone), int64(docs[row]))
        docs[held], freqs[held] = docs[row], freqs[row]
        held += at == len(gone) or gone[at] != docs[row]
    return held


@compiled()
def _first(docs: Docs, seconds: Ints, ids: Keys, count: int, oldest: bool) -> Docs:
    """The documents that come first by date, in order."""
    rows = np.empty(min(count, len(docs)), np.int64)
    dated(docs, seconds, ids, oldest, rows)
    return docs[rows]


@compiled(
    mixed(writable(uint32), int64, writable(uint32))(
        FIELD, U4, F4, I8, U8, int64, I8, _ranks, boolean
    )
)
def dated_of_all(
    arrays: Arrays,
    gone: Docs,
    norms: Scores,
    seconds: Ints,
    ids: Keys,
    count: int,
    spans: Ints,
    ranks: Docs,
    oldest: bool,
) -> tuple[Docs, int, Docs]:
    """Documents that have all of several words, ascending; of one or more words how many, and the first by date."""
    docs = Field(*arrays).docs
    if len(spans) > 2:
        met, _ = having_all(arrays, _NO_DOCS, _NO_OCTETS, spans, gone, ranks, _NO_WEIGHTS, norms)
    elif len(gone):
        met = docs[spans[0] : spans[1]].copy()
        met = met[: _live(met, met, gone)]
    else:
        its = docs[spans[0] : spans[1]]
        return np.empty(0, np.uint32), len(its), _first(its, seconds, ids, count, oldest)
    return met, len(met), _first(met, seconds, ids, count, oldest)


@compiled(
    mixed(int64, *[writable(uint32)] * 3, writable(float32))(
        *(FIELD, U4, F4, I8, U8, U1, I8, int64, int64, U1, writable(int64, 2), float64, int64)
    )
)
def best_of_phrase(
    arrays: Arrays,
    gone: Docs,
    norms: Scores,
    seconds: Ints,
    ids: Keys,
    letters: Octets,
    begins: Ints,
    articles: int,
    count: int,
    wanted: Octets,
    table: Ints,
    boost: float,
    at_most: int,
) -> tuple[int, Docs, Docs, Docs, Scores]:
    """The documents that have terms side by side: how many, all of them ascending, how often; the best, their scores.

    `table` is filled as `loops.terms.look_up` does. The number is -1 where more than `at_most` postings and positions
    would be looked at.
    """
    field = Field(*arrays)
    look_up(letters, begins, field.starts, field.docs, gone, wanted, table)
    positions, weight = np.empty(len(table), np.int64), 0.0
    for row in range(len(table)):
        positions[row] = position_count(
            *(field.blocks, field.block_parts, field.freqs, field.freq_bytes),
            *(table[row, BEGIN], table[row, BEHIND]),
        )
        weight += _idf(articles, table[row, LIVE])
    work = work_of(table[:, BEHIND] - table[:, BEGIN], positions)
    if work > at_most or table[:, NUMBER].min() < 0:
        none = np.empty(0, np.uint32)
        return -1 if work > at_most else 0, none, none, none, np.empty(0, np.float32)
    docs, freqs = counted(side_by_side(field, table[:, NUMBER].copy(), 0, len(norms)))
    held = _live(docs, freqs, gone) if len(gone) else len(docs)
    docs, freqs = docs[:held], freqs[:held]
    scores = np.empty(held, np.float32)
    for row in range(held):
        scores[row] = worth(freqs[row], norms[docs[row]], np.float32(weight * boost))
    rows = np.empty(min(count, held), np.int64)
    best(scores, docs, seconds, ids, rows)
    return held, docs, freqs, docs[rows], scores[rows]
