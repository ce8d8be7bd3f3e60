"""Completion and "did you mean" over small tables of words."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.model import And, Everything, Node, Not, Prefix, Word
from search.query import parse, render
from search.suggest import (
    complete,
    correction,
    did_you_mean,
    near,
    repaired,
    titles_query,
    with_prefix,
)

TABLE = {
    "aleppo": 900,
    "aleppine": 12,
    "alerted": 40,
    "allegro": 2,
    "ceasefire": 300,
    "damascus": 500,
    "damascsu": 1,
    "russia": 800,
    "russian": 700,
    "syria": 1000,
    "serial": 30,
    "truce": 250,
    "truck": 260,
    "2016": 400,
    "قوات": 50,
}
FORMS = sorted(TABLE)
COUNTS = [TABLE[form] for form in FORMS]


def fix(form: str) -> str | None:
    return correction(form, FORMS, COUNTS)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("alepo", "aleppo"),
        ("alleppo", "aleppo"),
        ("aelppo", "aleppo"),
        ("damscus", "damascus"),
        ("damasucs", "damascus"),
        ("ceasfire", "ceasefire"),
        ("ceesfire", "ceasefire"),
        ("rusia", "russia"),
        ("yrussia", "russia"),
        ("syira", "syria"),
        ("syri", "syria"),
        ("ruce", "truce"),
        ("قوتت", "قوات"),
    ],
)
def test_a_slip_is_repaired(typed: str, meant: str) -> None:
    assert fix(typed) == meant


@pytest.mark.parametrize("word", FORMS)
def test_a_word_that_occurs_is_never_touched(word: str) -> None:
    assert fix(word) is None


@pytest.mark.parametrize("word", ["2017", "syr", "al", "", "b52s1", "xylophone", "zzzzzzzz"])
def test_numbers_short_words_and_strangers_are_left_alone(word: str) -> None:
    assert fix(word) is None


def test_a_frequent_word_two_edits_away_beats_a_slip_that_is_nearer() -> None:
    """`damascsu` occurs once, as somebody's typing error; it is not what was meant."""
    assert fix("damasccu") == "damascus"


@given(st.text("abcd", max_size=7), st.lists(st.text("abcd", max_size=7)), st.integers(0, 2))
def test_near_words_are_those_of_the_textbook(form: str, others: list[str], edits: int) -> None:
    forms = sorted(set(others))
    wanted = [
        (place, distance)
        for place, other in enumerate(forms)
        if (distance := _distance(form, other)) <= edits
    ]
    assert near(form, forms, edits) == wanted


def _distance(left: str, right: str) -> int:
    """Optimal string alignment by its recurrence: Boytsov, ACM JEA 16 (2011), section 2.1."""
    rows = [
        [i + j if i * j == 0 else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)
    ]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            same = left[i - 1] == right[j - 1]
            rows[i][j] = min(
                rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same)
            )
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


@given(st.sets(st.text(max_size=6)), st.text(max_size=3))
def test_the_forms_with_a_prefix_are_one_run_of_the_table(forms: set[str], prefix: str) -> None:
    ordered = sorted(forms)
    found = [ordered[place] for place in with_prefix(ordered, prefix)]
    assert found == [form for form in ordered if form.startswith(prefix)]


def test_a_text_is_repaired_word_by_word_and_keeps_its_dress() -> None:
    assert repaired("Alepo", fix) == "Aleppo"
    assert repaired("alepo-Damscus road", fix) == "aleppo-Damascus road"
    assert repaired("aleppo road", fix) is None


def repair(text: str, _field: str | None) -> str | None:
    return repaired(text, fix)


def test_did_you_mean_repairs_words_and_phrases_but_nothing_in_a_not() -> None:
    tree = parse('alepo "syira ceasfire" title:truse~ -rusia', today=date(2016, 12, 20)).tree
    better = did_you_mean(tree, repair)
    assert better is not None
    assert render(better) == 'aleppo "syria ceasefire" title:truse~ -rusia'


@pytest.mark.parametrize(
    "tree", [Word("aleppo"), Everything(), And((Everything(), Not(Word("alepo")))), Prefix("alepo")]
)
def test_where_nothing_is_wrong_nothing_is_suggested(tree: Node) -> None:
    assert did_you_mean(tree, repair) is None


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("al", ["aleppo", "alerted", "aleppine", "allegro"]),
        ("Al", ["aleppo", "alerted", "aleppine", "allegro"]),
        ("truce in alep", ["truce in aleppo", "truce in aleppine"]),
        ("russia", ["russia", "russian"]),
        ("tru", ["truck", "truce"]),
        ('"syria tru', ['"syria truck', '"syria truce']),
        ("title:dam", ["title:damascus", "title:damascsu"]),
        ("-dam", ["-damascus", "-damascsu"]),
        ("al-alep", ["al-aleppo", "al-aleppine"]),
        ("قو", ["قوات"]),
        ("aleppo ", []),
        ("", []),
        ("aleppo (", []),
        ("zz", []),
    ],
)
def test_the_last_word_is_made_whole_by_frequency(typed: str, offered: list[str]) -> None:
    assert [each.text for each in complete(typed, FORMS, COUNTS)] == offered


def test_completions_say_how_often_the_word_occurs_and_are_no_more_than_asked_for() -> None:
    (only,) = complete("al", FORMS, COUNTS, size=1)
    assert (only.text, only.kind, only.count) == ("aleppo", "word", TABLE["aleppo"])


def test_titles_are_asked_for_all_words_the_last_one_unfinished() -> None:
    assert titles_query("al") == Prefix("al", "title")
    assert titles_query("Truce in ale") == And(
        (Word("Truce", "title"), Word("in", "title"), Prefix("ale", "title"))
    )
    assert titles_query("truce ") == Word("truce", "title")
    assert titles_query(" (") is None


@given(st.text(max_size=30))
def test_every_completion_ends_with_a_word_that_occurs(typed: str) -> None:
    for each in complete(typed, FORMS, COUNTS):
        assert any(each.text.endswith(form) for form in FORMS)


@given(st.text(max_size=30))
def test_a_repaired_text_needs_no_repair(typed: str) -> None:
    better = repaired(typed, fix)
    assert better is None or repaired(better, fix) is None
