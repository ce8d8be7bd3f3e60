"""What the page shows of an answer: links, choices, dates, bars, marks, citations."""

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.config import Config
from search.engine import Index
from search.errors import BadQuery
from search.model import (
    Article,
    Bucket,
    Clause,
    Everything,
    FacetValue,
    Provenance,
    Query,
    Reading,
    Results,
    Segment,
)
from web import cite, cursor, days, present
from web.histogram import HEIGHT, MIN_BAR, draw
from web.reading import lay_out
from web.site import Site, public_address

PARIS = ZoneInfo("Europe/Paris")


def results(query: Query | None = None, **changes: object) -> Results:
    plain = Results(
        query=query or Query(text="strike", tree=Everything()),
        read_as="strike",
        total=95,
        hits=(),
        generation="g1",
        took_ms=1.0,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def asked(href: str | None) -> dict[str, list[str]]:
    assert href is not None
    return parse_qs(urlsplit(href).query)


# --- links ----------------------------------------------------------------------------------------


def test_each_source_can_be_taken_left_out_and_released() -> None:
    query = Query(
        text="strike", tree=Everything(), sources=("Post",), without_sources=("Wire",), page=4
    )
    facets = (FacetValue("Sun", 9), FacetValue("Post", 5))
    page = present.page(results(query, sources=facets), size=10)
    links = {source.name: source for source in page.sources}

    assert list(links) == ["Post", "Wire", "Sun"]  # what was touched stays in view
    assert asked(links["Sun"].href)["source"] == ["Post", "Sun"]
    assert asked(links["Sun"].exclude_href)["without_source"] == ["Wire", "Sun"]
    assert "source" not in asked(links["Post"].href)
    assert asked(links["Post"].exclude_href) == {
        "q": ["strike"],
        "without_source": ["Wire", "Post"],
    }
    assert "without_source" not in asked(links["Wire"].exclude_href)
    assert links["Wire"].matches == 0
    assert "page" not in asked(links["Sun"].href)


def test_many_sources_are_counted_and_not_silently_cut() -> None:
    facets = tuple(FacetValue(f"s{n:03}", 1000 - n) for n in range(60))
    page = present.page(results(sources=facets), size=10)
    assert len(page.sources) + len(page.more_sources) + page.unlisted_sources == 60
    assert page.unlisted_sources == 20


def test_chips_take_off_one_thing_each() -> None:
    query = Query(
        text="strike",
        tree=Everything(),
        sources=("Post",),
        without_sources=("Wire",),
        since=date(2016, 11, 1),
        until=date(2016, 11, 30),
        match="all",
    )
    chips = present.state(query, size=10).chips
    assert [chip.label for chip in chips] == ["Post", "not Wire", "November 2016", "all words"]
    full = set(asked(present.state(query, size=10).href))
    for chip, gone in zip(
        chips, ({"source"}, {"without_source"}, {"since", "until"}, {"match"}), strict=True
    ):
        assert full - set(asked(chip.href)) == gone


@pytest.mark.parametrize(
    ("page", "previous", "following"),
    [(1, None, "2"), (2, "", "3"), (10, "9", None), (99, "10", None)],
)
def test_paging_stops_at_both_ends_and_leads_back_from_beyond(
    page: int, previous: str | None, following: str | None
) -> None:
    shown = present.page(results(Query(text="a", tree=Everything(), page=page)), size=10)
    assert (shown.previous is None) is (previous is None)
    if previous is not None:
        assert asked(shown.previous).get("page", [""]) == [previous]
    assert (shown.next is None) is (following is None)
    if following is not None:
        assert asked(shown.next)["page"] == [following]


def test_the_forms_carry_everything_along_but_what_they_ask_for() -> None:
    query = Query(text="strike", tree=Everything(), since=date(2016, 1, 1), sort="newest", page=3)
    state = present.state(query, size=10)
    assert dict(state.beside_text) == {"since": "2016-01-01", "sort": "newest"}
    assert dict(state.beside_period) == {"q": "strike", "sort": "newest"}


def test_a_clause_and_a_suggestion_are_searches_of_their_own() -> None:
    page = present.page(
        results(clauses=(Clause('"port strike"', 1200),), suggestion="strikes"), size=10
    )
    assert page.clauses[0].label == '"port strike" 1,200'
    assert asked(page.clauses[0].href) == {"q": ['"port strike"']}
    assert page.suggestion
    assert asked(page.suggestion.href) == {"q": ["strikes"]}


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "spoken"),
    [
        (None, "undated"),
        ("2016", "2016"),
        ("2016-11", "November 2016"),
        ("2016-11-05", "5 November 2016"),
        ("2016-11-05T23:30:00+00:00", "6 November 2016"),  # it is past midnight in Paris
        ("2016-11-05T23:30:00Z", "6 November 2016"),
        ("2016-11-05T23:30:00", "5 November 2016"),
        ("9999-12-31T23:30:00-05:00", "31 December 9999"),  # there is no next day
        ("0001-01-01T00:30:00+02:00", "1 January 1"),
    ],
)
def test_dates_are_spoken_in_the_precision_that_was_stated(
    published: str | None, spoken: str
) -> None:
    assert days.spoken(published, PARIS) == spoken


