"""A pasted page has hundreds of words: they are scored in little room, and looked at the clock between."""

from __future__ import annotations

import contextlib
import random
import tracemalloc
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from search.errors import OverBudget
from search.model import Article, Phrase, Query, Word, Words
from search.whoosh_engine.building.build import snapshot_in_memory
from search.whoosh_engine.evaluation import at_once, execute, neighbours
from search.whoosh_engine.evaluation.clock import Clock
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.evaluation.plan import find, plan
from search.whoosh_engine.views.view import View

WORDS = [f"w{chr(97 + number)}x" for number in range(12)]
ARTICLES = 2_000
FEWEST_BYTES = 4 * ARTICLES * 400  # that 400 words take in all articles, scored at once


@pytest.fixture(scope="module", params=[ARTICLES, 1_300], ids=["one segment", "two"])
def view(request: pytest.FixtureRequest) -> View:
    chance = random.Random(4)
    articles = [
        Article(
            id=f"{number:016x}",
            path=f"{number}.txt",
            title=chance.choice(WORDS),
            body=" ".join(chance.choices(WORDS, k=chance.randrange(1, 30))),
            published=f"2016-10-{chance.randrange(1, 29):02d}",
            language="en",
        )
        for number in range(ARTICLES)
    ]
    groups = [articles[: request.param], articles[request.param :]]
    return View(snapshot_in_memory([group for group in groups if group], ZoneInfo("UTC")))


def query_of(words: list[str], **more: Any) -> Query:
    given: dict[str, Any] = {"match": "any", "tree": Words(tuple(map(Word, words)))}
    return Query(text="", **(given | more))


def in_little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have everything take more than may be done in one call."""
    monkeypatch.setattr(neighbours, "BESIDE_AT_ONCE", 20)
    monkeypatch.setattr(execute, "AT_ONCE", 50)
    monkeypatch.setattr(at_once, "AT_ONCE", 0)


def first(
    view: View, query: Query, count: int, clock: Clock | None = None
) -> tuple[int, list[int], list[float]]:
    execution = Execution(view, clock or Clock(60_000))
    found = find(query, plan(query, execution), execution)
    docs, scores = found.first(count)
    return found.total, docs.tolist(), scores.tolist()


@pytest.mark.parametrize("filters", [{}, {"since": date(2016, 10, 9)}], ids=["all", "since"])
@pytest.mark.parametrize("count", [1, 10, 300, ARTICLES])
@pytest.mark.parametrize("seed", range(6))
def test_in_little_room_the_same_is_found(
    view: View, monkeypatch: pytest.MonkeyPatch, seed: int, count: int, filters: dict[str, Any]
) -> None:
    query = query_of(random.Random(seed).sample(WORDS, 2 + seed), **filters)
    in_one_call = first(view, query, count)
    in_little_room(monkeypatch)
    assert first(view, query, count) == in_one_call


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
@pytest.mark.parametrize("count", [0, 10, 300])
@pytest.mark.parametrize("words", [["wax"], ["wax", "wbx"], ["wcx", "wcx", "wdx"], ["wax", "no"]])
def test_one_call_finds_what_many_find(
    view: View, monkeypatch: pytest.MonkeyPatch, words: list[str], count: int, sort: str
) -> None:
    """All of the words, in some days, those words as a phrase, and the phrase among words."""
    phrase, rest = Phrase(" ".join(words)), Word("wex")
    queries = [
        query_of(words, match="all", sort=sort),
        query_of(words, match="all", sort=sort, since=date(2016, 10, 9)),
        query_of([], tree=phrase, sort=sort),
        query_of([], tree=Words((phrase, rest)), sort=sort),
    ]
    in_one_call = [first(view, query, count) for query in queries]
    in_little_room(monkeypatch)
    view = View(view.snapshot)  # which remembers no phrase
    assert [first(view, query, count) for query in queries] == in_one_call
    assert count == 0 or "no" in words or all(total for total, _, _ in in_one_call)


@pytest.mark.parametrize("filters", [{}, {"since": date(2016, 10, 9)}], ids=["all", "since"])
@pytest.mark.parametrize("count", [10, ARTICLES])
def test_hundreds_of_words_take_no_row_each(
    view: View, count: int, filters: dict[str, Any]
) -> None:
    """Nine hundred words and a first day once took eight bytes for each article and word."""
    query = query_of(random.Random(1).choices(WORDS, k=800), **filters)
    first(view, query, count)  # what is remembered of the words from now on counts for nothing
    tracemalloc.start()
    try:
        first(view, query, count)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < FEWEST_BYTES / 4


def test_what_is_stopped_leaves_no_score_behind(view: View) -> None:
    class Stopping(Clock):
        left = 3

        def check(self) -> None:
            self.left -= 1
            if not self.left:
                raise OverBudget("stopped")

    query = query_of(WORDS[:3])
    wanted = first(view, query, 10)
    for left in range(1, 12):
        clock = Stopping(1)
        clock.left = left
        with contextlib.suppress(OverBudget):
            first(view, query, 10, clock)
        assert first(view, query, 10) == wanted
