"""Phrases and windows on arrays: in which documents of a segment words stand together, how often.

Documents are intersected first, then the positions of those documents only, the rarest word
first. A place is one number, `document << 32 | position`, so that a row of sorted numbers can be
searched for "the same document, one word further".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.arrays import POS_BLOCK, FieldArrays

Places = NDArray[Any]
Numbers = tuple[tuple[int, ...], ...]
_SHIFT = 32
FEW = 192  # rows of positions, each of a word in a document; so few are compared one by one
BLOCK = 16_384  # places, of all words of a window together, that fit into a processor's memory
MANY = 1_000  # numbers; of fewer a look-up each is cheap enough
MERGED = 16  # to merge two rows is cheaper than to look up more than one in so many
LOOK_UP = 28  # a look-up in a sorted row costs about as much as placing so many numbers in a row
_NONE: NDArray[Any] = np.empty(0, np.uint16)
_NO_PLACES: Places = np.empty(0, np.int64)
_FAR = np.iinfo(np.int64).max  # behind every place


def occurrences(
    arrays: FieldArrays,
    ways: Sequence[Numbers],
    within: int | None,
    wanted: NDArray[Any] | None,
    *,
    certain: bool = False,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Documents that have one of the ways, and how often; of the wanted ones, or of all.

    A way is a row of slots, a slot the numbers of its terms in this segment. `certain` says that
    the wanted ones have a term of every slot.
    How often: at how many different positions one of the ways begins; with `within`, how many
    windows that begin with one of the words hold all of them.
    """
    known = wanted if certain else None
    starts = [
        _starts(arrays, way, within, _documents(arrays, way, wanted) if known is None else known)
        for way in ways
        if all(way) and arrays.positions is not None
    ]
    places = starts[0] if len(starts) == 1 else _joined([_NO_PLACES, *starts])
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


def _starts(
    arrays: FieldArrays, numbers: Numbers, within: int | None, docs: NDArray[Any]
) -> Places:
    """The places where a way begins in documents that hold a term of every slot, ascending, each once."""
    if not len(docs):
        return _NO_PLACES
    if within is not None:
        return _windows(arrays, numbers, docs, len(numbers) + within)
    if len(docs) * len(numbers) <= FEW:
        return _one_by_one(arrays, numbers, docs)
    sizes = [sum(arrays.doc_frequency(number) for number in slot) for slot in numbers]
    rarest, *others = sorted(range(len(numbers)), key=sizes.__getitem__)
    found = _places(arrays, numbers[rarest], docs) - rarest
    for offset in others:
        if len(found) * 2 < len(docs):
            docs = once(found >> _SHIFT)
        if not len(docs):
            break
        found = _common(found, _places(arrays, numbers[offset], docs) - offset)
    return found


def _one_by_one(arrays: FieldArrays, numbers: Numbers, docs: NDArray[Any]) -> Places:
    """The same in a few documents, which hold a term of every slot."""
    rows = [positions_of_any(arrays, slot, docs) for slot in numbers]
    found: list[int] = []
    for doc, places in zip(docs.tolist(), zip(*rows, strict=True), strict=True):
        begins = set(places[0])
        for offset, further in enumerate(places[1:], start=1):
            begins.intersection_update([place - offset for place in further])
        found += [doc << _SHIFT | place for place in sorted(begins)]
    return np.array(found, np.int64)


