"""`/api/v1`: the same searches as the page, for programs. Described at `/api/openapi.json`."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MIMEAccept, WWWAuthenticate
from werkzeug.exceptions import Forbidden, NotAcceptable, NotFound, ServiceUnavailable, Unauthorized
from werkzeug.http import parse_accept_header

from search import runs
from search.answer import as_json, rejection_json, status_json
from search.errors import BadQuery
from search.model import Article, Query, Results
from web import caching, cursor, exports, metrics, openapi, params
from web.batch import batch
from web.links import Links
from web.site import Site, site

JSON = "application/json"
ACCEPTED = {"json": JSON, "csv": exports.CSV, "ndjson": exports.NDJSON}
FORMATS = ACCEPTED | {"spreadsheet": exports.SPREADSHEET}
LISTED_REJECTIONS = 1_000  # the rest is counted in `rejections_left_off`; all are in `stats`
MAX_COMPLETIONS = 20

api = Blueprint("api", __name__, url_prefix="/api")
api.register_blueprint(batch)


@api.get("/v1/search")
def search() -> Response:
    """A page of hits as JSON, or every match as CSV or NDJSON."""
    here = site()
    given = request.args.to_dict()  # a plain one: who asks the other in vain waits for an error
    media_type = _wanted(given)
    reader = here.index.reader()
    etag = caching.search_tag(here, reader, media_type)
    known = caching.known(here, etag)
    if known:
        return known
    query = params.query(
        request.args,
        today=here.today,
        size=here.config.web.page_size,
        max_size=params.API_MAX_SIZE,
        beside=("cursor", "format"),
    )
    if given.get("cursor"):
        query = cursor.follow(
            given["cursor"],
            query,
            generation=reader.generation,
            committed_at=reader.committed_at,
        )
    if media_type != JSON:
        return caching.marked(exports.stream(reader, query, media_type), etag)
    results = metrics.timed_search(reader, query)
    response = jsonify(as_json(results, next_page=_next(here, results, reader.committed_at)))
    return caching.keep(here, response, etag)


@api.get("/v1/articles/<article_id>")
def article(article_id: str) -> Response:
    """One article with its provenance and what was removed from it."""
    here = site()
    reader = here.index.reader()
    found = reader.article(article_id)
    etag = caching.tag(here, reader)
    return caching.unchanged(etag) or caching.marked(jsonify(article_json(found)), etag)


@api.get("/v1/articles/<article_id>/similar")
def similar(article_id: str) -> Response:
    """The articles that share the most telling words with this one."""
    hits = site().index.reader().similar(article_id)
    return jsonify(hits=[exports.row(hit) for hit in hits])


@api.get("/v1/articles/<article_id>/explain")
def explain(article_id: str) -> Response:
    """Why the article has its score in this search, in words and figures."""
    here = site()
    size, highest = here.config.web.page_size, params.API_MAX_SIZE
    query: Query = params.query(request.args, today=here.today, size=size, max_size=highest)
    text = here.index.reader().explain(article_id, query)
    return jsonify(id=article_id, explanation=text)


@api.get("/v1/suggest")
def suggest() -> Response:
    """What the words typed so far may become."""
    here = site()
    reader = here.index.reader()
    text, size = request.args.get("q", ""), _suggest_size()
    etag = caching.tag(here, reader, text, size)
    known = caching.unchanged(etag)
    if known:
        return known
    completions = reader.suggest(text, size=size) if text.strip() else ()
    body = [{"text": c.text, "kind": c.kind, "count": c.count} for c in completions]
    return caching.marked(jsonify(q=text, completions=body), etag)


@api.get("/v1/index")
def index() -> Response:
    """What the index holds, how old it is, and which files gave no article."""
    here = site()
    status = here.index.reader().status()
    listed = status.rejections[:LISTED_REJECTIONS]
    return jsonify(
        status_json(dataclasses.replace(status, rejections=listed))
        | {
            "age_s": here.age_s(status),
            "rejections_left_off": len(status.rejections) - len(listed),
            "watched": runs.is_watched(here.config.index.dir),
            "verified": _audit_json(runs.last_audit(here.config.index.dir)),
        }
    )


@api.post("/v1/index/runs")
def ask_for_run() -> tuple[Response, int, dict[str, str]]:
    """Ask the indexer for an update now."""
    here = site()
    require_key(here)
    try:
        run = runs.ask(here.config.index.dir)
    except OSError as error:
        where = here.config.index.dir / runs.FOLDER
        raise ServiceUnavailable(
            f"Requests for an update are left in {where}, where this service cannot write"
            f" ({error.strerror}): see docs/operating.md"
        ) from error
    watched = runs.is_watched(here.config.index.dir)
    return jsonify(_run_json(run, watched)), 202, {"Location": f"/api/v1/index/runs/{run.id}"}


@api.get("/v1/index/runs/<run_id>")
def find_run(run_id: str) -> Response:
    """How a run stands, and its report when it is done."""
    here = site()
    require_key(here)
    run = runs.find(here.config.index.dir, run_id)
    if run is None:
        raise NotFound("There is no run with this id; old reports are forgotten.")
    return jsonify(_run_json(run, runs.is_watched(here.config.index.dir)))


@api.get("/openapi.json")
def description() -> Response:
    """This API, described for programs."""
    return jsonify(openapi.document(site()))


def article_json(article: Article) -> dict[str, Any]:
    """An article with everything that is known of it."""
    body = {field.name: getattr(article, field.name) for field in dataclasses.fields(article)}
    return body | {
        "removed": [dataclasses.asdict(removal) for removal in article.removed],
        "provenance": {
            field: {"from": origin.found_in, "confidence": origin.confidence}
            for field, origin in article.provenance.items()
        },
    }


def require_key(here: Site) -> None:
    """401 or 403 unless the request carries one of the configured API keys."""
    if not here.config.web.api_keys:
        raise Forbidden("No API key is configured, so nobody may do this: set [web] api_keys.")
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    keys = [key.encode() for key in here.config.web.api_keys]
    # Every key is compared, in constant time: how long a refusal takes tells nothing.
    fits = [hmac.compare_digest(given.strip().encode("utf-8", "replace"), key) for key in keys]
    if scheme.lower() != "bearer" or not any(fits):
        raise Unauthorized(
            "Send one of the configured API keys as: Authorization: Bearer KEY",
            www_authenticate=WWWAuthenticate("bearer", {"realm": "dateline"}),
        )


def _next(here: Site, results: Results, committed_at: str) -> str | None:
    """Where the answer goes on, in this commit."""
    following = cursor.following(results, committed_at)
    if following is None:
        return None
    links = Links(results.query, size=here.config.web.page_size)
    return links.to("/api/v1/search", beside=f"cursor={following}")


def _audit_json(audit: runs.Audit | None) -> dict[str, Any] | None:
    return dataclasses.asdict(audit) | {"agrees": audit.agrees} if audit else None


def _run_json(run: runs.Run, watched: bool) -> dict[str, Any]:  # noqa: FBT001 - a fact, no switch
    body = dataclasses.asdict(run) | {"watched": watched}
    if run.report:
        body["report"]["phases_ms"] = dict(run.report.phases_ms)
        body["report"]["rejections"] = [*map(rejection_json, run.report.rejections)]
    return body


def _wanted(given: Mapping[str, str]) -> str:
    """The media type that the request asks for: by `format`, or else by Accept."""
    name = given.get("format", "")
    if name:
        if name not in FORMATS:
            wanted = ", ".join(FORMATS)
            raise BadQuery(f'format = "{name[:40]}": want one of {wanted}', argument="format")
        return FORMATS[name]
    accepted = request.headers.get("Accept")
    best = _best_of(accepted) if accepted else JSON
    if not best:
        raise NotAcceptable(f"A search can be had as {', '.join(ACCEPTED.values())}.")
    return best


@lru_cache(maxsize=64)
def _best_of(accepted: str) -> str:
    """The media type that an Accept asks for; clients send the same few again and again."""
    wanted = parse_accept_header(accepted, MIMEAccept)
    return wanted.best_match(list(ACCEPTED.values()), default="") if wanted else JSON


def _suggest_size() -> int:
    value = request.args.get("size", "8")
    if not value.isdecimal() or not 1 <= int(value[:4]) <= MAX_COMPLETIONS:
        wanted = f"a whole number from 1 to {MAX_COMPLETIONS}"
        raise BadQuery(f'size = "{value[:40]}": want {wanted}', argument="size")
    return int(value)
