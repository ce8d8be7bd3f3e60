"""Words side by side: which are neighbours, and which may be one word that was typed apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from search import ranking
from search.whoosh_engine.nodes import Counted

TEXT = "text"
MAX_NAMED = 32  # words of a query in which names are sought that were typed apart


class Place(NamedTuple):
    """A word in a row of words."""

    spelling: str
    leaf: Counted
    is_word: bool
    is_quoted: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is one word, neither a pattern nor a compound."""
        return self.is_word and len(self.leaf.ways) == 1 and len(self.leaf.ways[0]) == 1


def are_parts(first: Place, second: Place) -> bool:
    """Whether two words may be one that was typed apart: no patterns, no letters, no numbers."""
    return (
        first.is_plain
        and second.is_plain
        and min(len(first.spelling), len(second.spelling)) > 1
        and not (first.spelling + second.spelling).isdigit()
    )


def neighbours(row: Sequence[Place]) -> list[Counted]:
    """Each two plain words side by side as a light phrase, each pair once."""
    found: dict[Counted, None] = {}
    for first, second in pairwise(row):
        if first.leaf != second.leaf and first.is_plain and second.is_plain:
            way = (first.leaf.ways[0][0], second.leaf.ways[0][0])
            found[Counted(TEXT, (way,), boost=ranking.PAIR_WEIGHT)] = None
    return list(found)


def written_together(
    row: Sequence[Place], kept: Sequence[Place], occurring: Callable[[str], tuple[str, ...]]
) -> list[Counted]:
    """The leaves of the kept words; each two side by side also as one: `al Nusra` finds `Alnusra`.

    A passage is no name, and its small words would make others (`a broad`). `occurring` tells the
    terms of a form that the index has.
    """
    more: dict[int, tuple[str, ...]] = {}
    for first, second in pairwise(row) if len(row) <= MAX_NAMED else ():
        if first in kept and second in kept and are_parts(first, second):
            terms = occurring(first.spelling + second.spelling)
            for place in (first, second) if terms else ():
                more[id(place)] = more.get(id(place), ()) + terms
    return [
        Counted(TEXT, ((tuple(dict.fromkeys(place.leaf.ways[0][0] + more[id(place)])),),))
        if id(place) in more
        else place.leaf
        for place in kept
    ]


def weighted(leaf: Counted, count: float) -> Counted:
    """The same word, worth so many times as much."""
    if count == 1:
        return leaf
    return Counted(leaf.fieldname, leaf.ways, within=leaf.within, boost=leaf.boost * count)
