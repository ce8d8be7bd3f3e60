"""The distinct chunks of much text, found by sorting integers made of their bytes.

Eight bytes of a chunk are one integer, as they lie in memory; up to three of them, multiplied by
odd constants and added, are its key. Equal chunks have equal keys, and after the sort each chunk is compared
with the first of its key, so that two chunks are never taken for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

_SPACE = ord(" ")
_WORD_BYTES = 8
_WORDS = 3  # chunks of more than 24 bytes are few and stand for themselves
_LONGEST = _WORD_BYTES * _WORDS
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(_WORD_BYTES + 1)], np.uint64)
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)

Ints = NDArray[np.int64]


def cut(texts: Sequence[bytes]) -> tuple[bytes, Ints, Ints, Ints]:
    """The texts as one, begin and end of each chunk in it, and how many chunks each text has.

    Chunks stand between spaces, and no chunk holds a zero byte. A capital that begins a chunk and is
    the only one in it says nothing of its tokens: it becomes a small letter, which saves a third
    of the kinds.
    """
    joined = b" ".join(texts) + b" " * (_LONGEST + 1)
    inside = np.empty(len(joined) + 1, bool)
    inside[0] = False
    np.not_equal(np.frombuffer(joined, np.uint8), _SPACE, out=inside[1:])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[::2], edges[1::2]
    bounds = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1, out=bounds[1:])
    counts = np.diff(np.searchsorted(starts, bounds))
    return _without_first_capitals(joined, starts), starts, ends, counts


def _without_first_capitals(joined: bytes, starts: Ints) -> bytes:
    letters = np.frombuffer(joined, np.uint8).copy()
    capitals = np.flatnonzero((letters - np.uint8(ord("A"))) < 26)
    chunk = np.searchsorted(starts, capitals, "right") - 1
    alone = (starts[chunk] == capitals) & (np.bincount(chunk, minlength=1)[chunk] == 1)
    letters[capitals[alone]] += 32
    return letters.tobytes()


def distinct(joined: bytes, starts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """One chunk of each kind, and for every chunk the number of its kind among those."""
    lengths = ends - starts
    words = _words(joined, starts, lengths)
    keys = words[0] * _FACTORS[0] + lengths.astype(np.uint64) * _FACTORS[-1]
    for (which, word), factor in zip(words[1], _FACTORS[1:], strict=True):
        keys[which] += word * factor
    order = np.argsort(keys)
    fresh = np.empty(len(order), bool)
    fresh[0] = True
    in_order = keys[order]
    np.not_equal(in_order[1:], in_order[:-1], out=fresh[1:])
    kinds = np.cumsum(fresh) - 1
    firsts = order[fresh]
    groups = np.empty(len(order), np.int64)
    groups[order] = kinds
    odd = np.flatnonzero(
        (lengths > _LONGEST)
        | (words[0] != words[0][firsts][groups])
        | (lengths != lengths[firsts][groups])
    )
    odd = np.union1d(odd, _unlike(words[1], firsts, groups))
    if len(odd):
        # Too long for a key, or of the same key as another: each is a kind of its own.
        groups[odd] = len(firsts) + np.arange(len(odd))
        firsts = np.concatenate([firsts, odd])
    return firsts, groups


def _words(joined: bytes, starts: Ints, lengths: Ints) -> tuple[NDArray[Any], list[Any]]:
    """The first eight bytes of each chunk; then, for those that are longer, the next, twice."""
    windows = sliding_window_view(np.frombuffer(joined, np.uint8), _WORD_BYTES)

    def word(number: int, which: Any) -> NDArray[Any]:
        place = number * _WORD_BYTES
        raw = windows[starts[which] + place].view("<u8").reshape(-1)
        masked: NDArray[Any] = raw & _MASKS[np.minimum(lengths[which] - place, _WORD_BYTES)]
        return masked

    later = []
    for number in range(1, _WORDS):
        which = np.flatnonzero(lengths > number * _WORD_BYTES)
        later.append((which, word(number, which)))
    return word(0, slice(None)), later


def _unlike(later: list[Any], firsts: Ints, groups: Ints) -> Ints:
    """The chunks whose later words are not those of the first of their kind."""
    found = []
    for which, word in later:
        of_first = np.searchsorted(which, firsts[groups[which]])
        of_first[of_first == len(which)] = 0
        same = (which[of_first] == firsts[groups[which]]) & (word[of_first] == word)
        found.append(which[~same])
    return np.concatenate(found) if found else np.empty(0, np.int64)
