"""The words of a text as arrays say what one would find line by line."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import features
from indexer.columns import COLUMN, STOP_WORDS
from indexer.lines import WORD, same, text_lines, words_of
from indexer.words import LONG, STOP, words_of_lines

WORDS = st.sampled_from(
    ["the", "of", "photo", "harbour", "ferries", "a", "…", "12", "said", "وقال"]
)
TEXTS = st.lists(st.lists(WORDS, max_size=14).map(" ".join), max_size=12).map("\n".join)


@settings(deadline=None)
@given(TEXTS)
def test_counts_and_shares_are_those_of_each_line(text: str) -> None:
    lines = text_lines(text)
    words = words_of_lines(lines)
    stop = [sum(word in STOP_WORDS for word in line.words) for line in lines]
    times = words.times()
    assert times[0].tolist() == stop
    assert times[5].tolist() == [line.words.count("photo") for line in lines]
    begins = [bool(line.words) and line.words[0] in STOP_WORDS for line in lines]
    assert (words.first_bits() & STOP > 0).tolist() == begins


@settings(deadline=None)
@given(TEXTS)
def test_a_text_is_english_by_the_stop_words_of_its_longer_lines(text: str) -> None:
    lines = [line.words for line in text_lines(text)]
    long = [words for words in lines if len(words) >= 12] or lines
    said = [word for words in long[:200] for word in words[:200]]
    stop = sum(word in STOP_WORDS for word in said)
    told = features.is_english(words_of_lines(text_lines(text)))
    assert told == (bool(said) and stop >= features.ENGLISH_STOP_SHARE * len(said))


@given(st.text(max_size=60) | st.text("aB0_ ’–é\u00ad\u00a0İß٣", max_size=40))
def test_words_are_what_the_pattern_of_words_finds(text: str) -> None:
    assert words_of(text) == tuple(WORD.findall(text.replace("\u00ad", "").lower()))
    assert same(words_of(text)) == re.sub(r"\d+", "0", " ".join(words_of(text)))


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
