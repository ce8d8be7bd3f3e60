"""Dates as people write them, and things that only look like dates."""

import pytest

from indexer.dates import dates_in, machine_date, url_date


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
        ("2016-11-25 10:00:00", "2016-11-25"),
        ("20161125", "2016-11-25"),
        ("20161125T101500Z", "2016-11-25"),
        ("Fri, 25 Nov 2016 10:00:00 GMT", "2016-11-25"),
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
