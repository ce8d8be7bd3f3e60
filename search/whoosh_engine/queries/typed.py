"""Typed words and what they count by; remembered, for the same words are asked for again and again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from search import elision
from search.text import MAX_FORM, Token, stem, tokens
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.queries.row import Place

Languages = tuple[str | None, ...]

MAX_REMEMBERED = 8_192  # typed words whose analysis a process remembers: some seven megabytes


def remembered(analysis: Any, text: str, *more: Any) -> Any:
    """What an analysis says of a text; of a very long one it is not remembered."""
    return (analysis if len(text) <= MAX_FORM else analysis.__wrapped__)(text, *more)


@lru_cache(maxsize=MAX_REMEMBERED)
def place(text: str, field: str, languages: Languages) -> Place | None:
    """A typed word in a row of words of these languages; None if it is all signs."""
    ways = _ways(text, languages)
    if not ways:
        return None
    leaf = Counted(field, ways)
    spelling = "".join(token.form for token in tokens(text) if not token.extra)
    return Place(spelling, leaf, leaf.slot, leaf.slot is not None and len(spelling) > 1)


@lru_cache(maxsize=MAX_REMEMBERED)
def terms(form: str, languages: Languages) -> tuple[str, ...]:
    """The terms of a folded form in these languages, or the form itself where there are none."""
    return tuple(dict.fromkeys([stem(form, language) for language in languages])) or (form,)


def _ways(text: str, languages: Languages) -> tuple[Slots, ...]:
    """What a typed word is counted by: its terms in these languages, or as it is where there are none."""
    if languages:
        return elision.ways(text, languages)
    row = tokens(text)
    parts = tuple((token.form,) for token in row if not token.extra)
    if not parts:
        return ()
    joined = ("".join(part[0] for part in parts),) if len(row) > len(parts) > 1 else ()
    return (parts, (joined,)) if joined else (parts,)


def compounds_joined(row: Sequence[Token]) -> list[str]:
    """The words of a text with each compound as one word."""
    parts = [token for token in row if not token.extra]
    starts = [part.start for part in parts]
    found: dict[int, str] = {token.position: token.form for token in parts}
    for whole in row:
        if not whole.extra:
            continue
        first, last = bisect_left(starts, whole.start), bisect_left(starts, whole.end)
        inside = [part.position for part in parts[first:last] if part.end <= whole.end]
        if len(inside) > 1:
            found[inside[0]] = whole.form
            for position in inside[1:]:
                found.pop(position, None)
    return list(found.values())
