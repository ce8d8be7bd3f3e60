"""Readers' comments: a page's markup names them; in a text something does, and each has a name and a time above."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning.features import prose_of
from indexer.facts.dates import dates_of
from indexer.learned.columns import COLUMN, Floats
from indexer.lines.lines import Line
from indexer.lines.page import Inside, Page

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
"""For each line the number of the comment that it may be part of, from 1 on; 0 for none."""

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
SAYS = re.compile(r"\b(?:said|says|wrote|reply)\W*$", re.IGNORECASE)
SPEAKS = re.compile(r"\bcomments?\b", re.IGNORECASE)
COUNTS = re.compile(
    r"\W*(?:\d+|one) (?:thoughts? on|responses? to|repl(?:y|ies) to)\b", re.IGNORECASE
)
LINES_ABOVE = 4
"""Of a heading, at most. Without one, names with times may be events, letters or a live report."""


def told_apart(comments: Ints, chances: Floats, least: float) -> Flags:
    """The lines of comments. What may be the article is none of them: a comment with most of the likely lines.

    Likely are lines whose chance reaches `least`. Where none stands elsewhere, nothing is told apart.
    """
    told, likely = comments > 0, chances >= least
    if not (likely & ~told).any():
        return np.zeros(len(told), np.bool_)
    counts = np.bincount(comments[told & likely], minlength=1)
    if 2 * counts.max() > np.count_nonzero(likely):
        told &= comments != counts.argmax()
    return told


def in_text(lines: Sequence[Line], rows: Floats) -> Ints:
    """Everything from the first of several stamps on that stand below a sentence, apart from each other.

    The first one says that it is a reader's (`said:`), or a heading above it does (`8 comments`).
    """
    found = np.zeros(len(lines), np.int64)
    begins: list[int] = []
    last, is_told = -1, False
    for at in np.flatnonzero(rows[:, COLUMN["has_date"]]).tolist():
        begin = _begins(lines, at)
        if begin is not None and begin > last:
            is_told = is_told if begins else _tells(lines, begin, at)
            begins.append(begin)
            last = at + 1
    if is_told and len(begins) >= STAMPS and prose_of(rows)[: begins[0]].any():
        found[begins[0] :] = np.arange(1, len(lines) - begins[0] + 1)
    return found


def in_page(page: Page) -> Ints:
    """Lines whose own block, or the one around it, has a name that comments have.

    Paragraphs of one block are one comment.
    """
    found = np.zeros(len(page.places), np.int64)
    for line, place in enumerate(page.places):
        if place.near & Inside.NAMED_COMMENT:
            block = page.parents[place.block] if place.tag == "p" else place.block
            found[line] = block + 2  # -1 where there is none
    return found


def _tells(lines: Sequence[Line], begin: int, at: int) -> bool:
    """Whether a stamp or a heading above it says that comments begin."""
    above = lines[max(0, begin - LINES_ABOVE) : begin]
    return SAYS.search(lines[at].text) is not None or any(
        COUNTS.match(line.text) or (len(line.words) <= MAX_STAMP_WORDS and SPEAKS.search(line.text))
        for line in above
    )


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
