"""URL arguments and queries: what is read, what is refused, and that the way back is the same."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from search.errors import BadQuery
from search.model import Query
from search.query import parse
from web import params

TODAY = date(2024, 5, 17)
NAMES = st.lists(st.text(min_size=1).filter(str.strip), unique=True, max_size=3).map(tuple)
DAYS = st.none() | st.dates(min_value=date(1000, 1, 1))


def read(arguments: list[tuple[str, str]], *, size: int = 10, max_size: int = 1000) -> Query:
    return params.query(MultiDict(arguments), today=TODAY, size=size, max_size=max_size)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    text = draw(st.text(max_size=60))
    parsed = parse(text, today=TODAY)
    since, until = draw(DAYS), draw(DAYS)
    if since and until and since > until:
        since, until = until, since
    return Query(
        text=text,
        tree=parsed.tree,
        warnings=parsed.warnings,
        match=draw(st.sampled_from(("auto", "all", "any"))),
        sort=draw(st.sampled_from(("relevance", "newest", "oldest"))),
        sources=draw(NAMES),
        without_sources=draw(NAMES),
        since=since,
        until=until,
        page=draw(st.integers(1, params.MAX_PAGE)),
        size=draw(st.integers(1, params.API_MAX_SIZE)),
    )


@given(queries(), st.sampled_from((10, 25)))
def test_the_arguments_of_a_query_give_that_query_again(query: Query, size: int) -> None:
    assert read(params.arguments(query, size=size), size=size) == query


def test_what_goes_without_saying_is_not_said() -> None:
    assert params.arguments(read([]), size=10) == []
    assert params.address("/", []) == "/"


def test_every_argument_is_read() -> None:
    query = read(
        [
            ("q", "harbour strike"),
            ("page", "3"),
            ("size", "20"),
            ("sort", "newest"),
            ("source", "Post"),
            ("source", "Sun"),
            ("without_source", "Wire"),
            ("since", "2016-11"),
            ("until", "2016-11"),
            ("match", "any"),
            ("group", "none"),
        ]
    )
    assert (query.text, query.page, query.size) == ("harbour strike", 3, 20)
    assert (query.sort, query.match) == ("newest", "any")
    assert (query.sources, query.without_sources) == (("Post", "Sun"), ("Wire",))
    assert (query.since, query.until) == (date(2016, 11, 1), date(2016, 11, 30))
    assert query.warnings == ()


@pytest.mark.parametrize(
    ("value", "since", "until"),
    [
        ("2016", date(2016, 1, 1), date(2016, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2016-02-29", date(2016, 2, 29), date(2016, 2, 29)),
        ("today", TODAY, TODAY),
        ("7d", date(2024, 5, 10), date(2024, 5, 10)),
    ],
)
def test_a_period_may_end_with_a_year_a_month_or_a_day(
    value: str, since: date, until: date
) -> None:
    query = read([("since", value), ("until", value)])
    assert (query.since, query.until) == (since, until)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "1.5"),
        ("page", "١"),  # a digit to str.isdigit, no number that we promised
        ("page", "9" * 40),
        ("size", "1001"),
        ("size", "ten"),
        ("sort", "loudest"),
        ("match", "ALL"),
        ("since", "someday"),
        ("since", "2016-13"),
        ("until", "2016-02-30"),
        ("until", "0000"),
    ],
)
def test_an_unreadable_value_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(BadQuery, match=f"^{name} = ") as refused:
        read([(name, value)])
    assert refused.value.argument == name
    assert "want" in str(refused.value)


@pytest.mark.parametrize("name", ["page", "size", "sort", "match", "since", "until", "source"])
def test_an_empty_field_of_a_form_is_no_value(name: str) -> None:
    assert read([(name, " ")]) == read([])


def test_an_unknown_argument_is_a_warning_that_names_it() -> None:
    query = read([("q", "strike"), ("colour", "red")])
    assert len(query.warnings) == 1
    assert '"colour"' in query.warnings[0].message
    assert "without_source" in query.warnings[0].message


def test_an_argument_given_twice_counts_once_and_says_so() -> None:
    query = read([("page", "2"), ("page", "3"), ("source", "a"), ("source", "a")])
    assert query.page == 2
    assert query.sources == ("a",)
    assert ['"page" was given 2 times' in warning.message for warning in query.warnings] == [True]


def test_grouping_by_story_is_not_known_and_a_warning() -> None:
    assert ["story" in warning.message for warning in read([("group", "story")]).warnings] == [True]


def test_a_period_that_ends_before_it_begins_is_a_warning() -> None:
    query = read([("since", "2017"), ("until", "2016")])
    assert ["before it begins" in warning.message for warning in query.warnings] == [True]


def test_the_words_of_a_query_keep_their_warnings() -> None:
    assert read([("q", "(strike")]).warnings == parse("(strike", today=TODAY).warnings != ()


@pytest.mark.parametrize(
    ("arguments", "blank"),
    [
        ([], True),
        ([("q", "  ")], True),
        ([("colour", "red")], True),
        ([("size", "20")], True),
        ([("q", "a")], False),
        ([("source", "Post")], False),
        ([("sort", "newest")], False),
        ([("page", "2")], False),
        ([("since", "2016")], False),
    ],
)
def test_the_start_page_is_for_those_who_ask_nothing(
    arguments: list[tuple[str, str]], *, blank: bool
) -> None:
    assert params.is_blank(read(arguments)) is blank


def test_addresses_escape_what_they_carry() -> None:
    assert params.address("/", [("q", 'a&b="ü"')]) == "/?q=a%26b%3D%22%C3%BC%22"
