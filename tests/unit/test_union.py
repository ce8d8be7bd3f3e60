"""The best of a union are the same however many are asked for, and those that adding all up gives."""

from __future__ import annotations

import contextlib
import random
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from whoosh import query as whoosh

from search.errors import OverBudget
from search.model import And, Article, Match, Node, Not, Or, Query, Word, Words
from search.whoosh_engine.building.build import snapshot_in_memory
from search.whoosh_engine.evaluation.clock import Clock
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.evaluation.plan import find, plan
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.queries.expand import by_prefix
from search.whoosh_engine.segments.arrays import FieldArrays
from search.whoosh_engine.views.view import MANY_TERMS, View

WORDS = [f"w{chr(97 + number)}x" for number in range(8)]
SHARES = [0.9, 0.5, 0.4, 0.08, 0.05, 0.01, 0.004, 0.002]
"""In how many articles each word occurs: some are common, some rare."""
COUNTS = (1, 3, 10, 40, 1_000_000)


def _articles(count: int) -> list[Article]:
    chance = random.Random(11)
    found = []
    for number in range(count):
        body: list[str] = []
        for word, share in zip(WORDS, SHARES, strict=True):
            if chance.random() < share:
                body += [word] * min(9, int(chance.expovariate(0.7)) + 1)
        chance.shuffle(body)
        body += ["filler"] * chance.randrange(1, 30)
        found.append(
            Article(
                id=f"{number:016x}",
                path=f"{number}.txt",
                title="",
                body=" ".join(body),
                published=chance.choice(["2016-11-25", "2017", None]),
                language="en",
            )
        )
    return found


@pytest.fixture(scope="module")
def view() -> View:
    articles = _articles(6_000)
    return View(snapshot_in_memory([articles[:4_500], articles[4_500:]], ZoneInfo("UTC")))


def _first(view: View, words: list[str], count: int) -> tuple[int, list[int], list[float]]:
    tree = Words(tuple(map(Word, words)))
    query = Query(text=" ".join(words), tree=tree, match="any")
    execution = Execution(view, Clock(60_000))
    found = find(query, plan(query, execution), execution)
    docs, scores = found.first(count)
    return found.total, docs.tolist(), scores.tolist()


@pytest.mark.parametrize(("words", "are_one"), [(WORDS[3:6], False), (WORDS[:3] * 2, True)])
def test_documents_of_frequent_words_are_one_row_for_those_who_count(
    view: View, words: list[str], *, are_one: bool
) -> None:
    """Counted word by word they took twice the time where a passage was pasted."""
    execution = Execution(view, Clock(60_000))
    leaves = [Counted("text", (((word,),),), boost=1 + n) for n, word in enumerate(words)]
    rows = execution.rows(whoosh.Or(leaves), ())
    assert len(rows) == (1 if are_one else len(words))
    held = {doc for leaf in leaves for doc in execution.match(leaf).tolist()}
    assert {doc for row in rows for doc in row.tolist()} == held


@pytest.mark.parametrize("seed", range(60))
def test_the_first_few_are_the_beginning_of_all(view: View, seed: int) -> None:
    """Whatever was left out, totals, order and scores are those of adding everything up."""
    chance = random.Random(seed)
    words = chance.sample(WORDS, chance.randint(1, 4))
    total, docs, scores = _first(view, words, COUNTS[-1])
    assert len(docs) == total
    for count in COUNTS[:-1]:
        assert _first(view, words, count) == (total, docs[:count], scores[:count])


def test_articles_that_were_met_uncounted_are_counted_for_the_best() -> None:
    """A count, or an order by date, asks only which articles have all of the words."""
    view = View(snapshot_in_memory([_articles(800)], ZoneInfo("UTC")))
    tree = Words(tuple(map(Word, WORDS[:3])))
    query = Query(text=" ".join(WORDS[:3]), tree=tree, match="all")
    fresh, asked = (Execution(view, Clock(60_000)) for _ in range(2))
    compiled = plan(query, fresh).compiled
    total, docs, scores = fresh.best(compiled.tree, 10, compiled.beside)
    assert len(asked.match(compiled.tree)) == total > 10
    again, same_docs, same_scores = asked.best(compiled.tree, 10, compiled.beside)
    assert (again, same_docs.tolist()) == (total, docs.tolist())
    assert same_scores.tolist() == scores.tolist()


