"""Where a line stands among the others: its place, its neighbours, the runs of lines like it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    F4,
    I8,
    boolean,
    compiled,
    float32,
    float64,
    int64,
    read_only,
    several,
    void,
    writable,
)

Flags = NDArray[np.bool_]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
FLAGS = read_only(boolean)

GIVEN_COLUMNS = ("words", "ends", "starts_mark", "in_family", "has_date", "family", "blank_before")
WORDS, ENDS, STARTS_MARK, IN_FAMILY, HAS_DATE, FAMILY, BLANK_BEFORE = range(7)
PLACE_COLUMNS = (
    "place", "from_first", "from_last", "words_before", "prose_before", "in_run", "from_run",
    "from_first_prose", "from_last_prose",
    "window_prose", "window_prose_before", "window_prose_after", "window_words", "window_family",
    "copies", "copies_before", "mark_run", "shape_run", "from_strong", "until_strong",
    "since_comments", "since_stories", "until_prose", "words_after_prose_gap",
    "run_lines", "run_words", "run_ends", "run_marked", "run_families", "run_dates", "run_before",
    "run_after", "text_lines", "text_words", "text_prose", "text_blank",
)  # fmt: skip
(
    PLACE, FROM_FIRST, FROM_LAST, WORDS_BEFORE, PROSE_BEFORE, IN_RUN, FROM_RUN,
    FROM_FIRST_PROSE, FROM_LAST_PROSE,
    WINDOW_PROSE, WINDOW_PROSE_BEFORE, WINDOW_PROSE_AFTER, WINDOW_WORDS, WINDOW_FAMILY,
    COPIES, COPIES_BEFORE, MARK_RUN, SHAPE_RUN, FROM_STRONG, UNTIL_STRONG,
    SINCE_COMMENTS, SINCE_STORIES, UNTIL_PROSE, WORDS_AFTER_PROSE_GAP,
    RUN_LINES, RUN_WORDS, RUN_ENDS, RUN_MARKED, RUN_FAMILIES, RUN_DATES, RUN_BEFORE,
    RUN_AFTER, TEXT_LINES, TEXT_WORDS, TEXT_PROSE, TEXT_BLANK,
) = range(len(PLACE_COLUMNS))  # fmt: skip
NEIGHBOUR_STEPS = (-3, -2, -1, 1, 2, 3)
COMMENT_FAMILY, STORIES_FAMILY = 0, 1
UNKNOWN = -1.0
WINDOW = 5
STRONG_WORDS = 25
"""A sentence this long is hardly ever furniture."""
NEVER = 1_000_000
LOG_2 = math.log(2)


@compiled(several(int64, 2)(F4, FLAGS))
def best_run(words: Floats, prose: Flags) -> tuple[int, int]:
    """Where prose outweighs the rest most: first and last row, both included; (0, -1) if none.

    Maximum subarray (Kadane): a sentence weighs its words, anything else counts against the run.
    """
    first, last = 0, -1
    best, lowest, lowest_at = 0.0, 0.0, 0
    total = np.float32(0)
    for line in range(len(words)):
        against = np.float32(5) + np.float32(0.4) * words[line]
        total += words[line] if prose[line] else -against
        if total - lowest > best:
            best, first, last = float64(total) - lowest, lowest_at, line
        if total <= lowest:
            lowest, lowest_at = float64(total), line + 1
    return first, last


@compiled()
def _bounded(value: Any, least: int, most: int) -> Any:
    return min(max(value, least), most)


@compiled()
def _describe_order(words: Floats, prose: Flags, sums: Floats, at: Ints, rows: Floats) -> None:
    """Of the file as a whole, and how far its ends and its longest run of prose are."""
    lines = len(words)
    first_prose, last_prose = lines, -1
    for line in range(lines):
        if prose[line]:
            first_prose, last_prose = min(first_prose, line), line
    if last_prose < 0:
        first_prose, last_prose = 0, lines - 1
    first_run, last_run = best_run(words, prose)
    total = max(np.float32(1), sums[0])
    total_prose = max(np.float32(1), sums[1])
    before, prose_before = np.float32(0), np.float32(0)
    for line in range(lines):
        rows[at[PLACE], line] = line / max(1, lines - 1)
        rows[at[FROM_FIRST], line] = min(line, 30)
        rows[at[FROM_LAST], line] = min(lines - 1 - line, 30)
        own = words[line] if prose[line] else np.float32(0)
        before += words[line]
        prose_before += own
        rows[at[WORDS_BEFORE], line] = (before - words[line]) / total
        rows[at[PROSE_BEFORE], line] = (prose_before - own) / total_prose
        rows[at[IN_RUN], line] = first_run <= line <= last_run
        away = line - first_run if line < first_run else max(0, line - last_run)
        rows[at[FROM_RUN], line] = _bounded(away, -20, 20)
        rows[at[FROM_FIRST_PROSE], line] = _bounded(line - first_prose, -15, 15)
        rows[at[FROM_LAST_PROSE], line] = _bounded(line - last_prose, -15, 15)
        rows[at[TEXT_LINES], line] = math.log1p(lines)
        rows[at[TEXT_WORDS], line] = math.log1p(float64(total))
        rows[at[TEXT_PROSE], line] = sums[1] / total


@compiled()
def _describe_windows(
    words: Floats, prose: Flags, in_family: Floats, at: Ints, rows: Floats
) -> None:
    """What stands within five lines."""
    lines = len(words)
    proses, sizes, families = np.zeros(lines + 1), np.zeros(lines + 1), np.zeros(lines + 1)
    for line in range(lines):
        proses[line + 1] = proses[line] + prose[line]
        sizes[line + 1] = sizes[line] + words[line]
        families[line + 1] = families[line] + (in_family[line] > 0)
    for line in range(lines):
        low, high = max(0, line - WINDOW), min(lines, line + WINDOW + 1)
        width = high - low
        rows[at[WINDOW_PROSE], line] = (proses[high] - proses[low]) / width
        before = (proses[line] - proses[low]) / max(1, line - low)
        rows[at[WINDOW_PROSE_BEFORE], line] = before
        after = (proses[high] - proses[line + 1]) / max(1, high - line - 1)
        rows[at[WINDOW_PROSE_AFTER], line] = after
        rows[at[WINDOW_WORDS], line] = math.log1p((sizes[high] - sizes[low]) / width)
        rows[at[WINDOW_FAMILY], line] = (families[high] - families[low]) / width


@compiled()
def _describe_runs(words: Floats, prose: Flags, given: Ints, at: Ints, rows: Floats) -> None:
    """What the run of like lines (prose, or not) around a line is, and what stands beside it."""
    lines = len(words)
    shares = (
        (STARTS_MARK, RUN_MARKED), (ENDS, RUN_ENDS), (IN_FAMILY, RUN_FAMILIES), (HAS_DATE, RUN_DATES),
    )  # fmt: skip
    start = 0
    earlier = np.float32(UNKNOWN)
    while start < lines:
        stop = start
        size = 0.0
        while stop < lines and prose[stop] == prose[start]:
            size += words[stop]
            stop += 1
        count = stop - start
        log = np.float32(math.log1p(np.float32(size)))
        for line in range(start, stop):
            rows[at[RUN_LINES], line] = min(60, count)
            rows[at[RUN_WORDS], line] = math.log1p(np.float32(size) / count)
            rows[at[RUN_BEFORE], line] = earlier
            rows[at[RUN_AFTER], line] = UNKNOWN
        if start:
            for line in range(start - 1, -1, -1):
                if prose[line] == prose[start]:
                    break
                rows[at[RUN_AFTER], line] = log
        for source, target in shares:
            having = 0
            for line in range(start, stop):
                having += rows[given[source], line] > 0
            for line in range(start, stop):
                rows[at[target], line] = having / count
        earlier = log
        start = stop


@compiled()
def _describe_copies(copies: Ints, at: Ints, rows: Floats) -> None:
    """How often a line is said, and how often it was said before."""
    times = np.zeros(len(copies), np.int64)
    for line in range(len(copies)):
        rows[at[COPIES_BEFORE], line] = min(3, times[copies[line]])
        times[copies[line]] += 1
    for line in range(len(copies)):
        rows[at[COPIES], line] = min(5, times[copies[line]])


@compiled()
def _describe_shapes(opens: Ints, words: Floats, ends: Floats, at: Ints, rows: Floats) -> None:
    """How many lines in a row begin with the same mark, and how many have the same shape."""
    shapes = np.empty(len(opens), np.int64)
    for line in range(len(opens)):
        size = int64(min(4.0, math.floor(words[line] / LOG_2 + 1e-6)))
        shapes[line] = (opens[line] * 8 + size) * 2 + (ends[line] > 0)
    _describe_rows_of(opens, rows[at[MARK_RUN]])
    _describe_rows_of(shapes, rows[at[SHAPE_RUN]])
    for line in range(len(opens)):
        if not opens[line]:
            rows[at[MARK_RUN], line] = 0


@compiled()
def _describe_rows_of(values: Ints, column: Floats) -> None:
    """For each line how many lines in a row have its value."""
    start = 0
    while start < len(values):
        stop = start
        while stop < len(values) and values[stop] == values[start]:
            stop += 1
        column[start:stop] = math.log1p(stop - start)
        start = stop


@compiled()
def _describe_strong(words: Floats, ends: Floats, at: Ints, rows: Floats) -> None:
    """How far the nearest long sentence before and behind the line is."""
    last = -NEVER
    for line in range(len(words)):
        rows[at[FROM_STRONG], line] = min(40, line - last)
        if round(words[line]) >= STRONG_WORDS and ends[line] > 0:
            last = line
    following = NEVER
    for line in range(len(words) - 1, -1, -1):
        rows[at[UNTIL_STRONG], line] = min(40, following - line)
        if round(words[line]) >= STRONG_WORDS and ends[line] > 0:
            following = line


@compiled()
def _describe_families(families: Floats, at: Ints, rows: Floats) -> None:
    """How many lines ago comments and other stories were announced."""
    comments = stories = -NEVER
    for line in range(len(families)):
        if families[line] == COMMENT_FAMILY:
            comments = line
        if families[line] == STORIES_FAMILY:
            stories = line
        rows[at[SINCE_COMMENTS], line] = min(line - comments, 60)
        rows[at[SINCE_STORIES], line] = min(line - stories, 60)


@compiled()
def _describe_gaps(words: Floats, prose: Flags, at: Ints, rows: Floats) -> None:
    """Sentences behind a gap of other lines belong to something else more often than not."""
    following = NEVER
    for line in range(len(words) - 1, -1, -1):
        if prose[line]:
            following = line
        rows[at[UNTIL_PROSE], line] = min(following - line, 40)
    previous = -NEVER
    total = before = np.float32(0)
    for line in range(len(words)):
        if prose[line]:
            if line - previous > 4:
                before = total
            total += words[line]
            previous = line
        rows[at[WORDS_AFTER_PROSE_GAP], line] = math.log1p(float64(total) - float64(before))


@compiled(void(F4, FLAGS, F4, I8, I8, I8, I8, I8, int64, writable(float32, 2)))
def describe_place(  # noqa: PLR0913, PLR0917 - what a line is placed by
    words: Floats,
    prose: Flags,
    sums: Floats,
    opens: Ints,
    copies: Ints,
    given: Ints,
    at: Ints,
    neighbours: Ints,
    beside: int,
    rows: Floats,
) -> None:
    """Fill PLACE_COLUMNS and the columns of neighbours.

    words, prose (lines); sums: all words, and those of prose; opens (lines): the mark that a line begins with; copies (lines): the first
    line that says the same; given: where GIVEN_COLUMNS stand in rows (columns, lines); neighbours:
    the columns that stand again from `beside` on, for each of NEIGHBOUR_STEPS.
    """
    _describe_order(words, prose, sums, at, rows)
    _describe_windows(words, prose, rows[given[IN_FAMILY]], at, rows)
    _describe_runs(words, prose, given, at, rows)
    _describe_copies(copies, at, rows)
    _describe_shapes(opens, rows[given[WORDS]], rows[given[ENDS]], at, rows)
    _describe_strong(words, rows[given[ENDS]], at, rows)
    _describe_families(rows[given[FAMILY]], at, rows)
    _describe_gaps(words, prose, at, rows)
    for step in range(len(NEIGHBOUR_STEPS)):
        away = NEIGHBOUR_STEPS[step]
        for k in range(len(neighbours)):
            target = rows[beside + step * len(neighbours) + k]
            source = rows[neighbours[k]]
            for line in range(len(words)):
                other = line + away
                target[line] = source[other] if 0 <= other < len(words) else UNKNOWN
    blank = rows[given[BLANK_BEFORE]].sum() / len(words)
    rows[at[TEXT_BLANK]] = np.float32(blank)
