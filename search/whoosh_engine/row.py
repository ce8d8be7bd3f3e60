"""Words side by side: which are neighbours, and which may be one word that was typed apart."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from itertools import pairwise
from typing import NamedTuple

from search.whoosh_engine.nodes import Counted, Slots

TEXT = "text"
MAX_NAMED = 32  # words of a query in which names are sought that were typed apart


class Place(NamedTuple):
    """A word in a row of words."""

    spelling: str
    leaf: Counted
    is_word: bool
    is_quoted: bool = False


def are_parts(first: Place, second: Place) -> bool:
    """Whether two words may be one that was typed apart: no patterns, no letters, no numbers.

    Nor is a compound a part.
    """
    return (
        first.is_word
        and second.is_word
        and first.leaf.slot is not None
        and second.leaf.slot is not None
        and len(first.spelling) > 1
        and len(second.spelling) > 1
        and not (first.spelling + second.spelling).isdigit()
    )


def neighbours(row: Sequence[Place]) -> list[Slots]:
    """Each two plain words side by side, each pair once."""
    slots = [place.leaf.slot if place.is_word else None for place in row]
    ways: list[Slots] = [
        (first, second) for first, second in pairwise(slots) if first and second and first != second
    ]
    return ways if len(ways) < 2 else list(dict.fromkeys(ways))


def written_together(
    row: Sequence[Place], telling: Container[str], occurring: Callable[[str], tuple[str, ...]]
) -> list[Counted]:
    """The leaves of the telling words; each two side by side also as one: `al Nusra` finds `Alnusra`.

    A passage is no name, and its small words would make others (`a broad`). `occurring` tells the
    terms of a form that the index has.
    """
    more: dict[int, tuple[str, ...]] = {}
    for at, (first, second) in enumerate(pairwise(row) if len(row) <= MAX_NAMED else ()):
        if (
            first.spelling in telling
            and second.spelling in telling
            and are_parts(first, second)
            and (terms := occurring(first.spelling + second.spelling))
        ):
            more[at] = more.get(at, ()) + terms
            more[at + 1] = terms
    return [
        _or_these(place.leaf, more[at]) if at in more else place.leaf
        for at, place in enumerate(row)
        if place.spelling in telling
    ]


def _or_these(leaf: Counted, terms: tuple[str, ...]) -> Counted:
    """A plain word that counts other terms, too."""
    return Counted(TEXT, ((tuple(dict.fromkeys((leaf.slot or ()) + terms)),),))


def weighted(leaf: Counted, count: float) -> Counted:
    """The same word, worth so many times as much."""
    if count == 1:
        return leaf
    return Counted(leaf.fieldname, leaf.ways, within=leaf.within, boost=leaf.boost * count)
