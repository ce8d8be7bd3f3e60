"""The promises of search/engine.py on readers, kept by every engine."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from itertools import pairwise

import pytest
from little_corpus import article, corpus, fill, found, query

from search.engine import Index, Reader
from search.errors import UnknownArticle
from search.model import Article, Results, Sort
from search.query import parse


@pytest.fixture
def reader(filled: Index) -> Reader:
    return filled.reader()


# --- searching ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_pages_never_share_a_hit_and_leave_none_out(reader: Reader, sort: Sort) -> None:
    asked = query("the", size=3, sort=sort)
    total = reader.search(asked).total
    pages = [
        [hit.id for hit in reader.search(dataclasses.replace(asked, page=page)).hits]
        for page in range(1, total // 3 + 3)
    ]
    seen = [name for page in pages for name in page]
    assert len(seen) == len(set(seen)) == total
    assert seen == [hit.id for hit in reader.every(asked)]
    assert pages[-1] == []


def test_a_page_far_beyond_the_last_still_has_the_exact_total(reader: Reader) -> None:
    results = reader.search(query("the", page=5_000))
    assert results.hits == ()
    assert results.total == reader.search(query("the")).total


def test_the_newest_come_first_or_last_and_the_undated_always_last(reader: Reader) -> None:
    newest = [hit.published for hit in reader.search(query("", sort="newest")).hits]
    oldest = [hit.published for hit in reader.search(query("", sort="oldest")).hits]
    assert newest[:3] == ["2017-01-05T23:30:00-05:00", "2016-12-31", "2016-12-30"]
    assert oldest[:3] == ["1999-12-31T23:59:59", "2001", "2002"]
    assert newest[-5:] == oldest[-5:] == [None] * 5


def test_instants_sort_by_the_moment_and_not_by_their_spelling(index: Index) -> None:
    times = {
        "noon-in-tokyo": "2016-12-15T12:00:00+09:00",
        "midnight-in-new-york": "2016-12-15T00:00:00-05:00",
        "four-in-london": "2016-12-15T04:00:00Z",
        "day": "2016-12-15",  # begins at midnight in New York, the zone of this index
    }
    fill(index, [article(name, "word", published=stated) for name, stated in times.items()])
    order = found(index.reader(), "word", sort="oldest")
    assert order[:2] == ["noon-in-tokyo", "four-in-london"]
    assert set(order[2:]) == {"midnight-in-new-york", "day"}


def test_exact_ties_stand_newest_first_then_by_id(index: Index) -> None:
    dates = ["2016-01-01", "2016-01-03", None, "2016-01-02", "2016-01-02", None]
    tied = [article(f"{n}.txt", "same words", published=day) for n, day in enumerate(dates)]
    fill(index, tied)
    hits = index.reader().search(query("same")).hits
    assert len({hit.score for hit in hits}) == 1
    wanted = sorted(
        tied, key=lambda each: (each.published is None, _negative(each.published), each.id)
    )
    assert [hit.id for hit in hits] == [each.id for each in wanted]


def _negative(published: str | None) -> int:
    return -date.fromisoformat(published).toordinal() if published else 0


def test_the_best_match_comes_first(reader: Reader) -> None:
    """More often, in the title, beside each other: what ranks in words is held exactly elsewhere."""
    assert found(reader, "beta delta", match="any")[0] == "misc/twice.txt"
    assert found(reader, "aleppo truce", match="any")[0] == "2016/10/truce.txt"
    assert found(reader, "flood drought", match="any")[0] == "misc/flood-drought.txt"


def test_sources_are_counted_as_if_none_had_been_chosen(reader: Reader) -> None:
    free = reader.search(query("the"))
    chosen = reader.search(query("the", sources=("Arab Today",)))
    assert chosen.sources == free.sources
    assert chosen.total == {each.value: each.count for each in free.sources}["Arab Today"]
    assert all(hit.source == "Arab Today" for hit in chosen.hits)
    without = reader.search(query("the", without_sources=("Arab Today",)))
    assert without.total == free.total - chosen.total
    assert without.sources == free.sources


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("", {}),
        ("the", {}),
        ("truce", {}),
        ("letter OR truce", {}),
        ("", {"sources": ("Levant Post", "Harbour Gazette")}),
        ("", {"since": date(2016, 1, 1), "until": date(2016, 12, 31)}),
    ],
)
def test_the_dates_are_counted_in_order_without_overlap_and_add_up(
    reader: Reader, text: str, others: dict[str, object]
) -> None:
    results = reader.search(query(text, **others))
    assert sum(bucket.count for bucket in results.published) == results.total
    undated = [bucket for bucket in results.published if bucket.first is None]
    dated = [bucket for bucket in results.published if bucket.first is not None]
    assert undated == list(results.published[len(dated) :])
    assert len(undated) == (None in [hit.published for hit in results.hits])
    days = [day for bucket in dated for day in (bucket.first, bucket.last) if day is not None]
    assert days == sorted(days)
    assert all(
        left.last is not None and right.first is not None and left.last < right.first
        for left, right in pairwise(dated)
    )


def test_a_bar_of_the_histogram_finds_at_least_what_it_counts(reader: Reader) -> None:
    """At least: an article of which only the year is stated is counted once, in its first bar."""
    for bucket in reader.search(query("")).published:
        if bucket.first is not None:
            bar = reader.search(query("", since=bucket.first, until=bucket.last))
            assert bar.total >= bucket.count > 0


def test_the_receipt_says_how_the_query_was_read_and_counts_each_part(reader: Reader) -> None:
    results = reader.search(query('aleppo truce "red crescent" -lorry after:2016-11 )'))
    assert results.total == 0
    assert results.read_as == (
        'all of: aleppo, truce; the phrase "red crescent"; not lorry; '
        "published from 1 November 2016"
    )
    counts = {each.text: each.count for each in results.clauses}
    assert counts["aleppo"] == counts["truce"] == 2
    assert counts['"red crescent"'] == 1
    assert counts["-lorry"] == len(corpus()) - 1
    assert results.warnings[0].position == 49
    assert results.query.text.startswith("aleppo")
    assert results.generation == reader.generation
    assert results.took_ms >= 0


def test_the_answer_says_which_match_was_taken(reader: Reader) -> None:
    for text, match, sort, taken in (
        ("harvest storm", "auto", "relevance", "all"),
        ("flood drought", "auto", "relevance", "any"),
        ("flood drought", "all", "relevance", "all"),
        ("flood drought", "auto", "newest", "all"),
    ):
        found = reader.search(query(text, match=match, sort=sort))
        assert found.match == taken
        assert found.read_as.startswith(f"{taken} of: ")


def test_a_filter_that_is_clicked_does_not_change_how_the_words_are_joined(reader: Reader) -> None:
    """Else a facet would promise a count that the click does not keep."""
    free = reader.search(query("harvest storm", match="auto"))
    few = reader.search(query("harvest storm", match="auto", since=date(2010, 3, 1)))
    assert free.read_as == few.read_as
    assert few.total == 8


def test_words_that_occur_nowhere_are_repaired_in_the_suggestion_only(reader: Reader) -> None:
    wrong = reader.search(query("alepo truce"))
    assert (wrong.total, wrong.suggestion) == (0, "aleppo truce")
    assert reader.search(query("aleppo truce")).suggestion is None
    assert reader.search(query("xylophone")).suggestion is None
    assert reader.search(query('"theresa mey" -russai')).suggestion is None


def test_a_suggestion_finds_something_as_the_query_is_joined(reader: Reader) -> None:
    together = reader.search(query("aleppo harvest", match="all"))
    assert (together.total, together.suggestion) == (0, None)
    assert reader.search(query("alepo harvest", match="any")).suggestion == "aleppo harvest"
    assert reader.search(query("alepo harvest", match="all")).suggestion is None


def test_two_words_written_as_one_that_occurs_nowhere_are_suggested_apart(reader: Reader) -> None:
    glued = reader.search(query("Securitysource"))
    assert (glued.total, glued.suggestion) == (0, "Security-Source")
    assert (
        reader.search(query("security-source")).total
        == reader.search(query('"security source"')).total
    )
    assert reader.search(query("sourcesecurity")).suggestion is None


def test_every_gives_all_matches_in_order_whatever_the_page(reader: Reader) -> None:
    asked = query("the", size=2, page=3)
    whole = reader.search(query("the")).hits
    assert [hit.id for hit in reader.every(asked)] == [hit.id for hit in whole]
    assert all(not hit.excerpts for hit in reader.every(asked))
    both = {hit.path for hit in reader.every(query("flood drought", match="auto"))}
    assert both == {"misc/flood-drought.txt"}


# --- hits and marks -------------------------------------------------------------------------------


def test_a_hit_carries_what_is_known_of_its_article(reader: Reader) -> None:
    (hit,) = reader.search(query("lorry")).hits
    wanted = corpus()["convoy"]
    for name in ("id", "path", "source", "published", "author", "language", "url"):
        assert getattr(hit, name) == getattr(wanted, name)
    assert hit.title_text == wanted.title


def test_every_hit_shows_why_it_is_one(reader: Reader) -> None:
    """Some mark in the title or an excerpt, for every query that looks for words in the text."""
    for text in ("the", "aleppo OR source", '"security source"~5', "al*", "assad~", "停火", "هدنة"):
        for hit in reader.search(query(text)).hits:
            shown = [*hit.title, *(each for excerpt in hit.excerpts for each in excerpt)]
            assert any(segment.marked for segment in shown), (text, hit.path)


def _marked(results: Results) -> list[list[str]]:
    return [
        [segment.text for excerpt in hit.excerpts for segment in excerpt if segment.marked]
        for hit in results.hits
    ]


def test_a_phrase_is_marked_only_as_a_phrase(index: Index) -> None:
    body = "A source spoke. The security source named the source of the security gap."
    fill(index, [article("a.txt", body)])
    assert _marked(index.reader().search(query('"security source"'))) == [["security source"]]


def test_what_is_excluded_is_not_marked(reader: Reader) -> None:
    for hit in reader.search(query("-aleppo truce")).hits:
        assert all(segment.text.lower() != "aleppo" for segment in hit.title)


def test_a_needle_at_the_end_of_five_megabytes_is_found_and_shown(index: Index) -> None:
    body = f"{'hay' * 16} " * 105_000 + "At last a needle."
    assert len(body) > 5_000_000
    fill(index, [article("long.txt", body), article("short.txt", "hay")])
    results = index.reader().search(query("needle"))
    assert [hit.path for hit in results.hits] == ["long.txt"]
    assert _marked(results) == [["needle"]]


def test_the_reader_marks_the_whole_article(reader: Reader) -> None:
    one = corpus()["truce"]
    reading = reader.read(one.id, query('aleppo "security source"'))
    assert reading.article == one
    assert [segment.text for segment in reading.title if segment.marked] == ["Aleppo"]
    assert "".join(segment.text for part in reading.paragraphs for segment in part) == one.body
    assert reading.mark_count == 2


def test_an_article_comes_back_as_it_was_put(index: Index, articles: dict[str, Article]) -> None:
    fill(index, articles.values())
    for each in articles.values():
        assert index.reader().article(each.id) == each


@pytest.mark.parametrize("name", ["0" * 16, "", "no such", "../../etc/passwd", "é" * 16])
def test_an_unknown_article_is_an_error_that_says_so(reader: Reader, name: str) -> None:
    for ask in (
        lambda: reader.article(name),
        lambda: reader.read(name, query("a")),
        lambda: reader.explain(name, query("a")),
    ):
        with pytest.raises(UnknownArticle):
            ask()


# --- the rest -------------------------------------------------------------------------------------


def test_similar_articles_share_telling_words(index: Index) -> None:
    fill(
        index,
        [
            article("a", "The volcano erupted over the glacier, ash grounded flights."),
            article("b", "Ash from the glacier volcano grounded more flights."),
            article("c", "A glacier in the north melts."),
            article("d", "The parliament met over the budget."),
        ],
    )
    reader = index.reader()
    one = article("a").id
    near = [hit.path for hit in reader.similar(one)]
    assert near[:2] == ["b", "c"]
    assert "a" not in near
    assert len(reader.similar(one, size=1)) == 1


def test_suggestions_complete_the_last_word_and_name_titles(reader: Reader) -> None:
    offered = reader.suggest("alep")
    assert ("aleppo", "word") in [(each.text, each.kind) for each in offered]
    titles = [each.text for each in reader.suggest("truce al") if each.kind == "title"]
    assert titles == ["Aleppo truce holds"]
    assert len(reader.suggest("a", size=3)) <= 3
    for size in (1, 2, 3):
        assert reader.suggest("alep", size=size)[0].kind == "word"
    assert reader.suggest("") == ()


def test_a_word_behind_another_is_completed_to_what_stands_there(index: Index) -> None:
    fill(index, [article("a", body="用时约20天,天气很好")])
    offered = index.reader().suggest("约20天")
    assert [each.text for each in offered if each.kind == "word"] == ["约20天"]


def test_a_score_is_explained_with_the_words_that_made_it(reader: Reader) -> None:
    told = reader.explain(corpus()["truce"].id, query("aleppo truce"))
    (hit,) = reader.search(query("aleppo truce")).hits
    assert f"{hit.score:.2f}" in told or f"{hit.score:.3f}" in told


def test_the_status_counts_what_there_is(reader: Reader) -> None:
    status, held = reader.status(), corpus()
    assert status.generation == reader.generation
    assert status.committed_at == reader.committed_at
    assert status.articles == len(held)
    assert status.undated == 6
    assert (status.first_published, status.last_published) == (
        "1999-12-31T23:59:59",
        "2017-01-05T23:30:00-05:00",
    )
    assert {each.value: each.count for each in status.sources}["Kurier"] == 13
    assert {each.value: each.count for each in status.languages}["zh"] == 1
    assert status.rejections == ()


def test_hostile_queries_find_something_or_nothing_but_never_fail(reader: Reader) -> None:
    for text in (
        "(" * 5_000,
        '"' * 4_999,
        "a* " * 300,
        "a~2 " * 50,
        "* " * 300,
        "NOT " * 3_000,
        " OR ".join(f"w{n}" for n in range(900)),
        '"' + "the " * 2_000 + '"',
        "\x00\ud800\uffff",
        "before:0001-01-02 after:9999-12-31",
        "title:" * 500,
        "-" * 5_000,
        "a" * 15_000,
        "\u202e\u200fالحلب",
    ):
        results = reader.search(query(text))
        assert results.total >= len(results.hits) >= 0


def test_a_query_and_its_tree_give_the_same_answer_again(reader: Reader) -> None:
    asked = query("aleppo OR source")
    again = [reader.search(asked), reader.search(asked)]
    assert again[0].hits == again[1].hits
    tomorrow = parse("aleppo", today=date(2016, 12, 20) + timedelta(days=1))
    assert tomorrow.tree == parse("aleppo", today=date(2016, 12, 20)).tree
