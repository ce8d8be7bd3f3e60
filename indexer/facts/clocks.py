"""The weekday and the clock time beside a date. No zone is supplied that the text does not name."""

from __future__ import annotations

import re

from indexer.facts.calendars import FIXED_ZONES, PLACE_ZONES, SHARED_ZONES, WEEKDAYS, offset_minutes

REACH = 48
"""Characters before and behind a date that are looked at."""
_ZONES = "|".join(
    sorted(map(str.upper, (*FIXED_ZONES, *PLACE_ZONES, *SHARED_ZONES)), key=len, reverse=True)
)
_CLOCK = (
    rf"(?:(?<![^\W\d_])(?P<zone_before>{_ZONES})\s)?"
    r"(?P<half_before>上午|下午|午前|午後|오전|오후)?\s?"
    r"(?<![\d:])(?:"
    r"(?P<h>[01]?\d|2[0-4])(?:[:.：h時时]|ч\.?)\s?(?P<mi>[0-5]\d)(?:[:.](?P<s>[0-5]\d)(?:[.,]\d{1,6})?)?(?![\d:])分?"
    r"|(?P<h4>[01]\d|2[0-3])(?P<mi4>[0-5]\d)(?=\s?(?:GMT|UTC|Z|hrs|h\b|EST|EDT|CET|MSK))"
    r"|(?P<h2>1[0-2]|0?\d)(?=\s?[ap]\.?m\b)"
    r"|(?P<h1>[01]?\d|2[0-3])(?=\s?(?:h\b|Uhr\b|hrs?\b))"
    r")"
    r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?|\s?(?P<half_arabic>صباحا|صباحاً|مساء|مساءً|ص\b|م\b))?"
    r"(?:\s?(?:uhr|hrs?|h)\b)?"
    rf"(?:\s?\(?(?P<zone>(?:(?:UTC|GMT)\s?)?[+-]\d{{1,2}}(?::?\d\d)?(?!\d)|(?:{_ZONES})\b)\)?)?"
)
_WORDS = r"(?:at|um|à|a\s+las?|alle|às|as|om|kl\.?|saat|в|о|об|pukul|jam|ore|te|الساعة|ساعت|على|و|ou|T|t)"
BEHIND = re.compile(
    rf"[\s,،|·•–—/(-]{{0,5}}(?:(?P<weekday>[^\W\d_]{{3,12}})[\s,،|)-]{{1,3}})?(?:{_WORDS}[\s:]{{0,2}})?{_CLOCK}",
    re.IGNORECASE,
)
BEFORE = re.compile(
    rf"{_CLOCK}[\s,،|·•–—/-]{{0,5}}(?:on\s)?(?:(?P<weekday>[^\W\d_]{{3,12}})[\s,،.|]{{1,3}})?$",
    re.IGNORECASE,
)
WEEKDAY_BEFORE = re.compile(r"([^\W\d_]{2,12}(?:-feira)?)[.,،]{0,2}\s{0,2}(?:den |the |le )?$")
WEEKDAY_BEHIND = re.compile(r"[\s,،(（]{0,3}([^\W\d_]{2,12})")
BEFORE_CLOCKS = frozenset({"alle", "saat", "pukul", "jam", "ore", "الساعة", "ساعت"})
AFTERNOON = frozenset({"p", "م", "مساء", "مساءً", "下午", "午後", "오후"})
OFFSET = re.compile(r"(?:(?:UTC|GMT)\s?)?([+-])(\d{1,2}):?(\d\d)?", re.IGNORECASE)


def clock_beside(text: str, start: int, end: int, day: str) -> tuple[str, tuple[int, int]]:
    """(`T18:20:00+03:00`, `T18:20:00` or nothing; the span of the date with all that belongs to it)."""
    span = _with_weekday(text, start, end)
    if len(day) < 10:
        return "", span
    behind = BEHIND.match(text[end : end + REACH])
    if behind and _belongs(behind) and (clock := _stated(behind, day)):
        return clock, (span[0], max(span[1], end + behind.end()))
    head = text[max(0, start - REACH) : start]
    before = BEFORE.search(head) if ":" in head or "." in head or "h" in head else None
    if before and _belongs(before) and (clock := _stated(before, day)):
        return clock, (min(span[0], start - len(head) + before.start()), span[1])
    return "", span


def _belongs(match: re.Match[str]) -> bool:
    weekday = match["weekday"]
    return weekday is None or weekday.lower() in WEEKDAYS or weekday.lower() in BEFORE_CLOCKS


def _stated(match: re.Match[str], day: str) -> str | None:
    hour = int(match["h"] or match["h4"] or match["h2"] or match["h1"])
    minute = int(match["mi"] or match["mi4"] or 0)
    half = (match["half"] or match["half_arabic"] or match["half_before"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in AFTERNOON else 0)
    if hour > 23:
        return None
    clock = f"{hour:02}:{minute:02}:{match['s'] or '00'}"
    zone = match["zone"] or match["zone_before"] or ""
    return f"T{clock}{_offset(zone, day, clock)}"


def _offset(zone: str, day: str, clock: str) -> str:
    if not zone:
        return ""
    stated = OFFSET.fullmatch(zone)
    if stated:
        minutes = int(stated[2]) * 60 + int(stated[3] or 0)
        minutes = -minutes if stated[1] == "-" else minutes
    else:
        known = offset_minutes(zone, day, clock)
        if known is None:
            return ""
        minutes = known
    if abs(minutes) > 14 * 60:
        return ""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _with_weekday(text: str, start: int, end: int) -> tuple[int, int]:
    head = text[max(0, start - 20) : start]
    before = WEEKDAY_BEFORE.search(head)
    if before and before[1].lower().removesuffix("-feira") in WEEKDAYS:
        start -= len(head) - before.start()
    behind = WEEKDAY_BEHIND.match(text, end)
    if behind and (behind[1].lower() in WEEKDAYS or behind[1].startswith(("星期", "周"))):
        end = behind.end()
    return start, end
