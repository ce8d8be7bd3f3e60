"""Nothing was found: the nearest searches that do find something, each one tried."""

from __future__ import annotations

import dataclasses
import re
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
FEWEST_LETTERS = 6  # of a word whose beginning still says something
PREVIEWED = 5  # hits of the nearest search: enough to see whether it is what was meant


@dataclass(frozen=True, slots=True)
class WayOut:
    """A search that finds something, and how it differs from the one that did not."""

    label: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class WaysOut:
    """What a page offers under a search that found nothing."""

    instead: Results | None = None
    """The first hits of what comes nearest to it."""
    ways: tuple[WayOut, ...] = ()
    """Its variants that have a match, the closest ones first."""
    beginning: str | None = None
    """A word's beginning with a star, to be tried where a spelling or an ending may be to blame."""
    is_whole: bool = True
    """Whether everything was tried; where time was short, another time may find more."""


def ways_out(reader: Reader, results: Results, *, today: date, size: int) -> WaysOut:
    """Everything to be offered under these results: nothing where they have a match."""
    if results.total:
        return WaysOut()
    if results.took_ms > PATIENCE_MS:
        return WaysOut(is_whole=False)
    trials = _Trials(reader)
    return WaysOut(
        instead=_instead(trials, results, today),
        ways=tuple(_ways(trials, results, size)),
        beginning=_beginning(results.query.text),
        is_whole=trials.is_whole,
    )


class _Trials:
    """Searches for the sake of a page that is answered without those that take too long."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.is_whole = True

    def found(self, query: Query) -> Results | None:
        """The results, if there is a match."""
        try:
            results = self._reader.search(query)
        except OverBudget:
            self.is_whole = False
            return None
        return results if results.total else None


def _instead(trials: _Trials, results: Results, today: date) -> Results | None:
    nearest = results.suggestion or results.nearest
    if nearest is None:
        return None
    tree = parse(nearest, today=today).tree
    return trials.found(
        dataclasses.replace(
            results.query, text=nearest, tree=tree, page=1, size=PREVIEWED, warnings=()
        )
    )


def _beginning(text: str) -> str | None:
    """The first letters of the longest word that was typed."""
    longest = max(re.findall(r"[^\W\d_]+", text), key=len, default="")
    return f"{longest[: len(longest) * 2 // 3]}*" if len(longest) >= FEWEST_LETTERS else None


def _ways(trials: _Trials, results: Results, size: int) -> Iterator[WayOut]:
    links = Links(results.query, size=size)
    for label, changes in _variants(results.query):
        found = trials.found(dataclasses.replace(results.query, page=1, size=1, **changes))
        if found:
            yield WayOut(label, links.to(**changes), found.total)


def _variants(query: Query) -> Iterator[tuple[str, dict[str, Any]]]:
    if query.since or query.until:
        yield "at any time", {"since": None, "until": None}
    if query.sources or query.without_sources:
        yield "in all sources", {"sources": (), "without_sources": ()}
    if query.match == "all" or query.sort != "relevance":
        yield "with any of the words, best first", {"match": "any", "sort": "relevance"}
