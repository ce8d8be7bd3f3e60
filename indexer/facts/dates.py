"""Dates as texts write them -> ISO 8601. Nothing here decides which date is the article's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

from indexer.facts.calendars import (
    IN_DATES,
    MONTHS,
    PERSIAN_MONTHS,
    TWO_WORDS,
    WEEKDAYS,
    persian_day,
)
from indexer.facts.clocks import clock_beside
from indexer.lines.lines import Line, runs_of_letters, unmarked

__all__ = ["MONTHS", "Found", "Order", "dates_in", "dates_of", "order_of"]

Order = Literal["day first", "month first"]
_Token = re.Match[str]
MAX_CHARACTERS = 400
"""Dates are looked for in this much of a line."""
MAX_DATES = 40
"""In one line; nobody's date of publication is behind so many others."""
YEAR_LIKE = re.compile(r"[12][0349]\d\d")
PARTS_OF_DAY = re.compile(r"\d[-/.] ?\d")
EASTERN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９", "0123456789" * 3)
EASTERN_DIGIT = re.compile("[٠-٩۰-۹０-９]")
NAMES = frozenset(IN_DATES) | frozenset(PERSIAN_MONTHS) | {first for first, _ in TWO_WORDS}
"""Without one of these words no date of a text is written in words."""
FIRST_YEAR, LAST_YEAR = 1980, 2099
"""Outside of these a date in a web page is not its date of publication."""
TOKEN = re.compile(r"\d+|[^\W\d_](?:[^\W\d_]|[\u200c\u0300-\u036f])*|\S")
SUFFIXES = frozenset({"st", "nd", "rd", "th", "er", "re", "º", "ª", "°", ".", "-", "/", "го"})
JOINTS = frozenset({"of", "de", "del", "di", "d", "'", "’", "-", "/", ".", ",", "،", "در"})
NUMERIC = re.compile(
    r"(?<![\d.])(?<!\d[/-])(?:"
    r"(?P<y>(?:19|20|1[34])\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)"
    r"|(?P<a>\d{1,2})(?P<t>[/-]|\. ?)(?P<b>\d{1,2})(?P=t)(?P<z>(?:19|20)\d\d|\d\d)(?![\d/-])(?!\.\d)"
    r")"
)
CJK = re.compile(
    r"(?P<y>(?:19|20)\d\d) ?[年년] ?(?P<m>\d{1,2}) ?[月월](?: ?(?P<d>\d{1,2}) ?[日号號일])?"
)
HAN_DIGITS = "零一二三四五六七八九"
HAN_DATE = re.compile(
    r"(?P<y>[〇零○一二三四五六七八九]{4})年(?P<m>十?[一二三四五六七八九十])月(?P<d>[一二三四五六七八九十]{1,3})日"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A day, month or year that stands in a text, with its clock time if one stands beside it."""

    iso: str
    """`2016-11-25`, or `2016-11` where the text says no more."""
    start: int
    end: int
    certain: bool = True
    """False for `03/04/2016`, which two countries read differently."""
    clock: str = ""
    """`T18:20:00`, with the offset where the text states the zone."""
    span: tuple[int, int] = (0, 0)
    """Where the date stands with its weekday and its clock time."""

    @property
    def stated(self) -> str:
        """The date in the precision that the text has."""
        return self.iso + self.clock


def dates_in(text: str, *, order: Order | None = None) -> list[Found]:
    """The dates in a text, in their order; `order` decides what 03/04/2016 means."""
    return list(_dates_in(text[:MAX_CHARACTERS], order))


def dates_of(line: Line) -> Sequence[Found]:
    """The dates in a line; most lines hold no number and need not be read for that."""
    if "0" in line.same or "〇" in line.text or "零" in line.text:
        return _dates_in(line.text[:MAX_CHARACTERS], None)
    return ()


@lru_cache(maxsize=4_096)
def _dates_in(text: str, order: Order | None) -> tuple[Found, ...]:
    """Remembered for as long as a file is worked on: several finders ask about the same lines."""
    if not text.isascii() and EASTERN_DIGIT.search(text):
        text = text.translate(EASTERN_DIGITS)
    has_year = YEAR_LIKE.search(text) is not None
    if not (has_year or PARTS_OF_DAY.search(text) or "〇" in text or "零" in text):
        return ()
    found: list[Found] = []
    for each in (*_numeric(text, order), *(_worded(text) if has_year else ())):
        if not any(f.start < each.end and each.start < f.end for f in found):
            found.append(each)
            if len(found) == MAX_DATES:
                break
    return tuple(_with_clock(each, text) for each in sorted(found, key=lambda f: f.start))


def order_of(texts: Sequence[str]) -> Order | None:
    """How the dates in these texts are ordered, if those that can mean one day only agree."""
    orders: set[Order] = set()
    for text in texts:
        for match in NUMERIC.finditer(text[:MAX_CHARACTERS].translate(EASTERN_DIGITS)):
            if match["y"]:
                continue
            first, second = int(match["a"]), int(match["b"])
            if 12 < first <= 31 and second <= 12:
                orders.add("day first")
            elif 12 < second <= 31 and first <= 12:
                orders.add("month first")
    return orders.pop() if len(orders) == 1 else None


# --- dates of numbers ----------------------------------------------------------------------------


def _numeric(text: str, order: Order | None) -> Iterator[Found]:
    if "年" in text or "년" in text:
        for match in CJK.finditer(text):
            day = int(match["d"]) if match["d"] else None
            if iso := _iso(int(match["y"]), int(match["m"]), day):
                yield Found(iso, match.start(), match.end())
        for match in HAN_DATE.finditer(text):
            if iso := _iso(_han_year(match["y"]), _han(match["m"]), _han(match["d"])):
                yield Found(iso, match.start(), match.end())
    if PARTS_OF_DAY.search(text) is None:
        return
    for match in NUMERIC.finditer(text):
        if match["y"]:
            iso = _iso(int(match["y"]), int(match["m"]), int(match["d"]))
            if iso:
                yield Found(iso, match.start(), match.end())
        else:
            yield from _either_order(text, match, order)


def _either_order(text: str, match: re.Match[str], order: Order | None) -> Iterator[Found]:
    """`25/11/2016` and `11/25/2016` mean one day; of two possible ones a weekday may decide."""
    first, second, year = int(match["a"]), int(match["b"]), int(match["z"])
    year += 2000 if year < 100 else 0
    readings = {
        "day first": _iso(year, second, first),
        "month first": _iso(year, first, second),
    }
    possible = sorted({iso for iso in readings.values() if iso})
    if not possible:
        return
    chosen = possible[0]
    certain = len(possible) == 1
    if not certain:
        decided = _of_weekday(text, match, possible) or (readings[order] if order else None)
        chosen, certain = decided or readings["month first"] or chosen, decided is not None
    yield Found(chosen, match.start(), match.end(), certain)


def _of_weekday(text: str, match: re.Match[str], possible: Sequence[str]) -> str | None:
    beside = TOKEN.findall(text[max(0, match.start() - 16) : match.start()])[-3:]
    beside += TOKEN.findall(text[match.end() : match.end() + 16])[:3]
    weekdays = {WEEKDAYS.get(_plain(token), -1) for token in beside} - {-1}
    fitting = [iso for iso in possible if date.fromisoformat(iso).weekday() in weekdays]
    return fitting[0] if len(weekdays) == 1 and len(fitting) == 1 else None


def _han(numeral: str) -> int:
    if "十" not in numeral:
        return HAN_DIGITS.find(numeral)
    tens, _, ones = numeral.partition("十")
    return 10 * (HAN_DIGITS.find(tens) if tens else 1) + (HAN_DIGITS.find(ones) if ones else 0)


def _han_year(numeral: str) -> int:
    return int("".join(str(max(0, HAN_DIGITS.find(digit))) for digit in numeral))


# --- dates with a month's name -------------------------------------------------------------------


def _worded(text: str) -> Iterator[Found]:
    bare = unmarked(text)
    if NAMES.isdisjoint(runs_of_letters(bare) if bare.isascii() else TOKEN.findall(_plain(text))):
        return
    tokens = list(TOKEN.finditer(text))
    for i, token in enumerate(tokens):
        name = _plain(token[0])
        if name not in NAMES:
            continue
        number = IN_DATES.get(name)
        last = i
        if number is None and i + 1 < len(tokens):
            number = TWO_WORDS.get((name, tokens[i + 1][0]))
            last = i + 1
        if number is not None:
            found = _around(tokens, i, last, number)
        elif name in PERSIAN_MONTHS:
            found = _persian(tokens, i, PERSIAN_MONTHS[name])
        else:
            continue
        if found:
            yield found


def _around(tokens: Sequence[_Token], first: int, last: int, month: int) -> Found | None:
    """The date that a month's name stands in: `25 Nov 2016`, `Nov 25, 2016`, `2016, 25 Nov`."""
    before = _day_before(tokens, first)
    if before is not None:
        start = tokens[before].start()
        year = _year_after(tokens, last)
        if year is not None:
            return _found(start, year[1], year[0], month, _number(tokens[before]))
        behind = _year_before(tokens, before)
        if behind is not None:
            start = tokens[behind].start()
            end = tokens[last].end()
            return _found(start, end, int(tokens[behind][0]), month, _number(tokens[before]))
    after = _day_after(tokens, last)
    if after is not None:
        day = _number(tokens[after])
        year = _year_after(tokens, after, clock=True)
        if year is not None:
            return _found(tokens[first].start(), year[1], year[0], month, day)
        if first and _is_year(tokens[first - 1]):
            start = tokens[first - 1].start()
            return _found(start, tokens[after].end(), int(tokens[first - 1][0]), month, day)
    after_number = first > 0 and tokens[first - 1][0][0].isdigit()
    if after_number or _plain(tokens[first][0]) not in MONTHS:
        return None
    alone = _year_after(tokens, last)
    return _found(tokens[first].start(), alone[1], alone[0], month, None) if alone else None


def _persian(tokens: Sequence[_Token], at: int, month: int) -> Found | None:
    """`۱۵ اردیبهشت ۱۴۰۳`."""
    before = _day_before(tokens, at)
    after = at + 1
    while after < len(tokens) and tokens[after][0] in {"ماه", "،", ",", "سال"}:
        after += 1
    if before is None or after >= len(tokens) or not re.fullmatch(r"1[34]\d\d", tokens[after][0]):
        return None
    day = persian_day(int(tokens[after][0]), month, _number(tokens[before]))
    return Found(day.isoformat(), tokens[before].start(), tokens[after].end()) if day else None


def _day_before(tokens: Sequence[_Token], at: int) -> int | None:
    at -= 1
    for _ in range(3):
        if at >= 0 and (tokens[at][0].lower() in JOINTS or tokens[at][0].lower() in SUFFIXES):
            at -= 1
    return at if at >= 0 and _is_day(tokens[at]) else None


def _day_after(tokens: Sequence[_Token], at: int) -> int | None:
    at += 1
    while at < len(tokens) and tokens[at][0] in {".", "-", ","}:
        at += 1
    return at if at < len(tokens) and _is_day(tokens[at]) else None


def _year_after(
    tokens: Sequence[_Token], at: int, *, clock: bool = False
) -> tuple[int, int] | None:
    """The year behind a day or month, and where it ends; `clock` lets a time stand between."""
    at += 1
    for _ in range(10 if clock else 4):
        if at >= len(tokens):
            return None
        text = tokens[at][0].lower()
        if _is_year(tokens[at]):
            return int(text), tokens[at].end()
        if 4 < len(text) <= 6 and text[:2] in {"19", "20"} and text.isdigit():
            # `Dec 22, 20235:00 AM`: a clock or a second date follows at once.
            return int(text[:4]), tokens[at].start() + 4
        passed = text in JOINTS or text in SUFFIXES
        if clock:
            short = len(text) <= 2 and text.isdigit()
            passed = passed or short or text in {":", "at", "a", "p", "m", "am", "pm", "gmt", "utc"}
            passed = passed or (len(text) == 3 and text.endswith("t"))
        if not passed:
            return None
        at += 1
    return None


def _year_before(tokens: Sequence[_Token], at: int) -> int | None:
    for _ in range(3):
        at -= 1
        if at < 0:
            return None
        if _is_year(tokens[at]):
            return at
        if tokens[at][0] not in {",", "،"} and _plain(tokens[at][0]) not in WEEKDAYS:
            return None
    return None


def _is_day(token: _Token) -> bool:
    return len(token[0]) <= 2 and token[0].isdigit() and 1 <= _number(token) <= 31


def _is_year(token: _Token) -> bool:
    text = token[0]
    return len(text) == 4 and text.isdigit() and text[:2] in {"19", "20"}


def _number(token: _Token) -> int:
    return int(token[0])


def _plain(word: str) -> str:
    return word.lower().replace("\u200c", "").replace("\u0307", "")


def _found(start: int, end: int, year: int, month: int, day: int | None) -> Found | None:
    iso = _iso(year, month, day)
    return Found(iso, start, end) if iso else None


def _iso(year: int, month: int, day: int | None) -> str | None:
    """A day, or a month where no day is given; None for one that is in no calendar."""
    if 1300 <= year < 1500 and day:
        whole = persian_day(year, month, day)
        return whole.isoformat() if whole else None
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        return None
    if day is None:
        return f"{year}-{month:02}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


# --- what stands beside a date -------------------------------------------------------------------


def _with_clock(found: Found, text: str) -> Found:
    """With the weekday and the clock time that stand right before or behind."""
    clock, span = clock_beside(text, found.start, found.end, found.iso)
    return replace(found, clock=clock, span=span)
