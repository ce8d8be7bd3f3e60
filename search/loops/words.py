"""Any of several words, or all of them: which articles, how many, and what they score.

A score of a word in an article is `ranking.word_score` in float32. Words are added up one after the
other in the query's order, so that a sum is the same wherever it is made.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search import ranking
from search.compiled import (
    F4,
    I4,
    I8,
    U1,
    U2,
    U4,
    boolean,
    compiled,
    float32,
    float64,
    int32,
    int64,
    mixed,
    read_only,
    uint8,
    uint32,
    void,
    writable,
)
from search.loops.lists import sought

BLOCK = 64
"""Documents: so many are looked at together for the best."""
_BLOCK_BITS = 6
_MOST = np.float32(ranking.K1 + 1)
_SEEK = 16  # times as many postings as documents: in fewer, passing by all is quicker than seeking
_BINS = 2_048
_ABOVE_NONE = np.float32(1e-40)  # what any score reaches
_SHIFT = 16  # bits of a float32 that make no difference in that

Docs = NDArray[np.uint32]
Freqs = NDArray[Any]
Scores = NDArray[np.float32]
Flags = NDArray[np.uint8]

_scores, _docs, _flags = writable(float32), writable(uint32), writable(uint8)
_chosen = read_only(boolean)


# --- any of the words ----------------------------------------------------------------------------


@compiled(*[void(U4, freqs, F4, float64, _scores, _flags) for freqs in (U1, U2, U4)])
def add(docs: Docs, freqs: Freqs, norms: Scores, weight: float, scores: Scores, met: Flags) -> None:
    """Add a word's scores to a row with a place for every document, and flag the blocks it is in."""
    factor = np.float32(weight)
    for row in range(len(docs)):
        doc = docs[row]
        often = np.float32(freqs[row])
        scores[doc] += often * _MOST / (norms[doc] + often) * factor
        met[doc >> _BLOCK_BITS] = 1


@compiled(void(U4, writable(boolean)))
def flag(docs: Docs, mask: NDArray[np.bool_]) -> None:
    """Mark documents on a row with a place for every one."""
    for row in range(len(docs)):
        mask[docs[row]] = True


@compiled()
def _floor(bits: NDArray[np.int32], size: int, count: int) -> np.float32:
    """A value that `count` of the first values reach, and few more; 0 if there are fewer.

    Positive float32 are ordered as their bits are: they are counted by the upper ones.
    """
    if size < count:
        return np.float32(0)
    most = 0
    for at in range(size):
        most = max(most, bits[at])
    highest = most >> _SHIFT
    counts = np.zeros(_BINS, np.int32)
    for at in range(size):
        counts[min(highest - (bits[at] >> _SHIFT), _BINS - 1)] += 1
    reached = 0
    for step in range(_BINS - 1):
        reached += counts[step]
        if reached >= count:
            floor = np.array([(highest - step) << _SHIFT], np.int32).view(np.float32)
            return np.float32(floor[0])
    return np.float32(0)


@compiled()
def _least(low: np.float32, share: float, most: float) -> np.float32:
    """What a score must be for neighbours to lift it to `low`."""
    return np.float32(max(low / (1 + share), low - most) * 0.99999)


@compiled()
def _narrowed(
    docs: Docs, scores: Scores, size: int, count: int, share: float, most: float
) -> tuple[int, np.float32]:
    """Move those within reach of the best to the front; how many, and what the best have."""
    low = _floor(scores.view(np.int32), size, count)
    least = _least(low, share, most)
    held = 0
    for at in range(size):
        docs[held], scores[held] = docs[at], scores[at]
        held += scores[at] >= least
    return held, low


_harvest = mixed(int64, writable(uint32), writable(float32), float64)


@compiled(_harvest(_scores, _flags, int64, float64, float64))
def harvest(
    scores: Scores, met: Flags, count: int, share: float, most: float
) -> tuple[int, Docs, Scores, float]:
    """How many documents have a score; those that may be among the best; their scores; the least.

    `scores` has whole blocks, `met` a flag for each. `count` are wanted. What is added afterwards is
    at most `share` of a score, and at most `most`. The least is what surely all of the best have
    without it. The rows are cleared.
    """
    bits = scores.view(np.int32)
    tops = np.empty(len(met), np.int32)
    blocks = np.empty(len(met), np.int64)
    size = total = 0
    for block in range(len(met)):
        if met[block]:
            met[block] = 0
            part = bits[block * BLOCK : (block + 1) * BLOCK]
            top, filled = np.int32(0), np.int32(0)  # in one type, so that it goes by eights
            for at in range(len(part)):
                top = np.int32(max(top, part[at]))
                filled = np.int32(filled + np.int32(part[at] != 0))
            tops[size], blocks[size] = top, block * BLOCK
            size += 1
            total += int(filled)
    least = max(_least(_floor(tops, size, count), share, most), _ABOVE_NONE)
    least_bits = np.array([least], np.float32).view(np.int32)[0]
    room = 0
    for place in range(size):
        room += tops[place] >= least_bits
    docs = np.empty(min(total, room * BLOCK) + 1, np.uint32)
    found = np.empty(len(docs), np.float32)
    fill = 0
    for place in range(size):
        first = blocks[place]
        those = scores[first : first + BLOCK]
        if tops[place] >= least_bits:
            for at in range(len(those)):
                docs[fill], found[fill] = first + at, those[at]  # overwritten where it is too low
                fill += those[at] >= least
        those[:] = np.float32(0)
    held, low = _narrowed(docs, found, fill, count, share, most)
    return total, docs[:held], found[:held], float(low)


