"""Readers' comments: a page's markup names them, a text has a reader's name and a time above each."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.columns import COLUMN, Floats
from indexer.dates import dates_of
from indexer.features import prose_of
from indexer.lines import Line
from indexer.page import Inside, Place

Flags = NDArray[np.bool_]

MAX_STAMP_WORDS = 16
NAME_WORDS = 5
AT = re.compile(r",? at ")
BEHIND = re.compile(r"\W*(?:(?:said|says|wrote|reply)\W*)?", re.IGNORECASE)
"""What may follow the time."""
OF_ARTICLES = frozenset(
    ["by", "created", "edited", "first", "last", "modified", "posted", "published", "updated"]
)
"""Beside these words a time is the article's, not a comment's."""
ENDS = (".", "!", "?", ":")
STAMPS = 2
"""One stamp may be anything."""


def told_apart(comments: Flags, chances: Floats, least: float) -> Flags:
    """The comments, unless no other line's chance reaches `least`: then they may be the article."""
    return comments & bool((chances[~comments] >= least).any())


def in_text(lines: Sequence[Line], rows: Floats) -> Flags:
    """Everything from the first of several stamps on that stand below a sentence, apart from each other."""
    found = np.zeros(len(lines), np.bool_)
    begins = []
    last = -1
    for at in np.flatnonzero(rows[:, COLUMN["has_date"]]).tolist():
        begin = _begins(lines, at)
        if begin is not None and begin > last:
            begins.append(begin)
            last = at + 1
    if len(begins) >= STAMPS and prose_of(rows)[: begins[0]].any():
        found[begins[0] :] = True
    return found


def in_page(places: Sequence[Place]) -> Flags:
    """Lines whose own block, or the one around it, has a name that comments have."""
    return np.array([place.near & Inside.NAMED_COMMENT for place in places], np.bool_)


def _begins(lines: Sequence[Line], at: int) -> int | None:
    """The line on which a comment begins if this one states its time, else None.

    `Jo Byrd on May 4, 2021 at 8:15 am said:`, or the same without the name below a line that may be one.
    """
    line = lines[at]
    if len(line.words) > MAX_STAMP_WORDS or " at " not in line.text:
        return None
    stamp = next((date for date in dates_of(line) if date.clock and date.certain), None)
    if (
        stamp is None
        or not AT.match(line.text, stamp.end)
        or not BEHIND.fullmatch(line.text, stamp.span[1])
    ):
        return None
    names = re.findall(r"\w+", line.text[: stamp.span[0]].lower())
    if names:
        return at if len(names) <= NAME_WORDS and OF_ARTICLES.isdisjoint(names) else None
    above = lines[at - 1] if at else None
    if above is None or not 0 < len(above.words) < NAME_WORDS or above.text.endswith(ENDS):
        return None
    return at - 1 if OF_ARTICLES.isdisjoint(above.words) else None
