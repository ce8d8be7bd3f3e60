"""The words of a text as arrays say what one would find line by line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import features
from indexer.columns import COLUMN, STOP_WORDS
from indexer.lines import text_lines
from indexer.words import LONG, PICTURE, STOP, words_of_lines

WORDS = st.sampled_from(
    ["the", "of", "photo", "harbour", "ferries", "a", "…", "12", "said", "وقال"]
)
TEXTS = st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=12).map("\n".join)


@settings(deadline=None)
@given(TEXTS)
def test_counts_and_shares_are_those_of_each_line(text: str) -> None:
    lines = text_lines(text)
    words = words_of_lines(lines)
    stop = [sum(word in STOP_WORDS for word in line.words) for line in lines]
    assert words.count(STOP).tolist() == stop
    assert words.count(PICTURE).tolist() == [line.words.count("photo") for line in lines]
    assert words.share(STOP).tolist() == pytest.approx(
        [n / max(1, len(line.words)) for n, line in zip(stop, lines, strict=True)]
    )
    begins = [bool(line.words) and line.words[0] in STOP_WORDS for line in lines]
    assert words.begins(STOP).tolist() == begins


@settings(deadline=None)
@given(TEXTS)
def test_different_words_are_named_once_a_line(text: str) -> None:
    lines = text_lines(text)
    words = words_of_lines(lines)
    at, number = words.different((words.bits & LONG) != 0)
    long = [{word for word in line.words if len(word) >= 4} for line in lines]
    assert np.bincount(at, minlength=len(lines)).tolist() == [len(one) for one in long]
    assert len(set(zip(at.tolist(), number.tolist(), strict=True))) == len(at)


@settings(deadline=None)
@given(TEXTS)
def test_every_feature_of_every_text_is_a_number(text: str) -> None:
    assert np.isfinite(features.table(text_lines(text))).all()


def test_lists_and_names_are_noticed() -> None:
    lines = text_lines(
        "By Ida Lund\n• one thing\n• another thing\n• a third thing\nIda Lund is a reporter who covers the port."
    )
    rows = features.table(lines, english=True)
    assert np.expm1(rows[:, COLUMN["mark_run"]]).round().tolist() == [0, 3, 3, 3, 0]
    assert rows[:, COLUMN["named_elsewhere"]].tolist() == [0, 0, 0, 0, 1]
    assert rows[-1, COLUMN["author_words"]] == 2