def test_the_terms_of_a_wide_pattern_are_not_sought_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They were when more had been met than are remembered: five microseconds each."""
    monkeypatch.setattr("search.whoosh_engine.views.lists.MAX_KNOWN", 1)
    words = [f"pona{number}" for number in range(3 * MANY_TERMS)]
    articles = [
        Article(id=f"{number:016x}", path=f"{number}.txt", title="", body=word, language="en")
        for number, word in enumerate(words)
    ]
    view = View(snapshot_in_memory([articles], ZoneInfo("UTC")))
    found = by_prefix(view, "text", "pona", lambda: None)
    monkeypatch.setattr(FieldArrays, "find", None)
    assert view.postings(Counted("text", ((found.terms,),))).docs.tolist() == list(
        range(len(words))
    )


def test_places_of_terms_are_remembered_up_to_a_number_whoever_met_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("search.whoosh_engine.views.lists.MAX_KNOWN", 3)
    fresh = View(snapshot_in_memory([_articles(600)], ZoneInfo("UTC")))
    for prefix in ("wa", "wb", "wc", "wd", "we", "wf", "f"):
        by_prefix(fresh, "text", prefix, lambda: None)
    assert all(0 < len(part.known) <= 4 for part in fresh.parts("text"))


def test_terms_are_looked_up_where_more_is_deleted_than_is_passed_by_at_once(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.whoosh_engine.views.view.AT_ONCE", 50)
    fresh = View(view.snapshot)
    fresh.learn("text", ["filler", "nowhere"], lambda: None)
    assert all(set(part.known) == {"filler", "nowhere"} for part in fresh.parts("text"))


class Counting(Clock):
    """A clock that counts the looks at it."""

    looks = 0

    def check(self) -> None:
        self.looks += 1


def test_many_words_are_filtered_some_at_a_time(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = Query(text="", tree=Words(tuple(map(Word, WORDS))), match="any", since=date(2017, 1, 1))

    def first() -> tuple[int, list[int], list[float], int]:
        execution = Execution(view, clock := Counting(60_000))
        found = find(query, plan(query, execution), execution)
        docs, scores = found.first(50)
        return found.total, docs.tolist(), scores.tolist(), clock.looks

    *together, looks = first()
    monkeypatch.setattr("search.whoosh_engine.evaluation.filters.AT_ONCE", 100)
    *apart, more_looks = first()
    assert apart == together
    assert more_looks > looks


class Stopping(Clock):
    """A clock whose time is up at the n-th look."""

    def __init__(self, looks: int) -> None:
        super().__init__(60_000)
        self.looks = looks

    def check(self) -> None:
        self.looks -= 1
        if self.looks < 0:
            raise OverBudget("enough")


TREES: list[Node] = [
    Or((Word(WORDS[7]), And((Word(WORDS[6]), Word(WORDS[5]))))),  # rare: it shows what is left over
    Or((Words((Word(WORDS[0]), Word(WORDS[1]))), Not(Word(WORDS[2])))),
    And((Words((Word(WORDS[0]), Word(WORDS[3]))), Or((Word(WORDS[1]), Word(WORDS[2]))))),
    And((Not(Word(WORDS[1])), Or((Word(WORDS[0]), And((Word(WORDS[2]), Word(WORDS[3]))))))),
    Words(tuple(map(Word, WORDS[:4]))),
]


@pytest.mark.parametrize("match", ["any", "all"])
def test_a_search_that_is_stopped_leaves_nothing_to_the_next(view: View, match: Match) -> None:
    """Wherever that is: what it had marked in the rows of its thread is not found by another."""

    def asked(tree: Node, clock: Clock) -> tuple[int, list[int], list[float]]:
        query = Query(text="", tree=tree, match=match)
        execution = Execution(view, clock)
        found = find(query, plan(query, execution), execution)
        docs, scores = found.first(10)
        return found.total, docs.tolist(), scores.tolist()

    whole = [asked(tree, Clock(60_000)) for tree in TREES]
    stopped = 0
    for tree in TREES:
        for looks in range(40):
            with contextlib.suppress(OverBudget):
                asked(tree, Stopping(looks))
                continue
            stopped += 1
            assert [asked(each, Clock(60_000)) for each in TREES] == whole
    assert stopped > len(TREES)
