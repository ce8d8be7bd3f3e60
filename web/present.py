"""Results -> what the page shows: links, choices, chips. The JSON of the same is in search.answer.

Everything here is plain text; Jinja escapes it, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, get_args
from zoneinfo import ZoneInfo

from search.days import day_in_words
from search.model import Match, Query, Results, Sort
from web import days, params
from web.histogram import Histogram, draw
from web.links import Links

SHOWN_SOURCES = 8  # more are behind "more sources"
FEW_MORE = 3  # so few are shown at once: opening a list for one name is a wasted click
LISTED_SOURCES = 40  # the page stays light; `source:` and the API reach the others
UNDATED = "-after:1000"  # no article is older, so only those without a date are left
SIZES = (10, 20, 50, 100)
SORTS: dict[Sort, str] = {
    "relevance": "best first",
    "newest": "newest first",
    "oldest": "oldest first",
}
MATCHES: dict[Match, str] = {
    "auto": "all words, or any where few have all",
    "all": "all words",
    "any": "any word",
}
EVERYWHERE: dict[str, Any] = {"since": None, "until": None, "sources": (), "without_sources": ()}
"""The filters of a search in all articles, in which the parts of a query are counted."""


class Choice(NamedTuple):
    """One of several settings, and the search that has it."""

    label: str
    href: str
    chosen: bool = False


class SourceChoice(NamedTuple):
    """A source, how many matches it has, and the searches that take it in or leave it out."""

    name: str
    matches: int
    href: str
    exclude_href: str
    chosen: bool
    excluded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A query as the page shows it: its form, its links, what narrows it."""

    query: Query
    href: str
    beside_text: tuple[tuple[str, str], ...]
    """The arguments that the search form carries along: all but the words and the page."""
    beside_period: tuple[tuple[str, str], ...]
    """The same for the form with the period."""
    chips: tuple[Choice, ...]
    """What narrows the search; each link takes it off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything around the hits."""

    state: State
    results: Results
    first: int
    """The number of the first hit on this page, from 1."""
    last: int
    sorts: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    matches: tuple[Choice, ...]
    sources: tuple[SourceChoice, ...]
    more_sources: tuple[SourceChoice, ...]
    unlisted_sources: int
    histogram: Histogram | None
    undated_href: str
    reader_arguments: str
    """What the reader's addresses carry: the words to mark, and the way back."""
    previous: str | None
    next: str | None
    clauses: tuple[Choice, ...]
    suggestion: Choice | None
    """The words with their spelling repaired."""
    nearest: Choice | None
    """Nothing was found: the search that asks a little less and finds something."""
    exports: tuple[Choice, ...]


def state(query: Query, *, size: int) -> State:
    """A query with its forms and chips."""
    return _state(query, Links(query, size=size))


def _state(query: Query, links: Links) -> State:
    pairs = params.arguments(query, size=links.size)
    return State(
        query=query,
        href=links.to(page=query.page),
        beside_text=tuple(pair for pair in pairs if pair[0] not in {"q", "page"}),
        beside_period=tuple(pair for pair in pairs if pair[0] not in {"since", "until", "page"}),
        chips=_chips(query, links),
    )


def page(results: Results, *, size: int) -> Page:
    """The page of an answer; `size` is the one that an address need not state."""
    query = results.query
    links = Links(query, size=size)
    first = (query.page - 1) * query.size + 1
    names = _source_names(results)
    sources = _sources(results, names[:LISTED_SOURCES], links)
    shown = SHOWN_SOURCES if len(names) > SHOWN_SOURCES + FEW_MORE else len(names)
    period = days.spoken_span(query.since, query.until) if query.since and query.until else ""
    return Page(
        state=_state(query, links),
        results=results,
        first=first,
        last=first + len(results.hits) - 1,
        sorts=tuple(
            Choice(label, links.to(sort=sort), query.sort == sort) for sort, label in SORTS.items()
        ),
        sizes=tuple(Choice(str(n), links.to(size=n), query.size == n) for n in SIZES),
        matches=tuple(
            Choice(MATCHES[match], links.to(match=match), query.match == match)
            for match in get_args(Match)
        ),
        sources=sources[:shown],
        more_sources=sources[shown:],
        unlisted_sources=len(names) - len(sources),
        histogram=draw(results.published, links.changing("since", "until"), chosen=period),
        undated_href=links.to(text=f"{query.text} {UNDATED}".strip(), since=None, until=None),
        reader_arguments=links.to(path="", page=query.page),
        previous=links.to(page=min(query.page - 1, results.page_count)) if query.page > 1 else None,
        next=links.to(page=query.page + 1) if query.page < results.page_count else None,
        clauses=tuple(
            Choice(f"{clause.text} {clause.count:,}", links.to(text=clause.text, **EVERYWHERE))
            for clause in results.clauses
        ),
        suggestion=_search(results.suggestion, links),
        nearest=_search(results.nearest, links),
        exports=_exports(results, links),
    )


def when(published: str | None, timezone: ZoneInfo) -> str:
    """A hit's date."""
    return days.spoken(published, timezone)


def _search(text: str | None, links: Links) -> Choice | None:
    return Choice(text, links.to(text=text)) if text else None


def _chips(query: Query, links: Links) -> tuple[Choice, ...]:
    chips = [
        Choice(name, links.to(sources=tuple(s for s in query.sources if s != name)))
        for name in query.sources
    ]
    chips += [
        Choice(
            f"not {name}",
            links.to(without_sources=tuple(s for s in query.without_sources if s != name)),
        )
        for name in query.without_sources
    ]
    if query.since or query.until:
        chips.append(Choice(_period(query.since, query.until), links.to(since=None, until=None)))
    if query.match != "auto":
        chips.append(Choice(MATCHES[query.match], links.to(match="auto")))
    return tuple(chips)


def _period(since: date | None, until: date | None) -> str:
    if since and until:
        return days.spoken_span(since, until)
    if since:
        return f"since {day_in_words(since)}"
    assert until is not None  # noqa: S101 - the caller has one of the two
    return f"until {day_in_words(until)}"


def _source_names(results: Results) -> list[str]:
    """The chosen and excluded ones first, also where they have no match; then the largest."""
    touched = [*results.query.sources, *results.query.without_sources]
    return list(dict.fromkeys([*touched, *(facet.value for facet in results.sources)]))


def _sources(results: Results, names: Sequence[str], links: Links) -> tuple[SourceChoice, ...]:
    query = results.query
    taken, left_out = query.sources, query.without_sources
    counts = dict(results.sources)
    link = links.changing("sources", "without_sources")
    return tuple(
        [
            SourceChoice(
                name=name,
                matches=counts.get(name, 0),
                href=link(_toggled(taken, name), _without(left_out, name)),
                exclude_href=link(_without(taken, name), _toggled(left_out, name)),
                chosen=name in taken,
                excluded=name in left_out,
            )
            for name in names
        ]
    )


def _toggled(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return _without(names, name) if name in names else (*names, name)


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return names if name not in names else tuple(n for n in names if n != name)


def _exports(results: Results, links: Links) -> tuple[Choice, ...]:
    query = results.query
    # Where `auto` has come to mean any of the words, a file of it would still hold those with all.
    match = "any" if results.match == "any" else query.match

    def api(form: str) -> str:
        return links.to("/api/v1/search", beside=f"format={form}", page=query.page, match=match)

    return (
        Choice("CSV", api("spreadsheet")),
        Choice("NDJSON", api("ndjson")),
        Choice("JSON", api("json")),
        Choice("Atom", links.to("/feed.atom")),
        Choice("JSON Feed", links.to("/feed.json")),
    )
