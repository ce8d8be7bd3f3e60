"""Completion and "did you mean" over small tables of words."""

from __future__ import annotations

from datetime import date

import pytest
from brute_match import distance
from hypothesis import given
from hypothesis import strategies as st

from search.model import And, Completion, Everything, Node, Not, Prefix, Word
from search.query import parse, render
from search.suggest import (
    Near,
    Unfinished,
    apart,
    complete,
    correction,
    did_you_mean,
    max_edits,
    repaired,
    splits,
    titles_query,
    unfinished,
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


def fix(form: str) -> str | None:
    if form in TABLE:
        return None
    edits = max_edits(form)
    near = (Near(other, distance(form, other), count) for other, count in TABLE.items())
    return correction(form, (each for each in near if each.distance <= edits))


def completions(typed: str, size: int = 8) -> tuple[Completion, ...]:
    begun = unfinished(typed)
    beginning = begun.form if begun else ""
    fitting = [each for each in TABLE.items() if each[0].startswith(beginning)]
    return complete(typed, fitting, size=size)


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


@pytest.mark.parametrize("word", ["2017", "syr", "al", "", "b52s1", "xylophone", "zzzzzzzz"])
def test_numbers_short_words_and_strangers_are_left_alone(word: str) -> None:
    assert fix(word) is None


def test_a_frequent_word_two_edits_away_beats_a_slip_that_is_nearer() -> None:
    """`damascsu` occurs once, as somebody's typing error; it is not what was meant."""
    assert fix("damasccu") == "damascus"


def test_a_word_at_no_distance_is_no_correction() -> None:
    assert correction("aleppo", [Near("aleppo", 0, 900)]) is None


def test_candidates_too_far_away_are_not_looked_at() -> None:
    assert correction("tru3e", [Near("truce", 1, 9)]) is None
    assert correction("ruce", [Near("rules", 2, 9)]) is None


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
    assert [each.text for each in completions(typed)] == offered


def test_completions_say_how_often_the_word_occurs_and_are_no_more_than_asked_for() -> None:
    (only,) = completions("al", size=1)
    assert (only.text, only.kind, only.count) == ("aleppo", "word", TABLE["aleppo"])


def test_the_end_of_a_text_is_a_word_or_stands_behind_one() -> None:
    assert unfinished("the al-Nus") == Unfinished("nus", 7, 7)
    assert unfinished("in 2008년") == Unfinished("년", 7, 3)
    assert unfinished("Aleppo ") is None


def test_titles_are_asked_for_all_words_the_last_one_unfinished() -> None:
    assert titles_query("al") == Prefix("al", "title")
    assert titles_query("Truce in ale") == And(
        (Word("Truce", "title"), Word("in", "title"), Prefix("ale", "title"))
    )
    assert titles_query("truce ") == Word("truce", "title")
    assert titles_query(" (") is None


@given(st.text(max_size=30))
def test_every_completion_ends_with_a_word_that_occurs(typed: str) -> None:
    for each in completions(typed):
        assert any(each.text.endswith(form) for form in TABLE)


@given(st.text(max_size=30))
def test_a_repaired_text_needs_no_repair(typed: str) -> None:
    better = repaired(typed, fix)
    assert better is None or repaired(better, fix) is None


def test_a_word_is_taken_apart_only_where_both_words_say_something() -> None:
    assert list(splits("alnusra")) == [
        ("al", "nusra"),
        ("aln", "usra"),
        ("alnu", "sra"),
        ("alnus", "ra"),
    ]
    assert list(splits("may")) == list(splits("2016")) == []


def test_a_frequent_pair_beats_a_rare_word_as_near() -> None:
    rare, pair = Near("alnusrah", 1, 2), apart("al", "nusra", 90)
    assert correction("alnusra", [rare, pair]) == "al-nusra"
    assert correction("alnusra", [Near("alnusrah", 1, 200), pair]) == "alnusrah"