@pytest.mark.parametrize(
    ("published", "moment"),
    [
        ("2016", "2016-01-01T00:00:00+01:00"),
        ("2016-07", "2016-07-01T00:00:00+02:00"),
        ("2016-11-05T23:30:00+00:00", "2016-11-05T23:30:00+00:00"),
        ("2016-11-05T23:30:00", "2016-11-05T23:30:00+01:00"),
    ],
)
def test_feeds_have_moments_with_an_offset(published: str, moment: str) -> None:
    assert days.moment(published, PARIS).isoformat() == moment


@pytest.mark.parametrize(
    ("first", "last", "spoken"),
    [
        (date(2016, 1, 1), date(2016, 12, 31), "2016"),
        (date(2015, 1, 1), date(2016, 12, 31), "2015 to 2016"),
        (date(2016, 11, 1), date(2016, 11, 30), "November 2016"),
        (date(2016, 11, 1), date(2017, 1, 31), "November 2016 to January 2017"),
        (date(2016, 11, 3), date(2016, 11, 3), "3 November 2016"),
        (date(2016, 11, 3), date(2016, 11, 9), "3 November 2016 to 9 November 2016"),
        (date(9999, 1, 1), date.max, "9999"),
    ],
)
def test_periods_are_spoken_shortly(first: date, last: date, spoken: str) -> None:
    assert days.spoken_span(first, last) == spoken


# --- histogram ------------------------------------------------------------------------------------


def address_of(first: date, last: date) -> str:
    return f"?since={first}&until={last}"


buckets = st.lists(
    st.tuples(st.dates(min_value=date(1, 1, 1)), st.integers(0, 400), st.integers(0, 10_000)),
    max_size=30,
).map(
    lambda rows: [
        Bucket(first, date.fromordinal(min(first.toordinal() + days, date.max.toordinal())), count)
        for first, days, count in rows
    ]
)


@settings(deadline=None)
@given(buckets, st.integers(0, 5_000))
def test_every_bucket_with_articles_is_a_visible_bar_inside_the_frame(
    rows: Sequence[Bucket], undated: int
) -> None:
    drawn = draw([*rows, Bucket(None, None, undated)], address_of)
    counted = [row for row in rows if row.count]
    if drawn is None:
        assert len(counted) + bool(undated) < 2 or not counted
        return
    assert len(drawn.bars) == len(counted)
    for bar in drawn.bars:
        assert bar.x >= 0
        assert bar.x + bar.width <= 100.01
        assert MIN_BAR <= bar.height <= HEIGHT
        assert abs(bar.y + bar.height - HEIGHT) < 0.11
        assert bar.href == address_of(bar.first, bar.last)
    assert drawn.undated == undated
    assert len(drawn.ticks) <= 4
    places = [tick.x for tick in drawn.ticks]
    assert all(b - a >= 17 for a, b in pairwise(places))  # no label runs into the next one


