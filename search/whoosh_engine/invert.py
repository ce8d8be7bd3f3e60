"""Tokens -> postings by sorting integers. No object per posting is ever made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.arrays import POS_BLOCK
from search.whoosh_engine.segment_file import narrow


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Row i of each array is one occurrence: which term, in which document, at which position."""

    terms: NDArray[Any]
    docs: NDArray[Any]
    positions: NDArray[Any]


def invert(rows: Occurrences, ranks: NDArray[np.int64], term_count: int) -> dict[str, NDArray[Any]]:
    """The postings sections of a field.

    `ranks[t]` is the place of term t in the sorted list of the `term_count` terms that occur.
    An occurrence that is there twice counts once.
    """
    key, doc_bits, position_bits = _sorted_keys(rows, ranks)
    if len(key):
        fresh = np.empty(len(key), bool)
        fresh[0] = True
        np.not_equal(key[1:], key[:-1], out=fresh[1:])
        if not fresh.all():
            key = key[fresh]
    positions = narrow(key & ((1 << position_bits) - 1), at_least=2)
    key >>= position_bits
    begins = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]])) if len(key) else key
    postings = key[begins]
    freqs = np.diff(begins, append=len(key))
    numbers = np.arange(term_count + 1, dtype=np.int64) << doc_bits
    starts = np.searchsorted(postings, numbers)
    pos_starts = np.append(begins, len(key))[starts]
    return {
        "starts": starts.astype(np.int64),
        "docs": (postings & ((1 << doc_bits) - 1)).astype(np.uint32),
        "freqs": narrow(freqs),
        "pos_starts": pos_starts.astype(np.int64),
        "pos_blocks": narrow(begins[::POS_BLOCK], at_least=4),
        "positions": positions,
    }


def _sorted_keys(rows: Occurrences, ranks: NDArray[np.int64]) -> tuple[NDArray[Any], int, int]:
    """Term, document and position in one number each, sorted; how many bits the last two take."""
    doc_bits = int(rows.docs.max(initial=0)).bit_length()
    position_bits = int(rows.positions.max(initial=0)).bit_length()
    term_bits = int(ranks.max(initial=0)).bit_length()
    if term_bits + doc_bits + position_bits > 63:
        raise OverflowError(
            f"{term_bits} + {doc_bits} + {position_bits} bits for term, document and position"
        )
    key = ranks[rows.terms]
    key <<= doc_bits
    key |= rows.docs
    key <<= position_bits
    key |= rows.positions
    key.sort()
    return key, doc_bits, position_bits


def ranked(texts: Sequence[str], used: NDArray[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """The used ones of `texts` in sorted order, and for each number its rank (-1: not used).

    Text sorts by code point, which is the order of its UTF-8 bytes.
    """
    names = [texts[number] for number in used.tolist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    ranks = np.full(len(texts), -1, np.int64)
    ranks[used[np.asarray(order, np.int64)]] = np.arange(len(order))
    return ranks, [names[index] for index in order]
