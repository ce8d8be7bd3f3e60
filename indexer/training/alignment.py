"""Which of a page's lines the gold body holds: the labels of the HTML classifier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.lines.lines import Line, words_of

LONG_WORDS = 6
"""From here on the words alone tell whether a line is in the body; shorter ones need their place."""
NEAR = 8
KEPT_SHARE, DROPPED_SHARE = 0.7, 0.3
"""Of a line's four-word runs in the body; between the two a line is neither."""


def labels(lines: Sequence[Line], body: str) -> NDArray[np.int8]:
    """1 for a line of the body, 0 for another, -1 where that cannot be said."""
    gold = words_of(body, limit=None)
    flat = f" {' '.join(gold)} "
    own = {" ".join(words_of(line)) for line in body.split("\n")}
    runs = set(zip(gold, gold[1:], gold[2:], gold[3:], strict=False))
    found = np.full(len(lines), -1, np.int8)
    place = np.full(len(lines), -1, np.int64)
    for i, line in enumerate(lines):
        if len(line.words) >= LONG_WORDS:
            found[i], place[i] = _long(line.words, flat, runs)
        elif line.words:
            found[i] = 0
    _one_copy(lines, flat, found, place)
    _short(lines, flat, own, found, place)
    return found


def _long(
    words: tuple[str, ...], flat: str, runs: set[tuple[str, str, str, str]]
) -> tuple[int, int]:
    at = flat.find(f" {' '.join(words)} ")
    if at >= 0:
        return 1, at
    inside = [run in runs for run in zip(words, words[1:], words[2:], words[3:], strict=False)]
    share = sum(inside) / len(inside)
    if share < KEPT_SHARE:
        return (0 if share < DROPPED_SHARE else -1), -1
    first = inside.index(True)
    return 1, flat.find(f" {' '.join(words[first : first + 4])} ")


def _one_copy(
    lines: Sequence[Line], flat: str, found: NDArray[np.int8], place: NDArray[np.int64]
) -> None:
    """Of several copies of a line the one among most other kept lines is the body's."""
    copies: dict[tuple[str, ...], list[int]] = {}
    for i in np.flatnonzero(found == 1).tolist():
        copies.setdefault(lines[i].words, []).append(i)
    for words, at in copies.items():
        needed = max(1, flat.count(f" {' '.join(words)} "))
        if len(at) <= needed:
            continue
        company = {i: int((found[max(0, i - 4) : i + 5] == 1).sum()) for i in at}
        for i in sorted(at, key=lambda i: -company[i])[needed:]:
            found[i], place[i] = 0, -1


def _short(
    lines: Sequence[Line],
    flat: str,
    own: set[str],
    found: NDArray[np.int8],
    place: NDArray[np.int64],
) -> None:
    """A short line is kept where the body has it between the long lines around it."""
    anchors = np.flatnonzero((found == 1) & (place >= 0))
    if not len(anchors):
        return
    for i, line in enumerate(lines):
        if not 0 < len(line.words) < LONG_WORDS:
            continue
        k = int(np.searchsorted(anchors, i))
        before = int(anchors[k - 1]) if k else None
        after = int(anchors[k]) if k < len(anchors) else None
        nearest = min(abs(i - j) for j in (before, after) if j is not None)
        if nearest > NEAR:
            continue
        start = 0
        if before is not None:
            start = int(place[before]) + len(" ".join(lines[before].words))
        end = int(place[after]) + 1 if after is not None else len(flat)
        said = " ".join(line.words)
        between = f" {flat[start:end]} " if start <= end else " "
        if said in own or (len(line.words) >= 3 and f" {said} " in between):
            found[i] = 1
