"""Addresses of searches that differ from one search in something: a page has a hundred of them."""

from __future__ import annotations

from collections.abc import Callable
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
        """Each with the sign that parts it from what stands before."""

    def to(self, path: str = "/", *, beside: str = "", **changes: Any) -> str:
        """This search with changes; it begins at its first page again.

        `path` and an argument `beside` those of a search are safe as they are.
        """
        changed = self._first_page.copy()
        for name, value in changes.items():
            changed[name] = _argument(name, value, self.size)
        return _address(path, "".join(changed.values()) + (beside and f"&{beside}"))

    def changing(self, first: str, second: str) -> Callable[[Any, Any], str]:
        """What links to this search with other values of two fields, for many of them.

        The fields stand side by side in an address, so that all around them is joined once.
        """
        size, at = self.size, params.FIELDS.index(first)
        parts = list(self._first_page.values())
        before, after = "".join(parts[:at]), "".join(parts[at + 2 :])

        def to(one: Any, other: Any) -> str:
            pair = _argument(first, one, size) + _argument(second, other, size)
            return _address("/", f"{before}{pair}{after}")

        return to


def _address(path: str, arguments: str) -> str:
    return f"{path}?{arguments[1:]}" if arguments else path


@lru_cache(maxsize=MAX_REMEMBERED)
def _argument(name: str, value: Any, size: int) -> str:
    encoded = params.encoded(params.arguments_of(name, value, size=size))
    return encoded and f"&{encoded}"