@pytest.mark.parametrize(("undated", "height"), [(1, 2), (25, HEIGHT / 2), (900, HEIGHT)])
def test_the_undated_ones_have_a_bar_on_the_same_scale_up_to_the_frame(
    undated: int, height: float
) -> None:
    year = Bucket(date(2016, 1, 1), date(2016, 12, 31), 50)
    drawn = draw([year, Bucket(None, None, undated)], address_of)
    assert drawn
    assert (drawn.bars[0].height, drawn.undated_height) == (HEIGHT, height)
    assert drawn.bars[0].label == "2016: 50"


def test_ticks_name_the_year_where_it_is_not_plain() -> None:
    months = [Bucket(date(2024, m, 1), date(2024, m, 28), 1) for m in (5, 11)]
    drawn = draw([*months, Bucket(date(2025, 8, 1), date(2025, 8, 31), 1)], address_of)
    assert drawn
    labels = [tick.label for tick in drawn.ticks]
    assert labels[0] == "May 2024"
    assert sum("2025" in label for label in labels) == 1
    assert sum("2024" in label for label in labels) == 1


def test_one_bar_alone_is_not_drawn() -> None:
    assert draw([Bucket(date(2016, 1, 1), date(2016, 12, 31), 50)], address_of) is None
    assert draw([Bucket(None, None, 50)], address_of) is None


def test_a_short_period_says_what_it_is() -> None:
    week = [Bucket(date(2016, 3, day), date(2016, 3, day), 1) for day in (2, 5)]
    drawn = draw(week, address_of)
    assert drawn
    assert [tick.label for tick in drawn.ticks] == ["2 March 2016 to 5 March 2016"]


# --- the reader -----------------------------------------------------------------------------------

ARTICLE = Article(
    id="00ff00ff00ff00ff",
    path="post/strike.txt",
    title="Dockers & the $3 fare_rise",
    body="One.\n\nTwo.",
    published="2024-02-12",
    source="Harbour Post",
    author="Ines Corrado",
    language="en",
    provenance={
        "published": Provenance(found_in="json-ld", confidence=1.0),
        "author": Provenance(found_in="byline", confidence=0.7),
        "title": Provenance(found_in="first line", confidence=0.4),
    },
)


def test_marks_are_numbered_through_title_and_body() -> None:
    page = lay_out(
        Reading(
            article=ARTICLE,
            title=(Segment("Dockers", marked=True), Segment(" walk out")),
            paragraphs=(
                (Segment("The "), Segment("dockers", marked=True)),
                (Segment("Dockers", marked=True), Segment(" left")),
            ),
            mark_count=3,
        )
    )
    numbers = [piece.mark for row in (page.title, *page.paragraphs) for piece in row]
    assert numbers == [1, None, None, 2, 3, None]
    assert "".join(piece.text for piece in page.paragraphs[1]) == "Dockers left"


@pytest.mark.parametrize(
    ("found_in", "states"), [("line 3", True), ("derived", False), ("first words", False)]
)
def test_a_title_that_the_file_does_not_state_is_known_as_such(
    *, found_in: str, states: bool
) -> None:
    article = dataclasses.replace(
        ARTICLE, provenance={"title": Provenance(found_in=found_in, confidence=0.2)}
    )
    page = lay_out(Reading(article=article, title=(), paragraphs=(), mark_count=0))
    assert page.states_title is states


def test_provenance_is_told_in_words() -> None:
    page = lay_out(Reading(article=ARTICLE, title=(), paragraphs=(), mark_count=0))
    told = {field: (o.found_in, o.certainty) for field, o in page.origins.items()}
    assert told == {
        "published": ("json-ld", "certain"),
        "author": ("byline", "likely"),
        "title": ("first line", "a guess"),
    }


