"""All of several words: which articles have them, how often, and what given articles score."""

# ruff: noqa: FBT001, PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    F4,
    I8,
    U1,
    U2,
    U4,
    boolean,
    compiled,
    float32,
    float64,
    int64,
    mixed,
    uint32,
    void,
    writable,
)
from search.loops.lists import FIELD, Arrays, Docs, Field, Ints, Octets, frequency_of, sought
from search.loops.reach import Scores
from search.loops.words import worth

SOME = 8_192  # postings of the rarest word that are met with the others together: what is noted stays at hand
_SEEK = 16  # times as many postings as documents: in fewer, passing by all is quicker than seeking

Freqs = NDArray[Any]

_docs, _table = writable(uint32), writable(uint32, 2)


@compiled()
def _in_both(
    found: Docs, start: int, held: int, docs: Docs, begin: int, behind: int, ranks: Docs, rows: Docs, places: Ints
) -> int:  # fmt: skip
    """Where documents of two ascending rows stand in either; how many. Quickest if the first is the shorter.

    They are `held` of those found from `start` on, and those of `docs` between two places. `ranks` is a
    cleared row with a place for every document, and is cleared again. `rows` (counted from `start`) and
    `places` have room for one more than there are.
    """
    both, at = 0, begin
    if held * _SEEK < behind - begin:
        for row in range(held):
            at = sought(docs, at, behind, found[start + row])
            if at == behind:
                break
            rows[both], places[both] = row, at  # overwritten where it is none
            both += docs[at] == found[start + row]
        return both
    for row in range(held):
        ranks[found[start + row]] = row + 1
    for at in range(begin, behind):
        rank = ranks[docs[at]]
        rows[both], places[both] = rank - 1, at
        both += rank != 0
    for row in range(held):
        ranks[found[start + row]] = 0
    return both


@compiled(int64(FIELD, U4, U1, I8, I8, int64, int64, int64, U4, _docs, _docs, _table, boolean))
def meet(  # noqa: C901, PLR0912 - an array that is passed on costs as much as a look-up
    arrays: Arrays,
    made_docs: Docs,
    made_freqs: Octets,
    spans: Ints,
    order: Ints,
    first: int,
    last: int,
    held: int,
    gone: Docs,
    ranks: Docs,
    met: Docs,
    often: NDArray[np.uint32],
    counted: bool,
) -> int:
    """Put the documents that have all of several words into `met`; if `counted`, fill `often`.

    That has a row for each word: how often it is in each of the documents.

    The words are sought in the given order, now those from the `first` to before the `last`, of
    which neither is 1. So many documents are `held` before that; returns how many then are. None
    of them is `gone`. Postings are given as to `words.any_word`.
    """
    field = Field(*arrays)
    own = len(field.docs)
    rows = np.empty(len(met) + 1, np.uint32)
    places = np.empty(len(met) + 1, np.int64)
    start = spans[2 * order[0]]
    found, found_freqs, found_size = field.docs, field.freqs, field.freq_bytes
    if start >= own:
        found, found_freqs, found_size, start = made_docs, made_freqs, 4, start - own
    for step in range(max(first, 1), last):
        word = order[step]
        begin, behind = spans[2 * word], spans[2 * word + 1]
        docs, freqs, size = field.docs, field.freqs, field.freq_bytes
        if begin >= own:
            docs, freqs, size = made_docs, made_freqs, 4
            begin, behind = begin - own, behind - own
        if step > 1:
            both = _in_both(met, 0, held, docs, begin, behind, ranks, rows, places)
            for at in range(both):
                met[at] = met[rows[at]]
            held = both
            if not counted:
                continue
            for before in range(step):
                row = often[order[before]]
                for at in range(both):
                    row[at] = row[rows[at]]
            for at in range(both):
                often[word, at] = frequency_of(freqs, size, places[at])
            continue
        both = _in_both(found, start, len(met), docs, begin, behind, ranks, rows, places)
        held = at_gone = 0
        for at in range(both):
            place = start + int64(rows[at])
            doc = found[place]
            if len(gone):
                at_gone = sought(gone, at_gone, len(gone), doc)
                if at_gone < len(gone) and gone[at_gone] == doc:
                    continue
            met[held] = doc
            if counted:
                often[order[0], held] = frequency_of(found_freqs, found_size, place)
                often[word, held] = frequency_of(freqs, size, places[at])
            held += 1
    return held


