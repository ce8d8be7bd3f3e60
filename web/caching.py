"""ETags of answers, and the answers themselves for those who ask the same soon after.

The commit and the address name an answer completely. So a client that asks again is answered
with 304 without a search, and the body that was made for one client is given to the next; the
moment that there is a newer commit, every answer is made anew.
"""

from __future__ import annotations

import hashlib

from flask import Response, request

from search.engine import Reader
from web.headers import vary
from web.site import Site

FRESHNESS = "no-cache"  # may be kept, must be asked about: a commit shows at once


def tag(site: Site, reader: Reader, *parts: object) -> str:
    """The ETag of the answer to a question (anything whose repr says it all) from a commit."""
    commit = (reader.generation, reader.committed_at)
    asked = repr((site.edition, site.address, commit, request.path, parts))
    return hashlib.blake2b(asked.encode("utf-8", "replace"), digest_size=12).hexdigest()


def search_tag(site: Site, reader: Reader, *parts: object) -> str:
    """The ETag of the answer to a search, by its address: before the address is even read."""
    return tag(site, reader, request.query_string, site.today, *parts)


def unchanged(etag: str) -> Response | None:
    """304, if the client has this very answer."""
    if "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(etag):
        return marked(Response(status=304), etag)
    return None


def known(site: Site, etag: str) -> Response | None:
    """304, or the answer as it was made before; None if it has to be made."""
    same = unchanged(etag)
    if same:
        return same
    found = site.answers.get(etag)
    return Response(found[0], headers=found[1]) if found else None


def keep(site: Site, response: Response, etag: str) -> Response:
    """The response under its ETag, kept for the next one who asks."""
    marked(response, etag)
    site.answers.put(etag, response.get_data(), list(response.headers))
    return response


def not_whole(response: Response) -> Response:
    """The response of a search that was cut short: the next time there may be more to it."""
    response.headers["Cache-Control"] = "no-store"
    return response


def marked(response: Response, etag: str) -> Response:
    """The response under its ETag. A weak one: `took_ms` differs where nothing else does."""
    response.headers.add("ETag", f'W/"{etag}"')
    response.headers.add("Cache-Control", FRESHNESS)
    vary(response.headers, "Accept")
    return response
