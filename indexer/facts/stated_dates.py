"""Dates that are written for machines: attributes, JSON-LD, addresses -> ISO 8601."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from indexer.facts.calendars import IN_DATES
from indexer.facts.dates import FIRST_YEAR, LAST_YEAR, Order, dates_in

ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ]+(?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
)
LESS = re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d\d))?")
COMPACT = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)(?:T?(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?(?P<z>Z)?)?"
)
SECONDS = re.compile(r"\d{10}|\d{13}")
"""Since 1970, or thousandths of seconds."""
MAX_CHARACTERS = 200
URL_DATE = re.compile(
    r"/((?:19|20)\d\d)[/-](\d{1,2}|[a-z]{3,9})[/-](\d{1,2})(?=[/\-_.]|$)|/((?:19|20)\d\d)(\d\d)(\d\d)(?=\D)",
    re.IGNORECASE,
)


def machine_date(text: str, *, order: Order | None = None) -> str | None:
    """A date from an attribute or JSON-LD as ISO 8601, with its time and offset where stated."""
    text = text.strip()[:MAX_CHARACTERS]
    if match := ISO.match(text):
        return _moment(match["day"], match["time"], match["zone"])
    if match := COMPACT.fullmatch(text):
        time = f"{match['h']}:{match['mi']}:{match['s'] or '00'}" if match["h"] else None
        return _moment(f"{match['y']}-{match['m']}-{match['d']}", time, match["z"])
    if match := LESS.fullmatch(text):
        return text if _is_day(f"{match['y']}-{match['m'] or '01'}-01") else None
    if SECONDS.fullmatch(text):
        moment = datetime.fromtimestamp(int(text[:10]), UTC)
        return moment.isoformat() if FIRST_YEAR <= moment.year <= LAST_YEAR else None
    found = dates_in(text, order=order)
    return found[0].stated if found and found[0].certain else None


def url_date(url: str) -> str | None:
    """The day that an address holds (`/2016/11/25/`)."""
    match = URL_DATE.search(url)
    if not match:
        return None
    year, month, day = (
        (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
    )
    number = int(month) if month.isdigit() else IN_DATES.get(month.lower(), 0)
    stated = f"{year}-{number:02}-{int(day):02}"
    return stated if _is_day(stated) else None


def _moment(day: str, time: str | None, zone: str | None) -> str | None:
    if not _is_day(day):
        return None
    if not time:
        return day
    clock = time if time.count(":") == 2 else f"{time}:00"
    offset = "+00:00" if zone in {"Z", "UTC", "GMT"} else zone or ""
    offset = f"{offset[:3]}:{offset[3:]}" if offset and ":" not in offset else offset
    try:
        datetime.fromisoformat(f"{day}T{clock}{offset}")
    except ValueError:
        return day
    return f"{day}T{clock}{offset}"


def _is_day(day: str) -> bool:
    try:
        return FIRST_YEAR <= date.fromisoformat(day).year <= LAST_YEAR
    except ValueError:
        return False
