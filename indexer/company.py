"""What is thought of the lines around a line: what the second forest looks at.

The first forest judges each line by itself. Its answers for the neighbours and for the whole file
tell a list that is the article from a menu: one stands among likely lines, the other does not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.columns import COLUMN, UNKNOWN, Floats

STEPS = (-3, -2, -1, 1, 2, 3)
WINDOWS = (5, 15)
SENTENCES_WITHIN = 12
SURE, LIKELY, UNLIKELY = 0.8, 0.6, 0.1
FARTHEST = 40
MOST_WORDS = 60
"""Longer lines say no more about a file than lines of so many words."""
IN_CORE = 0.4
"""A line above this probability speaks for a core that reaches over it, one below against."""
COMPANY_FEATURES: tuple[str, ...] = (
    "chance",
    *(f"chance{step:+d}" for step in STEPS),
    *(f"chances_{side}_{width}" for width in WINDOWS for side in ("before", "after")),
    "sentences_before", "sentences_after", "words_kept_before", "words_kept_after",
    "since_sure", "until_sure", "since_sentence", "until_sentence", "since_unlikely", "until_unlikely",
    "from_core",
    "file_chance", "file_words", "file_kept", "file_best", "file_decided", "file_sentences",
)  # fmt: skip
Doubles = NDArray[np.float64]


def company_rows(chances: Floats, rows: Floats) -> Floats:
    """What is known of each line, and what is thought of the others: the second forest's rows."""
    return np.hstack([rows, company_table(chances, rows)])


def company_table(chances: Floats, rows: Floats) -> Floats:
    """One row a line, float32, columns as COMPANY_FEATURES.

    `chances` are the first forest's probabilities, `rows` have the columns of FEATURES. A line that
    was said before tells nothing of the lines around it: a copy of a text does not vouch for itself.
    """
    count = len(chances)
    if not count:
        return np.zeros((0, len(COMPANY_FEATURES)), np.float32)
    own = np.where(rows[:, COLUMN["copies_before"]] > 0, 0.0, chances.astype(np.float64))
    words = np.minimum(MOST_WORDS, np.expm1(rows[:, COLUMN["words"]].astype(np.float64)))
    prose = rows[:, COLUMN["prose"]] > 0
    columns = [
        chances.astype(np.float64),
        *(_beside(own, step) for step in STEPS),
        *(side for width in WINDOWS for side in _around(own, np.ones(count), width)),
        *_around(own * prose, prose.astype(np.float64), SENTENCES_WITHIN),
        *_kept_words(own * words),
        *_nearest(own > SURE),
        *_nearest((own > LIKELY) & prose),
        *_nearest(own < UNLIKELY),
        _from_core(own, words),
        *(np.full(count, value) for value in _of_file(own, words, prose)),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def best_expected(chances: NDArray[np.floating], words: NDArray[np.floating]) -> float:
    """The highest F1 over words that can be expected of a file, whatever its threshold."""
    order = np.argsort(-chances, kind="stable")
    right = np.cumsum((chances * words)[order])
    kept = np.cumsum(words[order])
    return float((2 * right / np.maximum(1e-6, kept + right[-1])).max())


def _beside(own: Doubles, step: int) -> Doubles:
    beside = np.full(len(own), UNKNOWN, np.float64)
    if step < 0:
        beside[-step:] = own[:step]
    else:
        beside[:-step] = own[step:]
    return beside


def _around(values: Doubles, counted: Doubles, width: int) -> tuple[Doubles, Doubles]:
    """Means of what counts among so many lines before and behind; UNKNOWN where nothing does."""
    at = np.arange(len(values))
    sums = np.concatenate(([0.0], np.cumsum(values)))
    sizes = np.concatenate(([0.0], np.cumsum(counted)))

    def mean(low: NDArray[np.int64], high: NDArray[np.int64]) -> Doubles:
        size = sizes[high] - sizes[low]
        result: Doubles = np.where(
            size > 0, (sums[high] - sums[low]) / np.maximum(1, size), UNKNOWN
        )
        return result

    before = mean(np.maximum(0, at - width), at)
    return before, mean(at + 1, np.minimum(len(values), at + 1 + width))


def _kept_words(likely: Doubles) -> tuple[Doubles, Doubles]:
    """Which share of the words that will probably stay stands before a line, and which behind."""
    sums = np.cumsum(likely)
    total = max(1e-6, float(sums[-1]))
    return (sums - likely) / total, (total - sums) / total


def _nearest(chosen: NDArray[np.bool_]) -> tuple[Doubles, Doubles]:
    """How many lines ago the last chosen one was, and in how many the next one comes."""
    at = np.arange(len(chosen))
    last = np.maximum.accumulate(np.where(chosen, at, -FARTHEST))
    next_one = np.minimum.accumulate(np.where(chosen, at, len(at) + FARTHEST)[::-1])[::-1]
    since = at - np.concatenate(([-FARTHEST], last[:-1]))
    until = np.concatenate((next_one[1:], [len(at) + FARTHEST])) - at
    return np.minimum(FARTHEST, since), np.minimum(FARTHEST, until)


def _from_core(own: Doubles, words: Doubles) -> Doubles:
    """Lines to the run in which likely lines outweigh unlikely ones most: negative before it."""
    sums = np.concatenate(([0.0], np.cumsum((own - IN_CORE) * np.sqrt(words + 1))))
    last = int(np.argmax(sums - np.minimum.accumulate(sums)))
    first = int(np.argmin(sums[:last])) if last else 0
    at = np.arange(len(own))
    away = np.where(at < first, at - first, np.maximum(0, at - last + 1))
    return np.clip(away, -FARTHEST, FARTHEST)


def _of_file(own: Doubles, words: Doubles, prose: NDArray[np.bool_]) -> tuple[float, ...]:
    likely = own > 0.5
    kept = float(words[likely].sum())
    return (
        float(own.mean()),
        float((own * words).sum()) / max(1.0, float(words.sum())),
        float((own * words)[likely].sum()) / max(1.0, kept),
        best_expected(own, words),
        float(((own > SURE) | (own < UNLIKELY)).mean()),
        float(own[prose].mean()) if prose.any() else UNKNOWN,
    )
