"""Where words stand together is found as a reader would find it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from search import ranking
from search.model import Article, Query, Word, Words
from search.whoosh_engine.building.build import snapshot_in_memory
from search.whoosh_engine.evaluation.clock import Clock
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.evaluation.plan import find, plan
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.segments.snapshot import Snapshot
from search.whoosh_engine.views import positions
from search.whoosh_engine.views.view import View

WORDS = ["pona", "toki", "sina", "lipu", "moku"]
MANY = 1_000_000


def _bodies(count: int) -> list[list[str]]:
    chance = random.Random(5)
    return [chance.choices(WORDS, [9, 5, 3, 2, 1], k=chance.randrange(1, 40)) for _ in range(count)]


BODIES = _bodies(700)


@pytest.fixture
def view(snapshot: Snapshot) -> View:
    """A view that remembers nothing yet."""
    return View(snapshot)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    articles = [
        Article(
            id=f"{number:016x}",
            path=f"{number}.txt",
            title="",
            body=" ".join(body),
            language="en",
        )
        for number, body in enumerate(BODIES)
    ]
    return snapshot_in_memory([articles[:450], articles[450:]], ZoneInfo("UTC"))


def _beginnings(body: list[str], phrase: list[str]) -> int:
    size = len(phrase)
    return sum(body[at : at + size] == phrase for at in range(len(body)))


@pytest.mark.parametrize("seed", range(12))
def test_a_phrase_is_found_where_its_words_stand(view: View, seed: int) -> None:
    phrase = random.Random(seed).choices(WORDS, k=2 + seed % 3)
    node = Counted("text", (tuple((word,) for word in phrase),))
    found = view.postings(node)
    wanted = {doc: n for doc, body in enumerate(BODIES) if (n := _beginnings(body, phrase))}
    assert dict(zip(found.docs.tolist(), found.freqs.tolist(), strict=True)) == wanted


@pytest.mark.parametrize("most_choices", [1, 6, 16])
@pytest.mark.parametrize("at_once", [50, MANY])
@pytest.mark.parametrize("seed", range(8))
def test_a_word_of_a_phrase_may_be_several(
    view: View, monkeypatch: pytest.MonkeyPatch, seed: int, at_once: int, most_choices: int
) -> None:
    monkeypatch.setattr(positions, "AT_ONCE", at_once)
    monkeypatch.setattr(positions, "MOST_CHOICES", most_choices)
    chance = random.Random(seed)
    ways = [
        tuple(tuple(chance.sample(WORDS, chance.randrange(1, 4))) for _ in range(size))
        for size in ([2], [3], [2, 3], [1, 2])[seed % 4]
    ]
    found = view.postings(Counted("text", tuple(ways)))
    wanted = {}
    for doc, body in enumerate(BODIES):
        begins = {at for way in ways for at in range(len(body)) if _fits(body[at:], way)}
        if begins:
            wanted[doc] = len(begins)
    assert dict(zip(found.docs.tolist(), found.freqs.tolist(), strict=True)) == wanted


def _fits(words: list[str], way: Slots) -> bool:
    return len(words) >= len(way) and all(
        word in slot for word, slot in zip(words, way, strict=False)
    )


@pytest.mark.parametrize("count", [1, 20, 700])
@pytest.mark.parametrize("seed", range(8))
def test_neighbours_add_what_a_light_phrase_is_worth(view: View, seed: int, count: int) -> None:
    """To every article that the first ones may be among, however few are asked for."""
    words = random.Random(seed).sample(WORDS, 2 + seed % 3)
    query = Query(text=" ".join(words), tree=Words(tuple(map(Word, words))), match="any")
    execution = Execution(view, Clock(60_000))
    docs, scores = find(query, plan(query, execution), execution).first(count)
    wanted = {doc: worth for doc, body in enumerate(BODIES) if (worth := _worth(view, body, words))}
    best = sorted(wanted.values(), reverse=True)[:count]
    assert scores.tolist() == pytest.approx(best, rel=1e-5)
    assert scores.tolist() == pytest.approx([wanted[doc] for doc in docs.tolist()], rel=1e-5)


def _worth(view: View, body: list[str], words: list[str]) -> float:
    """The score of an article by the formulas."""
    idfs = [view.idf(sum(word in other for other in BODIES)) for word in words]
    weighed = [([word], idf) for word, idf in zip(words, idfs, strict=True)]
    for (one, first), (other, second) in pairwise(zip(words, idfs, strict=True)):
        weighed.append(([one, other], ranking.PAIR_WEIGHT * (first + second)))
    mean = view.mean_length("text")
    return sum(
        ranking.word_score(_beginnings(body, row), len(body), mean, idf) for row, idf in weighed
    )


def _windows(body: list[str], words: Sequence[str], width: int) -> int:
    needed = Counter(words)
    return sum(
        not needed - Counter(body[at : at + width]) for at in range(len(body)) if body[at] in needed
    )


@pytest.mark.parametrize("at_once", [1, 50, MANY])
@pytest.mark.parametrize("seed", range(12))
def test_windows_are_counted_where_they_begin(
    view: View, monkeypatch: pytest.MonkeyPatch, seed: int, at_once: int
) -> None:
    monkeypatch.setattr(positions, "AT_ONCE", at_once)
    words = random.Random(seed).choices(WORDS, k=1 + seed % 4)
    within = random.Random(seed).randrange(12)
    node = Counted("text", (tuple((word,) for word in words),), within=within)
    found = view.postings(node) if len(words) > 1 else view.counted_in(node, np.arange(700))
    width = len(words) + within
    wanted = {doc: n for doc, body in enumerate(BODIES) if (n := _windows(body, words, width))}
    assert dict(zip(found.docs.tolist(), found.freqs.tolist(), strict=True)) == wanted


@pytest.mark.parametrize(("within", "times"), [(None, 2), (3, 5)])
def test_long_articles_are_looked_through_a_few_at_a_time(
    monkeypatch: pytest.MonkeyPatch, within: int | None, times: int
) -> None:
    """Of ten articles each word has ten postings, but 20,000 positions."""
    body = "toki pona " * 2_000
    articles = [Article(id=f"{n:016x}", path=f"{n}.txt", title="", body=body) for n in range(10)]
    long = View(snapshot_in_memory([articles], ZoneInfo("UTC")))
    monkeypatch.setattr(positions, "AT_ONCE", 20_020)
    looks = []
    node = Counted("text", ((("toki",), ("pona",)),), within=within)
    found = long.postings(node, lambda: looks.append(0))
    assert found.docs.tolist() == list(range(10))
    assert len(looks) > times


def test_a_window_of_words_that_share_terms_counts_a_place_once(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "AT_ONCE", 50)
    slots = (("toki", "pona"), ("toki", "sina"))
    found = view.postings(Counted("text", (slots,), within=2))
    wanted = {}
    for doc, body in enumerate(BODIES):
        places = [[at for at, word in enumerate(body) if word in slot] for slot in slots]
        begins = {
            start
            for start in {*places[0], *places[1]}
            if all(any(start <= place < start + 4 for place in row) for row in places)
        }
        if begins:
            wanted[doc] = len(begins)
    assert dict(zip(found.docs.tolist(), found.freqs.tolist(), strict=True)) == wanted
