"""Text and what matched in, marked segments and excerpts out. No HTML is made here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from search.letters import KINDS
from search.loops.excerpts import CUT_AFTER, CUT_BEFORE, FIRST, MARKED, MAX_ANCHORS, cut_texts
from search.marking import Shown, Span, shown_of
from search.model import Segment, Snippet

__all__ = ["MAX_ANCHORS", "excerpts", "mark_count", "paragraphs", "segments"]

EXCERPT_LENGTH = 240  # characters; two lines of a result
EXCERPT_COUNT = 2
_CONTINUED = "…"
# A third of the time of Segment(...), which checks its arguments.
_segment = partial(tuple.__new__, Segment)


# --- segments ------------------------------------------------------------------------------------


def segments(text: str, spans: Iterable[Span], start: int = 0, end: int | None = None) -> Snippet:
    """`text[start:end]` with the spans marked; joined, the segments are that text."""
    stop = len(text) if end is None else end
    found: list[Segment] = []
    place = start
    for a, z in _merged(spans):
        if z <= start or a >= stop:
            continue
        first, last = max(a, start), min(z, stop)
        if first > place:
            found.append(_segment((text[place:first], False)))
        found.append(_segment((text[first:last], True)))
        place = last
    if place < stop:
        found.append(_segment((text[place:stop], False)))
    return tuple(found)


def _merged(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """Overlapping spans as one; spans that only touch stay two."""
    merged: list[tuple[int, int]] = []
    last = 0
    for start, end, _ in sorted(spans):
        if start >= last:
            merged.append((start, end))
            last = end
        elif end > last:
            merged[-1] = (merged[-1][0], end)
            last = end
    return merged


def mark_count(snippets: Iterable[Snippet]) -> int:
    """How many marked segments these have together."""
    return sum(segment.marked for snippet in snippets for segment in snippet)


def paragraphs(text: str, spans: Sequence[Span]) -> tuple[Snippet, ...]:
    """The text's paragraphs (an empty line parts them), each with its marks."""
    merged = [Span(start, end, 0) for start, end in _merged(spans)]
    found: list[Snippet] = []
    following = 0
    for match in re.finditer(r"(?:(?!\n\s*\n).)+", text, re.DOTALL):
        start, end = match.span()
        start += len(match.group()) - len(match.group().lstrip())
        end = start + len(text[start:end].rstrip())
        if start >= end:
            continue
        while following < len(merged) and merged[following].end <= start:
            following += 1
        inside = following
        while inside < len(merged) and merged[inside].start < end:
            inside += 1
        found.append(segments(text, merged[following:inside], start, end))
    return tuple(found)


# --- excerpts ------------------------------------------------------------------------------------


def excerpts(
    text: str,
    spans: Sequence[Span],
    *,
    until: int | None = None,
    count: int = EXCERPT_COUNT,
    length: int = EXCERPT_LENGTH,
) -> tuple[Snippet, ...]:
    """The most telling windows of a text in the order of the text; its beginning if none matched.

    The first window holds as many different patterns as any can; each further one must show a
    pattern that was not shown, or is left out. `spans` are ordered by place. No window begins at or
    after `until`.
    """
    untils = None if until is None else [0, until]
    ((_, cut),) = cut_hits(shown_of(["", text], [(), spans], untils), count=count, length=length)
    return cut


def cut_hits(
    shown: Shown, *, count: int = EXCERPT_COUNT, length: int = EXCERPT_LENGTH
) -> Iterator[tuple[Snippet, tuple[Snippet, ...]]]:
    """The marked title and the excerpts of each article."""
    texts = shown.texts
    cuts = np.empty((count * (2 * len(shown.rows) + len(texts)), 3), np.int64)
    ends = np.empty(len(texts), np.int64)
    cut_texts(
        shown.letters, KINDS, shown.starts, shown.rows, shown.untils, count, length, cuts, ends
    )
    found = ends.tolist()
    rows = cuts[: found[-1]].tolist()
    before = 0
    for place in range(0, len(texts), 2):
        of_title, of_body = found[place], found[place + 1]
        title = _snippets(texts[place], rows[before:of_title])
        yield title[0], _snippets(texts[place + 1], rows[of_title:of_body])
        before = of_body


def _snippets(text: str, rows: Iterable[Sequence[int]]) -> tuple[Snippet, ...]:
    """The pieces that `cut_texts` names, with dots where a sentence is cut."""
    found: list[list[Segment]] = []
    piece: list[Segment] = []
    for start, end, what in rows:
        part = text[start:end]
        if what <= MARKED:
            piece.append(_segment((part, what == MARKED)))
            continue
        is_marked = what & MARKED > 0
        if what & FIRST:
            piece = []
            found.append(piece)
            if what & CUT_BEFORE and is_marked:
                piece.append(_segment((_CONTINUED, False)))
            elif what & CUT_BEFORE:
                part = _CONTINUED + part
        if what & CUT_AFTER and not is_marked:
            part += _CONTINUED
        if part:
            piece.append(_segment((part, is_marked)))
        if what & CUT_AFTER and is_marked:
            piece.append(_segment((_CONTINUED, False)))
    return tuple(map(tuple, found))
