"""Phrases and windows on arrays: in which documents of a segment words stand together, how often.

Documents are intersected first, then the positions of those documents only, the rarest word
first. A place is one number, `document << 32 | position`, so that a row of sorted numbers can be
searched for "the same document, one word further".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.arrays import FieldArrays

Places = NDArray[Any]
Numbers = tuple[tuple[int, ...], ...]
Sums = Callable[[int], NDArray[np.uint32]]
_SHIFT = 32
_BLOCK = 16  # postings; so many frequencies are added up to find where the positions of one begin

_INSIDE = np.arange(_BLOCK)
_ONE_BY_ONE = 24  # documents; in so few phrases are sought sooner in each by itself
_FEW = 4_096  # postings; of fewer all frequencies are added up


def block_sums(arrays: FieldArrays, number: int) -> NDArray[np.uint32]:
    """How many positions of a term stand before each block of its postings."""
    freqs = arrays.postings(number)[1]
    whole = len(freqs) // _BLOCK
    sums = np.zeros(whole + 1, np.uint32)
    np.cumsum(_sums_in_blocks(freqs[: whole * _BLOCK]), out=sums[1:])
    return sums


def _sums_in_blocks(freqs: NDArray[Any]) -> NDArray[Any]:
    """The sum of each block. Bytes are added two by two, as parts of ever wider numbers."""
    if freqs.dtype != np.uint8:
        sums: NDArray[Any] = freqs.reshape(-1, _BLOCK).sum(axis=1, dtype=np.uint32)
        return sums
    twos = freqs.view("<u2")
    twos = (twos & np.uint16(0xFF)) + (twos >> np.uint16(8))
    fours = twos.view("<u4")
    fours = (fours & np.uint32(0xFFFF)) + (fours >> np.uint32(16))
    eights = fours.view("<u8")
    eights = (eights & np.uint64(0xFFFFFFFF)) + (eights >> np.uint64(32))
    sixteens: NDArray[Any] = eights[0::2] + eights[1::2]
    return sixteens  # noqa: RET504 - the checker wants its type named


def _firsts(
    freqs: NDArray[Any], rows: NDArray[np.int64], sums: Callable[[], NDArray[np.uint32]]
) -> NDArray[np.int64]:
    """Where the positions of these postings begin, counted from the term's first."""
    if len(freqs) < _FEW:
        firsts: NDArray[np.int64] = freqs.cumsum(dtype=np.int64).take(rows)
        firsts -= freqs.take(rows)
        return firsts
    block, place = np.divmod(rows, _BLOCK)
    before = freqs.take((block * _BLOCK)[:, None] + _INSIDE, mode="clip")
    before *= place[:, None] > _INSIDE
    firsts = _sums_in_blocks(before.reshape(-1)).astype(np.int64)
    firsts += sums().take(block)
    return firsts


