"""Counts beside an answer, against a slow count by the calendar."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from search.model import Bucket, FacetValue
from search.whoosh_engine.evaluation import facets
from search.whoosh_engine.segments.arrays import NO_DAY
from search.whoosh_engine.segments.dates import day_number

spans = st.sampled_from([10, 61, 62, 400, 2_000, 2_300, 40_000])
starts = st.integers(1, 700_000)


def histogram(column: NDArray[np.int32]) -> tuple[Bucket, ...]:
    """All documents of a column of days."""
    timeline = facets.Timeline(column)
    counts = np.bincount(timeline.places, minlength=timeline.size)
    return timeline.histogram(counts, lambda: np.arange(len(column)))


@given(starts, spans, st.lists(st.none() | st.integers(0, 40_000), max_size=60))
def test_buckets_are_calendar_periods_that_hold_every_day(
    start: int, span: int, offsets: list[int | None]
) -> None:
    days = [
        None if n is None else date.fromordinal(start) + timedelta(days=n % span) for n in offsets
    ]
    column = np.array([NO_DAY if day is None else day_number(day) for day in days], np.int32)
    found = histogram(column)
    undated = days.count(None)
    assert [b.count for b in found if b.first is None] == ([undated] if undated else [])
    dated = [(b.first, b.last, b.count) for b in found if b.first and b.last]
    for first, last, count in dated:
        assert count == sum(day is not None and first <= day <= last for day in days)
        assert first.day == 1 or first == last
    assert sum(count for _, _, count in dated) == len(days) - undated
    assert dated == sorted(dated)


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (["2016-11-25", "2016-11-25"], [Bucket(date(2016, 11, 25), date(2016, 11, 25), 2)]),
        (
            ["2016-02-03", "2016-12-31"],
            [
                Bucket(date(2016, 2, 1), date(2016, 2, 29), 1),
                Bucket(date(2016, 12, 1), date(2016, 12, 31), 1),
            ],
        ),
        (
            ["1969-05-06", "1980-01-01"],
            [
                Bucket(date(1969, 1, 1), date(1969, 12, 31), 1),
                Bucket(date(1980, 1, 1), date(1980, 12, 31), 1),
            ],
        ),
    ],
)
def test_a_short_span_is_counted_by_days_a_longer_one_by_months_or_years(
    days: list[str], wanted: list[Bucket]
) -> None:
    column = np.array([day_number(date.fromisoformat(day)) for day in days], np.int32)
    assert list(histogram(column)) == wanted


@given(st.lists(st.integers(-1, 4), max_size=40))
def test_values_are_counted_most_first_and_missing_ones_not(codes: list[int]) -> None:
    names = [f"n{number}" for number in range(5)]
    found = facets.Values(names, np.array(codes, np.int32)).counted(np.arange(len(codes)))
    wanted = Counter(names[code] for code in codes if code >= 0)
    assert {each.value: each.count for each in found} == wanted
    assert list(found) == sorted(found, key=lambda each: (-each.count, each.value))
    assert FacetValue("n9", 0) not in found
