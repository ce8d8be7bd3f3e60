"""Published dates as people read them, in the precision that was stated."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from search.days import MONTHS, day_in_words

MINUTE = timedelta(minutes=1)


def spoken(published: str | None, zone: ZoneInfo) -> str:
    """`2016` -> 2016, `2016-11` -> November 2016, a day or a time -> 25 November 2016."""
    if published is None:
        return "undated"
    if len(published) == 4:
        return published
    if len(published) == 7:
        return f"{MONTHS[int(published[5:]) - 1]} {published[:4]}"
    return day_in_words(day(published, zone))


def day(published: str, zone: ZoneInfo) -> date:
    """The (first) day of a published date; a time becomes a day in the configured time zone."""
    if len(published) <= 10:
        return date.fromisoformat(published + "-01-01"[len(published) - 4 :])
    moment = datetime.fromisoformat(published)
    if moment.tzinfo:
        with suppress(OverflowError):  # the first and last hours of the calendar have no neighbour
            moment = moment.astimezone(zone)
    return moment.date()


def moment(published: str, zone: ZoneInfo) -> datetime:
    """The (first) moment of a published date, with its offset in whole minutes: what feeds want."""
    if len(published) > 10:
        stated = datetime.fromisoformat(published)
        first = stated if stated.tzinfo else stated.replace(tzinfo=zone)
    else:
        first = datetime.combine(day(published, zone), time(), zone)
    offset = first.utcoffset() or timedelta()
    whole = -(-offset // MINUTE) * MINUTE  # before there was standard time, zones are seconds apart
    return (first + (whole - offset)).replace(tzinfo=timezone(whole))


def spoken_span(first: date, last: date) -> str:
    """A period in as few words as say it: 2016, November 2016, 3 to 9 November 2016."""
    if first == last:
        return day_in_words(first)
    whole_months = first.day == 1 and _is_last_of_month(last)
    if whole_months and first.month == 1 and last.month == 12:
        return _joined(str(first.year), str(last.year))
    if whole_months:
        return _joined(
            f"{MONTHS[first.month - 1]} {first.year}", f"{MONTHS[last.month - 1]} {last.year}"
        )
    return _joined(day_in_words(first), day_in_words(last))


def _joined(first: str, last: str) -> str:
    return first if first == last else f"{first} to {last}"


def _is_last_of_month(value: date) -> bool:
    return value == date.max or date.fromordinal(value.toordinal() + 1).day == 1
