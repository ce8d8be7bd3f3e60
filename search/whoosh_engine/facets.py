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
from search.whoosh_engine.lists import Docs

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
    counts = np.bincount(days - first)  # at most 3.65 million places: years have four digits
    held = np.flatnonzero(counts)
    if last - first < MAX_DAYS:
        every_day = [day_from_number(first + place) for place in held.tolist()]
        found = zip(every_day, counts[held].tolist(), strict=True)
        return [Bucket(day, day, count) for day, count in found]
    begin, end = day_from_number(first), day_from_number(last)
    months = (end.year - begin.year) * 12 + end.month - begin.month + 1
    unit = "M" if months <= MAX_MONTHS else "Y"
    # NumPy counts days, months and years from 1970 as we do.
    periods = (held + first).astype("datetime64[D]").astype(f"datetime64[{unit}]").astype(np.int64)
    earliest = int(periods[0])
    totals = np.bincount(periods - earliest, weights=counts[held]).astype(np.int64)
    return [
        _period(earliest + place, int(totals[place]), unit)
        for place in np.flatnonzero(totals).tolist()
    ]


def _period(number: int, count: int, unit: str) -> Bucket:
    """A month or a year by its number since January 1970, or 1970."""
    if unit == "Y":
        return Bucket(date(1970 + number, 1, 1), date(1970 + number, 12, 31), count)
    year, month = 1970 + number // 12, number % 12 + 1
    return Bucket(
        date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]), count
    )
