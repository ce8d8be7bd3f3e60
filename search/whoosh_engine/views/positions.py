"""Phrases and windows: in which documents of a segment words stand together, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate, product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.loops.phrases import together
from search.loops.side_by_side import work_of
from search.whoosh_engine.segments.arrays import FieldArrays
from search.whoosh_engine.views.lists import AT_ONCE

Numbers = tuple[tuple[int, ...], ...]
WINDOW_COST = 4
"""Times as long as in a phrase takes a posting, or a position, in a window."""

MOST_CHOICES = 16
"""Ways of one term a slot that a way of several terms a slot is sought as at most."""

_NO_DOCS: NDArray[np.uint32] = np.empty(0, np.uint32)
_NO_NUMBERS: NDArray[np.int64] = np.empty(0, np.int64)


def occurrences(
    arrays: FieldArrays,
    ways: Sequence[Numbers],
    within: int | None,
    wanted: NDArray[Any] | None = None,
    check: Callable[[], None] | None = None,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Documents that have one of the ways, and how often; of the wanted ones, or of all.

    A way is a row of slots, a slot the numbers of its terms in this segment.
    How often: at how many different positions one of the ways begins; with `within`, how many
    windows that begin with one of the words hold all of them.
    """
    ways = [way for way in ways if all(way)]
    if not ways or arrays.positions is None or (wanted is not None and not len(wanted)):
        return _NO_DOCS, _NO_DOCS
    window, needed = 0, _NO_NUMBERS
    if within is not None:
        window = len(ways[0]) + within
        counts = [Counter(way) for way in ways]
        needed = np.array([count for each in counts for count in each.values()], np.int64)
        ways = [tuple(each) for each in counts]
    elif wanted is None:
        ways = [choice for way in ways for choice in _choices(way)]
    slots, edges, rows = _listed(arrays, [slot for way in ways for slot in way])
    sought = (
        arrays.loops,
        rows,
        edges,
        slots,
        np.array([0, *accumulate(map(len, ways))]),
        needed,
        _NO_DOCS if wanted is None else wanted.astype(np.uint32, copy=False),
        window,
    )
    first, last = 0, len(arrays.lengths)
    if wanted is not None:
        first, last = int(wanted[0]), int(wanted[-1]) + 1
    work = sum([_work(arrays, way) for way in ways])
    if within is not None:
        work *= WINDOW_COST
    if wanted is not None:
        work = work * (last - first) // len(arrays.lengths)
    if work <= AT_ONCE:
        return together(*sought, first, last)
    step = (last - first) * AT_ONCE // work + 1
    found = []
    for begin in range(first, last, step):
        if check is not None:
            check()
        found.append(together(*sought, begin, min(begin + step, last)))
    docs, freqs = zip(*found, strict=True)
    return np.concatenate(docs), np.concatenate(freqs)


def _work(arrays: FieldArrays, way: Numbers) -> int:
    """`work_of` the slots of a way."""
    postings = [sum([arrays.doc_frequency(number) for number in slot]) for slot in way]
    positions = [sum([arrays.position_count(number) for number in slot]) for slot in way]
    return work_of(np.array(postings), np.array(positions))


def _choices(way: Numbers) -> list[Numbers]:
    """The same as ways of one term a slot, each of which is sought much faster, if they are few."""
    if prod(map(len, way)) > MOST_CHOICES:
        return [way]
    return [tuple((number,) for number in choice) for choice in product(*way)]


def _listed(
    arrays: FieldArrays, slots: Sequence[tuple[int, ...]]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint32]]:
    """The slots as `together` takes them: the number of a term, or -1 - m for row m of postings."""
    if max(map(len, slots)) == 1:
        return np.array([slot[0] for slot in slots], np.int64), _NO_NUMBERS, _NO_DOCS
    several = [slot for slot in dict.fromkeys(slots) if len(slot) > 1]
    rows = [_merged(arrays, slot) for slot in several]
    numbers = [slot[0] if len(slot) == 1 else -1 - several.index(slot) for slot in slots]
    edges = np.array([0, *accumulate(map(len, rows))], np.int64)
    return np.array(numbers, np.int64), edges, np.concatenate(rows)


def _merged(arrays: FieldArrays, slot: tuple[int, ...]) -> NDArray[np.uint32]:
    """The postings of several terms, by document."""
    spans = [np.arange(arrays.starts[number], arrays.starts[number + 1]) for number in slot]
    rows = np.concatenate(spans)
    merged: NDArray[np.uint32] = rows.take(arrays.docs.take(rows).argsort(kind="stable"))
    return merged.astype(np.uint32)
