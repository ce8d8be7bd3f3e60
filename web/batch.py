"""Many searches in one request: counts, first and last date, the best passage, what found nothing."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import time
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnprocessableEntity, UnsupportedMediaType

from search.batch import ends
from search.engine import Reader
from search.errors import BadQuery, OverBudget
from search.model import Query
from search.tables import csv_lines
from web import exports, metrics, params
from web.site import Site, site

MAX_QUERIES = 200
MAX_SECONDS = 20.0  # then the remaining queries are answered with an error that says so
COLUMNS = (
    "q", "total", "first_published", "last_published",
    "best_id", "best_title", "best_source", "best_passage", "suggestion", "error",
)  # fmt: skip

batch = Blueprint("batch", __name__)


@batch.post("/v1/batch")
def run() -> Response:
    """A JSON list of queries (or a CSV with a column `q`) in; JSON (or CSV) out."""
    here = site()
    reader = here.index.reader()
    end = time.monotonic() + MAX_SECONDS
    rows = [_answer(here, reader, asked, end=end) for asked in _read()]
    best = request.accept_mimetypes.best_match(["application/json", exports.CSV])
    if best == exports.CSV:
        lines = csv_lines((_flat(row) for row in rows), COLUMNS)
        return Response("".join(lines), content_type=f"{exports.CSV}; charset=utf-8")
    return jsonify(
        generation=reader.generation,
        queries=rows,
        found_nothing=[row["q"] for row in rows if row["total"] == 0],
    )


def _read() -> list[MultiDict[str, str]]:
    """The queries of the request's body, as the arguments that each would be in an address."""
    if request.mimetype == exports.CSV:
        queries = _read_csv(request.get_data())
    elif request.mimetype == "application/json":
        queries = _read_json(_body())
    else:
        raise UnsupportedMediaType("Send application/json (a list of queries) or text/csv.")
    if not 1 <= len(queries) <= MAX_QUERIES:
        raise UnprocessableEntity(f"{len(queries)} queries: want 1 to {MAX_QUERIES} at a time.")
    return queries


def _body() -> object:
    try:
        return json.loads(request.get_data())
    except ValueError as error:  # no JSON, or no text at all
        raise BadRequest(f"The body is not valid JSON: {error}.") from None
    except RecursionError:
        raise UnprocessableEntity("The body is nested too deeply.") from None


def _read_json(body: object) -> list[MultiDict[str, str]]:
    if not isinstance(body, list):
        raise UnprocessableEntity('The body must be a list, like ["aleppo", {"q": "idlib"}].')
    return [_arguments(item, number) for number, item in enumerate(body, start=1)]


def _arguments(item: object, number: int) -> MultiDict[str, str]:
    if isinstance(item, str):
        return MultiDict({"q": _whole(item)})
    if not isinstance(item, dict) or not isinstance(item.get("q"), str):
        raise UnprocessableEntity(f'Query {number}: want a text, or an object with a text "q".')
    arguments: MultiDict[str, str] = MultiDict()
    for name, value in item.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        texts = [_text(part) for part in values]
        if name not in params.NAMES:
            arguments[_whole(name)] = ""  # whatever it is, it becomes a warning
        elif None in texts:
            raise UnprocessableEntity(f'Query {number}: "{name}" must be a text.')
        elif texts:
            arguments.setlist(name, [text for text in texts if text is not None])
    return arguments


def _text(value: object) -> str | None:
    """The value as it would stand in an address; None if it could not. 5.0 is a whole number."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return _whole(str(value))


def _whole(text: str) -> str:
    """The text without half characters, which JSON can spell and UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _read_csv(body: bytes) -> list[MultiDict[str, str]]:
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnprocessableEntity(f"The CSV cannot be read: {error}.") from error
    if not rows or "q" not in rows[0]:
        raise UnprocessableEntity('The CSV needs a header line with a column "q".')
    return [MultiDict(zip(rows[0], cells, strict=False)) for cells in rows[1:] if any(cells)]


def _answer(
    here: Site, reader: Reader, arguments: MultiDict[str, str], *, end: float
) -> dict[str, Any]:
    """One query's row. What is wrong with it stands in the row and stops no other."""
    row: dict[str, Any] = {"q": arguments.get("q", ""), "total": None, "error": None}
    if time.monotonic() > end:
        return row | {"error": f"not run: the batch had used its {MAX_SECONDS:g} s"}
    try:
        size, highest = here.config.web.page_size, params.API_MAX_SIZE
        query = params.query(arguments, today=here.today, size=size, max_size=highest)
        if query.match == "auto":  # a count must not depend on how few articles hold all words
            query = dataclasses.replace(query, match="all")
        return row | _found(reader, query)
    except (BadQuery, OverBudget) as error:
        return row | {"error": str(error)}


def _found(reader: Reader, query: Query) -> dict[str, Any]:
    best = metrics.timed_search(reader, dataclasses.replace(query, page=1, size=1))
    hit = best.hits[0] if best.hits else None
    first_published, last_published = ends(reader, best)
    return {
        "read_as": best.read_as,
        "total": best.total,
        "first_published": first_published,
        "last_published": last_published,
        "best": hit and exports.row(hit) | {"passage": exports.passage(hit)},
        "suggestion": best.suggestion or best.nearest,
        "warnings": [dataclasses.asdict(warning) for warning in best.warnings],
    }


def _flat(row: Mapping[str, Any]) -> dict[str, object]:
    best = row.get("best") or {}
    flat = {f"best_{name}": best.get(name) for name in ("id", "title", "source", "passage")}
    return {name: row.get(name) for name in COLUMNS} | flat