def _joined(rows: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The numbers of all rows, ascending, each once: a sort takes a fraction of `np.unique`'s time."""
    together = np.concatenate(rows)
    together.sort()
    return once(together)


def once(ascending: NDArray[Any]) -> NDArray[Any]:
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
        if len(found) * LOOK_UP < len(row):
            found = intersect(found, row)
        else:
            mask = np.zeros(len(arrays.lengths), np.bool_)
            mask[row.astype(np.intp)] = True
            found = found[mask.take(found)]
        if not len(found):
            break
    return found


def _docs_of(arrays: FieldArrays, slot: tuple[int, ...]) -> NDArray[Any]:
    if len(slot) == 1:
        return arrays.postings(slot[0])[0]
    return _joined([arrays.postings(number)[0] for number in slot])


def _places(arrays: FieldArrays, slot: tuple[int, ...], docs: NDArray[np.uint32]) -> Places:
    """Every place of a slot's terms in these documents, ascending."""
    rows = [_places_of_term(arrays, number, docs) for number in slot]
    return rows[0] if len(rows) == 1 else _joined(rows)


def _places_of_term(arrays: FieldArrays, number: int, docs: NDArray[Any]) -> Places:
    held, freqs = arrays.postings(number)
    positions = arrays.positions_of(number)
    if len(docs) * 2 > len(held):
        # Most of the documents: cheaper to place every position; what is too much falls out.
        return _placed(held, freqs, positions)
    rows = _rows_in(held, docs, len(arrays.lengths))
    rows = rows[held.take(rows, mode="clip") == docs]
    if len(positions) == len(held):
        return _placed(held.take(rows), None, positions.take(rows))
    counts = freqs.take(rows)
    begins = arrays.positions_begin(rows + arrays.starts[number])
    begins -= counts.cumsum(dtype=np.int64)
    begins += counts
    index = begins.repeat(counts)
    index += np.arange(len(index))
    return _placed(held.take(rows), counts, _every(arrays).take(index))


def _rows_in(held: NDArray[Any], docs: NDArray[Any], doc_count: int) -> NDArray[Any]:
    """Where each of the documents stands in a row; anywhere if it does not."""
    if len(docs) * LOOK_UP < len(held) + doc_count // 8:
        return held.searchsorted(docs.astype(held.dtype, copy=False))
    places = np.zeros(doc_count, np.int32)
    places[held.astype(np.intp)] = np.arange(len(held), dtype=np.int32)
    return places.take(docs, mode="clip")


def _every(arrays: FieldArrays) -> NDArray[Any]:
    return arrays.positions if arrays.positions is not None else _NONE


def _placed(
    docs: NDArray[Any], counts: NDArray[Any] | None, positions: NDArray[Any]
) -> NDArray[np.int64]:
    """Positions, `counts` of them for each document (None: one), as places."""
    if counts is not None and len(positions) > len(docs):
        docs = docs.repeat(counts)
    places = docs.astype(np.int64)
    places <<= _SHIFT
    places += positions
    return places


def positions_of_any(
    arrays: FieldArrays, slot: Sequence[int], docs: NDArray[Any]
) -> list[list[int]]:
    """The positions of any of these terms in each of a few documents, ascending."""
    rows = [_positions_in(arrays, number, docs) for number in slot]
    if len(rows) == 1:
        return rows[0]
    return [sorted({place for row in rows for place in row[at]}) for at in range(len(docs))]


def _positions_in(arrays: FieldArrays, number: int, docs: NDArray[Any]) -> list[list[int]]:
    """The positions of a term in each of a few documents, ascending; none where it does not occur."""
    if arrays.positions is None:
        return [[] for _ in docs]
    begin, end = arrays.starts[number : number + 2].tolist()
    wanted = docs.astype(np.uint32, copy=False)
    rows = (arrays.docs[begin:end].searchsorted(wanted) + begin).tolist()
    held, freqs, blocks, every = arrays.views
    found: list[list[int]] = []
    for row, doc in zip(rows, wanted.tolist(), strict=True):
        if row < end and held[row] == doc:
            block = row // POS_BLOCK
            first = blocks[block] + sum(freqs[block * POS_BLOCK : row])
            found.append(every[first : first + freqs[row]].tolist())
        else:
            found.append([])
    return found


def _windows(arrays: FieldArrays, numbers: Numbers, docs: NDArray[Any], width: int) -> Places:
    """The places of any of the words from which a window of `width` words holds them all."""
    needed = Counter(numbers)
    rows = [_places(arrays, slot, docs) for slot in needed]
    step = max(1, len(docs) * BLOCK // max(1, sum(map(len, rows))))
    edges = docs[step::step].astype(np.int64) << _SHIFT
    parts = [np.split(row, row.searchsorted(edges)) for row in rows]
    begins = [
        _windows_of(together, tuple(needed.values()), width)
        for together in zip(*parts, strict=True)
    ]
    return np.concatenate(begins)


def _windows_of(rows: Sequence[Places], needed: Sequence[int], width: int) -> Places:
    """The same in the documents of one block: of row n so many places are `needed[n]` in a window.

    In the merged rows, how many places of a row stand before each is a running sum.
    """
    if any(len(row) < count for row, count in zip(rows, needed, strict=True)):
        return _NO_PLACES
    bits = len(rows).bit_length()
    merged = np.concatenate([(row << bits) + number for number, row in enumerate(rows)])
    merged.sort(kind="stable")  # which finds the ascending rows and merges them
    starts = merged >> bits
    row_of = (merged & ((1 << bits) - 1)).astype(np.uint8)  # a window has 128 words at most
    held = np.ones(len(starts), np.bool_)
    np.not_equal(starts[1:], starts[:-1], out=held[1:])  # a place may be in several rows
    last = starts + (width - 1)
    for number, (row, count) in enumerate(zip(rows, needed, strict=True)):
        own = row_of == number
        nth = own.cumsum(dtype=np.int32)
        nth -= own
        nth += count - 1
        held &= np.append(row, _FAR).take(nth, mode="clip") <= last
    return starts[held]


def _common(few: Places, many: Places) -> Places:
    """The places in both."""
    return intersect(few, many) if len(few) <= len(many) else intersect(many, few)


def intersect(few: NDArray[Any], many: NDArray[Any]) -> NDArray[Any]:
    """The numbers in both ascending rows: the shorter one is searched for in the longer, or both are merged."""
    if not len(few) or not len(many):
        return few[:0]
    few = few.astype(many.dtype, copy=False)  # else NumPy would convert the longer one
    if len(few) > MANY and len(few) * MERGED > len(many):
        merged = np.concatenate((few, many))
        merged.sort(kind="stable")
        found: NDArray[Any] = merged.take((merged[1:] == merged[:-1]).nonzero()[0])
    else:
        found = few[many.take(many.searchsorted(few), mode="clip") == few]
    return found