# --- citations ------------------------------------------------------------------------------------


class NoIndex(Index):
    """Citing asks nothing of an index."""


@pytest.fixture
def site() -> Site:
    return Site(
        config=Config(),
        index=NoIndex(),  # type: ignore[abstract]
        address="https://news.example.org",
        edition="1",
        clock=lambda: datetime(2024, 5, 17, 12, tzinfo=UTC),
    )


def test_a_citation_in_words(site: Site) -> None:
    assert cite.plain(ARTICLE, site) == (
        "Ines Corrado. “Dockers & the $3 fare_rise.” Harbour Post, 12 February 2024. "
        "https://news.example.org/articles/00ff00ff00ff00ff (read 17 May 2024)."
    )


def test_bibtex_escapes_what_tex_would_run(site: Site) -> None:
    entry = cite.bibtex(ARTICLE, site)
    assert r"title = {Dockers \& the \$3 fare\_rise}" in entry
    assert "date = {2024-02-12}" in entry
    assert entry.count("{") == entry.count("}")


def test_ris_has_one_tag_a_line_whatever_the_title_holds(site: Site) -> None:
    hostile = dataclasses.replace(ARTICLE, title="Two\r\nER  - \r\nlines", author=None)
    lines = cite.ris(hostile, site).split("\r\n")
    assert lines[0] == "TY  - NEWS"
    assert "TI  - Two ER - lines" in lines
    assert [line for line in lines if line.startswith("ER")] == ["ER  - "]
    assert not any(line.startswith("AU") for line in lines)


@pytest.mark.parametrize(
    ("published", "parts"),
    [("2024", [2024]), ("2024-02", [2024, 2]), ("2024-02-12T08:00:00+01:00", [2024, 2, 12])],
)
def test_csl_states_a_date_in_its_own_precision(
    site: Site, published: str, parts: list[int]
) -> None:
    item = json.loads(cite.csl(dataclasses.replace(ARTICLE, published=published), site))[0]
    assert item["issued"] == {"date-parts": [parts]}


def test_an_undated_article_is_cited_without_a_date(site: Site) -> None:
    undated = dataclasses.replace(ARTICLE, published=None, source=None)
    assert "issued" not in json.loads(cite.csl(undated, site))[0]
    assert "year" not in cite.bibtex(undated, site)
    assert "undated" in cite.plain(undated, site)


def test_the_public_address_is_the_configured_one_or_where_it_listens() -> None:
    config = Config()
    web = config.web
    assert public_address(config) == "http://127.0.0.1:8000"
    six = dataclasses.replace(config, web=dataclasses.replace(web, host="::1"))
    assert public_address(six) == "http://[::1]:8000"
    named = dataclasses.replace(web, public_url="https://news.example.org/")
    assert public_address(dataclasses.replace(config, web=named)) == "https://news.example.org"


# --- cursors --------------------------------------------------------------------------------------


def test_a_cursor_leads_on_in_its_own_generation_and_search() -> None:
    first = results()
    token = cursor.following(first)
    assert token
    assert cursor.follow(token, first.query, generation="g1").page == 2
    with pytest.raises(cursor.StaleCursor, match="Begin again"):
        cursor.follow(token, first.query, generation="g2")
    other = dataclasses.replace(first.query, sort="newest")
    with pytest.raises(BadQuery, match="another search"):
        cursor.follow(token, other, generation="g1")


def test_the_last_page_has_no_cursor() -> None:
    assert cursor.following(results(Query(text="a", tree=Everything(), page=10))) is None


@settings(deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.hex()))
def test_a_made_up_cursor_is_refused(token: str) -> None:
    with pytest.raises(BadQuery) as refused:
        cursor.follow(token, results().query, generation="g1")
    assert refused.value.argument == "cursor"
