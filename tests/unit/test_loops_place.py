"""Where compiled loops place a line among the others is where one finds it by hand."""

from __future__ import annotations

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning import features
from indexer.learned.columns import COLUMN, NEIGHBOUR_FEATURES, NEIGHBOUR_STEPS, UNKNOWN, Floats
from indexer.lines.lines import text_lines
from indexer.loops.place import best_run

SENTENCE = "the ferry to the harbour was late because of the storm that came from the north"
LINES = st.sampled_from(
    [
        f"{SENTENCE}.",
        f"{SENTENCE} and {SENTENCE}.",
        f"{SENTENCE}?",
        "• one thing",
        "• another",
        "Leave a comment",
        "Related stories",
        "12 May 2016",
        "News",
        "Ida Lund",
        "",
    ]
)
TEXTS = st.lists(LINES, min_size=1, max_size=25).map("\n".join)


def table_of(text: str) -> Floats:
    return features.table(text_lines(text), english=True)


def column(rows: Floats, name: str) -> list[float]:
    values: list[float] = rows[:, COLUMN[name]].tolist()
    return values


def test_a_text_without_lines_has_no_rows() -> None:
    assert table_of("").shape[0] == 0


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=14))
def test_the_best_run_weighs_most_of_all_runs(lines: list[tuple[int, bool]]) -> None:
    words = np.array([count for count, _ in lines], np.float32)
    prose = np.array([is_prose for _, is_prose in lines], np.bool_)
    weights = np.where(prose, words, -(5 + np.float32(0.4) * words))
    first, last = best_run(words, prose)
    best = max(
        (weights[i : j + 1].sum() for i in range(len(lines)) for j in range(i, len(lines))),
        default=0,
    )
    assert np.isclose(weights[first : last + 1].sum(), max(0, best), atol=1e-3)


@given(TEXTS)
def test_runs_are_rows_of_like_lines(text: str) -> None:
    rows = table_of(text)
    prose = column(rows, "prose")
    runs = [list(run) for _, run in groupby(range(len(prose)), key=prose.__getitem__)]
    words = np.expm1(rows[:, COLUMN["words"]])
    sizes = [UNKNOWN, *(float(np.log1p(words[run].sum())) for run in runs), UNKNOWN]
    for k, run in enumerate(runs):
        for i in run:
            assert rows[i, COLUMN["run_lines"]] == len(run)
            assert rows[i, COLUMN["run_dates"]] == np.float32(
                np.count_nonzero(rows[run, COLUMN["has_date"]]) / len(run)
            )
            assert np.isclose(rows[i, COLUMN["run_before"]], sizes[k])
            assert np.isclose(rows[i, COLUMN["run_after"]], sizes[k + 2])


@given(TEXTS)
def test_windows_and_neighbours_are_the_lines_around(text: str) -> None:
    rows = table_of(text)
    prose = column(rows, "prose")
    for i in range(len(rows)):
        around = prose[max(0, i - 5) : i + 6]
        assert rows[i, COLUMN["window_prose"]] == np.float32(sum(around) / len(around))
        before = prose[max(0, i - 5) : i]
        share = np.float32(sum(before) / max(1, len(before)))
        assert rows[i, COLUMN["window_prose_before"]] == share
        for step in NEIGHBOUR_STEPS:
            for name in NEIGHBOUR_FEATURES:
                there = 0 <= i + step < len(rows)
                wanted = rows[i + step, COLUMN[name]] if there else UNKNOWN
                assert rows[i, COLUMN[f"{name}{step:+d}"]] == wanted


@given(TEXTS)
def test_distances_are_counted_in_lines(text: str) -> None:
    rows = table_of(text)
    lines = text_lines(text)
    strong = [
        len(x.words) >= 25 and r[COLUMN["ends"]] > 0 for x, r in zip(lines, rows, strict=True)
    ]
    comments = [family == 0 for family in column(rows, "family")]
    prose = column(rows, "prose")
    for i, row in enumerate(rows):
        before = [i - k for k in range(i) if strong[k]]
        assert row[COLUMN["from_strong"]] == min([40, *before])
        behind = [k - i for k in range(i + 1, len(rows)) if strong[k]]
        assert row[COLUMN["until_strong"]] == min([40, *behind])
        assert row[COLUMN["since_comments"]] == min(
            [60, *(i - k for k in range(i + 1) if comments[k])]
        )
        assert row[COLUMN["until_prose"]] == min(
            [40, *(k - i for k in range(i, len(rows)) if prose[k])]
        )


@given(TEXTS)
def test_copies_and_rows_of_marks_are_counted(text: str) -> None:
    rows = table_of(text)
    said = [line.same for line in text_lines(text)]
    marks = [not line.text[0].isalnum() for line in text_lines(text)]
    runs = [list(run) for _, run in groupby(range(len(marks)), key=marks.__getitem__)]
    for i, row in enumerate(rows):
        assert row[COLUMN["copies"]] == min(5, said.count(said[i]))
        assert row[COLUMN["copies_before"]] == min(3, said[:i].count(said[i]))
        own = next(len(run) for run in runs if i in run)
        assert row[COLUMN["mark_run"]] == np.float32(np.log1p(own) if marks[i] else 0)
