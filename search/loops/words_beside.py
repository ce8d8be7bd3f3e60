"""Words that stand side by side: what their nearness adds to scores of articles that are at hand."""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import F4, I8, U4, compiled, float32, float64, int64, void, writable
from search.loops.lists import (
    FIELD,
    Arrays,
    Field,
    copied,
    frequency_of,
    once,
    position_at,
    positions_begin,
    sought,
)
from search.loops.words import worth

Docs = NDArray[np.uint32]
Ints = NDArray[np.int64]
Scores = NDArray[np.float32]

_ROUNDING = 1.000_01  # more than float32 may lose in a few operations


@compiled()
def _beside(first: Ints, first_size: int, second: Ints, second_size: int) -> int:
    """How many of the second positions are next behind one of the first."""
    count = at = 0
    for each in range(first_size):
        wanted = first[each] + 1
        while at < second_size and second[at] < wanted:
            at += 1
        if at == second_size:
            break
        count += second[at] == wanted
    return count


@compiled(void(FIELD, I8, F4, F4, int64, U4, float64, writable(float32)))
def add_beside(  # noqa: C901, PLR0912 - an array that is passed on costs as much as a look-up
    arrays: Arrays,
    numbers: Ints,
    weights: Scores,
    norms: Scores,
    offset: int,
    docs: Docs,
    low: float,
    scores: Scores,
) -> None:
    """Add to scores what neighbours are worth, wherever that can make them as large as `low`.

    The numbers are how many slots there are, two of them for each pair, where each slot's terms
    begin and the last one's end, and where the postings of each term begin and end. `docs` ascend, numbered as in the snapshot, where the segment begins at
    `offset`; `norms` likewise. A pair is at most as frequent as either of its words, which bounds
    what it can add.
    """
    field = Field(*arrays)
    held, freqs, size, blocks, parts = (
        field.docs, field.freqs, field.freq_bytes, field.blocks, field.block_parts,
    )  # fmt: skip
    positions, position_parts = field.positions, field.position_parts
    first, behind = 1 + 2 * len(weights), 2 + 2 * len(weights) + numbers[0]
    pairs, slots, terms = numbers[1:first], numbers[first:behind], numbers[behind:]
    rows, ends = terms[::2].copy(), terms[1::2].copy()  # what has not been passed by of each term
    often = np.empty(len(slots) - 1, np.int64)  # of each slot
    room = np.empty((2, 256), np.int64)
    sizes = np.empty(2, np.int64)
    for at in range(len(docs)):
        doc, norm = int64(docs[at]) - offset, norms[docs[at]]
        for slot in range(len(often)):
            often[slot] = 0
            for place in range(slots[slot], slots[slot + 1]):
                rows[place] = sought(held, rows[place], ends[place], doc)
                if rows[place] < ends[place] and held[rows[place]] == doc:
                    often[slot] += frequency_of(freqs, size, rows[place])
        able = scores[at]
        for pair in range(len(weights)):
            both = min(often[pairs[2 * pair]], often[pairs[2 * pair + 1]])
            able += worth(both, norm, weights[pair])
        if able == scores[at] or able * _ROUNDING < low:
            continue
        for pair in range(len(weights)):
            if min(often[pairs[2 * pair]], often[pairs[2 * pair + 1]]) == 0:
                continue
            for side in range(2):
                slot = pairs[2 * pair + side]
                if often[slot] > room.shape[1]:
                    grown = np.empty((2, 2 * often[slot]), np.int64)
                    for each in range(2):
                        copied(room[each], grown[each], 0)
                    room = grown
                own, fill = room[side], 0
                for place in range(slots[slot], slots[slot + 1]):
                    row = rows[place]
                    if row < ends[place] and held[row] == doc:
                        begin = positions_begin(blocks, parts, freqs, size, row)
                        for each in range(begin, begin + frequency_of(freqs, size, row)):
                            own[fill] = position_at(positions, position_parts, each)
                            fill += 1
                sizes[side] = once(own, 0, fill) if slots[slot + 1] - slots[slot] > 1 else fill
            count = _beside(room[0], sizes[0], room[1], sizes[1])
            scores[at] += worth(count, norm, weights[pair])
