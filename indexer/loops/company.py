"""What is thought of the lines around a line: probabilities beside it, around it, of the whole file."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    F4,
    F8,
    boolean,
    compiled,
    float32,
    float64,
    read_only,
    void,
    writable,
)  # fmt: skip

STEPS = (-3, -2, -1, 1, 2, 3)
WINDOWS = (5, 15)
SENTENCES_WITHIN = 12
SURE, LIKELY, UNLIKELY = 0.8, 0.6, 0.1
FARTHEST = 40
IN_CORE = 0.4
"""A line above this probability speaks for a core that reaches over it, one below against."""
UNKNOWN = -1.0
COMPANY_FEATURES: tuple[str, ...] = (
    "chance",
    *(f"chance{step:+d}" for step in STEPS),
    *(f"chances_{side}_{width}" for width in WINDOWS for side in ("before", "after")),
    "sentences_before", "sentences_after", "words_kept_before", "words_kept_after",
    "since_sure", "until_sure", "since_sentence", "until_sentence", "since_unlikely", "until_unlikely",
    "from_core",
    "file_chance", "file_words", "file_kept", "file_best", "file_decided", "file_sentences",
)  # fmt: skip
CHANCE, BESIDE, AROUND, SENTENCES, KEPT, NEAREST, CORE, FILE = 0, 1, 7, 11, 13, 15, 21, 22
"""The first column of each kind."""
Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]


@compiled()
def _describe_beside(own: Doubles, rows: Floats) -> None:
    for k in range(len(STEPS)):
        for line in range(len(own)):
            other = line + STEPS[k]
            rows[BESIDE + k, line] = own[other] if 0 <= other < len(own) else UNKNOWN


@compiled()
def _describe_around(own: Doubles, counted: Flags, width: int, rows: Floats) -> None:
    """Means of what counts among so many lines before and behind; UNKNOWN where nothing does."""
    lines = len(own)
    sums, sizes = np.zeros(lines + 1), np.zeros(lines + 1, np.int64)
    for line in range(lines):
        sums[line + 1] = sums[line] + (own[line] if counted[line] else 0.0)
        sizes[line + 1] = sizes[line] + counted[line]
    for line in range(lines):
        low, high = max(0, line - width), min(lines, line + 1 + width)
        size = sizes[line] - sizes[low]
        rows[0, line] = (sums[line] - sums[low]) / size if size else UNKNOWN
        size = sizes[high] - sizes[line + 1]
        rows[1, line] = (sums[high] - sums[line + 1]) / size if size else UNKNOWN


@compiled()
def _describe_kept(own: Doubles, words: Doubles, rows: Floats) -> None:
    """Which share of the words that will probably stay stands before a line, and which behind."""
    all_kept = 0.0
    for line in range(len(own)):
        all_kept += own[line] * words[line]
    total = max(1e-6, all_kept)
    so_far = 0.0
    for line in range(len(own)):
        likely = own[line] * words[line]
        so_far += likely
        rows[KEPT, line] = (so_far - likely) / total
        rows[KEPT + 1, line] = (total - so_far) / total


@compiled()
def _describe_nearest(chosen: Flags, rows: Floats) -> None:
    """How many lines ago the last chosen one was, and in how many the next one comes."""
    away = FARTHEST
    for line in range(len(chosen)):
        rows[0, line] = away
        away = 1 if chosen[line] else min(FARTHEST, away + 1)
    away = FARTHEST
    for line in range(len(chosen) - 1, -1, -1):
        rows[1, line] = away
        away = 1 if chosen[line] else min(FARTHEST, away + 1)


@compiled()
def _describe_core(own: Doubles, words: Doubles, rows: Floats) -> None:
    """Lines to the run in which likely lines outweigh unlikely ones most: negative before it."""
    first = last = lowest_at = 0
    total = lowest = best = 0.0
    for line in range(len(own)):
        total += (own[line] - IN_CORE) * math.sqrt(words[line] + 1)
        if total - lowest > best:
            best, first, last = total - lowest, lowest_at, line + 1
        if total < lowest:
            lowest, lowest_at = total, line + 1
    for line in range(len(own)):
        away = line - first if line < first else max(0, line - last + 1)
        rows[CORE, line] = min(max(away, -FARTHEST), FARTHEST)


@compiled()
def _describe_file(own: Doubles, words: Doubles, prose: Flags, best: float, rows: Floats) -> None:
    chances = said = said_likely = all_words = likely_words = of_sentences = 0.0
    decided = sentences = 0
    for line in range(len(own)):
        chances += own[line]
        said += own[line] * words[line]
        all_words += words[line]
        if own[line] > 0.5:
            said_likely += own[line] * words[line]
            likely_words += words[line]
        decided += own[line] > SURE or own[line] < UNLIKELY
        if prose[line]:
            sentences += 1
            of_sentences += own[line]
    lines = len(own)
    rows[FILE] = np.float32(chances / lines)
    rows[FILE + 1] = np.float32(said / max(1.0, all_words))
    rows[FILE + 2] = np.float32(said_likely / max(1.0, likely_words))
    rows[FILE + 3] = np.float32(best)
    rows[FILE + 4] = np.float32(decided / lines)
    rows[FILE + 5] = np.float32(of_sentences / sentences if sentences else UNKNOWN)


@compiled(void(F4, F8, F8, read_only(boolean), float64, writable(float32, 2)))
def describe_company(  # noqa: PLR0913, PLR0917 - what is known of each line
    chances: Floats, own: Doubles, words: Doubles, prose: Flags, best: float, rows: Floats
) -> None:
    """Fill COMPANY_FEATURES, which are all that rows (columns, lines) has.

    chances, own, words, prose (lines): the probabilities, those of lines that were not said before,
    how many words count, whether it is a sentence; best: what F1 can be expected of the file.
    """
    rows[CHANCE] = chances
    everything = np.ones(len(own), np.bool_)
    _describe_beside(own, rows)
    for k in range(len(WINDOWS)):
        _describe_around(own, everything, WINDOWS[k], rows[AROUND + 2 * k : AROUND + 2 * k + 2])
    _describe_around(own, prose, SENTENCES_WITHIN, rows[SENTENCES : SENTENCES + 2])
    _describe_kept(own, words, rows)
    _describe_nearest(own > SURE, rows[NEAREST : NEAREST + 2])
    _describe_nearest((own > LIKELY) & prose, rows[NEAREST + 2 : NEAREST + 4])
    _describe_nearest(own < UNLIKELY, rows[NEAREST + 4 : NEAREST + 6])
    _describe_core(own, words, rows)
    _describe_file(own, words, prose, best, rows)
