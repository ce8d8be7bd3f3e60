"""Words side by side, one term each: where the two rarest stand so, and which of these places the others fit."""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, compiled, int64, uint64
from search.loops.lists import (
    POS_BLOCK,
    Docs,
    Field,
    Ints,
    Octets,
    block_begin,
    frequency_of,
    position_count,
    positions_begin,
)

SIMILAR = 16  # times as long is a list that is passed by posting by posting beside another
MARKS = 2_048
"""Positions of which each has a mark of its own; a power of two."""

AT, UNTIL, OFFSET = range(3)
"""Columns of the lists of a phrase: its postings from the first to before the last, its place there."""


@compiled(int64(I8, I8))
def work_of(postings: Ints, positions: Ints) -> int:
    """About how many postings and positions are looked at for words that must stand together.

    All of the rarest word; of each other one postings beside those, and the positions of such documents.
    """
    if not len(postings):
        return 0
    least, work = postings.min(), 0
    for word in range(len(postings)):
        share = min(1.0, least / max(postings[word], 1))
        work += min(postings[word], SIMILAR * least) + int64(positions[word] * share)
    return work


@compiled()
def seek(docs: Docs, at: int, until: int, doc: int, share: float) -> int:
    """The first place behind `at` whose document is not before this one; that of the one at `at` is.

    In doubled steps from where it would be in a list that has this share of the documents, then halves.
    """
    step = 1
    low = min(at + 1 + int64((doc - int64(docs[uint64(at)]) - 1) * share), until - 1)
    if low > at and int64(docs[uint64(low)]) >= doc:
        high, low = low, low - 1
        while low > at and int64(docs[uint64(low)]) >= doc:
            step *= 2
            high, low = low, low - step
        low = max(low, at)
    else:
        high = low + 1
        while high < until and int64(docs[uint64(high)]) < doc:
            step *= 2
            low, high = high, high + step
        high = min(high, until)
    size = high - low
    while size > 1:
        half = size >> 1
        if int64(docs[uint64(low + half)]) < doc:
            low += half
        size -= half
    return int(low + 1)


@compiled()
def _pairs(  # noqa: C901, PLR0912, PLR0915 - each call, and each array that is set anew, costs as much as a posting
    docs: Docs,
    freqs: Octets,
    freq_bytes: int,
    blocks: Docs,
    block_parts: int,
    positions: NDArray[Any],
    lists: NDArray[np.int64],
    documents: int,
    found: Ints,
) -> int:
    """Put where the second list's word stands beside the first's into `found`, ascending; how many places."""
    one, one_end, other, other_end = lists[0, AT], lists[0, UNTIL], lists[1, AT], lists[1, UNTIL]
    shift = lists[1, OFFSET] - lists[0, OFFSET]
    share = (other_end - other) / documents
    merged = other_end - other < SIMILAR * (one_end - one)
    one_known, one_begin, other_known, other_begin, count = -1, 0, -1, 0, 0
    marks = np.full(MARKS, -1, np.int64)
    while True:
        # Both lists at once, without a branch that the processor would have to guess.
        while merged and one < one_end and other < other_end:
            left, right = int64(docs[uint64(one)]), int64(docs[uint64(other)])
            if left == right:
                break
            one += left < right
            other += right < left
        while not merged and one < one_end and other < other_end:
            left, right = int64(docs[uint64(one)]), int64(docs[uint64(other)])
            if left == right:
                break
            if right < left:
                other = seek(docs, other, other_end, left, share)
            else:
                one += 1
        if one >= one_end or other >= other_end:
            return count
        doc = int64(docs[uint64(one)]) << 32
        block = one // POS_BLOCK
        if one_known < block * POS_BLOCK:
            one_known, one_begin = block * POS_BLOCK, block_begin(blocks, block_parts, block)
        for each in range(one_known, one):
            one_begin += frequency_of(freqs, freq_bytes, each)
        block = other // POS_BLOCK
        if other_known < block * POS_BLOCK:
            other_known, other_begin = block * POS_BLOCK, block_begin(blocks, block_parts, block)
        for each in range(other_known, other):
            other_begin += frequency_of(freqs, freq_bytes, each)
        one_known, other_known = one, other
        here, end = one_begin, one_begin + frequency_of(freqs, freq_bytes, one)
        there, last = other_begin, other_begin + frequency_of(freqs, freq_bytes, other)
        one += 1
        other += 1
        if max(end, last) > len(positions):
            raise IndexError("there are not as many positions as frequencies say")
        if here == end:
            continue
        if int64(positions[uint64(end - 1)]) - int64(positions[uint64(here)]) < MARKS:
            # The first word marks where the second would stand: nothing to guess here, either.
            for each in range(here, end):
                place = doc + int64(positions[uint64(each)]) + shift
                marks[uint64(place & (MARKS - 1))] = place
            for each in range(there, last):
                place = doc + int64(positions[uint64(each)])
                if marks[uint64(place & (MARKS - 1))] == place:
                    found[uint64(count)] = place
                    count += 1
            continue
        while here < end and there < last:
            left, right = int64(positions[uint64(here)]) + shift, int64(positions[uint64(there)])
            if left == right:
                found[uint64(count)] = doc + right
                count += 1
            here += left <= right
            there += right <= left


