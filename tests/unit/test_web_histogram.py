"""The bars of the dates of an answer."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.model import Bucket
from web.histogram import HEIGHT, MIN_BAR, draw


def address_of(first: date, last: date) -> str:
    return f"?since={first}&until={last}"


buckets = st.lists(
    st.tuples(st.dates(min_value=date(1, 1, 1)), st.integers(0, 400), st.integers(0, 10_000)),
    max_size=30,
).map(
    lambda rows: [
        Bucket(first, date.fromordinal(min(first.toordinal() + days, date.max.toordinal())), count)
        for first, days, count in rows
    ]
)


@given(buckets, st.integers(0, 5_000))
def test_every_bucket_with_articles_is_a_visible_bar_inside_the_frame(
    rows: Sequence[Bucket], undated: int
) -> None:
    drawn = draw([*rows, Bucket(None, None, undated)], address_of)
    counted = [row for row in rows if row.count]
    if drawn is None:
        assert len(counted) + bool(undated) < 2 or not counted
        return
    assert len(drawn.bars) == len(counted)
    for bar in drawn.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= 100.01
        assert MIN_BAR <= bar.height <= HEIGHT
        assert abs(bar.y + bar.height - HEIGHT) < 0.11
        assert bar.href == address_of(bar.first, bar.last)
    assert drawn.undated == undated
    assert len(drawn.ticks) <= 4
    places = [tick.x for tick in drawn.ticks]
    assert all(b - a >= 17 for a, b in pairwise(places))  # no label runs into the next one


@pytest.mark.parametrize(("undated", "height"), [(1, 2), (25, HEIGHT / 2), (900, HEIGHT)])
def test_the_undated_ones_have_a_bar_on_the_same_scale_up_to_the_frame(
    undated: int, height: float
) -> None:
    year = Bucket(date(2016, 1, 1), date(2016, 12, 31), 50)
    drawn = draw([year, Bucket(None, None, undated)], address_of)
    assert drawn
    assert (drawn.bars[0].height, drawn.undated_height) == (HEIGHT, height)
    assert drawn.bars[0].label == "2016: 50"


def test_ticks_name_the_year_where_it_is_not_plain() -> None:
    months = [Bucket(date(2024, m, 1), date(2024, m, 28), 1) for m in (5, 11)]
    drawn = draw([*months, Bucket(date(2025, 8, 1), date(2025, 8, 31), 1)], address_of)
    assert drawn
    labels = [tick.label for tick in drawn.ticks]
    assert labels[0] == "May 2024"
    assert sum("2025" in label for label in labels) == 1
    assert sum("2024" in label for label in labels) == 1


def test_one_bar_alone_is_not_drawn() -> None:
    assert draw([Bucket(date(2016, 1, 1), date(2016, 12, 31), 50)], address_of) is None
    assert draw([Bucket(None, None, 50)], address_of) is None


def test_a_short_period_says_what_it_is() -> None:
    week = [Bucket(date(2016, 3, day), date(2016, 3, day), 1) for day in (2, 5)]
    drawn = draw(week, address_of)
    assert drawn
    assert [tick.label for tick in drawn.ticks] == ["2 March 2016 to 5 March 2016"]
