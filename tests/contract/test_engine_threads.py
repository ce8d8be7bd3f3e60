"""Eight threads on one reader get the answers that one thread gets; a spent budget is an error."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from query_strategies import BODY, SOURCES

from search.errors import OverBudget, UnknownArticle
from search.model import Article, Query, Results
from search.query import parse
from search.whoosh_engine.building.build import snapshot_in_memory
from search.whoosh_engine.evaluation import clock
from search.whoosh_engine.reader import WhooshReader
from search.whoosh_engine.views.lists import Word
from search.whoosh_engine.views.view import View

UTC = ZoneInfo("UTC")
TYPED = [
    *("war", "aleppo rebels", '"aleppo rebels"', "aleppo -war", "al*", "?ar", "alepo~ rebels"),
    *("aleppo OR nusra", '"war aleppo"~3 us', "title:war", "source:bbc war", "date:2016 rebel"),
    *("", "the of", "may us war rebels aleppo", '"the of"', '"war the of"', '"rebels war rebels"'),
]


def _many(count: int) -> list[Article]:
    chance = random.Random(5)
    return [
        Article(
            id=f"{number:016x}",
            path=f"{number}.txt",
            title=" ".join(chance.choices(BODY, k=4)),
            body=" ".join(chance.choices(BODY, k=chance.randrange(5, 120))),
            published=chance.choice(["2016", "2016-11-25", "2015-01-02T10:00:00", None]),
            source=chance.choice(SOURCES),
            language="en",
        )
        for number in range(count)
    ]


def _reader(*, budget_ms: float, segments: int = 2) -> WhooshReader:
    articles = _many(600)
    groups = [articles[:400], articles[400:]] if segments == 2 else [articles]
    snapshot = snapshot_in_memory(groups, UTC)
    return WhooshReader(snapshot, timezone=UTC, budget_ms=budget_ms)


def _query(typed: str, *, page: int = 1) -> Query:
    tree = parse(typed, today=date(2016, 12, 1)).tree
    return Query(text=typed, tree=tree, page=page, sources=("BBC News",) if page > 1 else ())


def _what_counts(results: Results) -> object:
    hits = [(hit.id, hit.score, hit.title, hit.excerpts) for hit in results.hits]
    return results.total, hits, results.sources, results.published, results.clauses


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Threads that take turns fifty times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    yield
    sys.setswitchinterval(before)


@pytest.mark.parametrize("segments", [1, 2])
@pytest.mark.usefixtures("quick_switches")
def test_eight_threads_share_a_reader_without_a_wrong_answer(segments: int) -> None:
    queries = [_query(typed, page=page) for typed in TYPED for page in (1, 2)]
    alone = _reader(budget_ms=60_000, segments=segments)
    wanted = [_what_counts(alone.search(query)) for query in queries]
    shared = _reader(budget_ms=60_000, segments=segments)
    rounds = list(range(len(queries))) * 6
    random.Random(1).shuffle(rounds)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: _what_counts(shared.search(queries[number])), rounds))
    assert found == [wanted[number] for number in rounds]


def test_a_query_that_runs_out_of_time_says_so() -> None:
    reader = _reader(budget_ms=-1)
    with pytest.raises(OverBudget, match="ask for fewer or rarer words"):
        reader.search(_query("aleppo war"))


def test_a_query_is_stopped_within_one_word_of_its_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-six beginnings of words, each of many terms, took 7 s of a budget of 2 s."""
    now_s = 0.0
    look_up = View.term

    def slow(view: View, field: str, terms: tuple[str, ...]) -> Word:
        nonlocal now_s
        now_s += 1
        return look_up(view, field, terms)

    monkeypatch.setattr(View, "term", slow)
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=lambda: now_s))
    monkeypatch.setattr(clock, "clock_s", lambda: now_s)
    with pytest.raises(OverBudget):
        _reader(budget_ms=2_000).search(_query("war aleppo rebels us may nusra"))
    assert now_s <= 3


