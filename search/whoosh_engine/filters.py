"""Which documents days and sources let through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from search.loops import words as loops
from search.whoosh_engine.arrays import NO_DAY
from search.whoosh_engine.dates import day_number
from search.whoosh_engine.lists import Docs
from search.whoosh_engine.nodes import Days, Sources
from search.whoosh_engine.order import Rows
from search.whoosh_engine.view import View

Filters = Sequence[Days | Sources]
Gate = Callable[[Docs], Rows]

_LAST_DAY = np.iinfo(np.int32).max


def gate(view: View, filters: Filters) -> Gate | None:
    """What gives the rows of those documents that all the filters let through; None without any."""
    if not filters:
        return None
    names, codes = view.sources
    chosen = np.ones(len(names) + 1, np.bool_)  # the last one is what -1 points at
    since, until = NO_DAY, _LAST_DAY
    for each in filters:
        if isinstance(each, Sources):
            held = [(name in each.names) != each.excluded for name in names]
            chosen &= np.array([*held, each.excluded])
        else:
            since = max(since, NO_DAY + 1 if each.first is None else day_number(each.first))
            until = until if each.last is None else min(until, day_number(each.last))
    days = view.column("published_day"), view.column("published_last_day")

    def passing(docs: Docs) -> Rows:
        rows = np.empty(len(docs) + 1, np.int64)
        return rows[: loops.passing(docs, *days, since, until, codes, chosen, rows)]

    return passing
