"""The shapes of the API's answers, as JSON Schema. The tests hold every answer against them."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}


def ref(name: str) -> Schema:
    """A shape by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def shape(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """An object with exactly these members; all of them but the optional ones are always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


DESCRIPTION = {
    "source": TEXT_OR_NULL,
    "published": TEXT_OR_NULL,
    "author": TEXT_OR_NULL,
    "language": TEXT_OR_NULL,
    "path": TEXT,
    "url": TEXT_OR_NULL,
}
REJECTIONS = listed(shape(path=TEXT, reason=TEXT))
WARNING = shape(message=TEXT, position={"type": ["integer", "null"]})

SCHEMAS: dict[str, Schema] = {
    "Day": {
        "type": "string",
        "pattern": r"^[1-9][0-9]{3}(-(0[1-9]|1[0-2])(-(0[1-9]|1[0-9]|2[0-8]))?)?$",
        "description": "A year, a month or a day. (A distance back from today, like 7d, is read too;"
        " so are the last days of the longer months.)",
        "examples": ["2016", "2016-11", "2016-11-25"],
    },
    "Problem": shape(
        ("argument",),
        type=TEXT,
        title=TEXT,
        status={"type": "integer"},
        detail=TEXT,
        code=TEXT,
        argument=TEXT,
    ),
    "Segment": shape(text=TEXT, marked=FLAG),
    "Hit": shape(
        id=TEXT,
        **DESCRIPTION,
        title=TEXT,
        score=NUMBER,
        excerpts=listed(listed(ref("Segment"))),
    ),
    "Row": shape(id=TEXT, title=TEXT, **DESCRIPTION, score=NUMBER),
    "SearchAnswer": shape(
        query=shape(
            text=TEXT,
            read_as=TEXT,
            warnings=listed(WARNING),
            clauses=listed(shape(clause=TEXT, count=COUNT)),
        ),
        total=COUNT,
        hits=listed(ref("Hit")),
        facets=shape(
            source=listed(shape(value=TEXT, count=COUNT)),
            published=listed(shape(**{"from": TEXT_OR_NULL, "to": TEXT_OR_NULL, "count": COUNT})),
        ),
        suggestion=TEXT_OR_NULL,
        nearest=TEXT_OR_NULL,
        generation=TEXT,
        took_ms=NUMBER,
        next=TEXT_OR_NULL,
    ),
    "Article": shape(
        id=TEXT,
        title=TEXT,
        body=TEXT,
        **DESCRIPTION,
        agency=TEXT_OR_NULL,
        removed=listed(shape(line={"type": "integer"}, text=TEXT, reason=TEXT)),
        provenance={
            "type": "object",
            "additionalProperties": shape(**{"from": TEXT, "confidence": NUMBER}),
        },
    ),
    "Completions": shape(
        q=TEXT,
        completions=listed(
            shape(text=TEXT, kind={"type": "string", "enum": ["word", "title"]}, count=COUNT)
        ),
    ),
    "Status": shape(
        generation=TEXT,
        committed_at=TEXT,
        age_s=NUMBER,
        articles=COUNT,
        undated=COUNT,
        first_published=TEXT_OR_NULL,
        last_published=TEXT_OR_NULL,
        sources=listed(shape(value=TEXT, count=COUNT)),
        languages=listed(shape(value=TEXT, count=COUNT)),
        size_bytes=COUNT,
        rejections=REJECTIONS,
        rejections_left_off=COUNT,
        watched=FLAG,
        verified={
            "description": "What the latest `verify` found; null where nobody has verified yet.",
            "oneOf": [{"type": "null"}, ref("Audit")],
        },
    ),
    "Audit": shape(
        agrees=FLAG,
        generation=TEXT_OR_NULL,
        finished_at=TEXT,
        took_ms=NUMBER,
        new=COUNT,
        changed=COUNT,
        missing=COUNT,
        moved=COUNT,
        unreadable=COUNT,
        damaged=COUNT,
        problem=TEXT_OR_NULL,
    ),
    "Run": shape(
        id=TEXT,
        state={"type": "string", "enum": ["waiting", "running", "done", "failed"]},
        asked_at=TEXT,
        watched={**FLAG, "description": "Whether an indexer is there to carry it out."},
        report={"type": ["object", "null"]},
    ),
    "BatchQuery": {
        "oneOf": [
            TEXT,
            {
                "type": "object",
                "properties": {
                    "q": TEXT,
                    "source": listed(TEXT),
                    "without_source": listed(TEXT),
                    "since": ref("Day"),
                    "until": ref("Day"),
                    "match": {"type": "string", "enum": ["auto", "all", "any"]},
                    "sort": {"type": "string", "enum": ["relevance", "newest", "oldest"]},
                    "page": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
                    "size": {"type": "integer", "minimum": 1, "maximum": 1_000},
                    "group": TEXT,
                },
                "required": ["q"],
            },
        ]
    },
    "BatchAnswer": shape(
        generation=TEXT,
        queries=listed(
            shape(
                (
                    "read_as",
                    "first_published",
                    "last_published",
                    "best",
                    "suggestion",
                    "warnings",
                ),
                q=TEXT,
                total={"type": ["integer", "null"]},
                error=TEXT_OR_NULL,
                read_as=TEXT,
                first_published=TEXT_OR_NULL,
                last_published=TEXT_OR_NULL,
                best={"type": ["object", "null"]},
                suggestion=TEXT_OR_NULL,
                warnings=listed(WARNING),
            )
        ),
        found_nothing=listed(TEXT),
    ),
}
