"""Dates as a person types them in a query -> days. Knows the calendar and nothing of queries.

A date is a year, a month or a day (`2016`, `2016-11`, `2016-11-25`), `today`, `yesterday`, or a
distance back from today (`7d`, `2w`, `6m`, `1y`). Days are those of the configured time zone.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

CALENDAR_DATE = re.compile(r"([0-9]{4})(?:[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2}))?)?", re.ASCII)
DISTANCE = re.compile(r"([0-9]{1,4})([dwmy])", re.ASCII)
RANGE = ".."
# Not calendar.month_name, which changes with the locale of the process.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Span:
    """From the first to the last day, both included; None leaves an end open."""

    first: date | None
    last: date | None


def read_period(text: str, *, today: date) -> Period | None:
    """The days that one date covers (`2016-11` is thirty days), or None if it is no date."""
    match = CALENDAR_DATE.fullmatch(text)
    if match:
        return _calendar_period(*match.groups())
    lowered = text.lower()
    if lowered == "today":
        return Period(today, today)
    if lowered == "yesterday":
        return _days_back(1, today=today)
    match = DISTANCE.fullmatch(lowered)
    if match:
        return _distance(int(match[1]), match[2], today=today)
    return None


def read_span(name: str, text: str, *, today: date) -> Span | None:
    """What `after:`, `before:` or `date:` means with this text after it; None if it is no date.

    `after:` begins with the period's first day and `before:` ends the day before it. A range
    that ends before it begins is returned as it stands.
    """
    if name == "date" and RANGE in text:
        return _range(text, today=today)
    period = read_period(text, today=today)
    if period is None:
        return None
    if name == "date":
        return Span(period.first, period.last)
    if name == "after":
        return Span(period.first, None)
    if period.first == date.min:
        return None
    return Span(None, period.first - timedelta(days=1))


def _range(text: str, *, today: date) -> Span | None:
    """`a..b`, `a..` or `..b`, ends included."""
    left, _, right = text.partition(RANGE)
    first = read_period(left, today=today)
    last = read_period(right, today=today)
    if (left and not first) or (right and not last) or not (first or last):
        return None
    return Span(first.first if first else None, last.last if last else None)


def _calendar_period(year: str, month: str | None, day: str | None) -> Period | None:
    try:
        if month is None:
            return Period(date(int(year), 1, 1), date(int(year), 12, 31))
        if day is None:
            first = date(int(year), int(month), 1)
            return Period(first, first.replace(day=_month_length(first)))
        only = date(int(year), int(month), int(day))
    except ValueError:  # the 30th of February
        return None
    return Period(only, only)


def _distance(count: int, unit: str, *, today: date) -> Period | None:
    if unit == "d":
        return _days_back(count, today=today)
    if unit == "w":
        return _days_back(7 * count, today=today)
    months = today.year * 12 + today.month - 1 - count * (12 if unit == "y" else 1)
    if months < 12:
        return None  # before the year 1
    first = date(months // 12, months % 12 + 1, 1)
    only = first.replace(day=min(today.day, _month_length(first)))
    return Period(only, only)


def _days_back(count: int, *, today: date) -> Period | None:
    if count >= today.toordinal():
        return None  # before the year 1
    only = today - timedelta(days=count)
    return Period(only, only)


def _month_length(first: date) -> int:
    return calendar.monthrange(first.year, first.month)[1]


def day_in_words(day: date) -> str:
    """`1 November 2016`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def span_in_words(first: date | None, last: date | None) -> str:
    """Days as a person says them: `in November 2016`, `from 1 October to 15 December 2016`."""
    if first is None:
        return f"until {day_in_words(last)}" if last else "on any day"
    if last is None:
        return f"from {day_in_words(first)}"
    if first == last:
        return f"on {day_in_words(first)}"
    if first.day == 1 and last.day == _month_length(last.replace(day=1)):
        whole = _whole_months(first, last)
        if whole:
            return whole
    if first.year == last.year:
        return f"from {first.day} {MONTHS[first.month - 1]} to {day_in_words(last)}"
    return f"from {day_in_words(first)} to {day_in_words(last)}"


def span_as_typed(first: date | None, last: date | None) -> str:
    """The same days in the query's syntax: `after:2016-11-01`, `date:2016-11`."""
    if first is None:
        if last is None or last == date.max:
            return f"date:..{last or ''}"
        return f"before:{last + timedelta(days=1)}"
    if last is None:
        return f"after:{first}"
    if first == last:
        return f"date:{first}"
    if (first, last) == (first.replace(day=1), first.replace(day=_month_length(first))):
        return f"date:{first.isoformat()[:7]}"
    if (first, last) == (date(first.year, 1, 1), date(first.year, 12, 31)):
        return f"date:{first.isoformat()[:4]}"
    return f"date:{first}..{last}"


def _whole_months(first: date, last: date) -> str | None:
    if (first.year, first.month) == (last.year, last.month):
        return f"in {MONTHS[first.month - 1]} {first.year}"
    if first.year == last.year and (first.month, last.month) == (1, 12):
        return f"in {first.year}"
    return None
