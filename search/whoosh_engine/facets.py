"""Counts beside an answer: how many matches each source has, and each day, month or year."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.model import Bucket, FacetValue
from search.whoosh_engine.arrays import NO_DAY
from search.whoosh_engine.dates import day_from_number
from search.whoosh_engine.view import Docs

MAX_DAYS = 62  # a longer span is counted by months: two months of daily bars can still be hit
MAX_MONTHS = 72  # a longer one by years


def values(names: Sequence[str], codes: NDArray[Any], docs: Docs) -> tuple[FacetValue, ...]:
    """How many of the documents have each name: most first, then by name."""
    counts = np.bincount(codes.take(docs) + 1, minlength=len(names) + 1)[1:].tolist()
    found = [FacetValue(name, count) for name, count in zip(names, counts, strict=True) if count]
    return tuple(sorted(found, key=lambda each: (-each.count, each.value)))


def histogram(days: NDArray[Any], docs: Docs) -> tuple[Bucket, ...]:
    """The documents by the first day of what is stated, oldest first, the undated ones last.

    The buckets are days, months or years, whichever the span needs; empty ones are left out.
    """
    published = days.take(docs)
    dated = published[published != NO_DAY]
    undated = len(published) - len(dated)
    buckets = _buckets(dated) if len(dated) else []
    if undated:
        buckets.append(Bucket(None, None, undated))
    return tuple(buckets)


def _buckets(days: NDArray[Any]) -> list[Bucket]:
    first, last = int(days.min()), int(days.max())
    by_day = np.bincount(days - first)  # at most 3.65 million: years have four digits
    numbers = np.flatnonzero(by_day)
    counts, numbers = by_day[numbers], numbers + first
    if last - first < MAX_DAYS:
        return [
            Bucket(day_from_number(number), day_from_number(number), count)
            for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
        ]
    begin, end = day_from_number(first), day_from_number(last)
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    return _periods(numbers, counts, by_month=months <= MAX_MONTHS)


def _periods(numbers: NDArray[Any], counts: NDArray[Any], *, by_month: bool) -> list[Bucket]:
    """Counts of days added up by calendar months or years."""
    totals: dict[date, int] = {}
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        day = day_from_number(number)
        start = day.replace(day=1) if by_month else day.replace(month=1, day=1)
        totals[start] = totals.get(start, 0) + count
    return [
        Bucket(start, _last(start, by_month=by_month), count) for start, count in totals.items()
    ]


def _last(start: date, *, by_month: bool) -> date:
    if by_month:
        return start.replace(day=calendar.monthrange(start.year, start.month)[1])
    return start.replace(month=12, day=31)
