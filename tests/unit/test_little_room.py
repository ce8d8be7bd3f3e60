"""A pasted page has hundreds of words: they are scored in little room, and the same as otherwise."""

from __future__ import annotations

import random
import tracemalloc
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from search.model import Article, Query, Word, Words
from search.whoosh_engine import neighbours, union
from search.whoosh_engine.build import snapshot_in_memory
from search.whoosh_engine.execute import Clock, Execution
from search.whoosh_engine.frequencies import Memory
from search.whoosh_engine.neighbours import Neighbours
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.plan import find, plan
from search.whoosh_engine.union import Ranked, scored
from search.whoosh_engine.view import View

WORDS = [f"w{chr(97 + number)}x" for number in range(12)]
ARTICLES = 2_000
FEWEST_BYTES = 4 * ARTICLES * 400  # that 400 words take in all articles, scored at once


@pytest.fixture(scope="module")
def view() -> View:
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
    return View(snapshot_in_memory([articles[:1_300], articles[1_300:]], ZoneInfo("UTC")))


def execution_of(view: View) -> Execution:
    return Execution(view, Clock(60_000))


@pytest.mark.parametrize("filters", [{}, {"since": date(2016, 10, 9)}], ids=["all", "since"])
@pytest.mark.parametrize("count", [1, 10, 300, ARTICLES])
@pytest.mark.parametrize("seed", range(6))
def test_in_little_room_the_same_is_found(
    view: View, monkeypatch: pytest.MonkeyPatch, seed: int, count: int, filters: dict[str, Any]
) -> None:
    words = random.Random(seed).sample(WORDS, 2 + seed)
    tree = Words(tuple(Word(word) for word in words))
    query = Query(text="", tree=tree, match="any", **filters)
    answers = []
    for at_once in (union.AT_ONCE, 0):
        monkeypatch.setattr(union, "AT_ONCE", at_once)
        monkeypatch.setattr(neighbours, "AT_ONCE", at_once)
        execution = execution_of(view)
        found = find(query, plan(query, execution), execution)
        docs, scores = found.first(count)
        answers.append((found.total, docs.tolist(), scores.tolist()))
    assert answers[0] == answers[1]


def peak_bytes(what: Any, *given: Any) -> int:
    what(*given)  # what is remembered of the words from now on counts for nothing
    tracemalloc.start()
    try:
        what(*given)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_hundreds_of_words_take_no_row_each(view: View) -> None:
    """Nine hundred words and a first day once took eight bytes for each article and word."""
    execution = execution_of(view)
    words = [
        Ranked("text", execution.word("text", (word,)), 1.0)
        for word in random.Random(1).choices(WORDS, k=800)
    ]
    docs = np.arange(ARTICLES)
    taken = peak_bytes(lambda: scored(view, words, docs, Memory(view.rows), lambda: None))
    assert taken < FEWEST_BYTES / 4


@pytest.mark.parametrize("count", [10, ARTICLES])
def test_hundreds_of_pairs_take_no_row_each(view: View, count: int) -> None:
    row = random.Random(2).choices(WORDS, k=800)
    pairs = [Counted("text", (((one,), (other,)),)) for one, other in pairwise(row)]
    docs, scores = np.arange(ARTICLES), np.ones(ARTICLES, np.float32)

    def added() -> None:
        Neighbours(pairs, (), execution_of(view)).added(docs, scores, count)

    assert peak_bytes(added) < FEWEST_BYTES / 4