@compiled()
def _kept(
    docs: Docs,
    freqs: Octets,
    freq_bytes: int,
    blocks: Docs,
    block_parts: int,
    positions: NDArray[Any],
    place: int,
    end: int,
    share: float,
    shift: int,
    found: Ints,
) -> int:
    """Move the places that have a further word so far away to the front; how many."""
    before, at, until, count = int64(-1), int64(0), int64(0), 0
    for row in range(len(found)):
        doc, wanted = found[row] >> 32, (found[row] & 0xFFFFFFFF) + shift
        if doc != before:
            before = doc
            if int64(docs[uint64(place)]) < doc:
                place = seek(docs, place, end, doc, share)
            if place >= end:
                return count
            at = until = int64(0)
            if int64(docs[uint64(place)]) == doc:
                at = positions_begin(blocks, block_parts, freqs, freq_bytes, place)
                until = at + frequency_of(freqs, freq_bytes, place)
        while at < until and int64(positions[uint64(at)]) < wanted:
            at += 1
        if at < until and int64(positions[uint64(at)]) == wanted:
            found[count] = found[row]
            count += 1
    return count


@compiled()
def _within(docs: Docs, at: int, until: int, first: int, last: int) -> tuple[int, int]:
    """Which of some postings are of documents from `first` to before `last`."""
    if at < until and int64(docs[uint64(at)]) < first:
        at = seek(docs, at, until, first, 0.0)
    if at < until and int64(docs[uint64(until - 1)]) >= last:
        until = seek(docs, at, until, last, 0.0) if int64(docs[uint64(at)]) < last else at
    return at, until


@compiled()
def _in_order(field: Field, positions: NDArray[Any], terms: Ints, first: int, last: int) -> Ints:
    """`side_by_side`, with the positions as numbers."""
    starts, docs, freqs, size, blocks, parts = (
        field.starts, field.docs, field.freqs, field.freq_bytes, field.blocks, field.block_parts,
    )  # fmt: skip
    lists = np.empty((len(terms), 3), np.int64)
    for offset in range(len(terms)):
        at, until = _within(docs, starts[terms[offset]], starts[terms[offset] + 1], first, last)
        if at >= until:
            return np.empty(0, np.int64)
        row = offset
        while row and lists[row - 1, UNTIL] - lists[row - 1, AT] > until - at:
            for column in range(3):
                lists[row, column] = lists[row - 1, column]
            row -= 1
        lists[row, AT], lists[row, UNTIL], lists[row, OFFSET] = at, until, offset
    room = position_count(blocks, parts, freqs, size, lists[0, AT], lists[0, UNTIL])
    found = np.empty(max(0, min(room, len(positions))), np.int64)
    documents = last - first
    count = _pairs(docs, freqs, size, blocks, parts, positions, lists, documents, found)
    for row in range(2, len(terms)):
        at, until = lists[row, AT], lists[row, UNTIL]
        shift, share = lists[row, OFFSET] - lists[1, OFFSET], (until - at) / documents
        count = _kept(
            *(docs, freqs, size, blocks, parts, positions, at, until, share, shift, found[:count])
        )
    for row in range(count):
        found[row] -= lists[1, OFFSET]
    return found[:count]


@compiled()
def side_by_side(field: Field, terms: Ints, first: int, last: int) -> Ints:
    """Each document << 32 | position where two or more terms begin to stand in this order, ascending.

    Of the documents from `first` to before `last`.
    """
    if field.position_parts == 1:
        return _in_order(field, field.positions, terms, first, last)
    return _in_order(field, field.positions.view(np.uint32), terms, first, last)
