"""The one JSON shape of an answer."""

from __future__ import annotations

import json
from datetime import date

from search.answer import as_json
from search.model import (
    Bucket,
    Clause,
    FacetValue,
    Hit,
    Query,
    QueryWarning,
    Results,
    Segment,
    Word,
)

HIT = Hit(
    id="00ff00ff00ff00ff",
    path="a/b.txt",
    title=(Segment("The "), Segment("truce", marked=True)),
    source="Arab Today",
    published="2016-11",
    author=None,
    language="en",
    url="https://example.org/a",
    score=1.23456789,
    excerpts=((Segment("a "), Segment("truce", marked=True)),),
)
RESULTS = Results(
    query=Query(text="truce )", tree=Word("truce")),
    read_as="truce",
    match="all",
    total=1,
    hits=(HIT,),
    generation="7",
    took_ms=0.123456,
    clauses=(Clause("truce", 1),),
    sources=(FacetValue("Arab Today", 1),),
    published=(Bucket(date(2016, 11, 1), date(2016, 11, 30), 1), Bucket(None, None, 2)),
    suggestion=None,
    nearest="port",
    warnings=(QueryWarning("left out", 6), QueryWarning("slow")),
)


def test_an_answer_has_the_documented_shape() -> None:
    assert as_json(RESULTS, next_page="/more") == {
        "query": {
            "text": "truce )",
            "read_as": "truce",
            "warnings": [
                {"message": "left out", "position": 6},
                {"message": "slow", "position": None},
            ],
            "clauses": [{"clause": "truce", "count": 1}],
        },
        "total": 1,
        "hits": [
            {
                "id": "00ff00ff00ff00ff",
                "path": "a/b.txt",
                "title": "The truce",
                "source": "Arab Today",
                "published": "2016-11",
                "author": None,
                "language": "en",
                "score": 1.234568,
                "excerpts": [[{"text": "a ", "marked": False}, {"text": "truce", "marked": True}]],
                "url": "https://example.org/a",
            }
        ],
        "facets": {
            "source": [{"value": "Arab Today", "count": 1}],
            "published": [
                {"from": "2016-11-01", "to": "2016-11-30", "count": 1},
                {"from": None, "to": None, "count": 2},
            ],
        },
        "suggestion": None,
        "nearest": "port",
        "generation": "7",
        "took_ms": 0.123,
        "next": "/more",
    }


def test_an_answer_is_json_and_a_hit_may_have_an_address_of_its_own() -> None:
    answer = as_json(RESULTS, url_for=lambda hit: f"/articles/{hit.id}")
    assert json.loads(json.dumps(answer)) == answer
    assert answer["hits"][0]["url"] == "/articles/00ff00ff00ff00ff"
    assert answer["next"] is None
