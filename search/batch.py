"""Many queries one after the other: counts, first and last date, the best passage.

What found nothing is there as well, with the nearest spelling that finds something.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from search.engine import Reader
from search.errors import OverBudget
from search.model import Query, Results, Sort
from search.query import parse

HEADERS = frozenset({"q", "query"})
COLUMNS = (
    *("query", "total", "first_published", "last_published"),
    *("best_title", "best_source", "best_path", "best_passage"),
    *("suggestion", "read_as", "error"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one query of a batch found. `error` says why it has no answer; then `total` is None."""

    query: str
    total: int | None = None
    first_published: str | None = None
    last_published: str | None = None
    best_title: str | None = None
    best_source: str | None = None
    best_path: str | None = None
    best_passage: str | None = None
    suggestion: str | None = None
    """Of a query that found nothing: the nearest spelling that finds something."""
    read_as: str | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The row as a JSON object, its keys in the order of COLUMNS."""
        return {name: getattr(self, name) for name in COLUMNS}


def queries_of(lines: Sequence[str]) -> list[str]:
    """The queries of a text: one a line, or the column `q` (or `query`) of a CSV that has one.

    Without such a header a line is a query as it stands, so that quotation marks need no doubling.
    """
    header = next(csv.reader(lines[:1]), [])
    for column, name in enumerate(header):
        if name.strip().lower() in HEADERS:
            rows = csv.reader(lines[1:])
            return [
                row[column].strip() for row in rows if len(row) > column and row[column].strip()
            ]
    return [line.strip() for line in lines if line.strip()]


def run(reader: Reader, texts: Iterable[str], *, asked: Query, today: date) -> Iterator[Row]:
    """One row for each query. `asked` holds what is the same for all: match, sources, days.

    Without a stated match all words must be there: a count has to mean the same for every query.
    """
    if asked.match == "auto":
        asked = replace(asked, match="all")
    for text in texts:
        parsed = parse(text, today=today)
        query = replace(
            asked, text=text, tree=parsed.tree, warnings=parsed.warnings, page=1, size=1
        )
        try:
            yield _row(reader, query)
        except OverBudget as error:
            yield Row(query=text, error=str(error))


def _row(reader: Reader, query: Query) -> Row:
    best = reader.search(query)
    if not best.hits:
        return Row(
            query=query.text,
            total=0,
            suggestion=best.suggestion or best.nearest,
            read_as=best.read_as,
        )
    hit = best.hits[0]
    first_published, last_published = ends(reader, best)
    return Row(
        query=query.text,
        total=best.total,
        first_published=first_published,
        last_published=last_published,
        best_title=hit.title_text,
        best_source=hit.source,
        best_path=hit.path,
        best_passage="".join(segment.text for segment in hit.excerpts[0]) if hit.excerpts else None,
        suggestion=best.suggestion,
        read_as=best.read_as,
    )


def ends(reader: Reader, found: Results) -> tuple[str | None, str | None]:
    """The dates of the oldest and of the newest match; None if none is dated."""
    if not any(bucket.first for bucket in found.published):
        return None, None

    def end(sort: Sort) -> str | None:  # the undated stand last whichever way
        return reader.search(replace(found.query, sort=sort)).hits[0].published

    return end("oldest"), end("newest")
