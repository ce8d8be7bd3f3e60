"""Dates as texts write them -> ISO 8601. Nothing here decides which date is the article's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

MONTH_NAMES = (
    "january jan januar janvier enero gennaio janeiro ocak января يناير كانون_الثاني",
    "february feb februar février febrero febbraio fevereiro şubat февраля فبراير شباط",
    "march mar märz mars marzo março mart марта مارس آذار",
    "april apr avril abril aprile nisan апреля أبريل ابريل نيسان",
    "may mai mayo maggio maio mayıs мая مايو أيار ايار",
    "june jun juni juin junio giugno junho haziran июня يونيو حزيران",
    "july jul juli juillet julio luglio julho temmuz июля يوليو تموز",
    "august aug août agosto ağustos августа أغسطس اغسطس آب",
    "september sep sept septembre septiembre settembre setembro eylül сентября سبتمبر أيلول ايلول",
    "october oct oktober octobre octubre ottobre outubro ekim октября أكتوبر اكتوبر تشرين_الأول",
    "november nov novembre noviembre novembro kasım ноября نوفمبر تشرين_الثاني",
    "december dec dezember décembre diciembre dicembre dezembro aralık декабря ديسمبر كانون_الأول",
)
MONTHS = {
    name.replace("_", " "): number
    for number, names in enumerate(MONTH_NAMES, start=1)
    for name in names.split()
}
_MONTH = r"(?P<m>" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")\b\.?"
_YEAR = r"(?P<y>(?:19|20)\d\d)(?!\d)"
_GLUED_YEAR = (
    r"(?P<y>(?:19|20)\d\d)"  # `Dec 22, 20235:00 AM`: a clock or a second date follows at once
)
_DAY = r"(?<!\d)(?P<d>\d{1,2})(?!\d)"
_WEEKDAY = r"(?:[^\W\d]+day)?"
_CLOCK = r"(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?(?: ?[a-z]{2,4})?,? +)?"
PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\w){_MONTH} ?{_DAY}(?:st|nd|rd|th)?,? *(?:at )?{_CLOCK}{_GLUED_YEAR}",
        rf"{_DAY}(?:st|nd|rd|th|er|\.)?[ -]?(?:of |de |del )?{_MONTH},?(?: de| del)?[ -]{_GLUED_YEAR}",
        rf"(?<!\d){_YEAR}[-/.](?P<mn>\d{{1,2}})[-/.](?P<d>\d{{1,2}})(?!\d)",
        rf"(?<!\d){_YEAR} *年 *(?P<mn>\d{{1,2}}) *月 *(?P<d>\d{{1,2}}) *日",
        r"(?<![\d/.-])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>(?:19|20)?\d\d)(?![\d/-])",
        rf"(?<!\d){_YEAR} +{_WEEKDAY} *,? *(?P<d>\d{{1,2}}),? +{_MONTH}",
    )
)
MAX_CHARACTERS = 400
"""Dates are looked for in this much of a line."""
MAYBE = re.compile(r"(?:19|20)\d\d|\d[/.-]\d{1,2}[/.-]\d\d")
ARABIC_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
FIRST_YEAR, LAST_YEAR = 1980, 2100
"""Outside of these a date in a web page is not its date of publication."""


@dataclass(frozen=True, slots=True)
class Found:
    """A day that stands in a text."""

    iso: str
    start: int
    end: int
    certain: bool = True
    """False for `03/04/2016`, which two countries read differently."""


def dates_in(text: str) -> list[Found]:
    """The full days (year, month, day) in a text, in their order."""
    text = text[:MAX_CHARACTERS].translate(ARABIC_DIGITS)
    if not MAYBE.search(text):
        return []
    found: list[Found] = []
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            day = _day(match.groupdict())
            if day and not any(f.start < match.end() and match.start() < f.end for f in found):
                found.append(Found(day[0], match.start(), match.end(), day[1]))
    return sorted(found, key=lambda f: f.start)


def _day(groups: dict[str, str | None]) -> tuple[str, bool] | None:
    year = int(groups["y"] or 0)
    year += 2000 if year < 100 else 0
    certain = True
    if groups.get("a"):
        a, b = int(groups["a"] or 0), int(groups["b"] or 0)
        certain = a > 12 or b > 12 or a == b
        month, day = (b, a) if a > 12 else (a, b)
    else:
        day = int(groups["d"] or 0)
        name = groups.get("m")
        month = MONTHS[name.lower()] if name else int(groups.get("mn") or 0)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day).isoformat(), certain
    except ValueError:
        return None


ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:[.,]\d+)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?)?"
)


def machine_date(text: str) -> str | None:
    """A date from an attribute or JSON-LD as ISO 8601, with its time and offset where stated."""
    text = text.strip()
    match = ISO.match(text)
    if not match:
        found = dates_in(text) or list(_compact(text))
        return found[0].iso if found and found[0].certain else None
    try:
        day = date.fromisoformat(match["day"])
    except ValueError:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    if not match["time"] or not match["zone"]:
        return match["day"]
    zone = "+00:00" if match["zone"] in {"Z", "UTC", "GMT"} else match["zone"]
    zone = zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    clock = match["time"] if match["time"].count(":") == 2 else f"{match['time']}:00"
    stated = f"{match['day']}T{clock}{zone}"
    try:
        datetime.fromisoformat(stated)
    except ValueError:
        return match["day"]
    return stated


COMPACT = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?:T?\d{4,6}\w*)?$")


def _compact(text: str) -> Iterator[Found]:
    match = COMPACT.match(text)
    if match:
        day = _day({"y": match[1], "mn": match[2], "d": match[3]})
        if day:
            yield Found(day[0], 0, match.end())


URL_DATE = re.compile(
    r"/((?:19|20)\d\d)[/-](\d{1,2}|[a-z]{3,9})[/-](\d{1,2})(?=[/\-_.]|$)|/((?:19|20)\d\d)(\d\d)(\d\d)(?=\D)",
    re.IGNORECASE,
)


def url_date(url: str) -> str | None:
    """The day that an address holds (`/2016/11/25/`)."""
    match = URL_DATE.search(url)
    if not match:
        return None
    year, month, day = (
        (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
    )
    if not month.isdigit():
        found = MONTHS.get(month.lower())
        if found is None:
            return None
        month = str(found)
    stated = _day({"y": year, "mn": month, "d": day})
    return stated[0] if stated else None