@compiled()
def score_met(
    docs: Docs, often: NDArray[np.uint32], weights: Scores, norms: Scores, offset: int, scores: Scores
) -> None:  # fmt: skip
    """The scores of documents that have all of the words so often."""
    for at in range(len(docs)):
        norm, score = norms[offset + int64(docs[at])], np.float32(0)
        for word in range(len(often)):
            score += worth(often[word, at], norm, weights[word])
        scores[at] = score


@compiled()
def _by_size(spans: Ints) -> Ints:
    """The words, the rarest first."""
    words = len(spans) // 2
    order = np.empty(words, np.int64)
    for word in range(words):
        size, at = spans[2 * word + 1] - spans[2 * word], word
        while at and spans[2 * order[at - 1] + 1] - spans[2 * order[at - 1]] > size:
            order[at] = order[at - 1]
            at -= 1
        order[at] = word
    return order


@compiled(mixed(_docs, writable(float32))(FIELD, U4, U1, I8, U4, _docs, F4, F4))
def having_all(
    arrays: Arrays,
    made_docs: Docs,
    made_freqs: Octets,
    spans: Ints,
    gone: Docs,
    ranks: Docs,
    weights: Scores,
    norms: Scores,
) -> tuple[Docs, Scores]:
    """The documents that have all of several words, as `meet` takes them; if there are weights, their scores."""
    docs = Field(*arrays).docs
    order, words, own = _by_size(spans), len(spans) // 2, len(docs)
    begin, behind = spans[2 * order[0]], spans[2 * order[0] + 1]
    its, before = (made_docs, own) if begin >= own else (docs, 0)
    met, counted = np.empty(behind - begin, np.uint32), len(weights) > 0
    scores = np.empty(len(met) if counted else 0, np.float32)
    often = np.empty((words, min(len(met), SOME) if counted else 0), np.uint32)
    here, total = spans.copy(), 0
    for word in range(words):
        here[2 * word + 1] = spans[2 * word]
    for first in range(begin, behind, SOME):
        last = min(first + SOME, behind)
        beyond = int64(its[last - 1 - before]) + 1
        for word in range(words):
            at, end = here[2 * word + 1], spans[2 * word + 1]
            here[2 * word] = at
            if at >= own:
                here[2 * word + 1] = own + sought(made_docs, at - own, end - own, beyond)
            else:
                here[2 * word + 1] = sought(docs, at, end, beyond)
        some = met[total : total + last - first]
        given = arrays, made_docs, made_freqs, here, order, 0, words, len(some), gone, ranks
        held = meet(*given, some, often, counted)
        if counted:
            score_met(some[:held], often, weights, norms, 0, scores[total : total + held])
        total += held
    return met[:total], scores[:total]


@compiled(*[void(U4, U4, freqs, F4, float64, _docs, writable(float32)) for freqs in (U1, U2, U4)])
def add_found(
    found: Docs,
    docs: Docs,
    freqs: Freqs,
    norms: Scores,
    weight: float,
    ranks: Docs,
    scores: Scores,
) -> None:
    """Add a word's scores to those of given documents, which ascend."""
    factor = np.float32(weight)
    rows = np.empty(len(found) + 1, np.uint32)
    places = np.empty(len(found) + 1, np.int64)
    for at in range(_in_both(found, 0, len(found), docs, 0, len(docs), ranks, rows, places)):
        row = rows[at]
        scores[row] += worth(freqs[places[at]], norms[found[row]], factor)


@compiled(_docs(U4, U4, _docs))
def in_both(found: Docs, docs: Docs, ranks: Docs) -> Docs:
    """The documents in both ascending rows."""
    rows = np.empty(len(found) + 1, np.uint32)
    places = np.empty(len(found) + 1, np.int64)
    held = _in_both(found, 0, len(found), docs, 0, len(docs), ranks, rows, places)
    both = np.empty(held, np.uint32)
    for at in range(held):
        both[at] = found[rows[at]]
    return both


@compiled(void(U4, writable(boolean)))
def flag(docs: Docs, mask: NDArray[np.bool_]) -> None:
    """Mark documents on a row with a place for every one."""
    for row in range(len(docs)):
        mask[docs[row]] = True
