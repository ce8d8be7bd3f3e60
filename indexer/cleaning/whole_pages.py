"""Where the article stands in the text of a whole page: between its menus and its lists of other stories.

Line by line a teaser looks like a paragraph. But the article's lines stand together and are likely; teasers stand
behind them among doubtful lines, or as lists of headlines with a mark before each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning.features import words_in
from indexer.learned.columns import COLUMN, Floats
from indexer.learned.company import MOST_WORDS

Flags = NDArray[np.bool_]

UNLIKELY, UNLIKELY_LINES = 0.1, 30
"""A text with so many lines below this chance is that of a whole page."""
MIDDLE = 0.4
"""A line with this chance speaks neither for nor against where it stands."""
FEWEST_WORDS = 8
"""Shorter lines say as much against a place as lines of so many words."""
SURE = 0.8
"""What the words of the core must be worth on average: lists that are the article promise less."""
BESIDE = 6
"""Lines around the core that are judged as those in it: a box may stand between a text and its end."""
STAYS = 0.75
"""What a line elsewhere needs."""
LIST_LINES, LIST_ENDED = 16, 1 / 3
"""So many lines in a row with a mark before each, no more of them with a full stop, are a list of headlines."""
AGAINST = 0.2
"""How much the lines of a list speak against their place, whatever their chances."""


def elsewhere(rows: Floats, probabilities: Floats, kept: Flags) -> Flags:
    """The kept lines of a whole page's text that stand apart from its core; none where that is not plain."""
    nothing = np.zeros(len(kept), np.bool_)
    if np.count_nonzero(probabilities < UNLIKELY) < UNLIKELY_LINES:
        return nothing
    words, listed = words_in(rows), headlines(rows)
    speaks = np.where(listed, -AGAINST, probabilities - MIDDLE)
    first, last = _best_part(speaks * words.clip(FEWEST_WORDS, MOST_WORDS))
    core, near = nothing.copy(), nothing.copy()
    core[first : last + 1] = True
    near[max(0, first - BESIDE) : last + 1 + BESIDE] = True
    own = words * (kept & core)
    if not own.any() or np.average(probabilities, weights=own) < SURE:
        return nothing
    return kept & ~core & (listed | (~near & (probabilities < STAYS)))


def headlines(rows: Floats) -> Flags:
    """Lines of long lists with a mark before each and hardly a full stop."""
    marked = rows[:, COLUMN["starts_mark"]] > 0
    ended = np.concatenate([[0], np.cumsum(rows[:, COLUMN["ends"]] > 0)])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    found = np.zeros(len(rows), np.bool_)
    for first, behind in edges.reshape(-1, 2).tolist():
        lines = behind - first
        if lines >= LIST_LINES and ended[behind] - ended[first] <= LIST_ENDED * lines:
            found[first:behind] = True
    return found


def _best_part(speaks: Floats) -> tuple[int, int]:
    """First and last line of the part with the highest sum (Kadane)."""
    total = np.concatenate([[0.0], np.cumsum(speaks, dtype=np.float64)])
    gain = total[1:] - np.minimum.accumulate(total[:-1])
    last = int(gain.argmax())
    return int(total[: last + 1].argmin()), last
