"""BM25 against figures worked out by hand, and the laws of stop words and pairs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import ranking
from search.stop_words import STOP_WORDS


def test_the_idf_is_lucenes() -> None:
    """ln(1 + (10 - 2 + .5) / (2 + .5)) = ln 4.4."""
    assert ranking.idf(10, 2) == pytest.approx(math.log(4.4))


def test_a_word_of_a_text_of_mean_length_scores_by_hand() -> None:
    """3 * (1.5 + 1) / (3 + 1.5) of an idf of 2."""
    assert ranking.word_score(3, 100, 100.0, 2.0) == pytest.approx(2 * 3 * 2.5 / 4.5)


def test_a_longer_text_is_worth_less_by_hand() -> None:
    """Twice the mean length: 1.5 * (.4 + .6 * 2) = 2.4."""
    assert ranking.word_score(1, 200, 100.0, 1.0) == pytest.approx(2.5 / 3.4)


counts = st.integers(0, 10_000)


@given(st.integers(1, 10_000), counts, counts)
def test_a_rarer_word_never_weighs_less_and_no_word_weighs_nothing(
    articles: int, one: int, other: int
) -> None:
    rare, common = sorted((one % (articles + 1), other % (articles + 1)))
    assert ranking.idf(articles, rare) >= ranking.idf(articles, common) > 0


@given(st.integers(1, 1_000), st.integers(1, 5_000), st.floats(1, 1_000))
def test_once_more_adds_to_a_score_and_never_passes_its_bound(
    frequency: int, length: int, mean: float
) -> None:
    once = ranking.word_score(frequency, length, mean, 1.0)
    assert once < ranking.word_score(frequency + 1, length, mean, 1.0) < ranking.K1 + 1


def test_a_word_that_is_not_there_scores_nothing() -> None:
    assert ranking.word_score(0, 10, 10.0, 5.0) == 0.0


def test_stop_words_rank_only_among_themselves() -> None:
    assert ranking.telling(["the", "war", "of", "words"]) == ("war", "words")
    assert ranking.telling(["to", "be", "or", "not", "to", "be"]) == (
        *("to", "be", "or", "not", "to", "be"),
    )


@pytest.mark.parametrize("name", ["us", "un", "who", "may", "2016", "new"])
def test_names_in_the_news_are_no_stop_words(name: str) -> None:
    assert name not in STOP_WORDS
    assert ranking.telling([name, "syria"])[0] == name


def test_pairs_are_neighbours_each_once_and_no_word_beside_itself() -> None:
    assert ranking.pairs(["a", "b", "b", "a", "b"]) == (("a", "b"), ("b", "a"))
    assert ranking.pairs(["a"]) == ()
