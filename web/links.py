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
        self.query = query
        self.size = size
        self._first_page = {
            name: _argument(name, getattr(query, name), size) for name in params.FIELDS
        } | {"page": ""}

    def pairs(self, query: Query | None = None) -> list[tuple[str, str]]:
        """The arguments of this or another query."""
        return params.arguments(self.query if query is None else query, size=self.size)

    def to(self, path: str = "/", **changes: Any) -> str:
        """This search with changes; it begins at its first page again. `path` is safe as it is."""
        changed = self._first_page.copy()
        for name, value in changes.items():
            changed[name] = _argument(name, value, self.size)
        arguments = "&".join(filter(None, changed.values()))
        return f"{path}?{arguments}" if arguments else path


@lru_cache(maxsize=MAX_REMEMBERED)
def _argument(name: str, value: Any, size: int) -> str:
    return params.encoded(params.arguments_of(name, value, size=size))
