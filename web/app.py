"""The Flask application: routes, limits and headers put together. The way in for every test."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from flask_cors import CORS
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from jinja2 import StrictUndefined
from limits import parse_many
from werkzeug.middleware.proxy_fix import ProxyFix

from search.config import Config
from search.engine import Index
from search.errors import BadConfig
from search.languages import name_of
from web import allowance, compression, failures, logs, metrics, present, shared
from web.api import api
from web.feeds import feeds
from web.headers import HEADERS
from web.json_answers import Json
from web.ops import ops
from web.pages import pages
from web.site import EXTENSION, Site, edition, public_address

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MAX_BODY_BYTES = 1_000_000  # the longest body is a batch of queries
EXPOSED = ("ETag", "Link", "Location", "Retry-After", logs.HEADER)  # to pages of other origins
STATIC_MAX_AGE_S = 31_536_000  # addresses of static files carry the edition


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


class Service(Flask):
    """Flask, with what it does for each request and nobody here needs left out."""

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        """Answer with the headers that every answer has. A response would copy and check each of them."""

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, *HEADERS.items()], *error)

        return super().wsgi_app(environ, start)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: none is a coroutine."""
        return func


def create_app(config: Config, index: Index, clock: Callable[[], datetime] = now) -> Flask:
    """The application that answers from this index. Raises BadConfig for a limit that is none."""
    app = Service(__name__.partition(".")[0])
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_MAX_AGE_S,
        TRUSTED_HOSTS=list(config.web.trusted_hosts) or None,
    )
    app.url_map.merge_slashes = False  # Werkzeug would redirect to the host that a request names
    app.json = Json(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    site = Site(
        config=config,
        index=index,
        address=public_address(config),
        edition=edition(),
        clock=clock,
    )
    app.extensions[EXTENSION] = site
    app.jinja_env.globals["edition"] = site.edition
    app.jinja_env.filters["when"] = lambda value: present.when(value, config.articles.timezone)
    app.jinja_env.filters["language"] = name_of
    app.jinja_env.filters["thousands"] = "{:,}".format
    for blueprint in (pages, api, feeds, ops):
        app.register_blueprint(blueprint)
    failures.register(app)
    app.before_request(_start_clock)
    app.after_request(_finish)
    app.after_request(compression.shrink)  # the last to be named is the first to be called
    if config.web.proxies:
        # Only the client's address is believed of a proxy: no link is made from host or scheme.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.web.proxies, x_proto=0)  # type: ignore[method-assign]
    if config.web.cors_origins:
        CORS(
            app,
            resources=r"/api/*",
            origins=list(config.web.cors_origins),
            expose_headers=EXPOSED,
            max_age=3600,
        )
    if config.web.rate_limit:
        _limit(app, config.web.rate_limit)
    return app


def _limit(app: Flask, limit: str) -> None:
    """At most so many requests to the API from one address, counted over all processes."""
    try:
        allowed = all(each.amount for each in parse_many(limit))
    except ValueError:
        allowed = False
    if not allowed:
        wanted = 'want something like "60 per minute"'
        raise BadConfig(f'[web] rate_limit = "{limit}": {wanted}')
    Limiter(
        get_remote_address,
        app=app,
        application_limits=[limit],
        application_limits_exempt_when=lambda: not request.path.startswith(("/api/", "/feed.")),
        headers_enabled=True,
        storage_uri=allowance.address(shared.folder()),
        in_memory_fallback=[limit],  # a full disk must not make the limit disappear
        in_memory_fallback_enabled=True,
    )


def _start_clock() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    """Count and log the request, and give the answer its id."""
    response.headers.add(logs.HEADER, logs.request_id())
    seconds = time.perf_counter() - g.started if "started" in g else 0.0
    route = request.url_rule.rule if request.url_rule else None
    metrics.answered(route, request.method, response.status_code, seconds)
    logs.answered(response.status_code, seconds * 1e3, response.content_length)
    return response
