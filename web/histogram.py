"""Buckets of published dates -> bars to draw and follow. Positions are percentages of the width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from search.days import MONTHS
from search.model import Bucket
from web.days import spoken_span

HEIGHT = 52  # px of the tallest bar; a fact of the drawing, the style sheet does not repeat it
MIN_BAR = 2  # px: one article beside a thousand must still be seen
LOW_TOP = 4  # articles: three single hits make a low skyline, not three full columns
MIN_WIDTH = 0.25  # percent: a day in twenty years must still be hit by a finger's neighbour
MAX_WIDTH = 12.0  # percent: a lone bar is a bar and no wall
GAP_SHARE = 0.16  # of a bar's room stays empty, so that neighbours are told apart
MAX_TICKS = 4  # "Feb 2024" is 47 px wide, and the axis 190 on the narrowest screen


class Bar(NamedTuple):
    """A bucket as it is drawn."""

    x: float
    width: float
    y: float
    height: float
    label: str
    href: str
    first: date
    last: date


class Tick(NamedTuple):
    """A year or month under the bars."""

    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Histogram:
    """The matches over time."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    undated: int
    undated_height: float
    span: str
    """The whole period, in words."""


def draw(
    buckets: Sequence[Bucket], address_of: Callable[[date, date], str], *, chosen: str = ""
) -> Histogram | None:
    """The histogram; None if there is nothing to draw. `address_of` a period is its search."""
    undated = sum(b.count for b in buckets if b.first is None)
    dated = [(b.first, b.last, b.count) for b in buckets if b.first and b.last and b.count]
    if len(dated) + bool(undated) < 2:
        return None  # one bar tells nothing that the count does not
    start = min(first for first, _, _ in dated)
    end = max(last for _, last, _ in dated)
    days = (end - start).days + 1
    tallest = max(LOW_TOP, *(count for _, _, count in dated))
    bars = []
    for first, last, count in sorted(dated):
        room = 100 * ((last - first).days + 1) / days
        width = max(MIN_WIDTH, min(MAX_WIDTH, room * (1 - GAP_SHARE)))
        middle = 100 * (first - start).days / days + room / 2
        height = _height(count, tallest)
        bars.append(
            Bar(
                x=round(min(max(0.0, middle - width / 2), 100 - width), 2),
                width=round(width, 2),
                y=round(HEIGHT - height, 1),
                height=height,
                label=f"{spoken_span(first, last)}: {count:,}",
                href=address_of(first, last),
                first=first,
                last=last,
            )
        )
    return Histogram(
        bars=tuple(bars),
        ticks=_ticks(start, end),
        undated=undated,
        # Many undated articles must not flatten the others: their bar ends at the frame.
        undated_height=min(HEIGHT, _height(undated, tallest)) if undated else 0,
        span=chosen or spoken_span(start, end),
    )


def _height(count: int, tallest: int) -> float:
    return max(MIN_BAR, round(HEIGHT * count / tallest, 1))


def _ticks(start: date, end: date) -> tuple[Tick, ...]:
    """The first days of years, or of months where there are too few years, evenly thinned."""
    days = (end - start).days + 1
    firsts = [date(year, 1, 1) for year in range(start.year, end.year + 1)]
    if len(firsts) <= 3:
        firsts = [date(first.year, month, 1) for first in firsts for month in range(1, 13)]
    inside = [first for first in firsts if start <= first <= end]
    if not inside:
        return (Tick(x=0, label=spoken_span(start, end)),)
    step = -(-len(inside) // MAX_TICKS)
    shown = [
        first
        for first in inside[::step]
        if (end - first).days / days > 0.06  # a label at the very end would be cut off
    ]
    years_before = [0, *(first.year for first in shown)]
    return tuple(
        Tick(x=round(100 * (first - start).days / days, 2), label=_label(first, before))
        for first, before in zip(shown, years_before, strict=False)
    )


def _label(first: date, year_before: int) -> str:
    """A year, or a month; the first month of a year that is shown says which year."""
    if first.month == 1:
        return str(first.year)
    month = MONTHS[first.month - 1][:3]
    return month if first.year == year_before else f"{month} {first.year}"
