"""The API described for programs: OpenAPI 3.1, from the table of arguments and the schemas below.

The tests run schemathesis over it: what is promised here is what the routes give.
"""

from __future__ import annotations

from typing import Any, get_args

from search.model import Match, Sort
from web import params
from web.batch import COLUMNS, MAX_QUERIES
from web.failures import PROBLEMS
from web.schemas import SCHEMAS, listed, ref, shape
from web.site import Site

JSON = "application/json"
Spec = dict[str, Any]


def document(site: Site) -> Spec:
    """The whole description."""
    size = site.config.web.page_size
    search_arguments = _search_arguments(size)
    article_id = _in_path("article_id", "An article's id: 16 hex digits.")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dateline",
            "version": "1.0.0",
            "summary": "Full-text search over a folder of news articles.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": site.address}],
        "paths": {
            "/api/v1/search": {
                "get": _operation(
                    "search",
                    "A page of hits as JSON; every match as CSV or NDJSON.",
                    parameters=[*search_arguments, _cursor(), _format()],
                    content={
                        JSON: ref("SearchAnswer"),
                        "text/csv": {"type": "string"},
                        "application/x-ndjson": {"type": "string"},
                    },
                    failures=(400, 406, 410, 422),
                )
            },
            "/api/v1/articles/{article_id}": {
                "get": _operation(
                    "article",
                    "One article, with its provenance and what was removed from it.",
                    parameters=[article_id],
                    content={JSON: ref("Article")},
                    failures=(404,),
                )
            },
            "/api/v1/articles/{article_id}/similar": {
                "get": _operation(
                    "similar",
                    "The articles most like this one.",
                    parameters=[article_id],
                    content={JSON: shape(hits=listed(ref("Row")))},
                    failures=(404,),
                )
            },
            "/api/v1/articles/{article_id}/explain": {
                "get": _operation(
                    "explain",
                    "Why the article has its score in a search.",
                    parameters=[article_id, *search_arguments],
                    content={JSON: shape(id={"type": "string"}, explanation={"type": "string"})},
                    failures=(400, 404, 422),
                )
            },
            "/api/v1/suggest": {
                "get": _operation(
                    "suggest",
                    "What the words typed so far may become.",
                    parameters=[
                        _argument("q", "The words typed so far.", {"type": "string"}),
                        _argument("size", "How many.", _whole(1, 20, 8)),
                    ],
                    content={JSON: ref("Completions")},
                    failures=(400,),
                )
            },
            "/api/v1/batch": {"post": _batch()},
            "/api/v1/index": {
                "get": _operation(
                    "index",
                    "What the index holds.",
                    content={JSON: ref("Status")},
                )
            },
            "/api/v1/index/runs": {
                "post": _operation(
                    "ask_for_run",
                    "Ask for an update of the index now. Needs an API key.",
                    content={JSON: ref("Run")},
                    status=202,
                    failures=(401, 403),
                    secured=True,
                )
            },
            "/api/v1/index/runs/{run_id}": {
                "get": _operation(
                    "find_run",
                    "How a run stands, and its report when it is done. Needs an API key.",
                    parameters=[_in_path("run_id", "What the request for an update answered.")],
                    content={JSON: ref("Run")},
                    failures=(401, 403, 404),
                    secured=True,
                )
            },
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(  # noqa: PLR0913 - an operation has these parts
    name: str,
    summary: str,
    *,
    content: Spec,
    parameters: list[Spec] | None = None,
    failures: tuple[int, ...] = (),
    status: int = 200,
    secured: bool = False,
) -> Spec:
    titles = {problem.status: problem.title for problem in reversed(PROBLEMS)}
    responses: Spec = {
        str(status): {
            "description": summary,
            "content": {media_type: {"schema": schema} for media_type, schema in content.items()},
        }
    }
    for code in sorted({*failures, 400, 429, 503}):
        responses[str(code)] = {
            "description": titles[code],
            "content": {"application/problem+json": {"schema": ref("Problem")}},
        }
    if status == 200 and not secured:
        responses["304"] = {"description": "The answer is still the one with this ETag."}
    operation: Spec = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = parameters
    if secured:
        operation["security"] = [{"key": []}]
    return operation


def _batch() -> Spec:
    operation = _operation(
        "batch",
        "Many searches at once: counts, first and last date, best passage, what found nothing.",
        content={JSON: ref("BatchAnswer"), "text/csv": {"type": "string"}},
        failures=(413, 415, 422),
    )
    del operation["responses"]["304"]
    columns = ", ".join(COLUMNS)
    operation["description"] = f"As CSV, the answer has the columns {columns}."
    operation["requestBody"] = {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "array",
                    "items": ref("BatchQuery"),
                    "minItems": 1,
                    "maxItems": MAX_QUERIES,
                }
            },
            "text/csv": {
                "schema": {"type": "string", "description": "A header line with a column `q`."},
                "example": "q,since\naleppo,2016-10\n",
            },
        },
    }
    return operation


def _search_arguments(size: int) -> list[Spec]:
    schemas: dict[str, Spec] = {
        "page": _whole(1, params.MAX_PAGE, 1),
        "size": _whole(1, params.API_MAX_SIZE, size),
        "sort": {"type": "string", "enum": list(get_args(Sort)), "default": "relevance"},
        "match": {"type": "string", "enum": list(get_args(Match)), "default": "auto"},
        "since": ref("Day"),
        "until": ref("Day"),
    }
    return [
        _argument(
            argument.name,
            f"{argument.meaning[0].upper()}{argument.meaning[1:]}.",
            listed({"type": "string"})
            if argument.repeatable
            else schemas.get(argument.name, {"type": "string"}),
        )
        for argument in params.ARGUMENTS
    ]


def _cursor() -> Spec:
    meaning = "The `next` of an answer; the other arguments as they were for that answer."
    return _argument("cursor", meaning, {"type": "string"})


def _format() -> Spec:
    meaning = "The form of the answer, for those who cannot set Accept."
    return _argument(
        "format", meaning, {"type": "string", "enum": ["json", "csv", "spreadsheet", "ndjson"]}
    )


def _argument(name: str, meaning: str, schema: Spec) -> Spec:
    return {"name": name, "in": "query", "description": meaning, "schema": schema}


def _in_path(name: str, meaning: str) -> Spec:
    schema = {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "description": meaning, "schema": schema}


def _whole(low: int, high: int, default: int) -> Spec:
    return {"type": "integer", "minimum": low, "maximum": high, "default": default}
