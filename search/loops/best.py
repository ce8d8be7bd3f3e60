"""The best of what words find in a segment that is the whole index, in one call: scored and in order.

What takes two microseconds a call takes as long for a hundred postings: where there are few, the
loops of `words`, `words_met`, `words_beside` and `top` are called from here.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    F4,
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
    read_only,
    uint32,
    writable,
)
from search.loops.lists import FIELDS, Docs, Field, Ints, Octets
from search.loops.reach import Scores, narrowed
from search.loops.top import best
from search.loops.words import any_word
from search.loops.words_beside import add_beside
from search.loops.words_met import score_met

FEW = 100
"""Rows; of so many those that are too low are passed by one by one."""
AT_ONCE = 50_000
"""Articles times words that neighbours are looked for in: some milliseconds."""

Keys = NDArray[np.uint64]
Found = tuple[int, Docs, Scores, float, bool]

_found = mixed(int64, writable(uint32), writable(float32), float64, boolean)


@compiled()
def _ordered(
    field: Field,
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
        if len(docs) * pairs[0] > AT_ONCE:
            return total, docs, scores, low, False
        add_beside(field, pairs, weights, norms, 0, docs, low, scores)
        if FEW < count < len(docs):
            held, _ = narrowed(docs, scores, len(docs), count, 0.0, 0.0)
            docs, scores = docs[:held], scores[:held]
    rows = np.empty(min(count, len(docs)), np.int64)
    best(scores, docs, seconds, ids, rows)
    return total, docs[rows], scores[rows], low, True


_any = [
    _found(field, U4, U1, I8, U4, I8, F4, F4, I8, U8, int64, float64, float64) for field in FIELDS
]


@compiled(*_any)
def best_of_any(
    field: Field,
    made_docs: Docs,
    made_freqs: Octets,
    spans: Ints,
    gone: Docs,
    pairs: Ints,
    weights: Scores,
    norms: Scores,
    seconds: Ints,
    ids: Keys,
    count: int,
    share: float,
    most: float,
) -> Found:
    """How many documents have any of the words; the best, their scores; what surely all of them have.

    `weights` are those of the words, then those of the pairs, which are given as to `add_beside`.
    The last item says that they are in order: otherwise pairs were not looked at, for that would
    take long, and the documents are those that may be among the best, ascending.
    """
    words = len(spans) // 2
    total, docs, scores, low = any_word(
        *(field, made_docs, made_freqs, spans, weights, norms, gone, 0, 0, len(norms)),
        *(count, share, most),
    )
    return _ordered(
        field, total, docs, scores, low, pairs, weights[words:], norms, seconds, ids, count
    )


_met = [
    _found(field, U4, read_only(uint32, 2), I8, F4, F4, I8, U8, int64, float64, float64)
    for field in FIELDS
]


@compiled(*_met)
def best_of_met(
    field: Field,
    docs: Docs,
    often: NDArray[np.uint32],
    pairs: Ints,
    weights: Scores,
    norms: Scores,
    seconds: Ints,
    ids: Keys,
    count: int,
    share: float,
    most: float,
) -> Found:
    """The same of documents that have all of the words, word n `often[n]` times each."""
    total = len(docs)
    reached, scores = docs.copy(), np.empty(total, np.float32)
    score_met(docs, often, weights, norms, 0, scores)
    held, low = narrowed(reached, scores, total, count, share, most)
    reached, scores = reached[:held], scores[:held]
    return _ordered(
        field, total, reached, scores, float(low), pairs, weights[len(often) :], norms, seconds, ids, count
    )  # fmt: skip
