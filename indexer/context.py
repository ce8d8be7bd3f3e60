"""Where a line stands among the others: the features that need the whole text. Vectorised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.columns import (
    COLUMN,
    COMMENT_FAMILY,
    CONTEXT_FEATURES,
    LINE_FEATURES,
    NEIGHBOUR_FEATURES,
    NEIGHBOUR_STEPS,
    STORIES_FAMILY,
    UNKNOWN,
    Floats,
    Ints,
    bounded,
    put,
)
from indexer.lines import Line
from indexer.words import LONG, MEDIUM, STOP, Words, different

PART_WORDS = (4, 60)
"""Shorter lines stand inside others by chance, longer ones are no part of anything."""
MAX_COMPARED_CHARACTERS = 300_000_000
"""Lines times characters, a tenth of a second: no honest file comes near it."""
LEAD_LINES = 3
SHORT_WORDS = 8
COUNTED = [COLUMN[name] for name in ("ends", "starts_mark", "in_family", "has_date")]
RUN_SHARES = [COLUMN[name] for name in ("run_ends", "run_marked", "run_families", "run_dates")]
"""Which share of a run has what COUNTED says."""
STRONG_WORDS = 25
"""A sentence this long is hardly ever furniture."""


def best_run(words: Floats, prose: NDArray[np.bool_]) -> tuple[int, int]:
    """Where prose outweighs the rest most: first and last row, both included; (0, -1) if none.

    Maximum subarray (Kadane): a sentence weighs its words, anything else counts against the run.
    """
    weights = np.where(prose, words, -(5 + 0.4 * words))
    sums = np.append(0.0, np.cumsum(weights))
    gains = sums - np.minimum.accumulate(sums)
    last = int(np.argmax(gains))
    if gains[last] <= 0:
        return 0, -1
    lowest = int(np.argmin(sums[:last])) if last else 0
    first = last - 1 - int(np.argmin(sums[:last][::-1]))
    return max(first, lowest), last - 1


def sums_before(values: NDArray[Any]) -> NDArray[np.float64]:
    """For each place the sum of all values before it, and the sum of all behind the last."""
    sums = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
    np.cumsum(values, axis=-1, dtype=np.float64, out=sums[..., 1:])
    return sums


def last_before(flags: NDArray[np.bool_], at: NDArray[np.intp], none: int) -> NDArray[np.intp]:
    """For each row the last one up to it whose flag is set; `none` where there is none."""
    return np.maximum.accumulate(np.where(flags, at, none))


def next_from(flags: NDArray[np.bool_], at: NDArray[np.intp], none: int) -> NDArray[np.intp]:
    """For each row the first one from it on whose flag is set; `none` where there is none."""
    return np.minimum.accumulate(np.where(flags, at, none)[::-1])[::-1]


def add_context(lines: Sequence[Line], said: Words, rows: Floats, *, english: bool) -> None:
    """Fill CONTEXT_FEATURES; the columns of the lines themselves are there already."""
    count = len(lines)
    at = np.arange(count)
    words: Floats = np.expm1(rows[:, COLUMN["words"]])
    prose = rows[:, COLUMN["prose"]] > 0
    prose_words = words * prose
    total, total_prose = max(1.0, float(words.sum())), max(1.0, float(prose_words.sum()))
    first_run, last_run = best_run(words, prose)
    prose_at = np.flatnonzero(prose)
    first_prose, last_prose = (
        (int(prose_at[0]), int(prose_at[-1])) if len(prose_at) else (0, count - 1)
    )
    put(rows, "place", at / max(1, count - 1))
    put(rows, "from_first", np.minimum(at, 30))
    put(rows, "from_last", np.minimum(count - 1 - at, 30))
    put(rows, "words_before", (np.cumsum(words) - words) / total)
    put(rows, "prose_before", (np.cumsum(prose_words) - prose_words) / total_prose)
    in_run = (at >= first_run) & (at <= last_run)
    put(rows, "in_run", in_run)
    away = np.where(at < first_run, at - first_run, np.maximum(0, at - last_run))
    put(rows, "from_run", bounded(away, -20, 20))
    put(rows, "from_first_prose", bounded(at - first_prose, -15, 15))
    put(rows, "from_last_prose", bounded(at - last_prose, -15, 15))
    _windows(rows, words, prose)
    _runs(rows, words, prose)
    _copies(lines, said, rows)
    _topic(said, rows, in_run & prose, prose, telling=LONG if english else MEDIUM)
    _names(said, rows)
    _shapes(lines, rows)
    _strong(rows, words)
    _since(rows, words, prose)
    put(rows, "text_lines", np.log1p(count))
    put(rows, "text_words", np.log1p(total))
    put(rows, "text_prose", prose_words.sum() / total)
    put(rows, "text_blank", rows[:, COLUMN["blank_before"]].mean())


def _windows(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    count = len(rows)
    at = np.arange(count)
    low, high = np.maximum(0, at - 5), np.minimum(count, at + 6)
    sums = sums_before(np.stack((prose, words, rows[:, COLUMN["in_family"]] > 0)))
    all_prose, all_words, families = (sums[:, high] - sums[:, low]) / (high - low)
    prose_sums = sums[0]
    put(rows, "window_prose", all_prose)
    put(rows, "window_prose_before", (prose_sums[:-1] - prose_sums[low]) / np.maximum(1, at - low))
    after = (prose_sums[high] - prose_sums[1:]) / np.maximum(1, high - at - 1)
    put(rows, "window_prose_after", after)
    put(rows, "window_words", np.log1p(all_words))
    put(rows, "window_family", families)


def _runs(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    """What the run of like lines (prose, or not) around a line is, and what stands beside it."""
    starts, lines = _runs_of(prose)
    run = np.repeat(np.arange(len(starts)), lines)
    sizes = np.add.reduceat(words, starts)
    shares = np.add.reduceat(rows.T[COUNTED] > 0, starts, axis=1, dtype=np.float32) / lines
    put(rows, "run_lines", np.minimum(60, lines)[run])
    put(rows, "run_words", np.log1p(sizes / lines)[run])
    rows.T[RUN_SHARES] = shares[:, run]
    logs = np.full(len(starts) + 2, UNKNOWN, np.float32)
    logs[1:-1] = np.log1p(sizes)
    put(rows, "run_before", logs[run])
    put(rows, "run_after", logs[run + 2])


def _runs_of(values: NDArray[Any]) -> tuple[Ints, Ints]:
    """Where runs of equal values start, and how long they are."""
    starts = np.flatnonzero(values[1:] != values[:-1]) + 1
    edges = np.empty(len(starts) + 2, np.int64)
    edges[0], edges[1:-1], edges[-1] = 0, starts, len(values)
    return edges[:-1], edges[1:] - edges[:-1]


def _copies(lines: Sequence[Line], words: Words, rows: Floats) -> None:
    said = [line.same for line in lines]
    counts = Counter(said)
    times = np.array([counts[one] for one in said])
    put(rows, "copies", np.minimum(5, times))
    if len(counts) < len(said):
        seen: Counter[str] = Counter()
        before = []
        for one in said:
            before.append(min(3, seen[one]))
            seen[one] += 1
        put(rows, "copies_before", before)
    flat = "\n" + "\n".join(said) + "\n"
    least, most = PART_WORDS
    looked_at = (words.counts >= least) & (words.counts <= most)
    different = {said[i] for i in np.flatnonzero(looked_at).tolist()}
    if len(different) * len(flat) > MAX_COMPARED_CHARACTERS:
        return
    # A line stands in no other one if a word in its middle does not.
    looked_at &= words.rarest_inside() > times
    different = {said[i] for i in np.flatnonzero(looked_at).tolist()}
    if inside := {one for one in different if flat.count(one) > counts[one]}:
        begins = {one for one in inside if f"\n{one} " in flat}
        put(rows, "part_of_other", [one in inside for one in said])
        put(rows, "begins_other", [one in begins for one in said])


def _topic(
    said: Words, rows: Floats, core: NDArray[np.bool_], prose: NDArray[np.bool_], *, telling: int
) -> None:
    """Share of a line's telling words that stand elsewhere.

    In the core of the text, in its first lines, in the first lines of the file, and in the
    sentence before.
    """
    count = len(rows)
    lines = np.arange(count)
    at, word = said.different(((said.bits & telling) != 0) & ((said.bits & STOP) == 0))
    size = np.bincount(at, minlength=count)
    some = np.maximum(1, size)
    vocabulary = len(said.bits)

    def share(hits: NDArray[np.bool_], known: NDArray[np.bool_]) -> Floats:
        found = np.bincount(at, weights=hits, minlength=count) / some
        result: Floats = np.where(known, found, 0.5).astype(np.float32)
        return result

    def stands(lines: NDArray[np.bool_]) -> Ints:
        """In how many of the lines a word stands."""
        return np.bincount(word[lines[at]], minlength=vocabulary)

    worded = size > 0
    put(rows, "topic", share(stands(core)[word] > core[at], worded))
    lead = np.zeros(count, np.bool_)
    lead[np.flatnonzero(core)[:LEAD_LINES]] = True
    put(rows, "lead_topic", share(stands(lead)[word] > 0, worded & ~core))
    head = lines < LEAD_LINES
    put(rows, "head_topic", share(stands(head)[word] > 0, worded & ~head))
    before = np.append(-1, last_before(prose, lines, -1)[:-1])
    keys = at * vocabulary + word
    wanted = np.maximum(0, before)[at] * vocabulary + word
    found = keys[np.minimum(np.searchsorted(keys, wanted), max(0, len(keys) - 1))] == wanted
    put(rows, "previous_topic", share(found & (before >= 0)[at], worded))


def _names(said: Words, rows: Floats) -> None:
    """How common a line's beginning is.

    In how many short lines (bylines, captions, tags) its first two words stand, and how many
    lines begin with its first.
    """
    count, vocabulary = len(rows), len(said.bits)
    same_line = said.rows[1:] == said.rows[:-1]
    pairs = (said.numbers[:-1] * vocabulary + said.numbers[1:])[same_line]
    lines = said.rows[1:][same_line]
    opening = np.full(count, -1, np.int64)
    opening[lines[::-1]] = pairs[::-1]  # the first pair of a line is written last
    short = (said.counts >= 2) & (said.counts <= SHORT_WORDS)
    in_short = different((pairs * count + lines)[short[lines]]) // count
    low, high = (np.searchsorted(in_short, opening, side) for side in ("left", "right"))
    put(rows, "named_elsewhere", bounded(high - low - short, 0, 3))
    first = said.first()
    lines_with = np.bincount(first[first >= 0], minlength=max(1, vocabulary))
    often = np.where(first >= 0, np.log1p(lines_with[first]) - np.log1p(count) / 2, 0)
    put(rows, "first_word_lines", often)


def _shapes(lines: Sequence[Line], rows: Floats) -> None:
    """How many lines in a row begin with the same mark, and how many have the same shape."""
    opens = [line.text[:1] for line in lines]
    mark = np.array([0 if not one or one.isalnum() else ord(one) for one in opens], np.int64)
    if mark.any():
        put(rows, "mark_run", np.where(mark > 0, np.log1p(_run_lengths(mark)), 0))
    size = np.minimum(4, np.floor(rows[:, COLUMN["words"]] / np.log(2) + 1e-6)).astype(np.int64)
    shape = (mark * 8 + size) * 2 + (rows[:, COLUMN["ends"]] > 0)
    put(rows, "shape_run", np.log1p(_run_lengths(shape)))


def _run_lengths(values: Ints) -> Ints:
    """For each row how many rows in a row have its value."""
    lengths = _runs_of(values)[1]
    return np.repeat(lengths, lengths)


def _strong(rows: Floats, words: Floats) -> None:
    """How far the nearest long sentence before and behind the line is."""
    at = np.arange(len(rows))
    strong = (words.round() >= STRONG_WORDS) & (rows[:, COLUMN["ends"]] > 0)
    before = last_before(strong, at, -10_000)
    after = next_from(strong, at, 1_000_000)
    put(rows, "from_strong", np.minimum(40, at - np.append(-10_000, before[:-1])))
    put(rows, "until_strong", np.minimum(40, np.append(after[1:], 1_000_000) - at))


def _since(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    count = len(rows)
    at = np.arange(count)
    families = rows[:, COLUMN["family"]]
    for name, family in (("since_comments", COMMENT_FAMILY), ("since_stories", STORIES_FAMILY)):
        last = last_before(families == family, at, -10_000)
        put(rows, name, np.minimum(at - last, 60))
    following = next_from(prose, at, 10_000)
    put(rows, "until_prose", np.minimum(following - at, 40))
    # Sentences behind a gap of other lines belong to something else more often than not.
    previous = last_before(prose, at, -10_000)
    gap = np.zeros(count)
    gap[1:] = np.minimum(at[1:] - previous[:-1], 40)
    opens = np.maximum.accumulate(np.where(prose & (gap > 4), at, 0))
    sums = np.append(0.0, np.cumsum(words * prose))
    put(rows, "words_after_prose_gap", np.log1p(sums[1:] - sums[opens]))


def add_neighbours(rows: Floats) -> None:
    """Fill the columns of what stands one to three lines before and behind."""
    count = len(rows)
    own = rows[:, [COLUMN[name] for name in NEIGHBOUR_FEATURES]]
    width = len(NEIGHBOUR_FEATURES)
    start = len(LINE_FEATURES) + 1 + len(CONTEXT_FEATURES)
    for k, step in enumerate(NEIGHBOUR_STEPS):
        target = rows[:, start + k * width : start + (k + 1) * width]
        target[:] = UNKNOWN
        if step < 0 and -step < count:
            target[-step:] = own[:step]
        elif 0 < step < count:
            target[:-step] = own[step:]
