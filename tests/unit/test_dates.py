"""Dates as people write them, and things that only look like dates."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.facts.calendars import persian_day
from indexer.facts.dates import MAX_CHARACTERS, Order, dates_in, order_of
from indexer.facts.stated_dates import machine_date, url_date

NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
FORMS = (
    "{y}-{m:02}-{d:02}",
    "{d} {name} {y}",
    "{name} {d}, {y}",
    "{y}年{m}月{d}日",
    "{d}-{name}-{y}",
)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Friday, July 5th, 2024", "2024-07-05"),
        ("25 November 2016", "2016-11-25"),
        ("Posted: Nov. 3, 2016 10:22 pm", "2016-11-03"),
        ("GMT 20:04 2017 Tuesday ,10 October", "2017-10-10"),
        ("Dec 22, 20235:00 AM ET", "2023-12-22"),
        ("Published On 9 Oct 20239 Oct 2023", "2023-10-09"),
        ("12-19-2023", "2023-12-19"),
        ("31.12.2016", "2016-12-31"),
        ("2016/11/25", "2016-11-25"),
        ("2016年11月25日", "2016-11-25"),
        ("25 ноября 2016", "2016-11-25"),
        ("15 Aralık 2016", "2016-12-15"),
        ("١٥ ديسمبر ٢٠١٦", "2016-12-15"),
        ("4 de marzo de 2021", "2021-03-04"),
        ("3. März 2020", "2020-03-03"),
        ("Le 1er janvier 2020", "2020-01-01"),
        ("terça-feira, 4 de março de 2025", "2025-03-04"),
        ("3 września 2023", "2023-09-03"),
        ("الثلاثاء 22 تموز 2025", "2025-07-22"),
        ("الأحد، 5 كانون الثاني 2025", "2025-01-05"),
        ("۱۵ اردیبهشت ۱۴۰۳", "2024-05-04"),
        ("۱۴۰۳/۰۲/۱۵", "2024-05-04"),
        ("2025년 3월 7일", "2025-03-07"),
        ("二〇二五年三月七日", "2025-03-07"),
        ("2024 June 5", "2024-06-05"),
        ("Tuesday 03/04/2025", "2025-03-04"),
        ("Thursday 03/04/2025", "2025-04-03"),
    ],
)
def test_a_written_day_is_read(text: str, day: str) -> None:
    assert [found.iso for found in dates_in(text)][:1] == [day]


@pytest.mark.parametrize(
    "text",
    [
        "October 17",
        "since 2012",
        "© 2021",
        "32 July 2020",
        "2020-13-01",
        "call 555-1234-2016",
        "1.2.3",
        "100,000",
        "10.20.30.40",
        "version 3.4.2016.1",
        "۳۰ اسفند ۱۴۰۲",
        "3 November",
        "",
    ],
)
def test_what_is_no_full_day_is_none(text: str) -> None:
    assert dates_in(text) == []


def test_a_day_that_two_countries_read_differently_is_not_certain() -> None:
    assert [found.certain for found in dates_in("03/04/2016 and 25/04/2016")] == [False, True]


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2016-11-25T10:00:00Z", "2016-11-25T10:00:00+00:00"),
        ("2016-11-25T10:00+0300", "2016-11-25T10:00:00+03:00"),
        ("2016-11-25 10:00:00", "2016-11-25T10:00:00"),
        ("2016-11-25T10:00:00.123+09:30", "2016-11-25T10:00:00+09:30"),
        ("2016-11-25T25:00:00Z", "2016-11-25"),
        ("20161125", "2016-11-25"),
        ("20161125T101500Z", "2016-11-25T10:15:00+00:00"),
        ("Fri, 25 Nov 2016 10:00:00 GMT", "2016-11-25T10:00:00+00:00"),
        ("1480068000", "2016-11-25T10:00:00+00:00"),
        ("1480068000000", "2016-11-25T10:00:00+00:00"),
        ("2016", "2016"),
        ("2016-11", "2016-11"),
        ("2016-13", None),
        ("1234", None),
        ("03/04/2016", None),
        ("1970-01-01T00:00:00Z", None),
        ("2016-02-31", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_stated_date_keeps_its_precision(text: str, stated: str | None) -> None:
    assert machine_date(text) == stated


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("/2016/11/25/rain", "2016-11-25"),
        ("/news/2016/nov/25/rain", "2016-11-25"),
        ("/20161125/rain.html", "2016-11-25"),
        ("/2016/13/25/rain", None),
        ("/story/12345678", None),
        ("/", None),
    ],
)
def test_an_address_may_hold_a_day(url: str, day: str | None) -> None:
    assert url_date(url) == day


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("2025-04-15 0900 GMT", "2025-04-15T09:00:00+00:00"),
        ("Published: 11 November 2024, 00:31 GMT", "2024-11-11T00:31:00+00:00"),
        ("February 27, 2024 at 6.20 pm", "2024-02-27T18:20:00"),
        ("Tue 04 Jun 2024 18.30", "2024-06-04T18:30:00"),
        ("2025年03月07日 10:15", "2025-03-07T10:15:00"),
        ("2025년 3월 7일 오후 3:20", "2025-03-07T15:20:00"),
        ("le 9 octobre 2024 à 18h40", "2024-10-09T18:40:00"),
        ("28/07/2025 - 19:05h", "2025-07-28T19:05:00"),
        ("12. Mai 2024 um 14.05 Uhr", "2024-05-12T14:05:00"),
        ("الأحد، 5 كانون الثاني 2025 - 10:15 مساءً", "2025-01-05T22:15:00"),
        ("۱۵ اردیبهشت ۱۴۰۳ - ۱۰:۳۲", "2024-05-04T10:32:00"),
        ("GMT 20:04 2017 Tuesday ,10 October", "2017-10-10T20:04:00+00:00"),
        ("10:22 pm, Nov 3, 2016", "2016-11-03T22:22:00"),
        ("20 Apr 2024 08:15 am (GMT+8)", "2024-04-20T08:15:00+08:00"),
        ("5 March 2024 6pm ET", "2024-03-05T18:00:00-05:00"),
        ("5 July 2024 6pm ET", "2024-07-05T18:00:00-04:00"),
        ("5 May 2024 10:00 IST", "2024-05-05T10:00:00"),
        ("Dec 22, 20235:00 AM ET", "2023-12-22T05:00:00-05:00"),
        ("12 May 2024 25:00", "2024-05-12"),
        ("12 May 2024, 13:00 pm", "2024-05-12"),
        ("12 May 2024 | 4 min read", "2024-05-12"),
        ("May 2024", "2024-05"),
        ("Mai 2024, 14:05", "2024-05"),
    ],
)
def test_a_clock_time_beside_a_day_is_kept_with_the_zone_that_is_stated(
    text: str, stated: str
) -> None:
    """A zone that is not named, or that means several (IST), is not supplied."""
    assert [found.stated for found in dates_in(text)] == [stated]


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2025", "25/04/2025"], "day first"),
        (["03/04/2025", "4/25/2025"], "month first"),
        (["03/04/2025"], None),
        (["25/04/2025", "4/25/2025"], None),
        ([], None),
    ],
)
def test_dates_of_one_text_show_their_order(texts: list[str], order: Order | None) -> None:
    assert order_of(texts) == order
    found = dates_in("03/04/2025", order=order)[0]
    assert found.certain is (order is not None)
    if order:
        assert found.iso == ("2025-04-03" if order == "day first" else "2025-03-04")


def test_the_persian_calendar_fits_days_that_are_known() -> None:
    """New Year's days, a leap day, and a day of each half of a year."""
    known = {
        (1358, 1, 1): "1979-03-21", (1375, 12, 30): "1997-03-20", (1395, 9, 4): "2016-11-24",
        (1399, 12, 30): "2021-03-20", (1402, 10, 11): "2024-01-01", (1404, 1, 1): "2025-03-21",
    }  # fmt: skip
    assert {day: str(persian_day(*day)) for day in known} == known
    assert persian_day(1402, 12, 30) is None


@given(st.dates(min_value=date(1980, 1, 1), max_value=date(2099, 12, 31)), st.sampled_from(FORMS))
def test_every_day_is_read_back_from_every_way_to_write_it(day: date, form: str) -> None:
    text = form.format(y=day.year, m=day.month, d=day.day, name=NAMES[day.month - 1])
    assert [(found.iso, found.certain) for found in dates_in(text)] == [(day.isoformat(), True)]


@given(st.text(alphabet="0123456789 /.-:,|apmGTNovMay年月日", max_size=500))
def test_whatever_stands_there_a_date_is_a_real_one(text: str) -> None:
    for found in dates_in(text):
        datetime.fromisoformat(found.stated + "-01"[: 10 - len(found.iso)])
        assert 0 <= found.span[0] <= found.start < found.end <= found.span[1] <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "12/12/2016 " * 10_000,
        "1/" * 50_000,
        "Nov " * 30_000,
        "at " * 30_000 + "2016",
    ],
    ids=["digits", "dates", "slashes", "months", "words"],
)
@pytest.mark.timeout(60)
def test_of_a_hostile_line_only_the_beginning_is_read(text: str) -> None:
    assert all(found.end <= MAX_CHARACTERS for found in dates_in(text))
