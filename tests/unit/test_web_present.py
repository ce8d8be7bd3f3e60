"""What the page shows of an answer: links, chips, pages, forms."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from sample_site import results

from search.model import Clause, Everything, FacetValue, Query
from web import present


def asked(href: str | None) -> dict[str, list[str]]:
    assert href is not None
    return parse_qs(urlsplit(href).query)


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
    query = Query(text="x", tree=Everything(), sources=("Post",), until=date(2016, 11, 30))
    page = present.page(
        results(query, clauses=(Clause('"port strike"', 1200),), suggestion="strikes"), size=10
    )
    assert page.clauses[0].label == '"port strike" 1,200'
    assert asked(page.clauses[0].href) == {"q": ['"port strike"']}
    assert page.suggestion
    assert asked(page.suggestion.href) == {
        "q": ["strikes"],
        "until": ["2016-11-30"],
        "source": ["Post"],
    }
