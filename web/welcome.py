"""The start page: what the index holds, its newest articles, and searches to try on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from search.engine import Reader
from search.model import Everything, Hit, Query, Status
from search.query import parse
from web import examples
from web.params import address

SHOWN = 6
READ_TITLES = 60  # the newest titles, from which the examples are made
MAX_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Example:
    """A search that finds something in this index, and what it shows."""

    text: str
    href: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What the start page says."""

    status: Status
    newest: tuple[Hit, ...]
    examples: tuple[Example, ...]
    syntax: tuple[tuple[str, str], ...]
    """Searches that show the query language on this index, and what each finds."""


@lru_cache(maxsize=1)  # one Reader is held at most, and its files with it
def welcome(reader: Reader, today: date) -> Welcome:
    """The start page of a generation; made once."""
    everything = Query(text="", tree=Everything(), sort="newest", size=READ_TITLES)
    newest = reader.search(everything).hits
    return Welcome(
        status=reader.status(),
        newest=newest[:SHOWN],
        examples=_examples(reader, newest, today),
        syntax=tuple(examples.syntax(examples.words_of(newest), today)),
    )


def _examples(reader: Reader, hits: Sequence[Hit], today: date) -> tuple[Example, ...]:
    """One search of each kind that finds something, from the index's own titles and sources."""
    found = []
    for candidates in examples.kinds(examples.words_of(hits)):
        for text, shows in candidates:
            query = Query(text=text, tree=parse(text, today=today).tree, match="all", size=1)
            if reader.search(query).total:
                found.append(Example(text, address("/", [("q", text)]), shows))
                break
    return tuple(found[:MAX_EXAMPLES])
