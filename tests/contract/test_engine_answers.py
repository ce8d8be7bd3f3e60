"""The engine gives the same articles, scores, counts and marks as the reference engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from brute_force import BruteIndex, BruteReader
from hypothesis import example, given, settings
from hypothesis import strategies as st
from query_strategies import articles, collections, queries, trees, words

from search.engine import Reader
from search.lexer import MAX_WINDOW
from search.model import (
    Article,
    Fingerprint,
    Fuzzy,
    Hit,
    Prefix,
    Query,
    Results,
    Sort,
    SourceFile,
    Wildcard,
    Word,
    Words,
)
from search.query import parse
from search.whoosh_engine import WhooshIndex
from search.whoosh_engine.building.build import segment_in_memory
from search.whoosh_engine.reader import WhooshReader
from search.whoosh_engine.segments.arrays import Segment
from search.whoosh_engine.segments.snapshot import Snapshot

UTC = ZoneInfo("UTC")
FINGERPRINT = Fingerprint(size_bytes=1, mtime_ns=1, ctime_ns=1, inode=1, sha256="")


def brute(found: Iterable[Article]) -> BruteReader:
    index = BruteIndex(UTC)
    with index.writer() as writer:
        for article in found:
            writer.put(SourceFile(path=article.path, fingerprint=FINGERPRINT), [article])
        writer.commit()
    return index.reader()


def fast(
    found: Sequence[Article], dead: Sequence[Article] = (), segment_count: int = 1
) -> WhooshReader:
    """A reader over some segments, in which some articles are deleted."""
    everything = sorted([*found, *dead], key=lambda article: article.id)
    gone = {article.id for article in dead}
    segments: list[Segment] = []
    for number in range(segment_count):
        group = everything[number::segment_count]
        whole = segment_in_memory(group, UTC, name=f"memory-{number}")
        for row, article in enumerate(group):
            whole.deleted[row] = article.id in gone
        segments.append(whole)
    snapshot = Snapshot("1", "2016-11-25T00:00:00+00:00", tuple(segments))
    return WhooshReader(snapshot, timezone=UTC, budget_ms=60_000)


def in_order(hits: Iterable[Hit]) -> list[tuple[float, str]]:
    """Scores and ids; what the last bits of a float put into order is put into order by id."""
    return sorted((-round(hit.score, 3), hit.id) for hit in hits)


def assert_same(ours: Results, theirs: Results) -> None:
    assert ours.total == theirs.total
    assert ours.read_as == theirs.read_as
    assert ours.match == theirs.match
    assert {hit.id for hit in ours.hits} == {hit.id for hit in theirs.hits}
    scores = {hit.id: hit.score for hit in theirs.hits}
    for hit in ours.hits:
        assert hit.score == pytest.approx(scores[hit.id], rel=1e-4, abs=1e-5)
    assert_same_order(ours.hits, theirs.hits, by_score=ours.query.sort == "relevance")
    assert ours.sources == theirs.sources
    assert sum(bucket.count for bucket in ours.published) == ours.total
    assert undated(ours) == undated(theirs)
    assert ours.clauses == theirs.clauses


def undated(results: Results) -> int:
    return sum(bucket.count for bucket in results.published if bucket.first is None)


def assert_same_order(ours: Sequence[Hit], theirs: Sequence[Hit], *, by_score: bool) -> None:
    """Equal orders, but that hits whose scores differ in the last bits may be swapped."""
    for mine, other in zip(ours, theirs, strict=True):
        if mine.id != other.id:
            assert by_score
            assert mine.score == pytest.approx(other.score, rel=1e-5)


@given(
    found=collections(),
    dead=st.lists(articles(number=100), max_size=1),
    segment_count=st.integers(1, 3),
    query=queries(),
)
@settings(max_examples=150)
def test_every_answer_is_that_of_the_reference_engine(
    found: list[Article], dead: list[Article], segment_count: int, query: Query
) -> None:
    """Articles, totals, scores, order, facets and clauses; deleted articles and segments included."""
    reader, reference = fast(found, dead, segment_count), brute(found)
    assert_same(reader.search(query), reference.search(query))
    ours, theirs = list(reader.every(query)), list(reference.every(query))
    assert in_order(ours) == in_order(theirs)


@given(found=collections(max_size=8), query=queries())
@settings(max_examples=60)
def test_marks_and_excerpts_are_those_of_the_reference_engine(
    found: list[Article], query: Query
) -> None:
    reader, reference = fast(found), brute(found)
    theirs = {hit.id: hit for hit in reference.search(query).hits}
    for hit in reader.search(query).hits:
        assert hit.title == theirs[hit.id].title
        assert hit.excerpts == theirs[hit.id].excerpts
        assert reader.read(hit.id, query) == reference.read(hit.id, query)


@given(found=collections(), query=queries(), size=st.integers(1, 5))
@settings(max_examples=60)
def test_pages_share_no_hit_and_leave_none_out(
    found: list[Article], query: Query, size: int
) -> None:
    reader = fast(found, segment_count=2)
    whole = [hit.id for hit in reader.search(query).hits]
    pages = [
        hit.id
        for page in range(1, len(whole) // size + 2)
        for hit in reader.search(replace(query, page=page, size=size)).hits
    ]
    assert pages == whole


steps = st.lists(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.integers(0, 9).flatmap(lambda n: articles(number=n))),
            st.tuples(st.just("remove"), st.integers(0, 9)),
        ),
        max_size=6,
    ),
    min_size=1,
    max_size=5,
)


def titled(number: int, body: str) -> Article:
    """A short article."""
    return Article(id=f"{number:016x}", path=f"bbc/{number}.txt", title="", body=body)


DEAD_FORM: list[list[tuple[str, Any]]] = [
    [("put", titled(0, "rebels")), ("put", titled(1, "rebel")), ("put", titled(1, ""))]
]
"""In the one segment a deleted article has a form that no other has, and its term is alive."""


@given(batches=steps, tree=trees)
@example(batches=DEAD_FORM, tree=Wildcard("reb?l"))
@example(batches=DEAD_FORM, tree=Fuzzy("rebl", 1))
@example(batches=DEAD_FORM, tree=Prefix("rebels"))
@settings(max_examples=25)
def test_updates_deletions_and_merges_leave_no_trace(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, Any]]], tree: Any
) -> None:
    """After any row of commits the answer is that for the articles that are left."""
    index = WhooshIndex(Path(tmp_path_factory.mktemp("index")), timezone=UTC, budget_ms=60_000)
    left: dict[str, Article] = {}
    for batch in batches:
        with index.writer() as writer:
            for verb, what in batch:
                number = what if verb == "remove" else int(what.path.split("/")[1][:-4])
                path = f"{number}.txt"
                if verb == "remove":
                    writer.remove(path)
                    left.pop(path, None)
                    continue
                article = replace(what, path=path)
                writer.put(SourceFile(path=path, fingerprint=FINGERPRINT), [article])
                left[path] = article
            writer.commit()
    query = Query(text="", tree=tree, match="any", size=100)
    assert_same(index.reader().search(query), brute(left.values()).search(query))


@given(found=collections(), dead=st.lists(articles(number=100), max_size=1), word=words)
@settings(max_examples=100)
def test_completions_count_the_articles_that_are_there(
    found: list[Article], dead: list[Article], word: str
) -> None:
    def completed(reader: Reader) -> dict[str, int]:
        given = reader.suggest(word[:2], size=40)
        return {each.text: each.count for each in given if each.kind == "word"}

    assert completed(fast(found, dead)) == completed(brute(found))


@pytest.mark.parametrize("word_count", [2, 60, 128])
def test_the_widest_window_does_not_reach_from_the_title_into_the_body(word_count: int) -> None:
    """Half of the words end the title, half begin the body; in the other article all are in it."""
    row = [f"n{number}" for number in range(word_count)]
    half = word_count // 2
    split = replace(titled(1, " ".join(row[half:])), title=" ".join(row[:half]))
    whole = titled(2, " ".join([row[0], *["and"] * (MAX_WINDOW - word_count), *row[1:]]))
    query = parse(f'"{" ".join(row)}"~999', today=date(2016, 12, 20))
    results = fast([split, whole]).search(Query(text="", tree=query.tree))
    assert [hit.id for hit in results.hits] == [whole.id]


@pytest.mark.parametrize("word", ["w{}x", "al-Nusra", "the"])
@pytest.mark.timeout(60)
def test_a_pasted_page_in_quotation_marks_costs_little(word: str) -> None:
    """Of processor time; twenty to sixty milliseconds where this was written."""
    letters = str.maketrans("0123456789", "abcdefghij")
    body = "al-Nusra said that the truce holds " * 60
    typed = " ".join(word.format(str(number).translate(letters)) for number in range(1_800))
    tree = parse(f'"{typed}"', today=date(2016, 12, 20)).tree
    reader = fast([titled(number, body) for number in range(50)])
    assert reader.search(Query(text="", tree=tree)).total == 0


def test_an_empty_index_finds_nothing() -> None:
    reader = fast([])
    results = reader.search(Query(text="war", tree=Words((Word("war"), Word("of")))))
    assert (results.total, results.hits, results.sources, results.published) == (0, (), (), ())
    assert reader.status().articles == 0
    assert reader.suggest("wa") == ()


def test_nothing_found_is_not_said_to_be_a_list_of_something() -> None:
    reader = fast([titled(1, "flood"), titled(2, "drought")])

    def told(typed: str) -> tuple[int, str]:
        parsed = parse(typed, today=date(2016, 12, 20))
        results = reader.search(Query(text=typed, tree=parsed.tree))
        return results.total, "; ".join(each.message for each in results.warnings)

    assert told("flood drought") == (
        2,
        "no article has all the words, so articles with any of them are listed",
    )
    assert told("quark lepton") == (0, "nothing matches quark nor lepton")
    assert told('flood quark "drought flood"') == (0, 'nothing matches quark nor "drought flood"')


@pytest.mark.parametrize("sort", ["relevance", "newest"])
def test_small_words_that_are_not_looked_for_are_named(sort: Sort) -> None:
    reader = fast([titled(1, "aleppo truce"), titled(2, "the truce or not")])

    def told(typed: str) -> tuple[int, list[str]]:
        tree = parse(typed, today=date(2016, 12, 20)).tree
        results = reader.search(Query(text=typed, tree=tree, match="all", sort=sort))
        return results.total, [each.message for each in results.warnings]

    remark = "small words beside others are not looked for: "
    assert told("aleppo or the truce") == (1, [f"{remark}or, the"])
    assert told("or not") == (1, [])
    assert told('"or not" truce') == (1, [])
    assert told("the AND truce") == (1, [])
