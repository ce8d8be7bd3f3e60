"""URL arguments <-> Query, both ways. The table of arguments is here, for the code and for readers.

What a person may type into the search box never fails. An argument that is not known becomes a
warning; a known one whose value cannot be read raises BadQuery, which names it.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast, get_args
from urllib.parse import quote, urlencode

from werkzeug.datastructures import MultiDict

from search.days import Period, read_period
from search.errors import BadQuery
from search.model import Match, Query, QueryWarning, Sort
from search.query import parse

NAMED = 5  # arguments that are not known are named, of more the first ones
MAX_PAGE = 1_000_000  # ten million hits at ten a page; beyond it an address is a slip of the hand
PAGE_MAX_SIZE = 100  # hits on a page for people; keeps its weight bounded
API_MAX_SIZE = 1_000  # hits in one JSON answer; all of them come as CSV or NDJSON


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of every search: its name, what its values are, and what it does."""

    name: str
    values: str
    meaning: str
    repeatable: bool = False


ARGUMENTS = (
    Argument("q", "words", "what to look for, in the query language"),
    Argument("page", f"1 to {MAX_PAGE}", "which page of the answer"),
    Argument("size", f"1 to {PAGE_MAX_SIZE}, in the API to {API_MAX_SIZE}", "hits on a page"),
    Argument("sort", "relevance, newest, oldest", "the order of the hits"),
    Argument("source", "a name", "only articles of this source", repeatable=True),
    Argument("without_source", "a name", "no articles of this source", repeatable=True),
    Argument("since", "2016, 2016-11, 2016-11-25 or 7d", "published on its first day or later"),
    Argument("until", "2016, 2016-11, 2016-11-25 or 7d", "published on its last day or earlier"),
    Argument("match", "auto, all, any", "whether plain words must all be there"),
    Argument("group", "none", "how hits are grouped: each article stands for itself"),
)
NAMES = tuple(argument.name for argument in ARGUMENTS)
REPEATABLE = frozenset(argument.name for argument in ARGUMENTS if argument.repeatable)
MATCHES: tuple[str, ...] = get_args(Match)
SORTS: tuple[str, ...] = get_args(Sort)


def query(  # noqa: PLR0913 - the defaults differ between page, API and feed
    arguments: MultiDict[str, str],
    *,
    today: date,
    size: int,
    max_size: int,
    sort: Sort = "relevance",
    beside: Iterable[str] = (),
) -> Query:
    """The Query that the arguments ask for; `size` and `sort` are what it is without them.

    `beside` names further arguments that the caller reads itself.
    """
    given = _first_of_each(arguments)
    text = arguments.get("q", "")
    parsed = parse(text, today=today)
    begin = _period(given, "since", today=today)
    end = _period(given, "until", today=today)
    since = begin.first if begin else None
    until = end.last if end else None
    warnings = [*parsed.warnings, *_warnings(arguments, (*NAMES, *beside))]
    if given.get("group", "none") != "none":
        warnings.append(QueryWarning(f'group "{given["group"]}" is not known and was ignored'))
    if since and until and since > until:
        warnings.append(QueryWarning(f"the period ends ({until}) before it begins ({since})"))
    return Query(
        text=text,
        tree=parsed.tree,
        match=cast("Match", _choice(given, "match", MATCHES, "auto")),
        sort=cast("Sort", _choice(given, "sort", SORTS, sort)),
        sources=_names(arguments.getlist("source")),
        without_sources=_names(arguments.getlist("without_source")),
        since=since,
        until=until,
        page=_number(given, "page", default=1, high=MAX_PAGE),
        size=_number(given, "size", default=size, high=max_size),
        warnings=tuple(warnings),
    )


FIELDS = (
    *("text", "sources", "without_sources", "since", "until", "sort", "match", "size", "page"),
)
"""The fields of a Query that an address states, in the order in which it does."""


def arguments(query: Query, *, size: int, sort: Sort = "relevance") -> list[tuple[str, str]]:
    """The arguments that give this Query again; what they are without saying is left out."""
    return [
        pair
        for field in FIELDS
        for pair in arguments_of(field, getattr(query, field), size=size, sort=sort)
    ]


def arguments_of(
    field: str, value: Any, *, size: int, sort: Sort = "relevance"
) -> list[tuple[str, str]]:
    """The arguments that give one field of a Query this value."""
    match field:
        case "text":
            return [("q", value)] if value else []
        case "sources":
            return [("source", name) for name in value]
        case "without_sources":
            return [("without_source", name) for name in value]
        case "since" | "until":
            return [(field, value.isoformat())] if value else []
        case _:
            default = {"sort": sort, "match": "auto", "size": size, "page": 1}[field]
            return [(field, str(value))] if value != default else []


def address(path: str, pairs: Sequence[tuple[str, str]]) -> str:
    """A link within the site: never with a host."""
    return f"{quote(path)}?{encoded(pairs)}" if pairs else quote(path)


def encoded(pairs: Sequence[tuple[str, str]]) -> str:
    """Arguments as they stand in an address, behind the question mark."""
    return urlencode(pairs, errors="replace")


def is_blank(query: Query) -> bool:
    """Whether nothing is asked for at all: the start page."""
    asked = dataclasses.replace(query, text=query.text.strip())
    return not arguments(asked, size=query.size)


def _first_of_each(arguments: MultiDict[str, str]) -> dict[str, str]:
    """Each argument's first value; a form sends empty ones for what was not filled in."""
    return {name: value.strip() for name, value in arguments.items() if value.strip()}


def _warnings(arguments: MultiDict[str, str], known: Sequence[str]) -> list[QueryWarning]:
    warnings = []
    unknown = [f'"{name[:40]}"' for name in arguments if name not in known]
    if unknown:
        named = ", ".join(unknown[:NAMED]) + (" and others" if unknown[NAMED:] else "")
        what, were = ("argument", "is not known and was")
        if len(unknown) > 1:
            what, were = ("arguments", "are not known and were")
        known_are = f"known are {', '.join(known)}"
        warnings.append(QueryWarning(f"the {what} {named} {were} ignored; {known_are}"))
    for name, values in arguments.lists():
        if name in known and len(values) > 1 and name not in REPEATABLE:
            warnings.append(
                QueryWarning(f'"{name}" was given {len(values)} times; the first counts')
            )
    return warnings


def _names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([value for value in values if value.strip()]))


def _choice(given: dict[str, str], name: str, choices: Sequence[str], default: str) -> str:
    value = given.get(name, default)
    if value not in choices:
        raise _refusal(name, value, f"one of {', '.join(choices)}")
    return value


def _number(given: dict[str, str], name: str, *, default: int, high: int) -> int:
    value = given.get(name)
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not 1 <= int(value) <= high:
        raise _refusal(name, value, f"a whole number from 1 to {high}")
    return int(value)


def _period(given: dict[str, str], name: str, *, today: date) -> Period | None:
    """The days that an end of the period names; None if it is not given."""
    value = given.get(name)
    if value is None:
        return None
    period = read_period(value, today=today)
    if period is None:
        wanted = "a day, a month or a year, like 2016-11-25, 2016-11 or 2016, or 7d for a week back"
        raise _refusal(name, value, wanted)
    return period


def _refusal(name: str, value: str, wanted: str) -> BadQuery:
    shown = value if len(value) <= 40 else f"{value[:40]}…"
    return BadQuery(f'{name} = "{shown}": want {wanted}', argument=name)
