"""Nothing was found: the nearest searches that do find something, each one tried."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from search.engine import Reader
from search.errors import OverBudget
from search.model import Query, Results
from search.query import parse
from web.links import Links

PATIENCE_MS = 500  # a search that took longer is not repeated in variants: each may take as long
PREVIEWED = 5  # hits of the nearest search: enough to see whether it is what was meant


@dataclass(frozen=True, slots=True)
class WayOut:
    """A search that finds something, and how it differs from the one that did not."""

    label: str
    href: str
    count: int


def ways_out(reader: Reader, results: Results, *, size: int) -> tuple[WayOut, ...]:
    """Variants of a search with no match that have one, the closest ones first."""
    if results.took_ms > PATIENCE_MS:
        return ()
    links = Links(results.query, size=size)
    found = []
    for label, changes in _variants(results.query):
        tried = dataclasses.replace(results.query, page=1, size=1, **changes)
        try:
            count = reader.search(tried).total
        except OverBudget:
            continue  # this page is answered without it
        if count:
            found.append(WayOut(label, links.to(**changes), count))
    return tuple(found)


def instead(reader: Reader, results: Results, *, today: date) -> Results | None:
    """The first hits of what comes nearest to a search with no match; they are shown under it."""
    nearest = results.suggestion or results.nearest
    if results.total or nearest is None or results.took_ms > PATIENCE_MS:
        return None
    tree = parse(nearest, today=today).tree
    query = dataclasses.replace(
        results.query, text=nearest, tree=tree, page=1, size=PREVIEWED, warnings=()
    )
    try:
        found = reader.search(query)
    except OverBudget:
        return None
    return found if found.total else None


def _variants(query: Query) -> Iterator[tuple[str, dict[str, Any]]]:
    if query.since or query.until:
        yield "at any time", {"since": None, "until": None}
    if query.sources or query.without_sources:
        yield "in all sources", {"sources": (), "without_sources": ()}
    if query.match == "all" or query.sort != "relevance":
        yield "with any of the words, best first", {"match": "any", "sort": "relevance"}