def occurrences(
    arrays: FieldArrays,
    ways: Sequence[Numbers],
    within: int | None,
    wanted: NDArray[Any] | None,
    sums_of: Sums,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Documents that have one of the ways, and how often; of the wanted ones, or of all.

    A way is a row of slots, a slot the numbers of its terms in this segment; `sums_of` is
    `block_sums`, perhaps remembered.
    How often: at how many different positions one of the ways begins; with `within`, how many
    windows that begin with one of the words hold all of them.
    """
    if wanted is not None and len(wanted) <= _ONE_BY_ONE and within is None:
        return _in_each(arrays, ways, wanted, sums_of)
    starts = [_starts(arrays, way, within, wanted, sums_of) for way in ways]
    places = starts[0] if len(starts) == 1 else np.unique(np.concatenate(starts))
    docs = places >> _SHIFT
    if wanted is not None and len(places):
        docs = docs[wanted.take(wanted.searchsorted(docs), mode="clip") == docs]
    if not len(docs):
        return np.empty(0, np.uint32), np.empty(0, np.uint32)
    edges = np.empty(len(docs) + 1, np.bool_)
    edges[0] = edges[-1] = True
    np.not_equal(docs[1:], docs[:-1], out=edges[1:-1])
    bounds = edges.nonzero()[0]
    return docs[bounds[:-1]].astype(np.uint32), (bounds[1:] - bounds[:-1]).astype(np.uint32)


def _in_each(
    arrays: FieldArrays, ways: Sequence[Numbers], wanted: NDArray[Any], sums_of: Sums
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The same for phrases in a few documents."""
    numbers = {number for way in ways for slot in way for number in slot}
    places = {number: rows_of(arrays, number, wanted, sums_of) for number in numbers}
    counts: list[int] = []
    for doc in range(len(wanted)):
        begins: set[int] = set()
        for way in ways:
            slots = [{place for number in slot for place in places[number][doc]} for slot in way]
            begins |= {
                place
                for place in slots[0]
                if all(place + step in slot for step, slot in enumerate(slots))
            }
        counts.append(len(begins))
    freqs = np.array(counts, np.uint32)
    held = freqs.nonzero()[0]
    return wanted[held].astype(np.uint32), freqs[held]


def _starts(
    arrays: FieldArrays,
    numbers: Numbers,
    within: int | None,
    wanted: NDArray[Any] | None,
    sums_of: Sums,
) -> Places:
    """The places where a way begins, ascending, each once."""
    if not all(numbers) or arrays.positions is None:
        return np.empty(0, np.int64)
    docs = _documents(arrays, numbers, wanted)
    if not len(docs):
        return np.empty(0, np.int64)
    if within is not None:
        return _windows(arrays, numbers, docs, len(numbers) + within, sums_of)
    sizes = [sum(arrays.doc_frequency(number) for number in slot) for slot in numbers]
    rarest, *others = sorted(range(len(numbers)), key=sizes.__getitem__)
    found = _places(arrays, numbers[rarest], docs, sums_of) - rarest
    for offset in others:
        if len(found) * 2 < len(docs):
            docs = _once(found >> _SHIFT)
        if not len(docs):
            break
        found = _common(found, _places(arrays, numbers[offset], docs, sums_of) - offset)
    return found


def _once(ascending: NDArray[Any]) -> NDArray[Any]:
    """Each number once."""
    if not len(ascending):
        return ascending
    fresh = np.empty(len(ascending), np.bool_)
    fresh[0] = True
    np.not_equal(ascending[1:], ascending[:-1], out=fresh[1:])
    return ascending[fresh]


def _documents(arrays: FieldArrays, numbers: Numbers, wanted: NDArray[Any] | None) -> NDArray[Any]:
    """The documents that hold a term of every slot."""
    rows = [_docs_of(arrays, slot) for slot in dict.fromkeys(numbers)]
    if wanted is not None:
        rows.append(wanted)
    rows.sort(key=len)
    found = rows[0]
    for row in rows[1:]:
        found = intersect(found, row)
        if not len(found):
            break
    return found


def _docs_of(arrays: FieldArrays, slot: tuple[int, ...]) -> NDArray[Any]:
    if len(slot) == 1:
        return arrays.postings(slot[0])[0]
    return np.unique(np.concatenate([arrays.postings(number)[0] for number in slot]))


def _places(
    arrays: FieldArrays, slot: tuple[int, ...], docs: NDArray[np.uint32], sums_of: Sums
) -> Places:
    """Every place of a slot's terms in these documents, ascending."""
    rows = [_places_of_term(arrays, number, docs, sums_of) for number in slot]
    return rows[0] if len(rows) == 1 else np.unique(np.concatenate(rows))


def _places_of_term(arrays: FieldArrays, number: int, docs: NDArray[Any], sums_of: Sums) -> Places:
    held, freqs = arrays.postings(number)
    positions = arrays.positions_of(number)
    if len(docs) * 2 > len(held):
        # Most of the documents: cheaper to place every position; what is too much falls out.
        return _placed(held, freqs, positions)
    rows = held.searchsorted(docs.astype(held.dtype, copy=False))
    hits = held.take(rows, mode="clip") == docs
    if not hits.all():
        rows = rows[hits]
    if len(positions) == len(held):
        return _placed(held.take(rows), None, positions.take(rows))
    counts = freqs.take(rows)
    index = np.repeat(_firsts(freqs, rows, lambda: sums_of(number)), counts)
    index += _steps(counts)
    return _placed(held.take(rows), counts, positions.take(index))


def _placed(
    docs: NDArray[Any], counts: NDArray[Any] | None, positions: NDArray[Any]
) -> NDArray[np.int64]:
    """Positions, `counts` of them for each document (None: one), as places."""
    if counts is not None and len(positions) > len(docs):
        docs = np.repeat(docs, counts)
    places = docs.astype(np.int64)
    places <<= _SHIFT
    places += positions
    return places


def _steps(counts: NDArray[Any]) -> NDArray[np.int64]:
    """0, 1, … for each of the counts, one after the other."""
    ends = np.cumsum(counts, dtype=np.int64)
    steps = np.arange(ends[-1] if len(ends) else 0)
    steps -= np.repeat(ends - counts, counts)
    return steps


def rows_of(arrays: FieldArrays, number: int, docs: NDArray[Any], sums_of: Sums) -> list[list[int]]:
    """The positions of a term in each of these documents; none where it does not occur."""
    held, freqs = arrays.postings(number)
    if arrays.positions is None:
        return [[] for _ in docs]
    rows = held.searchsorted(docs.astype(held.dtype, copy=False))
    counts = freqs.take(rows, mode="clip")
    counts *= held.take(rows, mode="clip") == docs
    firsts = _firsts(freqs, np.minimum(rows, len(held) - 1), lambda: sums_of(number)).tolist()
    every = arrays.positions_of(number)
    return [
        every[first : first + count].tolist() if count else []
        for first, count in zip(firsts, counts.tolist(), strict=True)
    ]


def _windows(
    arrays: FieldArrays, numbers: Numbers, docs: NDArray[np.uint32], width: int, sums_of: Sums
) -> Places:
    """The places of any of the words from which a window of `width` words holds them all."""
    rows = {slot: _places(arrays, slot, docs, sums_of) for slot in set(numbers)}
    starts = np.unique(np.concatenate(list(rows.values())))
    for slot, needed in Counter(numbers).items():
        places = rows[slot]
        nth = np.searchsorted(places, starts) + (needed - 1)
        starts, nth = starts[nth < len(places)], nth[nth < len(places)]
        starts = starts[places[nth] < starts + width]
    return starts


def _common(few: Places, many: Places) -> Places:
    """The places in both."""
    return intersect(few, many) if len(few) <= len(many) else intersect(many, few)


def intersect(few: NDArray[Any], many: NDArray[Any]) -> NDArray[Any]:
    """The numbers in both rows; each of the shorter one is searched for in the longer one."""
    found: NDArray[Any] = few[:0]
    if len(few) and len(many):
        few = few.astype(many.dtype, copy=False)  # else NumPy would convert the longer one
        found = few[many.take(many.searchsorted(few), mode="clip") == few]
    return found
