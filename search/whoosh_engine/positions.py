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
Ends = Callable[[int], NDArray[np.uint32]]
_SHIFT = 32


def ends(arrays: FieldArrays, number: int) -> NDArray[np.uint32]:
    """Where the positions of each posting of a term end, counted from the term's first."""
    return np.cumsum(arrays.postings(number)[1], dtype=np.uint32)


def occurrences(
    arrays: FieldArrays,
    ways: Sequence[Numbers],
    within: int | None,
    wanted: NDArray[Any] | None,
    ends_of: Ends,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Documents that have one of the ways, and how often; of the wanted ones, or of all.

    A way is a row of slots, a slot the numbers of its terms in this segment; `ends_of` is `ends`,
    perhaps remembered.
    How often: at how many different positions one of the ways begins; with `within`, how many
    windows that begin with one of the words hold all of them.
    """
    starts = [_starts(arrays, way, within, wanted, ends_of) for way in ways]
    places = starts[0] if len(starts) == 1 else np.unique(np.concatenate(starts))
    docs = places >> _SHIFT
    if wanted is not None and len(places):
        held = np.searchsorted(wanted, docs)
        held[held == len(wanted)] = 0
        docs = docs[wanted[held] == docs]
    if not len(docs):
        return np.empty(0, np.uint32), np.empty(0, np.uint32)
    firsts = np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1])))
    counts = np.diff(firsts, append=len(docs))
    return docs[firsts].astype(np.uint32), counts.astype(np.uint32)


def _starts(
    arrays: FieldArrays,
    numbers: Numbers,
    within: int | None,
    wanted: NDArray[Any] | None,
    ends_of: Ends,
) -> Places:
    """The places where a way begins, ascending, each once."""
    if not all(numbers) or arrays.positions is None:
        return np.empty(0, np.int64)
    docs = _documents(arrays, numbers, wanted)
    if not len(docs):
        return np.empty(0, np.int64)
    if within is not None:
        return _windows(arrays, numbers, docs, len(numbers) + within, ends_of)
    sizes = [sum(arrays.doc_frequency(number) for number in slot) for slot in numbers]
    rarest, *others = sorted(range(len(numbers)), key=sizes.__getitem__)
    found = _places(arrays, numbers[rarest], docs, ends_of) - rarest
    for offset in others:
        if not len(found):
            break
        found = _common(found, _places(arrays, numbers[offset], docs, ends_of) - offset)
    return found


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
    arrays: FieldArrays, slot: tuple[int, ...], docs: NDArray[np.uint32], ends_of: Ends
) -> Places:
    """Every place of a slot's terms in these documents, ascending."""
    rows = [_places_of_term(arrays, number, docs, ends_of) for number in slot]
    return rows[0] if len(rows) == 1 else np.unique(np.concatenate(rows))


def _places_of_term(
    arrays: FieldArrays, number: int, docs: NDArray[np.uint32], ends_of: Ends
) -> Places:
    held, freqs = arrays.postings(number)
    positions = arrays.positions_of(number)
    places: Places
    if len(docs) * 2 > len(held):
        # Most of the documents: cheaper to place every position; what is too much falls out.
        at = held if len(positions) == len(held) else np.repeat(held, freqs)
        places = (at.astype(np.int64) << _SHIFT) + positions
        return places
    rows = np.searchsorted(held, docs)
    rows[rows == len(held)] = 0
    rows = rows[held[rows] == docs]
    if len(positions) == len(held):
        places = (held[rows].astype(np.int64) << _SHIFT) + positions[rows]
        return places
    counts = freqs[rows].astype(np.int64)
    firsts = ends_of(number)[rows] - counts
    index = np.repeat(firsts - np.cumsum(counts) + counts, counts)
    index += np.arange(len(index))
    places = (np.repeat(held[rows], counts).astype(np.int64) << _SHIFT) + positions[index]
    return places


def rows_of(arrays: FieldArrays, number: int, docs: NDArray[Any]) -> list[list[int]]:
    """The positions of a term in each of these documents, all of which have it."""
    held, freqs = arrays.postings(number)
    if arrays.positions is None:
        return [[] for _ in docs]
    last = ends(arrays, number)
    every = arrays.positions_of(number)
    rows = np.searchsorted(held, docs)
    return [every[last[row] - freqs[row] : last[row]].tolist() for row in rows.tolist()]


def _windows(
    arrays: FieldArrays, numbers: Numbers, docs: NDArray[np.uint32], width: int, ends_of: Ends
) -> Places:
    """The places of any of the words from which a window of `width` words holds them all."""
    rows = {slot: _places(arrays, slot, docs, ends_of) for slot in set(numbers)}
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
        rows = np.searchsorted(many, few)
        rows[rows == len(many)] = 0
        found = few[many[rows] == few]
    return found
