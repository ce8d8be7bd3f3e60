"""Any of several words: which articles have one, how many, and what they score.

A score of a word in an article is `ranking.word_score` in float32. Words are added up one after the
other in the query's order, so that a sum is the same wherever it is made.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search import ranking
from search.compiled import (
    F4,
    I8,
    U1,
    U4,
    compiled,
    float64,
    int64,
    uint64,
)
from search.loops.lists import FIELD, Arrays, Docs, Field, Ints, Octets, frequency_of, sought
from search.loops.reach import (
    BINS,
    BLOCK,
    REACHED,
    Scores,
    bin_of,
    bits_of,
    least_for,
    narrowed,
    raised,
)

_MOST = np.float32(ranking.K1 + 1)
_ABOVE_NONE = np.float32(1e-40)  # what any score reaches
_SPARSE = 8
"""Times as many documents as postings, for each word and for one more: then chunks are no gain."""
CHUNK = 8_192
"""Documents whose scores are added up together: in 32 kB, and as much for their norms."""


@compiled()
def worth(freq: int, norm: np.float32, weight: np.float32) -> np.float32:
    """What a word that is in an article so often adds to its score."""
    often = np.float32(freq)
    score: np.float32 = often * _MOST / (norm + often) * weight
    return score


# --- any of the words ----------------------------------------------------------------------------


@compiled()
def _add(
    docs: Docs,
    freqs: Octets,
    freq_bytes: int,
    at: int,
    behind: int,
    base: int,
    until: int,
    offset: int,
    weight: np.float32,
    norms: Scores,
    row: Scores,
) -> int:
    """Add a word's scores in the documents from `base` to before `until`; where they end."""
    while at < behind:
        doc = int64(docs[uint64(at)])
        if doc >= until:
            break
        often = frequency_of(freqs, freq_bytes, at)
        row[uint64(doc - base)] += worth(often, norms[uint64(offset + doc)], weight)
        at += 1
    return at


@compiled()
def _one_word(
    docs: Docs,
    freqs: Octets,
    freq_bytes: int,
    begin: int,
    behind: int,
    weight: np.float32,
    norms: Scores,
    gone: Docs,
    offset: int,
    last: int,
    reached: Docs,
    scores: Scores,
) -> int:
    """Fill in the documents before the `last` that have a word, and their scores; how many."""
    at_gone = fill = 0
    for at in range(begin, behind):
        doc = docs[uint64(at)]
        if doc >= last:
            break
        if len(gone):
            at_gone = sought(gone, at_gone, len(gone), doc)
            if at_gone < len(gone) and gone[at_gone] == doc:
                continue
        place = int64(doc) + offset
        often = frequency_of(freqs, freq_bytes, at)
        reached[uint64(fill)] = place
        scores[uint64(fill)] = worth(often, norms[uint64(place)], weight)
        fill += 1
    return fill


@compiled()
def _few_postings(
    docs: Docs,
    freqs: Octets,
    freq_bytes: int,
    made_docs: Docs,
    made_freqs: Octets,
    are_made: NDArray[np.bool_],
    ats: Ints,
    ends: Ints,
    weights: Scores,
    norms: Scores,
    gone: Docs,
    offset: int,
    last: int,
    reached: Docs,
    scores: Scores,
) -> int:
    """The same of several words, the least document that any of them is at after the other."""
    words = len(ats)
    nexts = np.full(words, last)
    for word in range(words):
        if ats[word] < ends[word]:
            nexts[word] = made_docs[ats[word]] if are_made[word] else docs[ats[word]]
    at_gone = fill = 0
    while True:
        doc = last
        for word in range(words):
            doc = min(doc, nexts[word])
        if doc >= last:
            return fill
        norm, score = norms[uint64(offset + doc)], np.float32(0)
        for word in range(words):
            if nexts[word] == doc:
                at, behind = ats[word], ats[word] + 1
                if are_made[word]:
                    often = frequency_of(made_freqs, 4, at)
                    nexts[word] = made_docs[uint64(behind)] if behind < ends[word] else last
                else:
                    often = frequency_of(freqs, freq_bytes, at)
                    nexts[word] = docs[uint64(behind)] if behind < ends[word] else last
                score += worth(often, norm, weights[word])
                ats[word] = behind
        at_gone = sought(gone, at_gone, len(gone), doc)
        if at_gone == len(gone) or gone[at_gone] != doc:
            reached[uint64(fill)], scores[uint64(fill)] = offset + doc, score
            fill += 1


@compiled()
def _look_over(blocks: NDArray[np.int32], tops: NDArray[np.int32]) -> int:
    """The bits of the largest score of each block; how many scores there are."""
    total = 0
    for block in range(len(blocks)):
        top, filled = np.int32(0), np.int32(0)  # in one type, so that it goes by eights
        for at in range(blocks.shape[1]):
            top = np.int32(max(top, blocks[block, at]))
            filled = np.int32(filled + np.int32(blocks[block, at] != 0))
        tops[block] = top
        total += int(filled)
    return total


