"""The words of a text as arrays say what one would find line by line."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning import features
from indexer.cleaning.words import words_of_lines
from indexer.learned import columns
from indexer.learned.columns import COLUMN, STOP_WORDS
from indexer.lines.lines import WORD, said_by, text_lines, words_of
from indexer.loops import company, letters, numbers, place
from indexer.loops import words as loops_words
from indexer.loops.words import ENGLISH_STOP_SHARE, MANY, is_english, rarest

WORDS = st.sampled_from(
    ["the", "of", "photo", "harbour", "ferries", "a", "…", "12", "said", "وقال"]
)
TEXTS = st.lists(st.lists(WORDS, max_size=14).map(" ".join), max_size=12).map("\n".join)


@given(TEXTS)
def test_counts_and_shares_are_those_of_each_line(text: str) -> None:
    lines = text_lines(text)
    rows = features.table(lines, english=True)
    for line, row in zip(lines, rows, strict=True):
        stop = sum(word in STOP_WORDS for word in line.words)
        assert row[COLUMN["stop_words"]] == np.float32(stop / max(1, len(line.words)))
        assert row[COLUMN["picture_words"]] == min(4, line.words.count("photo"))
        assert row[COLUMN["begins_article"]] == (line.words[:1] in {("a",), ("an",)})


@given(TEXTS)
def test_a_text_is_english_by_the_stop_words_of_its_longer_lines(text: str) -> None:
    lines = [line.words for line in text_lines(text)]
    long = [words for words in lines if len(words) >= 12] or lines
    said = [word for words in long[:200] for word in words[:200]]
    stop = sum(word in STOP_WORDS for word in said)
    told = is_english(words_of_lines(text_lines(text)))
    assert told == (bool(said) and stop >= ENGLISH_STOP_SHARE * len(said))


@given(st.text(max_size=60) | st.text("aB0_ ’–é\u00ad\u00a0İß٣", max_size=40))
def test_words_are_what_the_pattern_of_words_finds(text: str) -> None:
    words = tuple(WORD.findall(text.replace("\u00ad", "").lower()))
    assert words_of(text) == words
    line = text.replace("\n", " ")
    assert said_by([line, "", line]) == [
        said := (words, re.sub(r"\d+", "0", " ".join(words))),
        ((), ""),
        said,
    ]


@given(TEXTS)
def test_topics_are_shares_of_words_that_stand_elsewhere(text: str) -> None:
    lines = text_lines(text)
    if not lines:
        return
    rows = features.table(lines, english=True)
    core = (rows[:, COLUMN["in_run"]] > 0) & (rows[:, COLUMN["prose"]] > 0)
    telling = [{w for w in line.words if len(w) >= 4 and w not in STOP_WORDS} for line in lines]
    for i, own in enumerate(telling):
        others = [telling[j] for j in np.flatnonzero(core).tolist() if j != i]
        known = len(own & set().union(*others)) / len(own) if own else 0.5
        assert rows[i, COLUMN["topic"]] == np.float32(known)
        head = len(own & set().union(*telling[:3])) / len(own) if own and i >= 3 else 0.5
        assert rows[i, COLUMN["head_topic"]] == np.float32(head)
        before = [j for j in range(i) if rows[j, COLUMN["prose"]]]
        said = len(own & telling[before[-1]]) / len(own) if own and before else 0.0 if own else 0.5
        assert rows[i, COLUMN["previous_topic"]] == np.float32(said)


@given(TEXTS)
def test_beginnings_are_counted_in_other_short_lines(text: str) -> None:
    lines = text_lines(text)
    rows = features.table(lines, english=True)
    short = [line.words if 2 <= len(line.words) <= 8 else () for line in lines]
    for i, line in enumerate(lines):
        named = sum(line.words[:2] in set(pairwise(w)) for j, w in enumerate(short) if j != i)
        assert rows[i, COLUMN["named_elsewhere"]] == (min(3, named) if line.words[1:] else 0)


@given(TEXTS, st.data())
def test_the_rarest_word_of_a_line_is_counted_on_the_lines_that_count(
    text: str, data: st.DataObject
) -> None:
    lines = text_lines(text)
    counted = np.array([data.draw(st.booleans()) for _ in lines], np.bool_)
    said = Counter(w for line, use in zip(lines, counted, strict=True) if use for w in line.words)
    found = rarest(words_of_lines(lines), counted, False)
    for line, times in zip(lines, found.tolist(), strict=True):
        assert times == min((said[word] for word in line.words), default=MANY)
    inside = rarest(words_of_lines(lines), counted, True)
    for line, times in zip(lines, inside.tolist(), strict=True):
        middle = [word for word in line.words[1:-1] if word != "12"]
        assert times == min((said[word] for word in middle), default=MANY)


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


def test_compiled_loops_agree_on_the_bits_of_words_and_characters() -> None:
    """Each module of loops names them itself: code that is kept is made anew for its own file only."""
    for name in ("ED", "ING", "LONG", "MEDIUM", "NUMBERED"):
        assert getattr(numbers, name) == getattr(loops_words, name)
    for name in ("DIGIT", "LAST_POINT"):
        assert getattr(numbers, name) == getattr(letters, name)
    for loops in (letters, place, company, loops_words):
        assert columns.UNKNOWN == loops.UNKNOWN
    assert letters.SENTENCE_WORDS == loops_words.SENTENCE_WORDS
    assert tuple(columns.NEIGHBOUR_STEPS) == place.NEIGHBOUR_STEPS
