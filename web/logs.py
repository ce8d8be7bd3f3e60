"""The log: one line for each thing that happened, with the id of the request that it belongs to.

JSON where a program reads standard error, plain words where a person does. What people search for
is theirs: no line below DEBUG has the words of a search unless `[web] log_query_texts` says so, and
none ever has a client's address.
"""

from __future__ import annotations

import json
import logging
import random
import re
import sys
from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context, request

from search.model import Query
from web.site import Site

HEADER = "X-Request-ID"
MAX_TEXT = 500  # characters of a query; a longer one is cut
ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

requests = logging.getLogger("web.requests")
searches = logging.getLogger("web.searches")


def request_id() -> str:
    """The name of the request that is being answered: the caller's if it is one, else our own."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if ID.fullmatch(given) else _made_up()
    return str(g.request_id)


def _made_up() -> str:
    """Another name for each request; no secret. Python seeds anew in every forked process."""
    return f"{random.getrandbits(64):016x}"


def settings(level: str) -> dict[str, Any]:
    """For gunicorn and all loggers of a process: everything to standard error, in one form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "web.logs.formatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": level.upper(), "handlers": ["stderr"], "propagate": False},
        },
    }


def formatter() -> logging.Formatter:
    """JSON for programs, words for a terminal."""
    if sys.stderr.isatty():
        return logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    return JsonLines()


class JsonLines(logging.Formatter):
    """A record as one line of JSON, with the fields that `extra={"fields": …}` brings."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if has_request_context():
            line["request_id"] = request_id()
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(
            line, default=str
        )  # in ASCII: no line break, no control, no change of direction


def answered(status: int, took_ms: float, size_bytes: int | None) -> None:
    """A request and its answer, at INFO. Without the query string: it holds what is searched for."""
    if not requests.isEnabledFor(logging.INFO):
        return
    requests.info(
        "%s %s %d",
        request.method,
        request.path,
        status,
        extra={"fields": {"took_ms": round(took_ms, 1), "bytes": size_bytes}},
    )


def searched(site: Site, query: Query, *, took_ms: float, total: int | None) -> None:
    """A search that took long (or was stopped: `total` None), as a warning; any other at DEBUG."""
    slow = total is None or took_ms >= site.config.web.slow_query_ms
    level = logging.WARNING if slow else logging.DEBUG
    if not searches.isEnabledFor(level):
        return
    fields: dict[str, Any] = {
        "took_ms": round(took_ms, 1),
        "total": total,
        "characters": len(query.text),
        "page": query.page,
        "size": query.size,
        "sort": query.sort,
    }
    if site.config.web.log_query_texts or searches.isEnabledFor(logging.DEBUG):
        fields["text"] = query.text[:MAX_TEXT]
    what = "search stopped at its budget" if total is None else "slow search" if slow else "search"
    searches.log(level, "%s: %.0f ms", what, took_ms, extra={"fields": fields})