@compiled(REACHED(FIELD, U4, U1, I8, F4, F4, U4, int64, int64, int64, int64, float64, float64))
def any_word(  # noqa: C901, PLR0912, PLR0915 - an array that is passed on costs as much as a look-up
    arrays: Arrays,
    made_docs: Docs,
    made_freqs: Octets,
    spans: Ints,
    weights: Scores,
    norms: Scores,
    gone: Docs,
    offset: int,
    first: int,
    last: int,
    count: int,
    share: float,
    most: float,
) -> tuple[int, Docs, Scores, float]:
    """Of the documents that have any of some words what `within_reach` tells, ascending.

    The postings of word n are those from `spans[2 * n]` to before `spans[2 * n + 1]` of the field,
    behind which stand those that were made, with four bytes for each frequency. The segment begins
    at `offset`; only its documents from `first` to before `last` are looked at, without those `gone`.

    So many documents at a time are added up as the processor has at hand, and of those only blocks
    are looked into whose best score is as good as that of `count` others.
    """
    field = Field(*arrays)
    docs, freqs, size, own = field.docs, field.freqs, field.freq_bytes, len(field.docs)
    count = max(count, 1)
    words = len(spans) // 2
    ats, ends = np.empty(words, np.int64), np.empty(words, np.int64)
    room = 0
    for word in range(words):
        begin, behind = spans[2 * word], spans[2 * word + 1]
        room += behind - begin
        if begin < own:
            ats[word], ends[word] = sought(docs, begin, behind, first), behind
        else:
            ats[word], ends[word] = (
                sought(made_docs, begin - own, behind - own, first),
                behind - own,
            )
    reached = np.empty(min(room, last - first) + 1, np.uint32)
    scores = np.empty(len(reached), np.float32)
    if room * (words + 1) * _SPARSE < last - first:
        rest = (norms, gone, offset, last, reached, scores)
        if words > 1:
            made = (made_docs, made_freqs, spans[::2] >= own, ats, ends, weights)
            fill = _few_postings(docs, freqs, size, *made, *rest)
        elif words and spans[0] >= own:
            fill = _one_word(made_docs, made_freqs, 4, ats[0], ends[0], weights[0], *rest)
        elif words:
            fill = _one_word(docs, freqs, size, ats[0], ends[0], weights[0], *rest)
        else:
            fill = 0
        held, lowest = narrowed(reached, scores, fill, count, share, most)
        return fill, reached[:held], scores[:held], float(lowest)
    row = np.zeros(CHUNK, np.float32)
    bits = row.view(np.int32)
    blocks, tops = bits.reshape(CHUNK // BLOCK, BLOCK), np.empty(CHUNK // BLOCK, np.int32)
    counts = np.zeros(BINS, np.int64)
    floor, above = 0, 0  # the bin that `count` blocks reach, and how many blocks reach it
    least, least_bits = _ABOVE_NONE, np.int32(1)
    number = np.empty(1, np.float32)
    number_bits = number.view(np.int32)
    at_gone = sought(gone, 0, len(gone), first)
    total = fill = 0
    while True:
        base = last
        for word in range(words):
            if ats[word] < ends[word]:
                its = docs if spans[2 * word] < own else made_docs
                base = min(base, int64(its[ats[word]]))
        if base >= last:
            break
        base = base // CHUNK * CHUNK
        until = min(base + CHUNK, last)
        for word in range(words):
            at, behind, weight = ats[word], ends[word], weights[word]
            if spans[2 * word] >= own:
                at = _add(
                    made_docs, made_freqs, 4, at, behind, base, until, offset, weight, norms, row
                )
            else:
                at = _add(docs, freqs, size, at, behind, base, until, offset, weight, norms, row)
            ats[word] = at
        while at_gone < len(gone) and int64(gone[at_gone]) < until:
            if int64(gone[at_gone]) >= base:
                row[int64(gone[at_gone]) - base] = np.float32(0)
            at_gone += 1
        total += _look_over(blocks, tops)
        for top in tops:
            if top >= least_bits:
                place = bin_of(int(top))
                counts[place] += 1
                above += place >= floor
        if above - counts[floor] >= count:
            floor, above = raised(counts, floor, above, count)
            number_bits[0] = bits_of(floor)
            number[0] = least = max(least_for(number[0], share, most), _ABOVE_NONE)
            least_bits = number_bits[0]
        for block in range(len(tops)):
            if tops[block] >= least_bits:
                for at in range(block * BLOCK, (block + 1) * BLOCK):
                    score = row[uint64(at)]
                    reached[uint64(fill)], scores[uint64(fill)] = base + at + offset, score
                    fill += score >= least
        row[:] = np.float32(0)
    held, lowest = narrowed(reached, scores, fill, count, share, most)
    return total, reached[:held], scores[:held], float(lowest)
