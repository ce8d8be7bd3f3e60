"""Lines -> verdicts: kept, or removed with a reason a reader understands.

A verdict never depends on the order of files: it uses the line, the file around it, and whether
the line recurs in other files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer import phrases
from indexer.lines import Line, key_of
from indexer.recurrence import RECURS_IN_FILES, Recurring

REPEAT_WORDS = 6
"""From this many words on, a line that says the same as an earlier one is a repeat by itself."""
REPEAT_RUN = 3
"""Shorter lines are repeats when this many lines in a row repeat."""
SENTENCE_WORDS = 12
SENTENCE_ENDS = (".", "!", "?", "…", "؟", "۔", "。", "！", "？", "।")
CREDIT_AT_END = re.compile(r"\s*\([^()]{2,40}\)\W*$")
CLOSING = "\"'”’»)]』」"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one line."""

    line: Line
    keep: bool
    reason: str
    """Why it goes; for a kept line what it is."""


def ends_as_sentence(text: str) -> bool:
    """Whether the line ends with the end mark of a sentence, in any of the scripts we know."""
    return CREDIT_AT_END.sub("", text[-120:]).rstrip(CLOSING).endswith(SENTENCE_ENDS)


def is_sentence_like(line: Line) -> bool:
    """Prose: long enough, and ended as a sentence or very long."""
    count = word_count(line)
    return count >= SENTENCE_WORDS and (ends_as_sentence(line.text) or count >= 2 * SENTENCE_WORDS)


def word_count(line: Line) -> int:
    """Words; where a script has no spaces, two characters count as a word."""
    characters = sum(map(len, line.words))
    return (
        max(len(line.words), characters // 2)
        if characters > 12 * len(line.words)
        else len(line.words)
    )


def best_run(lines: Sequence[Line]) -> tuple[int, int]:
    """Where prose outweighs the rest most: first and last index, both included; (0, -1) if none.

    Maximum subarray (Kadane): a sentence weighs its words, anything else counts against the run.
    """
    best, best_first, best_last = 0.0, 0, -1
    weight, first = 0.0, 0
    for i, line in enumerate(lines):
        if weight <= 0:
            weight, first = 0.0, i
        count = word_count(line)
        weight += count if is_sentence_like(line) else -(5 + 0.4 * count)
        if weight > best:
            best, best_first, best_last = weight, first, i
    return best_first, best_last


def repeats(lines: Sequence[Line]) -> dict[int, int]:
    """Index of a line that repeats -> index of the earlier line that says the same."""
    first: dict[str, int] = {}
    earlier: list[int] = []
    for i, line in enumerate(lines):
        said = " ".join(line.words)
        earlier.append(first.setdefault(said, i) if said else i)
    found = {}
    run: list[int] = []
    for i, j in enumerate([*earlier, -1]):
        if 0 <= j < i:
            run.append(i)
            continue
        long_run = len(run) >= REPEAT_RUN
        for k in run:
            if long_run or word_count(lines[k]) >= REPEAT_WORDS:
                found[k] = earlier[k]
        run = []
    return found


def recurs(lines: Sequence[Line], recurring: Recurring) -> list[bool]:
    """For each line whether it stands in several files and that is evidence against it.

    Copies of one story share their sentences, too: where half of a file's sentences recur, only
    lines that are no sentences are suspected.
    """
    found = [
        bool(line.words) and recurring.files_with(key_of(line)) >= RECURS_IN_FILES for line in lines
    ]
    prose = [recurs for line, recurs in zip(lines, found, strict=True) if is_sentence_like(line)]
    if 2 * sum(prose) >= max(1, len(prose)):
        found = [
            recurs and not is_sentence_like(line) for line, recurs in zip(lines, found, strict=True)
        ]
    return found


def rule_scores(lines: Sequence[Line]) -> list[float]:
    """How much each line looks like the article's text, by hand-written rules, from 0 to 1."""
    first, last = best_run(lines)
    counts = Counter(line.same for line in lines)
    scores = []
    for i, line in enumerate(lines):
        score = 0.9 if first <= i <= last else 0.1
        if not is_sentence_like(line):
            family = phrases.family(line.text)
            if family >= 0:
                score -= 0.5
            if counts[line.same] > 2 or phrases.is_image_name(line.text):
                score -= 0.5
        scores.append(score)
    return scores
