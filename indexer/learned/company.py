"""What is thought of the lines around a line: what the second forest looks at.

The first forest judges each line by itself. Its answers for the neighbours and for the whole file
tell a list that is the article from a menu: one stands among likely lines, the other does not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.learned.columns import COLUMN, Floats
from indexer.loops.company import COMPANY_FEATURES, describe_company

__all__ = ["COMPANY_FEATURES", "best_expected", "company_rows"]

MOST_WORDS = 60
"""Longer lines say no more about a file than lines of so many words."""


def company_rows(chances: Floats, rows: Floats) -> Floats:
    """What is known of each line, and what is thought of the others: the second forest's rows.

    `chances` are the first forest's probabilities, `rows` begin with the columns of FEATURES; behind all
    stand COMPANY_FEATURES. A line that was said before tells nothing of the lines around it: a copy
    of a text does not vouch for itself.
    """
    lines, known = rows.shape
    columns = np.empty((known + len(COMPANY_FEATURES), lines), np.float32)
    columns[:known] = rows.T
    if lines:
        own = chances.astype(np.float64)
        own[rows[:, COLUMN["copies_before"]] > 0] = 0
        words = np.minimum(MOST_WORDS, np.expm1(rows[:, COLUMN["words"]].astype(np.float64)))
        prose = rows[:, COLUMN["prose"]] > 0
        best = best_expected(own, words)
        describe_company(chances, own, words, prose, best, columns[known:])
    return columns.T


def best_expected(chances: NDArray[np.floating], words: NDArray[np.floating]) -> float:
    """The highest F1 over words that can be expected of a file, whatever its threshold."""
    order = (-chances).argsort(kind="stable")
    right = (chances * words)[order].cumsum()
    kept = words[order].cumsum()
    return float((2 * right / np.maximum(1e-6, kept + right[-1])).max())
