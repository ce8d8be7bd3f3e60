"""Phrases and windows, document by document: where words stand together, and how often."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U4, compiled, int64, several, uint32, uint64, writable
from search.loops.lists import (
    FIELD,
    POS_BLOCK,
    Arrays,
    Field,
    block_begin,
    copied,
    frequency_of,
    once,
    position_at,
)
from search.loops.side_by_side import AT, OFFSET, UNTIL, seek, side_by_side

NEAR = 8  # postings passed by one by one before a further one is sought in doubled steps

POSTING, BEGIN, FILL, NEXT = range(OFFSET + 1, OFFSET + 5)
"""Columns of the lists of a way behind those of a phrase, see `_lists`."""
DOC, COUNT, ROOM, FOUND = range(4)
"""State of a walk: the document that comes next, how many places were found, and the room that it lacks."""

Ints = NDArray[np.int64]


@compiled()
def _grown(row: Ints, size: int) -> Ints:
    """The same numbers with room for so many, and as many again."""
    grown = np.empty(2 * size, np.int64)
    copied(row, grown, 0)
    return grown


@compiled()
def _followed(room: Ints, size: int, fill: int, offset: int) -> int:
    """Keep those of the first `size` numbers that, moved by an offset, are among the rest to `fill`."""
    kept, place = 0, size
    for candidate in range(size):
        begin = room[uint64(candidate)]
        while place < fill and room[uint64(place)] < begin + offset:
            place += 1
        if place < fill and room[uint64(place)] == begin + offset:
            room[uint64(kept)] = begin
            kept += 1
    return kept


@compiled()
def _windows(room: Ints, lists: NDArray[np.int64], needed: Ints, window: int) -> int:
    """How many windows there are; where each begins is put behind the positions, ascending."""
    end = lists[-1, FILL]
    for slot in range(len(lists)):
        lists[slot, NEXT] = lists[slot - 1, FILL] if slot else 0
    kept = end
    while True:
        begin, far = int64(1) << 40, int64(0)
        for slot in range(len(lists)):
            last = lists[slot, NEXT] + needed[slot] - 1  # of those that a window needs
            if last >= lists[slot, FILL]:
                return int(kept - end)
            begin = min(begin, room[lists[slot, NEXT]])
            far = max(far, room[last])
        for slot in range(len(lists)):
            lists[slot, NEXT] += room[lists[slot, NEXT]] == begin
        if far < begin + window:
            room[kept] = begin
            kept += 1


@compiled()
def _in_order(found: Ints, before: int, count: int) -> int:
    """Put two ascending rows, the second from `before` to `count`, in order, each number once; how many."""
    if before in (0, count):
        return count
    second = found[before:count].copy()
    one, other = before - 1, len(second) - 1
    while other >= 0:
        if one >= 0 and found[one] > second[other]:
            found[one + other + 1] = found[one]
            one -= 1
        else:
            found[one + other + 1] = second[other]
            other -= 1
    kept = 1
    for place in range(1, count):
        if found[place] != found[kept - 1]:
            found[kept] = found[place]
            kept += 1
    return kept


@compiled()
def counted(found: Ints) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The documents of ascending places, and how many places each has."""
    size, before = 0, int64(-1)
    for place in found:
        size += place >> 32 != before
        before = place >> 32
    docs, freqs = np.empty(size, np.uint32), np.zeros(size, np.uint32)
    nth, before = -1, int64(-1)
    for place in found:
        if place >> 32 != before:
            before = place >> 32
            nth += 1
            docs[nth] = before
        freqs[nth] += 1
    return docs, freqs