# --- given documents -----------------------------------------------------------------------------


@compiled(_harvest(U4, F4, int64, float64, float64))
def within_reach(
    docs: Docs, scores: Scores, count: int, share: float, most: float
) -> tuple[int, Docs, Scores, float]:
    """The same of documents and scores that are at hand."""
    docs, scores = docs.copy(), scores.copy()
    held, low = _narrowed(docs, scores, len(docs), count, share, most)
    return len(docs), docs[:held], scores[:held], float(low)


@compiled()
def _in_both(found: Docs, docs: Docs, ranks: Docs, rows: Docs, places: Docs) -> int:
    """Where documents of both ascending rows stand in either; how many. Quickest if `found` is the shorter.

    `ranks` is a cleared row with a place for every document, and is cleared again. `rows` and
    `places` have room for one more than there are.
    """
    held = at = 0
    if len(found) * _SEEK < len(docs):
        for row in range(len(found)):
            at = sought(docs, at, len(docs), found[row])
            if at == len(docs):
                break
            rows[held], places[held] = row, at  # overwritten where it is none
            held += docs[at] == found[row]
        return held
    for row in range(len(found)):
        ranks[found[row]] = row + 1
    for at in range(len(docs)):
        rank = ranks[docs[at]]
        rows[held], places[held] = rank - 1, at
        held += rank != 0
    for row in range(len(found)):
        ranks[found[row]] = 0
    return held


_table = writable(uint32, 2)


@compiled(*[int64(U4, _docs, _table, int64, U4, freqs, _docs) for freqs in (U1, U2, U4)])
def meet(
    found: Docs,
    met: Docs,
    often: NDArray[np.uint32],
    known: int,
    docs: Docs,
    freqs: Freqs,
    ranks: Docs,
) -> int:
    """Put those documents found that a word has, too, into `met`, which may be the same; how many.

    Their first `known` rows of numbers move along, and the next one becomes the word's frequencies.
    The first of all rows says where they stood in the first of all documents found.
    """
    rows = np.empty(len(found) + 1, np.uint32)
    places = np.empty(len(found) + 1, np.uint32)
    held = _in_both(found, docs, ranks, rows, places)
    for at in range(held):
        row = rows[at]
        met[at] = found[row]
        often[0, at] = row if known == 1 else often[0, row]
        for each in range(1, known):
            often[each, at] = often[each, row]
        often[known, at] = freqs[places[at]]
    return held


@compiled(*[void(U4, _table, freqs, I8, F4, F4, _scores) for freqs in (U1, U2, U4)])
def add_met(
    docs: Docs,
    often: NDArray[np.uint32],
    first: Freqs,
    rows: NDArray[np.int64],
    weights: Scores,
    norms: Scores,
    scores: Scores,
) -> None:
    """Add the scores of words that have met; word n of the query has row `rows[n]` of the table.

    The first row is one of places in the frequencies `first`.
    """
    for at in range(len(docs)):
        norm = norms[docs[at]]
        for word in range(len(rows)):
            number = often[rows[word], at]
            freq = np.float32(number if rows[word] else first[number])
            scores[at] += freq * _MOST / (norm + freq) * weights[word]


@compiled(*[void(U4, U4, freqs, F4, float64, _docs, _scores) for freqs in (U1, U2, U4)])
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
    places = np.empty(len(found) + 1, np.uint32)
    for at in range(_in_both(found, docs, ranks, rows, places)):
        row, freq = rows[at], np.float32(freqs[places[at]])
        scores[row] += freq * _MOST / (norms[found[row]] + freq) * factor


@compiled(_docs(U4, U4, _docs))
def in_both(found: Docs, docs: Docs, ranks: Docs) -> Docs:
    """The documents in both ascending rows."""
    rows = np.empty(len(found) + 1, np.uint32)
    places = np.empty(len(found) + 1, np.uint32)
    held = _in_both(found, docs, ranks, rows, places)
    both = np.empty(held, np.uint32)
    for at in range(held):
        both[at] = found[rows[at]]
    return both


# --- filters -------------------------------------------------------------------------------------


@compiled(int64(U4, I4, I4, int32, int32, I4, _chosen, writable(int64)))
def passing(
    docs: Docs,
    first_days: NDArray[np.int32],
    last_days: NDArray[np.int32],
    since: int,
    until: int,
    sources: NDArray[np.int32],
    chosen: NDArray[np.bool_],
    rows: NDArray[np.int64],
) -> int:
    """Fill `rows` with the rows of documents dated in a period and of chosen sources; how many.

    A document's source -1 is the last one of `chosen`.
    """
    held = 0
    for row in range(len(docs)):
        doc = docs[row]
        rows[held] = row
        held += chosen[sources[doc]] and last_days[doc] >= since and first_days[doc] <= until
    return held
