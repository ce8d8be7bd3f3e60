"""Which documents days and sources let through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.loops import filters as loops
from search.whoosh_engine.evaluation.order import Rows
from search.whoosh_engine.nodes import Days, Sources
from search.whoosh_engine.segments.arrays import NO_DAY
from search.whoosh_engine.segments.dates import day_number
from search.whoosh_engine.views.lists import AT_ONCE, Docs, Laid, Part, Postings, in_one
from search.whoosh_engine.views.view import View

Filters = Sequence[Days | Sources]


class Gate(NamedTuple):
    """Days and sources as loops take them."""

    first_days: NDArray[np.int32]
    last_days: NDArray[np.int32]
    since: int
    until: int
    codes: NDArray[np.int32]
    chosen: NDArray[np.bool_]

    def passing(self, docs: Docs) -> Rows:
        """The rows of those documents that pass."""
        rows = np.empty(len(docs) + 1, np.int64)
        return rows[: loops.passing(docs, *self, rows)]

    def through(self, laid: Laid, part: Part, check: Callable[[], None]) -> Laid:
        """Words in those documents of a segment that pass; `check` looks at the clock meanwhile."""
        spans, made_docs, made_freqs = laid
        passed: list[int] = []
        found: list[Postings] = []
        first = work = held = 0
        for last in range(2, len(spans) + 1, 2):
            work += spans[last - 1] - spans[last - 2]
            if work > AT_ONCE or last == len(spans):
                check()
                these = np.array(spans[first:last])
                given: Any = part.arrays.loops, made_docs, made_freqs, these, part.offset, *self
                there, docs, freqs = loops.through(*given)
                passed += (there + held).tolist()
                found.append(Postings(docs, freqs))
                first, work, held = last, 0, held + len(docs)
        docs, freqs = in_one(found)
        return Laid(passed, docs, freqs.view(np.uint8))


_LAST_DAY = np.iinfo(np.int32).max


def gate(view: View, filters: Filters) -> Gate | None:
    """What lets documents through that all the filters do; None without any."""
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
    return Gate(*days, since, until, codes, chosen)