def test_an_article_that_is_not_there_is_named() -> None:
    reader = _reader(budget_ms=60_000)
    for ask in (reader.article, reader.similar):
        with pytest.raises(UnknownArticle, match="nosuchid"):
            ask("nosuchid")


def test_similar_articles_leave_out_the_article_itself() -> None:
    reader = _reader(budget_ms=60_000)
    hits = reader.similar(f"{7:016x}", size=6)
    assert len(hits) == 6
    assert f"{7:016x}" not in {hit.id for hit in hits}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_an_explanation_adds_up_to_the_score() -> None:
    """The last figure of each line is what the word adds."""
    reader = _reader(budget_ms=60_000)
    query = _query("aleppo rebels war")
    hit = reader.search(query).hits[0]
    lines = reader.explain(hit.id, query).splitlines()
    assert f"{hit.score:.3f}" in lines[1]
    added = [float(line.rsplit(" ", 1)[1]) for line in lines[2:] if "adds" in line]
    assert sum(added) == pytest.approx(hit.score, abs=0.005)


def test_every_limit_of_the_receipt_is_told() -> None:
    reader = _reader(budget_ms=60_000)
    many = " ".join(f"zzz{number}qx" for number in range(60))
    told = " / ".join(warning.message for warning in reader.search(_query(many)).warnings)
    assert "nor 45 other parts" in told
    assert "only the first 50 of 60 parts were counted alone" in told
    assert "spelling is repaired of at most 8" in told
    assert "only the first 8 parts were left out in turn" in told
    small = reader.search(_query("aleppo the of and or not to be is are was were")).warnings
    assert any("and 1 more" in warning.message for warning in small)


def test_an_explanation_names_words_as_they_were_typed() -> None:
    articles = [
        Article(id=f"{n:016x}", path=f"{n}.txt", title="Ferry", body=body, language=language)
        for n, (body, language) in enumerate(
            [("The ferries strike.", "en"), ("Die Fähren streiken.", "de"), ("La grève", "fr")]
        )
    ]
    reader = WhooshReader(snapshot_in_memory([articles], UTC), timezone=UTC, budget_ms=60_000)
    lines = reader.explain(articles[0].id, _query('Ferries strike harbour "ferry strike"'))
    named = [line.partition(":")[0] for line in lines.splitlines()[2:]]
    assert named[:3] == ["- Ferries", "- strike", "- harbour"]
    assert "- Ferries strike side by side" in named
    assert "|" not in lines
    assert "Nothing in the query ranks" in reader.explain(articles[0].id, _query(""))


def test_a_word_that_occurs_nowhere_is_repaired_and_the_others_are_left_alone() -> None:
    reader = _reader(budget_ms=60_000)
    results = reader.search(_query("alepppo rebels"))
    assert results.suggestion == "aleppo rebels"
    assert reader.search(_query("aleppo rebels")).suggestion is None


def test_when_nothing_is_found_the_part_to_blame_is_named() -> None:
    results = _reader(budget_ms=60_000).search(_query('war "rebels of the moon"'))
    assert results.total == 0
    assert any("rebels of the moon" in warning.message for warning in results.warnings)
    assert (results.suggestion, results.nearest) == (None, "war")


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("aleppo nothinghasthis rebels", "aleppo rebels"),
        ("nothinghasthis AND aleppo AND -rebels", "aleppo -rebels"),
        ('"war aleppo rebels war aleppo rebels"', "war aleppo rebels war aleppo rebels"),
        ('aleppo "war rebels war rebels war" -zzz', "aleppo war rebels war rebels war -zzz"),
        ("nothinghasthis", None),
    ],
)
def test_the_nearest_search_leaves_out_as_little_as_it_can(typed: str, nearest: str | None) -> None:
    results = _reader(budget_ms=60_000).search(replace(_query(typed), match="all"))
    assert (results.total, results.nearest) == (0, nearest)


def test_expansions_that_do_not_fit_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.whoosh_engine.queries.expand.MAX_TERMS", 2)
    results = _reader(budget_ms=60_000).search(_query("al*"))
    assert any("the 2 most frequent were searched for" in each.message for each in results.warnings)
