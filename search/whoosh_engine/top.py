"""The best few of many, in an order that leaves no tie: selection, not sorting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Key = Callable[[Rows], NDArray[Any]]
"""Rows -> a number for each, of which larger is better. Asked only where the keys before tie."""

_SAMPLE = 2_048  # of more rows than that, a sample first says what is probably too low
_SPARE = 8  # rows of the sample beyond those that are likely among the best
_MANY_TIES = 4_096  # more rows than that on the border are selected from by the next key first


def best(count: int, first: NDArray[Any], others: Sequence[Key]) -> Rows:
    """The `count` best rows in order: by `first`, then by each of the other keys.

    Equal to `np.lexsort` over all keys and all rows, cut to `count`.
    """
    if count < len(first):
        rows = at_least(first, cut(count, first))
        return _in_order(count, rows, first.take(rows), others)
    return _in_order(count, np.arange(len(first)), first, others)


def cut(count: int, values: NDArray[Any]) -> Any:
    """The `count`-th largest value: what a row must reach to be among the best."""
    if len(values) > 4 * _SAMPLE:
        step = len(values) // _SAMPLE
        likely = count * 3 // (2 * step) + _SPARE
        if likely < _SAMPLE:
            enough = values.take(at_least(values, _nth_largest(likely, values[::step])))
            values = enough if len(enough) >= count else values
    return _nth_largest(count, values)


def _nth_largest(count: int, values: NDArray[Any]) -> Any:
    ordered = values.copy()
    ordered.partition(len(ordered) - count)
    return ordered[len(ordered) - count]


def at_least(values: NDArray[Any], low: Any) -> Rows:
    """The rows that reach a value."""
    rows: Rows = (values >= low).nonzero()[0]
    return rows


def _in_order(count: int, rows: Rows, values: NDArray[Any], others: Sequence[Key]) -> Rows:
    """Order the candidates; where too many tie on the border, the next key chooses among them."""
    if len(rows) > max(_MANY_TIES, 4 * count) and others:
        border = cut(count, values)
        above = values > border
        winners = rows[above]
        tied = rows[values == border]
        chosen = best_of(count - len(winners), tied, others)
        rows = np.concatenate([winners, chosen])
        values = np.concatenate([values[above], np.full(len(chosen), border, values.dtype)])
    order = values.argsort()[::-1]
    ordered = values.take(order)
    like_next = (ordered[1:] == ordered[:-1]).nonzero()[0]
    if len(like_next):
        tied = np.zeros(len(order), np.bool_)
        tied[like_next] = tied[like_next + 1] = True
        at = tied.nonzero()[0]
        some = order.take(at)
        keys = [key(rows.take(some)) for key in reversed(others)]
        order[at] = some.take(np.lexsort((*keys, ordered.take(at)))[::-1])
    return rows.take(order[:count])


def best_of(count: int, rows: Rows, keys: Sequence[Key]) -> Rows:
    """The best of some rows, by several keys."""
    if count <= 0:
        return rows[:0]
    values = keys[0](rows)
    if count < len(values):
        held = at_least(values, cut(count, values))
        rows, values = rows.take(held), values.take(held)
    return _in_order(count, rows, values, keys[1:])
