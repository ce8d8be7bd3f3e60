"""Readers' comments: what says that they begin, and that they never are the article."""

import numpy as np
import pytest

from indexer import comments, features
from indexer.article import clean_html, clean_text
from indexer.lines import text_lines

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


def commented(*stamps: str) -> str:
    said = "\n\n".join(f"{stamp}\n\n{REMARKS[i % 3]}" for i, stamp in enumerate(stamps))
    return f"{ARTICLE}\n\n{said}"


def first_comment(text: str) -> str | None:
    lines = text_lines(text)
    found = comments.in_text(lines, features.table(lines))
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


def test_comments_may_be_the_article_where_nothing_else_is_likely() -> None:
    said = np.array([False, True, True])
    assert (
        comments.told_apart(said, np.array([0.5, 0.9, 0.9], np.float32), 0.45).tolist()
        == said.tolist()
    )
    assert not comments.told_apart(said, np.array([0.4, 0.9, 0.9], np.float32), 0.45).any()
    assert not comments.told_apart(said[:0], np.zeros(0, np.float32), 0.45).any()


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
