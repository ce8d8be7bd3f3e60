"""What a terminal is shown, and what it is spared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import terminal
from search.model import Hit, Query, QueryWarning, Results, Segment, Word


def results(title: str, excerpt: tuple[Segment, ...] = ()) -> Results:
    hit = Hit(
        id="0" * 16,
        path="a.txt",
        title=(Segment(title),),
        source=None,
        published="2016-11",
        author=None,
        language=None,
        url=None,
        score=1.0,
        excerpts=(excerpt,) if excerpt else (),
    )
    query = Query(text="word", tree=Word("word"))
    return Results(
        query=query,
        read_as="word",
        match="all",
        total=1,
        hits=(hit,),
        generation="1",
        took_ms=1.0,
    )


def shown(title: str, *excerpt: Segment, bold: bool = False, width: int = 80) -> list[str]:
    return list(terminal.answer(results(title, excerpt), bold=bold, width=width))


def test_marks_are_bold_on_a_terminal_only() -> None:
    excerpt = (Segment("a "), Segment("word", marked=True), Segment(" said"))
    assert f"    a {terminal.BOLD}word{terminal.PLAIN} said" in shown("T", *excerpt, bold=True)
    assert "    a word said" in shown("T", *excerpt)


def test_an_article_without_a_title_or_a_whole_date_is_said_so() -> None:
    assert shown("")[2:] == ["  1 (no title)", "    2016-11 · a.txt"]


@pytest.mark.parametrize("bold", [False, True])
@given(st.text(max_size=300))
def test_no_text_can_steer_the_terminal(bold: bool, text: str) -> None:  # noqa: FBT001
    lines = shown(text, Segment(text, marked=True), bold=bold)
    for line in lines:
        bare = line.replace(terminal.BOLD, "").replace(terminal.PLAIN, "")
        assert not terminal.UNPRINTABLE.search(bare)


@given(st.text("abc de", min_size=1, max_size=400), st.integers(0, 300))
def test_lines_are_no_longer_than_the_terminal(text: str, width: int) -> None:
    widest = max(terminal.MIN_WIDTH, min(width, terminal.MAX_WIDTH))
    words = " ".join(word[: terminal.MIN_WIDTH // 2] for word in text.split())
    assert all(len(line) <= widest for line in shown("T", Segment(f"x {words}"), width=width))


def test_a_warning_points_at_its_place_in_a_short_query() -> None:
    told = list(terminal.warning(QueryWarning("left out", 3), "abc)"))
    assert told == ["warning: left out", "    abc)", "       ^"]
    assert list(terminal.warning(QueryWarning("left out", 3), "abc)" * 100)) == [
        "warning: left out"
    ]
    assert list(terminal.warning(QueryWarning("slow"), "abc")) == ["warning: slow"]
