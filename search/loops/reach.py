"""Which of many scores may be among the best: how high those are is told by counting, not sorting.

Positive float32 are ordered as their bits are, so that scores are counted by the upper ones.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    F4,
    U4,
    compiled,
    float32,
    float64,
    int64,
    mixed,
    uint32,
    writable,
)
from search.loops.lists import Docs, Ints

BLOCK = 64
"""Scores: so many are looked at together for the best."""
BINS = 2_048
_SHIFT = 16  # bits of a float32 that make no difference
_LOWEST = 120 << 7
"""So shifted, the bits of 1/128: scores below it have one bin, as have those above 508."""

Scores = NDArray[np.float32]


@compiled()
def bin_of(bits: int) -> int:
    """Where a score is counted, by its bits."""
    return min(max((bits >> _SHIFT) - _LOWEST, 0), BINS - 1)


@compiled()
def bits_of(at_bin: int) -> int:
    """The bits of the least score that is counted there, but for the lowest bin."""
    return (at_bin + _LOWEST) << _SHIFT


@compiled()
def raised(counts: Ints, floor: int, above: int, count: int) -> tuple[int, int]:
    """The highest bin that `count` of those counted reach, from this one on; how many reach it."""
    while above - counts[floor] >= count:
        above -= counts[floor]
        floor += 1
    return floor, above


@compiled()
def _floor(bits: NDArray[np.int32], size: int, count: int) -> np.float32:
    """A value that `count` of the first values reach, and few more; 0 if there are fewer."""
    if size < count:
        return np.float32(0)
    most = 0
    for at in range(size):
        most = max(most, bits[at])
    highest = most >> _SHIFT
    counts = np.zeros(BINS, np.int32)
    for at in range(size):
        counts[min(highest - (bits[at] >> _SHIFT), BINS - 1)] += 1
    reached = 0
    for step in range(BINS - 1):
        reached += counts[step]
        if reached >= count:
            floor = np.array([(highest - step) << _SHIFT], np.int32).view(np.float32)
            return np.float32(floor[0])
    return np.float32(0)


@compiled()
def least_for(low: np.float32, share: float, most: float) -> np.float32:
    """What a score must be for neighbours to lift it to `low`."""
    return np.float32(max(low / (1 + share), low - most) * 0.99999)


@compiled()
def narrowed(
    docs: Docs, scores: Scores, size: int, count: int, share: float, most: float
) -> tuple[int, np.float32]:
    """Move those within reach of the best to the front; how many, and what the best have."""
    bits = scores.view(np.int32)
    if size > BLOCK * count:  # blocks without any are passed by
        tops = np.zeros(-(-size // BLOCK), np.int32)
        for block in range(len(tops)):
            for each in bits[block * BLOCK : min(size, (block + 1) * BLOCK)]:
                tops[block] = max(tops[block], each)
        least = least_for(_floor(tops, len(tops), count), share, most)
        held = 0
        for block in range(len(tops)):
            if tops[block] >= np.array([least], np.float32).view(np.int32)[0]:
                for at in range(block * BLOCK, min(size, (block + 1) * BLOCK)):
                    docs[held], scores[held] = docs[at], scores[at]
                    held += scores[at] >= least
        size = held
    low = _floor(bits, size, count)
    if low == 0:
        return size, low
    least = least_for(low, share, most)
    held = 0
    for at in range(size):
        docs[held], scores[held] = docs[at], scores[at]
        held += scores[at] >= least
    return held, low


REACHED = mixed(int64, writable(uint32), writable(float32), float64)


@compiled(REACHED(U4, F4, int64, float64, float64))
def within_reach(
    docs: Docs, scores: Scores, count: int, share: float, most: float
) -> tuple[int, Docs, Scores, float]:
    """How many documents there are; those that may be among the best; their scores; the least.

    `count` are wanted. What is added afterwards is at most `share` of a score, and at most `most`.
    The least is what surely all of the best have without it.
    """
    docs, scores = docs.copy(), scores.copy()
    held, low = narrowed(docs, scores, len(docs), count, share, most)
    return len(docs), docs[:held], scores[:held], float(low)
