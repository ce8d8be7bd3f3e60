"""Words side by side: which are neighbours, and which may be one word that was typed apart."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from search.whoosh_engine.nodes import Counted, Slots

TEXT = "text"
MAX_NAMED = 32  # words of a query in which names are sought that were typed apart


class Place(NamedTuple):
    """A word in a row of words."""

    spelling: str
    leaf: Counted
    slot: tuple[str, ...] | None
    """The terms of a plain word that is no pattern."""
    is_part: bool
    """Whether it may be part of a word that was typed apart: no pattern, letter or compound."""
    is_quoted: bool = False


def neighbours(row: Sequence[Place]) -> list[Slots]:
    """Each two plain words side by side, each pair once."""
    found: list[Slots] = []
    before = None
    for place in row:
        slot = place.slot
        if slot and before and slot != before:
            found.append((before, slot))
        before = slot
    return found if len(found) < 2 else list(dict.fromkeys(found))


def typed_apart(row: Sequence[Place], telling: Container[str]) -> dict[int, str]:
    """Each two telling words side by side that may be one: the place of the first -> that one.

    A passage is no name, and its small words would make others (`a broad`).
    """
    found: dict[int, str] = {}
    if len(row) > MAX_NAMED:
        return found
    before: Place | None = None
    for at, place in enumerate(row):
        if not place.is_part or place.spelling not in telling:
            before = None
            continue
        if before and not (before.spelling.isdigit() and place.spelling.isdigit()):
            found[at - 1] = before.spelling + place.spelling
        before = place
    return found


def or_as_one(leaf: Counted, terms: tuple[str, ...]) -> Counted:
    """A plain word that counts what it may be written as together with its neighbours, too."""
    if not terms:
        return leaf
    return Counted(TEXT, ((tuple(dict.fromkeys((leaf.slot or ()) + terms)),),))


def weighted(leaf: Counted, count: float) -> Counted:
    """The same word, worth so many times as much."""
    if count == 1:
        return leaf
    return Counted(leaf.fieldname, leaf.ways, within=leaf.within, boost=leaf.boost * count)
