"""A stated date as numbers: first and last day of what is stated, and the moment to sort by.

A partial date stands for its period: `2016-11` sorts as its first day, and a range matches it
when the range touches any day of November.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

_EPOCH = date(1970, 1, 1).toordinal()
_STATED = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](.+))?)?)?$")


class Moment(NamedTuple):
    """Days since 1970-01-01 in the configured zone, seconds since then in UTC."""

    first_day: int
    last_day: int
    seconds: int


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def day_from_number(number: int) -> date:
    """The day that is so many days after 1970-01-01."""
    return date.fromordinal(number + _EPOCH)


@lru_cache(maxsize=16_384)
def moment(published: str, zone: tzinfo) -> Moment:
    """Read `2016`, `2016-11`, `2016-11-25` or one with a time (and an offset, else in `zone`).

    Raises ValueError for anything else.
    """
    stated = _STATED.match(published)
    if not stated:
        raise ValueError(
            f"published = {published!r}: want 2016, 2016-11, 2016-11-25 or with a time"
        )
    year, month, day, clock = stated.groups()
    if clock:
        at = datetime.fromisoformat(published)
        at = at.replace(tzinfo=zone) if at.tzinfo is None else at
        try:
            local = at.astimezone(zone)
        except OverflowError:  # the first and last hours of the calendar have no neighbour
            local = at
        number = day_number(local.date())
        return Moment(number, number, _seconds(at))
    first = date(int(year), int(month or 1), int(day or 1))
    last_month = int(month or 12)
    last = date(first.year, last_month, int(day or calendar.monthrange(first.year, last_month)[1]))
    midnight = datetime(first.year, first.month, first.day, tzinfo=zone)
    return Moment(day_number(first), day_number(last), _seconds(midnight))


def _seconds(at: datetime) -> int:
    offset = at.utcoffset()
    shift = offset.total_seconds() if offset else 0
    clock = at.hour * 3600 + at.minute * 60 + at.second
    return day_number(at.date()) * 86_400 + clock - int(shift)
