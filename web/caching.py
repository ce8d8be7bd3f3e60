"""ETags of answers: the generation and the question name an answer completely.

So a question that was asked before is answered with 304 without being searched again, and the
moment that a commit changes the generation, every answer is made anew.
"""

from __future__ import annotations

import hashlib

from flask import Response, request

from web.site import Site

FRESHNESS = "no-cache"  # may be kept, must be asked about: a commit shows at once


def tag(site: Site, generation: str, *parts: object) -> str:
    """The ETag of the answer to a question (anything whose repr says it all) in a generation."""
    asked = repr((site.edition, site.address, generation, request.path, parts))
    return hashlib.blake2b(asked.encode("utf-8", "replace"), digest_size=12).hexdigest()


def unchanged(etag: str) -> Response | None:
    """304, if the client has this very answer."""
    if not request.if_none_match.contains_weak(etag):
        return None
    return marked(Response(status=304), etag)


def marked(response: Response, etag: str) -> Response:
    """The response under its ETag. A weak one: `took_ms` differs where nothing else does."""
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = FRESHNESS
    response.vary.add("Accept")
    return response
