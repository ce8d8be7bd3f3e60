"""Where a line stands among the others: the features that need the whole text. Vectorised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.columns import (
    COLUMN,
    COMMENT_FAMILY,
    CONTEXT_FEATURES,
    LINE_FEATURES,
    NEIGHBOUR_FEATURES,
    NEIGHBOUR_STEPS,
    STOP_WORDS,
    STORIES_FAMILY,
    UNKNOWN,
    Floats,
    put,
)
from indexer.lines import Line


def best_run(words: Floats, prose: NDArray[np.bool_]) -> tuple[int, int]:
    """Where prose outweighs the rest most: first and last row, both included; (0, -1) if none.

    Maximum subarray (Kadane): a sentence weighs its words, anything else counts against the run.
    """
    weights = np.where(prose, words, -(5 + 0.4 * words))
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    gains = sums - np.minimum.accumulate(sums)
    last = int(np.argmax(gains))
    if gains[last] <= 0:
        return 0, -1
    lowest = int(np.argmin(sums[:last])) if last else 0
    first = last - 1 - int(np.argmin(sums[:last][::-1]))
    return max(first, lowest), last - 1


def add_context(lines: Sequence[Line], rows: Floats, *, english: bool) -> None:
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
    put(rows, "from_run", np.clip(away, -20, 20))
    put(rows, "from_first_prose", np.clip(at - first_prose, -15, 15))
    put(rows, "from_last_prose", np.clip(at - last_prose, -15, 15))
    _windows(rows, words, prose)
    _runs(rows, words, prose)
    _copies(lines, rows)
    _topic(lines, rows, in_run & prose, english=english)
    _since(rows, words, prose)
    put(rows, "text_lines", np.log1p(count))
    put(rows, "text_words", np.log1p(total))
    put(rows, "text_prose", prose_words.sum() / total)
    put(rows, "text_blank", rows[:, COLUMN["blank_before"]].mean())


def _windows(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    count = len(rows)
    at = np.arange(count)
    low, high = np.maximum(0, at - 5), np.minimum(count, at + 6)

    def sums(values: NDArray[np.generic]) -> NDArray[np.float64]:
        return np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))

    prose_sums, word_sums = sums(prose), sums(words)
    family_sums = sums(rows[:, COLUMN["in_family"]] > 0)
    size = high - low
    put(rows, "window_prose", (prose_sums[high] - prose_sums[low]) / size)
    put(rows, "window_prose_before", (prose_sums[at] - prose_sums[low]) / np.maximum(1, at - low))
    after = (prose_sums[high] - prose_sums[at + 1]) / np.maximum(1, high - at - 1)
    put(rows, "window_prose_after", after)
    put(rows, "window_words", np.log1p((word_sums[high] - word_sums[low]) / size))
    put(rows, "window_family", (family_sums[high] - family_sums[low]) / size)


def _runs(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    """What the run of like lines (prose, or not) around a line is, and what stands beside it."""
    changes = np.flatnonzero(prose[1:] != prose[:-1]) + 1
    starts = np.concatenate(([0], changes))
    run = np.zeros(len(rows), np.intp)
    run[changes] = 1
    run = np.cumsum(run)
    lines = np.diff(np.concatenate((starts, [len(rows)])))
    sizes = np.add.reduceat(words, starts)

    def share(name: str) -> Floats:
        hits = np.add.reduceat(rows[:, COLUMN[name]] > 0, starts, dtype=np.float32)
        result: Floats = np.divide(hits, lines, dtype=np.float32)
        return result

    put(rows, "run_lines", np.minimum(60, lines)[run])
    put(rows, "run_words", np.log1p(sizes / lines)[run])
    put(rows, "run_ends", share("ends")[run])
    put(rows, "run_marked", share("starts_mark")[run])
    put(rows, "run_families", share("in_family")[run])
    put(rows, "run_dates", share("has_date")[run])
    logs = np.log1p(sizes)
    put(rows, "run_before", np.concatenate(([UNKNOWN], logs[:-1]))[run])
    put(rows, "run_after", np.concatenate((logs[1:], [UNKNOWN]))[run])


def _copies(lines: Sequence[Line], rows: Floats) -> None:
    said = [line.same for line in lines]
    counts = Counter(said)
    put(rows, "copies", [min(5, counts[one]) for one in said])
    seen: Counter[str] = Counter()
    before = []
    for one in said:
        before.append(min(3, seen[one]))
        seen[one] += 1
    put(rows, "copies_before", before)
    flat = "\n" + "\n".join(said) + "\n"
    part, begins = [], []
    for line, one in zip(lines, said, strict=True):
        looked_at = 4 <= len(line.words) <= 60 and one
        inside = looked_at and flat.count(one) > counts[one]
        part.append(bool(inside))
        begins.append(bool(inside and flat.count(f"\n{one} ")))
    put(rows, "part_of_other", part)
    put(rows, "begins_other", begins)


def _topic(lines: Sequence[Line], rows: Floats, core: NDArray[np.bool_], *, english: bool) -> None:
    """Share of a line's telling words that stand in the core of the text, and in its first lines."""
    minimum = 4 if english else 3
    telling = [
        {word for word in line.words if len(word) >= minimum and word not in STOP_WORDS}
        for line in lines
    ]
    core_at = np.flatnonzero(core)
    counts: Counter[str] = Counter()
    for i in core_at.tolist():
        counts.update(telling[i])
    lead = set().union(*(telling[i] for i in core_at[:3]))
    topic, lead_topic = [], []
    for i, own in enumerate(telling):
        needed = 2 if core[i] else 1
        size = len(own)
        topic.append(sum(counts[word] >= needed for word in own) / size if size else 0.5)
        lead_topic.append(len(own & lead) / size if size and not core[i] else 0.5)
    put(rows, "topic", topic)
    put(rows, "lead_topic", lead_topic)


def _since(rows: Floats, words: Floats, prose: NDArray[np.bool_]) -> None:
    count = len(rows)
    at = np.arange(count)
    families = rows[:, COLUMN["family"]]
    for name, family in (("since_comments", COMMENT_FAMILY), ("since_stories", STORIES_FAMILY)):
        last = np.maximum.accumulate(np.where(families == family, at, -10_000))
        put(rows, name, np.minimum(at - last, 60))
    following = np.minimum.accumulate(np.where(prose, at, 10_000)[::-1])[::-1]
    put(rows, "until_prose", np.minimum(following - at, 40))
    # Sentences behind a gap of other lines belong to something else more often than not.
    previous = np.maximum.accumulate(np.where(prose, at, -10_000))
    gap = np.zeros(count)
    gap[1:] = np.minimum(at[1:] - previous[:-1], 40)
    opens = np.maximum.accumulate(np.where(prose & (gap > 4), at, 0))
    sums = np.concatenate(([0.0], np.cumsum(words * prose)))
    put(rows, "words_after_prose_gap", np.log1p(sums[at + 1] - sums[opens]))


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
