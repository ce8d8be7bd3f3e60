"""Results and what the index holds -> the one JSON shape that the HTTP interface and the command line both give.

Only plain dicts, lists, strings and numbers come out, in the order in which they are documented.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any

from search.model import (
    Bucket,
    FacetValue,
    Hit,
    QueryWarning,
    Rejection,
    Results,
    Snippet,
    Status,
)

Json = dict[str, Any]


def as_json(
    results: Results, *, url_for: Callable[[Hit], str] | None = None, next_page: str | None = None
) -> Json:
    """The answer as a JSON object.

    `url_for` gives the address at which a hit can be read here, instead of the one that the
    article states itself; `next_page` is where the answer goes on, None on its last page.
    """
    return {
        "query": {
            "text": results.query.text,
            "read_as": results.read_as,
            "warnings": [warning_json(each) for each in results.warnings],
            "clauses": [{"clause": each.text, "count": each.count} for each in results.clauses],
        },
        "total": results.total,
        "hits": [hit_json(hit, url_for=url_for) for hit in results.hits],
        "facets": {
            "source": _values(results.sources),
            "published": _buckets(results.published),
        },
        "suggestion": results.suggestion,
        "nearest": results.nearest,
        "generation": results.generation,
        "took_ms": round(results.took_ms, 3),
        "next": next_page,
    }


def hit_json(hit: Hit, *, url_for: Callable[[Hit], str] | None = None) -> Json:
    """One hit; `title` is its text without marks."""
    return {
        "id": hit.id,
        "path": hit.path,
        "title": hit.title_text,
        "source": hit.source,
        "published": hit.published,
        "author": hit.author,
        "language": hit.language,
        "score": round(hit.score, 6),
        "excerpts": [*map(snippet_json, hit.excerpts)],
        "url": url_for(hit) if url_for else hit.url,
    }


def snippet_json(snippet: Snippet) -> list[Json]:
    """A run of segments; their texts joined are the text."""
    return [{"text": text, "marked": marked} for text, marked in snippet]


def warning_json(warning: QueryWarning) -> Json:
    """A warning; `position` counts characters of the query from 0."""
    return {"message": warning.message, "position": warning.position}


def status_json(status: Status) -> Json:
    """What the index holds."""
    return {each.name: getattr(status, each.name) for each in fields(status)} | {
        "sources": _values(status.sources),
        "languages": _values(status.languages),
        "rejections": [*map(rejection_json, status.rejections)],
    }


def rejection_json(rejection: Rejection) -> Json:
    """A file that gave no article, and why."""
    return {"path": rejection.path, "reason": rejection.reason}


def _values(facet: Iterable[FacetValue]) -> list[Json]:
    return [{"value": value, "count": count} for value, count in facet]


def _buckets(buckets: Iterable[Bucket]) -> list[Json]:
    """Days as ISO 8601; both null are the undated articles."""
    return [
        {
            "from": first.isoformat() if first else None,
            "to": last.isoformat() if last else None,
            "count": count,
        }
        for first, last, count in buckets
    ]
