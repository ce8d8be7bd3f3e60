"""Dates and periods as they are spoken, and as moments."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from web import days

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("published", "spoken"),
    [
        (None, "undated"),
        ("2016", "2016"),
        ("2016-11", "November 2016"),
        ("2016-11-05", "5 November 2016"),
        ("2016-11-05T23:30:00+00:00", "6 November 2016"),  # it is past midnight in Paris
        ("2016-11-05T23:30:00Z", "6 November 2016"),
        ("2016-11-05T23:30:00", "5 November 2016"),
        ("9999-12-31T23:30:00-05:00", "31 December 9999"),  # there is no next day
        ("0001-01-01T00:30:00+02:00", "1 January 1"),
    ],
)
def test_dates_are_spoken_in_the_precision_that_was_stated(
    published: str | None, spoken: str
) -> None:
    assert days.spoken(published, PARIS) == spoken


@pytest.mark.parametrize(
    ("published", "moment"),
    [
        ("2016", "2016-01-01T00:00:00+01:00"),
        ("2016-07", "2016-07-01T00:00:00+02:00"),
        ("2016-11-05T23:30:00+00:00", "2016-11-05T23:30:00+00:00"),
        ("2016-11-05T23:30:00", "2016-11-05T23:30:00+01:00"),
        ("1500", "1500-01-01T00:00:39+00:10"),  # Paris was 9 minutes and 21 seconds ahead
        ("0001", "0001-01-01T00:00:39+00:10"),
    ],
)
def test_feeds_have_moments_with_an_offset(published: str, moment: str) -> None:
    assert days.moment(published, PARIS).isoformat() == moment


@pytest.mark.parametrize(
    ("first", "last", "spoken"),
    [
        (date(2016, 1, 1), date(2016, 12, 31), "2016"),
        (date(2015, 1, 1), date(2016, 12, 31), "2015 to 2016"),
        (date(2016, 11, 1), date(2016, 11, 30), "November 2016"),
        (date(2016, 11, 1), date(2017, 1, 31), "November 2016 to January 2017"),
        (date(2016, 11, 3), date(2016, 11, 3), "3 November 2016"),
        (date(2016, 11, 3), date(2016, 11, 9), "3 November 2016 to 9 November 2016"),
        (date(9999, 1, 1), date.max, "9999"),
    ],
)
def test_periods_are_spoken_shortly(first: date, last: date, spoken: str) -> None:
    assert days.spoken_span(first, last) == spoken
