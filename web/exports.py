"""Hits as flat rows; every match of a search as CSV or NDJSON, streamed row by row."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from flask import Response

from search.engine import Reader
from search.model import Hit, Query
from search.tables import csv_lines

COLUMNS = ("id", "title", "source", "published", "author", "language", "path", "url", "score")
CSV = "text/csv"
SPREADSHEET = "text/csv; charset=utf-8; header=present"  # with a mark that says UTF-8 to Excel
NDJSON = "application/x-ndjson"
ROWS_A_CHUNK = 200  # fewer, larger writes: a chunk is some 40 kB


def row(hit: Hit) -> dict[str, object]:
    """A hit as a flat row."""
    return {
        "id": hit.id,
        "title": hit.title_text,
        "source": hit.source,
        "published": hit.published,
        "author": hit.author,
        "language": hit.language,
        "path": hit.path,
        "url": hit.url,
        "score": round(hit.score, 4),
    }


def passage(hit: Hit) -> str:
    """A hit's excerpts as plain text, on one line."""
    return " … ".join("".join(segment.text for segment in excerpt) for excerpt in hit.excerpts)


def json_lines(rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """One JSON object a line, exact."""
    for cells in rows:
        yield json.dumps(cells, ensure_ascii=False) + "\n"


FORMS: Mapping[str, Callable[[Iterable[Mapping[str, object]]], Iterator[str]]] = {
    CSV: lambda rows: csv_lines(rows, COLUMNS),
    SPREADSHEET: lambda rows: itertools.chain(["\ufeff"], csv_lines(rows, COLUMNS)),
    NDJSON: json_lines,
}


def stream(reader: Reader, query: Query, media_type: str) -> Response:
    """All matches. What can go wrong goes wrong before the first byte, as a problem."""
    lines = FORMS[media_type](row(hit) for hit in reader.every(query))
    first = list(itertools.islice(lines, ROWS_A_CHUNK))
    whole = media_type if media_type == SPREADSHEET else f"{media_type}; charset=utf-8"
    response = Response(_chunks(first, lines), content_type=whole)
    ending = "ndjson" if media_type == NDJSON else "csv"
    response.headers["Content-Disposition"] = f'attachment; filename="search.{ending}"'
    response.headers["Dateline-Generation"] = reader.generation
    return response


def _chunks(first: list[str], rest: Iterator[str]) -> Iterator[str]:
    yield "".join(first)
    while chunk := list(itertools.islice(rest, ROWS_A_CHUNK)):
        yield "".join(chunk)
