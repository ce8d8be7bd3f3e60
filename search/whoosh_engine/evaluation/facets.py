"""Counts beside an answer: how many matches each source has, and each day, month or year."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from search.loops.facets import tally
from search.loops.unions import BITS
from search.model import Bucket, FacetValue
from search.whoosh_engine.segments.arrays import NO_DAY
from search.whoosh_engine.segments.dates import day_from_number
from search.whoosh_engine.segments.segment_file import narrow
from search.whoosh_engine.views.lists import Docs

if TYPE_CHECKING:
    from search.whoosh_engine.evaluation.plan import Found
    from search.whoosh_engine.views.view import View

MAX_DAYS = 62  # a longer span is counted by months: two months of daily bars can still be hit
MAX_MONTHS_OF_DAYS = 4  # calendar months that so many days may touch
MAX_MONTHS = 72  # a longer one by years


# A third of the time of the classes themselves, which check their arguments.
_value = partial(tuple.__new__, FacetValue)
_bucket = partial(tuple.__new__, Bucket)

Counts = NDArray[np.int64]


class Facets:
    """The counts of an answer; made once for a snapshot."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._sources = Values(*view.sources)
        self._timeline = Timeline(view.column("published_day"))

    def of(self, found: Found) -> tuple[tuple[FacetValue, ...], tuple[Bucket, ...]]:
        """How many matches each source has, as if none had been chosen, and each period."""
        by_source, by_month = self._tallied(found.rows)
        if found.rows_before_sources is not found.rows:
            by_source, _ = self._tallied(found.rows_before_sources)
        histogram = self._timeline.histogram(by_month, lambda: found.docs)
        return self._sources.named(by_source), histogram

    def _tallied(self, rows: Sequence[Docs]) -> tuple[Counts, Counts]:
        """How many documents of these rows have each source and each month, each document once."""
        sources, months = self._sources, self._timeline
        by_source, by_month = np.zeros(sources.size, np.int64), np.zeros(months.size, np.int64)
        seen = np.zeros(self._view.doc_count_all // BITS + 1, np.uint64)
        for docs in rows:
            these = docs.astype(np.uint32, copy=False)
            tally(these, seen, sources.places, months.places, by_source, by_month)
        return by_source, by_month


class Values:
    """The names that documents have, ready to be counted."""

    def __init__(self, names: Sequence[str], codes: NDArray[Any]) -> None:
        """`codes` has the number of each document's name, -1 for none."""
        self._names = ["", *sorted(names)]
        places = {name: place for place, name in enumerate(self._names[1:], 1)}
        self.places = narrow(np.array([*map(places.__getitem__, names), 0])[codes])
        """Where each document's name stands among the names, 0 for none."""
        self.size = len(self._names)

    def counted(self, docs: Docs) -> tuple[FacetValue, ...]:
        """How many of the documents have each name: most first, then by name."""
        return self.named(np.bincount(self.places[docs], minlength=1))

    def named(self, counts: Counts) -> tuple[FacetValue, ...]:
        """The same of a count for each place."""
        counts[0] = 0
        held = counts.nonzero()[0]
        names = map(self._names.__getitem__, held.tolist())
        found = list(map(_value, zip(names, counts.take(held).tolist(), strict=True)))
        found.sort(key=itemgetter(1), reverse=True)  # equal ones stay in their order
        return tuple(found)


class Timeline:
    """When the documents were published, ready to be counted."""

    def __init__(self, days: NDArray[Any]) -> None:
        """`days` has the first day of what each document states, or NO_DAY."""
        self._days = days
        is_dated = days != NO_DAY
        # NumPy counts days and months from 1970 as we do.
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        self._before = int(months[is_dated].min(initial=1 << 40)) - 1
        self.places = narrow(np.where(is_dated, months - self._before, 0))
        """The month of each document, counted from the first one, 0 for none."""
        self.size = int(self.places.max(initial=0)) + 1
        self._first_year = (self._before + 1) // 12
        # Of each place; that of 0 does not matter, for it is counted apart.
        self._years = (np.arange(self.size) + self._before) // 12 - self._first_year
        self._years[0] = 0

    def histogram(self, counts: Counts, docs: Callable[[], Docs]) -> tuple[Bucket, ...]:
        """Documents by what they state, of a count for each place: oldest first, the undated ones last.

        The buckets are days, months or years, whichever the span needs; empty ones are left out.
        `docs` gives the documents themselves.
        """
        undated = int(counts[0])
        counts[0] = 0
        held = counts.nonzero()[0].tolist()
        buckets = self._buckets(held, counts, docs) if held else []
        if undated:
            buckets.append(Bucket(None, None, undated))
        return tuple(buckets)

    def _buckets(
        self, held: Sequence[int], counts: Counts, docs: Callable[[], Docs]
    ) -> list[Bucket]:
        span = held[-1] - held[0] + 1
        if span <= MAX_MONTHS_OF_DAYS:
            found = self._by_day(docs())
            if found:
                return found
        if span <= MAX_MONTHS:
            rows = zip(held, counts.take(held).tolist(), strict=True)
            return [_bucket((*_month(self._before + place), count)) for place, count in rows]
        totals = enumerate(np.bincount(self._years, counts).tolist(), self._first_year)
        return [_bucket((*_year(year), int(count))) for year, count in totals if count]

    def _by_day(self, docs: Docs) -> list[Bucket]:
        """A bar for each day; none where there would be too many."""
        days = self._days.take(docs)
        dated = days[days != NO_DAY]
        first = int(dated.min())
        if int(dated.max()) - first >= MAX_DAYS:
            return []
        counts = np.bincount(dated - first).tolist()
        every = [(day_from_number(first + place), count) for place, count in enumerate(counts)]
        return [Bucket(day, day, count) for day, count in every if count]


@lru_cache(maxsize=1_024)
def _month(number: int) -> tuple[date, date]:
    """First and last day of a month by its number since January 1970."""
    year, month = 1970 + number // 12, number % 12 + 1
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


@lru_cache(maxsize=1_024)
def _year(number: int) -> tuple[date, date]:
    """First and last day of a year by its number since 1970."""
    return date(1970 + number, 1, 1), date(1970 + number, 12, 31)
