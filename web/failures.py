"""An error -> a status and a body: problem+json (RFC 9457) for programs, a page for people.

The table PROBLEMS is the whole list of codes; each is described at `/api/problems/<code>`, which
is what `type` in a problem points to.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import (
    Blueprint,
    Flask,
    Response,
    jsonify,
    make_response,
    render_template,
    request,
)
from werkzeug.exceptions import HTTPException, NotFound

from search.errors import (
    BadQuery,
    DatelineError,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    OverBudget,
    UnknownArticle,
)
from web.cursor import StaleCursor
from web.logs import request_id

_log = logging.getLogger(__name__)

PROGRAM_PATHS = ("/api/", "/feed.", "/opensearch", "/healthz", "/readyz", "/metrics")
NOT_FOUND = (
    "Look at its spelling. What can be asked here is described at /help and, for programs, at"
    " /api/openapi.json."
)
RETRY_AFTER_S = 5  # an index is being built or switched; most are there by then


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of failure."""

    code: str
    status: int
    title: str
    told: str = ""
    """What is said where the error itself says nothing of its own, or names files."""


ERRORS: tuple[tuple[type[Exception], Problem], ...] = (
    (BadQuery, Problem("bad_query", 400, "An argument cannot be read")),
    (UnknownArticle, Problem("unknown_article", 404, "No article has this id")),
    (StaleCursor, Problem("stale_cursor", 410, "The index has changed since this cursor was made")),
    (OverBudget, Problem("over_budget", 422, "The search took too long and was stopped")),
    (
        IndexMissing,
        Problem(
            "index_missing",
            503,
            "There is no index yet",
            "`python -m indexer build` makes one. The log says where it was looked for.",
        ),
    ),
    (
        IndexDamaged,
        Problem(
            "index_damaged",
            503,
            "The index is damaged",
            "`python -m indexer build` makes it anew. The log says what is damaged.",
        ),
    ),
    (
        IndexOutdated,
        Problem(
            "index_outdated",
            503,
            "The index is of another version",
            "`python -m indexer build` makes it anew. The log says what differs.",
        ),
    ),
    (IndexLocked, Problem("index_locked", 503, "The index is being written")),
    (
        OSError,
        Problem(
            "index_unreadable",
            503,
            "The system does not let us read the index",
            "The log says which file, and why.",
        ),
    ),
)
HTTP: dict[int, Problem] = {
    problem.status: problem
    for problem in (
        Problem(
            "bad_request",
            400,
            "The request cannot be read",
            "What was sent is no request that can be understood.",
        ),
        Problem("unauthorized", 401, "An API key is needed"),
        Problem("forbidden", 403, "This is not allowed here"),
        Problem("not_found", 404, "There is nothing at this address", NOT_FOUND),
        Problem(
            "method_not_allowed",
            405,
            "This address does not take that method",
            "Those that it takes are in the header Allow.",
        ),
        Problem("not_acceptable", 406, "This cannot be given in the form that was asked for"),
        Problem("too_large", 413, "The request is too large", "Send it in several parts."),
        Problem("unsupported_media_type", 415, "The body is of a kind that is not read here"),
        Problem("unprocessable", 422, "The body cannot be used"),
        Problem("too_many_requests", 429, "Too many requests"),
        Problem("internal", 500, "Something went wrong on our side"),
        Problem("not_ready", 503, "The service is not ready"),
    )
}
PROBLEMS = tuple(problem for _, problem in ERRORS) + tuple(HTTP.values())

failures = Blueprint("failures", __name__)


def register(app: Flask) -> None:
    """Answer every error of this application in its one shape."""
    app.register_blueprint(failures)
    app.register_error_handler(DatelineError, on_purpose)
    app.register_error_handler(OSError, on_purpose)
    app.register_error_handler(HTTPException, over_http)
    app.register_error_handler(Exception, by_accident)


@failures.get("/api/problems/<code>")
def describe(code: str) -> Response:
    """What a `type` points to."""
    for problem in PROBLEMS:
        if problem.code == code:
            return jsonify(code=code, status=problem.status, title=problem.title)
    raise NotFound(f"There is no problem with the code {code[:40]}.")


def on_purpose(error: Exception) -> Response:
    """An error that the project raised itself, or the system."""
    problem = next((p for kind, p in ERRORS if isinstance(error, kind)), HTTP[500])
    if problem.status < 500:
        return answer(problem, str(error), argument=getattr(error, "argument", None))
    _log.warning("%s", error)  # names files of this machine, which are no stranger's business
    return answer(problem, problem.told or f"{problem.title}.")


def over_http(error: HTTPException) -> Response:
    """An error that Flask, Werkzeug or one of our routes raised as a status."""
    status = error.code or 500
    if error.response is not None and status < 400:  # a redirect of Werkzeug's, not a failure
        return make_response(error.get_response())
    problem = HTTP.get(status) or Problem(f"http_{status}", status, error.name)
    is_own = error.description != type(error).description  # else it is the library's sentence
    said = error.description if is_own else problem.told
    response = answer(problem, said or f"{problem.title}.")
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def by_accident(error: Exception) -> Response:
    """An error that nobody expected: logged whole, told in general."""
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    told = f"The error has been logged under {request_id()}. Trying again may help."
    return answer(HTTP[500], told)


def answer(problem: Problem, detail: str, *, argument: str | None = None) -> Response:
    """The answer that tells of a problem, for whoever asked."""
    if request.path.startswith(PROGRAM_PATHS):
        body = {
            "type": f"/api/problems/{problem.code}",
            "title": problem.title,
            "status": problem.status,
            "detail": detail,
            "code": problem.code,
        }
        response = jsonify(body | ({"argument": argument} if argument else {}))
        response.content_type = "application/problem+json"
    else:
        response = make_response(
            render_template("failure.html", problem=problem, detail=detail, argument=argument)
        )
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
