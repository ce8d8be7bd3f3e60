"""Readers' comments: what says that they begin, and that they never are the article."""

import numpy as np
import pytest

from indexer.cleaning import comments, features
from indexer.cleaning.article import clean_html, clean_text
from indexer.lines.lines import text_lines

ARTICLE = """\
Harbour bridge to close for two winters

The old bridge over the harbour will be closed to all traffic from the first of November, the council said on Monday.

Engineers found cracks in four of its twelve piers last spring, and the repairs are expected to take two winters.

Buses will go by way of the tunnel, which the council wants to keep open all night as long as the works last."""
REMARKS = (
    "I cross that bridge every morning and nobody has told us a word about any of this until now.",
    "The tunnel floods each time it rains, so I would like to know what the council means to do then.",
    "My grandfather helped to build the piers and he always said that they would not last.",
)


def commented(*stamps: str, heading: str = "8 Comments") -> str:
    said = "\n\n".join(f"{stamp}\n\n{REMARKS[i % 3]}" for i, stamp in enumerate(stamps))
    return f"{ARTICLE}\n\n{heading}\n\n{said}"


def first_comment(text: str) -> str | None:
    lines = text_lines(text)
    found = comments.in_text(lines, features.table(lines)) > 0
    if not found.any():
        return None
    first = int(found.argmax())
    assert found[first:].all()
    return lines[first].text


@pytest.mark.parametrize(
    "stamps",
    [
        (
            "Jo Byrd on May 4, 2021 at 8:15 am said:",
            "• Ann (the council) on May 4, 2021 at 9:02 am said:",
        ),
        ("1. suz December 21, 2023 at 1:24 pm", "My.02 December 22, 2023 at 9:32 am"),
        (
            "Jo Byrd\n\nAugust 8, 2018 at 3:17 pm",
            "2. Kim Lee\n\nAugust 8, 2018 at 7:07 pm",
            "Jo Byrd\n\nAugust 9, 2018 at 7:21 am",
        ),
    ],
)
def test_names_with_times_begin_comments(stamps: tuple[str, ...]) -> None:
    assert first_comment(commented(*stamps)) == stamps[0].split("\n")[0]


@pytest.mark.parametrize(
    ("heading", "stamp"),
    [
        ("10 thoughts on “Harbour bridge to close”", "Jo Byrd May 4, 2021 at 8:15 am"),
        ("1 reply to Harbour bridge to close", "Jo Byrd May 4, 2021 at 8:15 am"),
        ("The bridge in 1931", "Jo Byrd May 4, 2021 at 8:15 am Reply"),
    ],
)
def test_a_heading_or_the_stamp_says_that_comments_begin(heading: str, stamp: str) -> None:
    assert first_comment(commented(stamp, stamp, heading=heading)) == stamp


@pytest.mark.parametrize(
    "stamps",
    [
        ("First cracks\n\nMay 4, 2021 at 8:15 am", "Bridge closed\n\nMay 4, 2021 at 9:15 am"),
        ("Town Hall\n\nSaturday, May 8, 2021 at 8:00 pm", "Book Club\n\nMay 9, 2021 at 7:00 pm"),
        ("Jo Byrd, Harwick, May 4, 2021 at 8:15 am", "Kim Lee, Leeds, May 4, 2021 at 9:15 am"),
    ],
    ids=["live report", "events", "letters"],
)
def test_names_with_times_are_the_article_where_nothing_speaks_of_comments(
    stamps: tuple[str, ...],
) -> None:
    assert first_comment(commented(*stamps, heading="What they said")) is None


@pytest.mark.parametrize(
    "stamps",
    [
        ("Jo Byrd on May 4, 2021 at 8:15 am said:",),  # one may be anything
        ("Jo Byrd on May 4, 2021", "Kim Lee on May 5, 2021"),  # days alone
        ("Posted by Jo Byrd on May 4, 2021 at 8:15 am", "Updated May 4, 2021 at 9:15 am"),
        ("May 4, 2021 at 8:15 am", "May 4, 2021 at 9:15 am"),  # below sentences: a live report
        ("Jo Byrd, May 4, 2021 at 8:15 am, in Harwick", "Kim Lee, May 4, 2021 at 9:15 am, there"),
    ],
)
def test_other_times_begin_none(stamps: tuple[str, ...]) -> None:
    assert first_comment(commented(*stamps)) is None


def test_times_beside_each_other_or_above_the_text_begin_none() -> None:
    stamps = "Harwick News May 4, 2021 at 8:15 am\nHarwick News May 4, 2021 at 9:15 am"
    assert first_comment(f"{ARTICLE}\n\n{stamps}") is None
    above = "Jo Byrd May 4, 2021 at 8:15 am\n\nNews\n\nKim Lee May 4, 2021 at 9:15 am"
    assert first_comment(f"{above}\n\n{ARTICLE}") is None


@pytest.mark.parametrize(
    ("said", "chances", "told"),
    [
        ([0, 1, 2], [0.5, 0.9, 0.9], [False, True, True]),
        ([0, 1, 2], [0.4, 0.9, 0.9], [False, False, False]),  # nothing else is likely
        ([0, 1, 1, 2], [0.5, 0.9, 0.9, 0.9], [False, True, True, True]),
        ([0, 1, 1, 2], [0.5, 0.9, 0.9, 0.1], [False, False, False, True]),  # most of what is
        ([], [], []),
    ],
)
def test_what_may_be_the_article_is_no_comment(
    said: list[int], chances: list[float], told: list[bool]
) -> None:
    found = comments.told_apart(np.array(said, np.int64), np.array(chances, np.float32), 0.45)
    assert found.tolist() == told


def test_comments_below_a_text_are_taken_out_as_such() -> None:
    stamps = [f"{name} on May 4, 2021 at 8:1{i} am said:" for i, name in enumerate(("Jo", "Kim"))]
    cleaned = clean_text(commented(*stamps))
    assert "two winters" in cleaned.body
    reasons = {gone.text: gone.reason for gone in cleaned.removed}
    assert [reasons[remark] for remark in REMARKS[:2]] == ["readers' comments"] * 2


def test_comments_of_a_page_are_taken_out_as_such() -> None:
    story = "".join(f"<p>{line}</p>" for line in ARTICLE.split("\n\n")[1:])
    said = "".join(f'<li><div class="comment-body"><p>{line}</p></div></li>' for line in REMARKS)
    page = (
        f"<html><body><article><h1>{ARTICLE.split(chr(10), maxsplit=1)[0]}</h1>{story}</article>"
        f"<ol>{said}</ol></body></html>"
    )
    cleaned = clean_html(page)
    assert "tunnel, which" in cleaned.body
    reasons = {gone.text: gone.reason for gone in cleaned.removed}
    assert [reasons[remark] for remark in REMARKS] == ["readers' comments"] * 3


def test_an_article_whose_own_block_is_named_like_comments_stays() -> None:
    story = "".join(f"<p>{line}</p>" for line in ARTICLE.split("\n\n")[1:])
    cleaned = clean_html(f'<html><body><div class="discussion">{story}</div></body></html>')
    assert "tunnel, which" in cleaned.body


def test_an_article_in_a_block_named_like_comments_stays_beside_what_is_named_otherwise() -> None:
    story = "".join(f"<p>{line}</p>" for line in ARTICLE.split("\n\n")[1:])
    quoted = f"<blockquote><p>{REMARKS[2]}</p></blockquote>"
    cleaned = clean_html(
        f'<html><body><article class="post comments-open">{story}{quoted}</article></body></html>'
    )
    assert "tunnel, which" in cleaned.body
