"""Results -> text for a terminal. Bold marks where they can be seen, none in a pipe."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from datetime import date

from search.days import day_in_words
from search.model import Hit, QueryWarning, Results, Snippet

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
# While lines are wrapped, private characters stand for the two; articles cannot hold them.
BEGIN, END = "\ue000", "\ue001"
# What could move the cursor, recolour the terminal or turn the writing round.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ue000\ue001]+")
MAX_WIDTH = 100  # characters: longer lines are hard to read
MIN_WIDTH = 40
INDENT = "    "


def answer(results: Results, *, bold: bool, width: int) -> Iterator[str]:
    """The lines of an answer."""
    columns = max(MIN_WIDTH, min(width, MAX_WIDTH))
    yield from _wrapped(f"{_counted(results)}: {results.read_as}", columns, "", bold=bold)
    first = (results.query.page - 1) * results.query.size + 1
    for number, hit in enumerate(results.hits, start=first):
        yield ""
        yield from _hit(hit, number, columns, bold=bold)
    if results.suggestion:
        yield ""
        yield f"Did you mean: {printable(results.suggestion)}"
    elif results.nearest:
        yield ""
        yield f"Nearest that finds something: {printable(results.nearest)}"
    if not results.total:
        for clause in results.clauses:
            yield f"{INDENT}{clause.count:,} with {printable(clause.text)}"


def warning(each: QueryWarning, text: str) -> Iterator[str]:
    """A warning; under it the query with a mark where it is about one place of a short one."""
    yield f"warning: {each.message}"
    shown = UNPRINTABLE.sub(" ", text)
    if each.position is not None and len(shown) == len(text) <= MIN_WIDTH * 2:
        yield f"{INDENT}{shown}"
        yield f"{INDENT}{' ' * each.position}^"


def printable(text: str) -> str:
    """Text from outside, made harmless for a terminal."""
    return UNPRINTABLE.sub(" ", text)


def _counted(results: Results) -> str:
    total, pages = results.total, results.page_count
    found = "1 article" if total == 1 else f"{total:,} articles" if total else "nothing found"
    return f"{found}, page {results.query.page:,} of {pages:,}" if pages > 1 else found


def _hit(hit: Hit, number: int, columns: int, *, bold: bool) -> Iterator[str]:
    title = "".join(printable(segment.text) for segment in hit.title).strip() or "(no title)"
    head = f"{number:>3} "
    yield from _wrapped(f"{head}{BEGIN}{title}{END}", columns, INDENT, bold=bold)
    facts = [hit.source, _date(hit.published), hit.author, hit.path]
    yield INDENT + " · ".join(printable(fact) for fact in facts if fact)
    for excerpt in hit.excerpts:
        yield from _wrapped(INDENT + _marked(excerpt), columns, INDENT, bold=bold)


def _marked(excerpt: Snippet) -> str:
    pieces = []
    for segment in excerpt:
        text = printable(segment.text)
        pieces.append(f"{BEGIN}{text}{END}" if segment.marked else text)
    return "".join(pieces)


def _date(published: str | None) -> str | None:
    """In words where a whole day is stated, else as it is stated."""
    if published is None:
        return "undated"
    try:
        return day_in_words(date.fromisoformat(published[:10]))
    except ValueError:  # only a year or a month is stated
        return published


def _wrapped(text: str, columns: int, indent: str, *, bold: bool) -> Iterator[str]:
    for line in textwrap.wrap(text, columns, subsequent_indent=indent, break_on_hyphens=False):
        yield line.replace(BEGIN, BOLD if bold else "").replace(END, PLAIN if bold else "")
