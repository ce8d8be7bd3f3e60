"""When an article was published: what counts as stated, and what never does."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.cleaning.article import clean_html, clean_text
from indexer.facts.relative_days import day_before, days_back

TITLE = "Harbour town votes to keep its old crane"
BODY = (
    "The people of the harbour town voted on Tuesday to keep the old crane, which has not moved for years.",
    "“It holds up the sky,” said the mayor, who had wanted to sell it for scrap two winters ago.",
    "The crane will be painted in spring, and a café is to open in the cabin of its driver.",
)
DAYS = st.dates(min_value=date(1995, 1, 1), max_value=date(2035, 12, 31))
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def written(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def article(head: str = "", foot: str = "") -> str:
    return "\n\n".join(part for part in (head, TITLE, *BODY, foot) if part)


@settings(max_examples=25)
@given(
    DAYS, st.sampled_from(["© {} The Quay Courier. All rights reserved.", "Copyright {} Quay Ltd"])
)
def test_a_notice_of_rights_gives_no_date(day: date, notice: str) -> None:
    assert clean_text(article(foot=notice.format(written(day)))).published is None
    assert clean_text(article(foot=notice.format(day.year))).published is None


@settings(max_examples=25)
@given(
    DAYS,
    st.sampled_from(
        [
            "The Quay Courier | {} \nHome News Sport\n\n",
            "Editor in Chief: Ann Lee {}\n\n",
            "Today is {}\nHome News Sport\n\n",
        ]
    ),
)
def test_a_masthead_gives_no_date(day: date, masthead: str) -> None:
    text = article(masthead.format(written(day)), "© The Quay Courier")
    assert clean_text(text).published is None


@settings(max_examples=25)
@given(DAYS, DAYS)
def test_the_labelled_date_is_taken_whatever_else_is_dated(day: date, other: date) -> None:
    head = f"The Quay Courier | {written(other)}\nHome News"
    foot = f"Photo taken on {written(other)}\n© {other.year} The Quay Courier"
    body = "\n\n".join([head, TITLE, f"Published: {written(day)}", *BODY, foot])
    assert clean_text(body).published == day.isoformat()


def test_the_same_text_has_the_same_date_whenever_it_is_read() -> None:
    """Nothing asks the clock or the file: a text without a date stays without one."""
    assert clean_text(article()).published is None
    assert clean_text(article("Posted yesterday")).published is None


@pytest.mark.parametrize(
    ("stamp", "day"),
    [
        ("Posted 3 days ago", "2026-01-06"),
        ("Published yesterday", "2026-01-08"),
        ("Today, 18:20", "2026-01-09"),
        ("vor 2 Tagen", "2026-01-07"),
        ("il y a 3 jours", "2026-01-06"),
        ("вчера в 18:20", "2026-01-08"),
        ("3天前", "2026-01-06"),
        ("dün", "2026-01-08"),
        ("قبل 3 أيام", "2026-01-06"),
        ("2 weeks ago", None),
        ("3 hours ago", None),
        ("20 days ago", None),
        ("Yesterday all my troubles seemed so far away", None),
    ],
)
def test_relative_days_are_counted_from_a_day_that_the_text_states(
    stamp: str, day: str | None
) -> None:
    back = days_back(stamp)
    assert (day_before("2026-01-09", back) if back is not None else None) == day
    lines = ["Today is Friday, 9 January 2026", "Home News Sport", TITLE, stamp, *BODY]
    found = clean_text("\n\n".join(lines))
    assert found.published == day
    if day:
        assert "counted from line 1" in found.provenance["published"].found_in


@pytest.mark.parametrize(
    ("line", "stated"),
    [
        ("Published 03/04/2025", "2025"),
        ("Published 03/04/2025 | Updated 25/04/2025", "2025-04-03"),
        ("Published 03/04/2025 | Updated 4/25/2025", "2025-03-04"),
        ("Published Thursday 03/04/2025", "2025-04-03"),
        ("November 2024", "2024-11"),
        ("First published in 2016", "2016"),
        ("Published: 3 November 2024, 14:05 GMT", "2024-11-03T14:05:00+00:00"),
        ("2024", None),
        ("Photo: 3 November 2024", None),
    ],
)
def test_a_date_is_as_precise_as_its_line(line: str, stated: str | None) -> None:
    found = clean_text("\n\n".join([TITLE, line, *BODY]))
    assert found.published == stated


def test_a_day_that_is_only_the_last_change_is_trusted_less() -> None:
    changed = clean_text("\n\n".join([TITLE, "Updated: 3 November 2024, 14:05", *BODY]))
    stated = clean_text("\n\n".join([TITLE, "Published: 3 November 2024, 14:05", *BODY]))
    assert changed.published == stated.published == "2024-11-03T14:05:00"
    assert changed.provenance["published"].found_in.endswith("of the last change")
    assert changed.provenance["published"].confidence < stated.provenance["published"].confidence


def test_a_dateline_gives_place_agency_and_a_day_with_its_year() -> None:
    sent = clean_text(
        "\n\n".join([TITLE, f"QUELL HARBOUR, Nov 3, 2024 (Reuters) — {BODY[0]}", *BODY[1:]])
    )
    assert (sent.published, sent.agency) == ("2024-11-03", "Reuters")
    assert sent.provenance["published"].found_in == "dateline in line 3"
    assert sent.provenance["dateline"].found_in == "dateline: QUELL HARBOUR"
    assert sent.body.startswith("QUELL HARBOUR")
    yearless = clean_text(
        "\n\n".join([TITLE, f"QUELL HARBOUR, Nov 3 (Reuters) — {BODY[0]}", *BODY[1:]])
    )
    assert yearless.published is None


def test_a_page_of_a_british_site_writes_the_day_first() -> None:
    page = f"<title>{TITLE}</title><meta name=date content='03/04/2025'><h1>{TITLE}</h1>"
    page += "".join(f"<p>{part}</p>" for part in BODY)
    assert clean_html(page, url="https://quay.co.uk/1").published == "2025-04-03"
    assert clean_html(page, url="https://quay.example/1").published is None


@pytest.mark.parametrize(
    "lines",
    [["12/12/2016"] * 10_000, ["Posted on 1 May 2016 by Ann Lee"] * 10_000, ["9" * 200_000] * 5],
    ids=["dates", "bylines", "digits"],
)
@pytest.mark.timeout(60)
def test_hostile_files_take_time_in_proportion(lines: list[str]) -> None:
    article = clean_text("\n".join(lines))
    assert article.body or article.removed