@compiled()
def _walk(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - each call, and each array that is set anew, costs as much as a posting
    docs: NDArray[np.uint32],
    freqs: NDArray[np.uint8],
    freq_bytes: int,
    blocks: NDArray[np.uint32],
    block_parts: int,
    positions: NDArray[np.uint16],
    position_parts: int,
    rows: NDArray[np.uint32],
    lists: NDArray[np.int64],
    needed: Ints,
    wanted: NDArray[np.uint32],
    window: int,
    last: int,
    state: Ints,
    room: Ints,
    found: Ints,
) -> None:
    """Put the places, each document << 32 | position, where a way begins into `found`, ascending.

    `lists` has a row for each slot, see `_lists`; `state` is described there, too. It ends
    when there is too little room, or all has been found.
    """
    own, slot_count = len(docs), len(lists)
    doc, count, at_wanted = state[DOC], state[COUNT], 0
    while True:
        agreed = 0
        while agreed < slot_count:
            place, end = lists[agreed, AT], lists[agreed, UNTIL]
            if place < own:
                near = min(place + NEAR, end)
                while place < near and int64(docs[uint64(place)]) < doc:
                    place += 1
                if place == near and place < end and int64(docs[uint64(place)]) < doc:
                    place = seek(docs, place, end, doc, 0.0)
            else:
                while place < end and int64(docs[rows[place - own]]) < doc:
                    place += 1
            lists[agreed, AT] = place
            if place >= end:
                state[COUNT] = count
                return
            met = int64(docs[uint64(place if place < own else int64(rows[place - own]))])
            if met == doc:
                agreed += 1
                continue
            doc = met
            agreed = 0 if agreed else 1
        if len(wanted):
            if int64(wanted[at_wanted]) < doc:
                at_wanted = seek(wanted, at_wanted, len(wanted), doc, 0.0)
                if at_wanted == len(wanted):
                    state[COUNT] = count
                    return
            if int64(wanted[at_wanted]) > doc:
                doc = int64(wanted[at_wanted])
                continue
        state[DOC], state[COUNT] = doc, count
        if doc >= last:
            return
        size = fill = 0
        for slot in range(slot_count):
            start, place, terms = fill, lists[slot, AT], 0
            while place < lists[slot, UNTIL]:
                posting = place if place < own else int64(rows[place - own])
                if int64(docs[uint64(posting)]) != doc:
                    break
                block = posting // POS_BLOCK
                before, begin = lists[slot, POSTING], lists[slot, BEGIN]
                if before < block * POS_BLOCK or before > posting:
                    before, begin = block * POS_BLOCK, block_begin(blocks, block_parts, block)
                for each in range(before, posting):
                    begin += frequency_of(freqs, freq_bytes, each)
                lists[slot, POSTING], lists[slot, BEGIN] = posting, begin
                frequency = frequency_of(freqs, freq_bytes, posting)
                if (begin + frequency) * position_parts > len(positions):
                    raise IndexError("there are not as many positions as frequencies say")
                if 2 * (fill + frequency) > len(room):
                    state[ROOM] = 2 * (fill + frequency)
                    return
                for each in range(begin, begin + frequency):
                    room[uint64(fill)] = position_at(positions, position_parts, each)
                    fill += 1
                place += 1
                terms += 1
            if terms > 1:
                fill = once(room, start, fill)
            lists[slot, FILL] = fill
            if not window:
                offset = lists[slot, OFFSET]
                if slot:
                    fill = _followed(room, size, fill, offset)
                for each in range(0 if slot else fill):
                    room[each] -= offset
            size = fill
            if slot and not size and not window:
                break
        result = 0
        if window:
            size, result = _windows(room, lists, needed, window), fill
        if count + size > len(found):
            state[FOUND] = count + size
            return
        for each in range(result, result + size):
            found[uint64(count)] = doc << 32 | room[uint64(each)]
            count += 1
        doc += 1


@compiled()
def _lists(starts: Ints, own: int, edges: Ints, slots: Ints, window: int) -> NDArray[np.int64]:
    """A row for each slot of a way, the shortest list of postings first; windows: in their order.

    AT and UNTIL: the places of its list that are still to be seen. POSTING: of which positions were
    read last, or -1, and BEGIN, where they begin. OFFSET: its place in a phrase. FILL: where its
    positions end among those of a document; NEXT: those that windows have not begun at.
    """
    lists = np.zeros((len(slots), NEXT + 1), np.int64)
    for slot in range(len(slots)):
        number = slots[slot]
        if number >= 0:
            at, until = starts[number], starts[number + 1]
        else:
            at, until = own + edges[-1 - number], own + edges[-number]
        row = slot
        while not window and row and lists[row - 1, UNTIL] - lists[row - 1, AT] > until - at:
            lists[row] = lists[row - 1]
            row -= 1
        lists[row, AT], lists[row, UNTIL] = at, until
        lists[row, POSTING], lists[row, OFFSET] = -1, slot
    return lists


_found = several(writable(uint32), 2)


@compiled(_found(FIELD, U4, I8, I8, I8, I8, U4, int64, int64, int64))
def together(  # noqa: PLR0913, PLR0917 - one call for all that there is to know
    arrays: Arrays,
    rows: NDArray[np.uint32],
    edges: Ints,
    slots: Ints,
    ways: Ints,
    needed: Ints,
    wanted: NDArray[np.uint32],
    window: int,
    first: int,
    last: int,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Documents from `first` to before `last` that have one of the ways, ascending, and how often.

    Way w has the slots `ways[w]` to before `ways[w + 1]`. A slot is the number of its term, or
    -1 - m for several: their postings are `rows[edges[m]:edges[m + 1]]`, in the order of their
    documents. If `window` is 0, slots stand side by side, and how often is at how many places a way
    begins. Else the slots of a way are different, and it is at how many places one of them begins
    so many words that hold `needed[slot]` of each. Only documents in `wanted` are looked at, unless
    there are none.
    """
    field = Field(*arrays)
    room, found = np.empty(256, np.int64), np.empty(256, np.int64)
    state = np.zeros(4, np.int64)
    for way in range(len(ways) - 1):
        span, before = slice(ways[way], ways[way + 1]), state[COUNT]
        are_plain = not window and not len(wanted) and min(slots[span]) >= 0
        if are_plain and ways[way + 1] - ways[way] > 1:
            its = side_by_side(field, slots[span], first, last)
            count = before + len(its)
            if count > len(found):
                found = _grown(found, count)
            copied(its, found, before)
            state[COUNT] = _in_order(found, before, count)
            continue
        lists = _lists(field.starts, len(field.docs), edges, slots[span], window)
        state[DOC] = first
        while True:
            state[ROOM] = state[FOUND] = 0
            _walk(
                field.docs,
                field.freqs,
                field.freq_bytes,
                field.blocks,
                field.block_parts,
                field.positions,
                field.position_parts,
                rows,
                lists,
                needed[span],
                wanted,
                window,
                last,
                state,
                room,
                found,
            )
            if state[ROOM]:
                room = np.empty(2 * state[ROOM], np.int64)
            elif state[FOUND]:
                found = _grown(found, state[FOUND])
            else:
                break
        state[COUNT] = _in_order(found, before, state[COUNT])
    return counted(found[: state[COUNT]])
