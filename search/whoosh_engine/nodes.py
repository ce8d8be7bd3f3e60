"""Query nodes that Whoosh does not have: a word of many terms or a phrase counted as one, masks.

They are Whoosh queries: inside any other query they give Whoosh a matcher, made from the same
arrays that `execute` works on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from whoosh.query import Query

Slots = tuple[tuple[str, ...], ...]
"""Words in a row; each is the choice of several terms."""


class OwnQuery(Query):
    """What the nodes below share: they are leaves, and equal when they look the same."""

    boost = 1.0

    def is_leaf(self) -> bool:
        """They have no children."""
        return True

    def field(self) -> str | None:
        """None: Whoosh must not merge them with others of a field."""
        return None

    def normalize(self) -> OwnQuery:
        """They are in their simplest form."""
        return self

    def estimate_size(self, ixreader: Any) -> int:
        """At most every document."""
        return int(ixreader.doc_count_all())

    def matcher(self, searcher: Any, context: Any = None) -> Any:  # noqa: ARG002 - Whoosh's signature
        """Whoosh's own way to walk the matches."""
        return searcher.reader().matcher_of(self)

    def _key(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, OwnQuery) and self._key() == other._key())

    def __hash__(self) -> int:
        found: int | None = self.__dict__.get("_hash")
        if found is None:
            found = self.__dict__["_hash"] = hash(self._key())
        return found

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._key()[1:]}"


class Counted(OwnQuery):
    """Words, or phrases, that count as one: its frequency in an article is that of any of them.

    Each of `ways` is a row of words; an article has it where the words stand side by side or, with
    `within`, inside a window of that many words beyond their number. A plain word is one way of
    one slot. `boost` is its weight in the score.
    """

    def __init__(
        self,
        fieldname: str,
        ways: tuple[Slots, ...],
        *,
        within: int | None = None,
        boost: float = 1.0,
    ) -> None:
        self.fieldname = fieldname
        self.ways = ways
        self.within = within
        self.boost = boost
        self.slot = ways[0][0] if len(ways) == 1 and len(ways[0]) == 1 else None
        """The terms of a plain word; None for a phrase and for several ways."""

    @property
    def is_phrase(self) -> bool:
        """Whether its idf is the sum of its words', not that of the articles that have it."""
        return len(self.ways) == 1 and len(self.ways[0]) > 1

    def has_terms(self) -> bool:
        """It looks for terms."""
        return True

    def terms(self, phrases: bool = False) -> Iterator[tuple[str, str]]:  # noqa: FBT001, FBT002, ARG002 - Whoosh's signature
        """Every (field, term) that it may match."""
        for way in self.ways:
            for slot in way:
                for term in slot:
                    yield self.fieldname, term

    def unweighted(self) -> Counted:
        """The same without regard to its weight: what is found, not what it is worth."""
        return self if self.boost == 1.0 else Counted(self.fieldname, self.ways, within=self.within)

    def _key(self) -> tuple[Any, ...]:
        return (Counted, self.fieldname, self.ways, self.within, self.boost)


class Days(OwnQuery):
    """Articles whose stated period touches these days, both ends included. It adds no score."""

    def __init__(self, first: date | None, last: date | None) -> None:
        self.first = first
        self.last = last

    def _key(self) -> tuple[Any, ...]:
        return (Days, self.first, self.last)


class Sources(OwnQuery):
    """Articles of one of these sources (or of none of these). It adds no score."""

    def __init__(self, names: tuple[str, ...], *, excluded: bool = False) -> None:
        self.names = names
        self.excluded = excluded

    def _key(self) -> tuple[Any, ...]:
        return (Sources, self.names, self.excluded)
