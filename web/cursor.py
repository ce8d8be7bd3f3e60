"""Cursors: where the next page begins, in one commit. Opaque to those who hand them back."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import json

import orjson

from search.errors import BadQuery, DatelineError
from search.model import Query, Results

MAX_LENGTH = 400  # ours are about 130 characters
PAGES = 1 << 32  # more than an index has articles
_DIGESTED = tuple(
    field.name for field in dataclasses.fields(Query) if field.name not in {"page", "warnings"}
)


class StaleCursor(DatelineError):
    """The commit that a cursor belongs to is no longer the one that answers."""


def following(results: Results, committed_at: str) -> str | None:
    """The cursor of the page after this one; None on the last.

    An index that was made anew may give a generation's name to another commit, at another time.
    """
    if results.query.page >= results.page_count:
        return None
    commit = [results.generation, committed_at]
    state = [commit, results.query.page + 1, _digest(results.query)]
    return base64.urlsafe_b64encode(orjson.dumps(state)).decode().rstrip("=")


def follow(cursor: str, query: Query, *, generation: str, committed_at: str) -> Query:
    """The query at the page that the cursor names. BadQuery, or StaleCursor after a commit."""
    try:
        padded = cursor[:MAX_LENGTH] + "=" * (-len(cursor[:MAX_LENGTH]) % 4)
        commit, page, digest = json.loads(base64.urlsafe_b64decode(padded))
    except (ValueError, TypeError, binascii.Error):
        raise BadQuery(
            "cursor: want the `next` of an answer, unchanged", argument="cursor"
        ) from None
    if digest != _digest(query) or not isinstance(page, int) or not 2 <= page < PAGES:
        message = "cursor: it belongs to another search; repeat that search's arguments with it"
        raise BadQuery(message, argument="cursor")
    if commit != [generation, committed_at]:
        raise StaleCursor(
            f"It belongs to another commit than generation {generation} of {committed_at}, which"
            " answers now. Begin again without a cursor, or take all rows at once with"
            " Accept: text/csv or application/x-ndjson."
        )
    return dataclasses.replace(query, page=page)


def _digest(query: Query) -> str:
    asked = repr([getattr(query, name) for name in _DIGESTED])
    return hashlib.blake2b(asked.encode("utf-8", "replace"), digest_size=8).hexdigest()
