"""Addresses of searches that differ from one search in something: a page has a hundred of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from search.model import Query
from web import params

MAX_REMEMBERED = 2_048  # arguments as they are encoded: sources, months and days come again


class Links:
    """A search's arguments, encoded once; a link encodes only what it changes."""

    def __init__(self, query: Query, *, size: int) -> None:
        self.size = size
        self._first_page = {
            name: _argument(name, getattr(query, name), size) for name in params.FIELDS
        } | {"page": ""}

    def to(self, path: str = "/", *, beside: str = "", **changes: Any) -> str:
        """This search with changes; it begins at its first page again.

        `path` and an argument `beside` those of a search are safe as they are.
        """
        changed = self._first_page.copy()
        for name, value in changes.items():
            changed[name] = _argument(name, value, self.size)
        arguments = "&".join(filter(None, (*changed.values(), beside)))
        return f"{path}?{arguments}" if arguments else path


@lru_cache(maxsize=MAX_REMEMBERED)
def _argument(name: str, value: Any, size: int) -> str:
    return params.encoded(params.arguments_of(name, value, size=size))
