"""The grammar: what is read as an operator, what as a word, and what is said about it."""

from __future__ import annotations

from datetime import date

import pytest
from typed_queries import A, B, C, both, nodes, said, tree, without

from search.model import (
    And,
    Dates,
    Everything,
    FieldName,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Wildcard,
    Word,
    Words,
)
from search.query import parse


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Everything()),
        ("  \n\t ", Everything()),
        ("a1", A),
        ("a1 b1", Words((A, B))),
        ("a1 a1", Words((A, A))),
        ("(a1)", A),
        ("((a1 b1))", Words((A, B))),
        ("(a1) b1", Words((A, B))),
        ("a1 (b1 c1)", Words((A, B, C))),
        ("a1 AND b1", both(A, B)),
        ("a1 OR b1", Or((A, B))),
        ("a1 or b1", Words((A, Word("or"), B))),
        ("a1 b1 OR c1", both(A, Or((B, C)))),
        ("a1 AND b1 OR c1", Or((both(A, B), C))),
        ("a1 OR b1 AND c1", Or((A, both(B, C)))),
        ("(a1 OR b1) AND c1", both(Or((A, B)), C)),
        ("a1 OR (b1 OR c1)", Or((A, B, C))),
        ("a1 AND b1 AND a1", both(A, B)),
        ("a1 OR a1", A),
        ("-a1", without(A)),
        ("NOT a1", without(A)),
        ("NOT NOT a1", A),
        ("-a1 -b1", And((Everything(), Not(A), Not(B)))),
        ("a1 -b1", both(A, Not(B))),
        ("-b1 a1 c1", both(Words((A, C)), Not(B))),
        ("a1 AND NOT b1", both(A, Not(B))),
        ("a1 OR -b1", Or((A, without(B)))),
        ("a1 NOT (b1 c1)", both(A, Not(both(B, C)))),
        ("a1 -(b1 OR c1)", both(A, Not(Or((B, C))))),
        ("a1 (-b1)", both(A, Not(B))),
        ("-(-a1)", A),
        ('a1 "b1 c1"', both(A, Phrase("b1 c1"))),
        ('"b1 c1" a1', both(A, Phrase("b1 c1"))),
        ('a1 -"b1 c1"', both(A, Not(Phrase("b1 c1")))),
        ('"b1 c1"~5', Phrase("b1 c1", 5)),
        ('"b1 c1"~0', Phrase("b1 c1", 0)),
        ('"b1 c1"~5.', Phrase("b1 c1", 5)),
        ("“b1 c1”", Phrase("b1 c1")),
        ("„b1 c1“", Phrase("b1 c1")),
        ("«b1 c1»", Phrase("b1 c1")),
        ("« b1 c1 »", Phrase("b1 c1")),
        ("»b1 c1«", Phrase("b1 c1")),
        ("「b1 c1」", Phrase("b1 c1")),
        ('“b1 c1"', Phrase("b1 c1")),
        ('"b1   c1\n"', Phrase("b1 c1")),
        ("«b1 “c1” »", Phrase("b1 c1")),
        ("b1*", Prefix("b1")),
        ("b?1", Wildcard("b?1")),
        ("b*1", Wildcard("b*1")),
        ("b***1", Wildcard("b*1")),
        ("b1**", Prefix("b1")),
        ("b1~", Fuzzy("b1", 1)),
        ("b1~1", Fuzzy("b1", 1)),
        ("b1c2~2", Fuzzy("b1c2", 2)),
        ("b1c~2", Fuzzy("b1c", 1)),
        ("al-nus*", Prefix("al-nus")),
        ("b1~ c1* a1", Words((Fuzzy("b1", 1), Prefix("c1"), A))),
        ("b1?", B),
        ("b1 ?", B),
        ("b1??!", B),
        ("what?!", Word("what")),
        ("U.S. troops", Words((Word("U.S."), Word("troops")))),
        ("park.", Word("park")),
        ("a1,b1;c1", Words((A, B, C))),
        ("10,000", Word("10,000")),
        ("12:30", Word("12:30")),
        ("al-Nusra", Word("al-Nusra")),
        ("64-bit", Word("64-bit")),
        ("AT&T", Word("AT&T")),
        ("O’Brien", Word("O’Brien")),
        ("a1 - b1", Words((A, B))),
        ("a1 -- b1", Words((A, B))),
        ("--a1", A),
        ("a1 – b1 … & /", Words((A, B))),
        ("https://example.org/a?b=c*d:e,f", Word("https://example.org/a?b=c*d:e,f")),
        ("习近平，特朗普", Words((Word("习近平"), Word("特朗普")))),
        ('צה"ל', Word('צה"ל')),
        ("a1\x00b1", Words((A, B))),
        ("a1\ud800b1", Words((A, B))),
        ('a1"b1 c1"', both(A, Phrase("b1 c1"))),
    ],
)
def test_what_is_typed_becomes_this_tree(text: str, wanted: Node) -> None:
    assert tree(text) == wanted


@pytest.mark.parametrize("name", ["title", "source", "author", "path", "language"])
def test_every_field_takes_a_word_a_phrase_or_a_group(name: FieldName) -> None:
    word, other = Word("a1", name), Word("b1", name)
    assert tree(f"{name}:a1") == word
    assert tree(f"{name.upper()}:a1") == word
    assert tree(f'{name}:"a1 b1"~3') == Phrase("a1 b1", 3, name)
    assert tree(f"{name}:(a1 b1)") == both(word, other)
    assert tree(f"{name}:(a1 OR b1) c1") == both(C, Or((word, other)))
    assert tree(f"-{name}:a1") == without(word)
    assert tree(f"{name}:a* {name}:b?1 {name}:b1c2~2") == both(
        Prefix("a", name), Wildcard("b?1", name), Fuzzy("b1c2", 2, name)
    )
    assert tree(f"{name}:a1 b1") == both(B, word)
    assert tree(f"{name}:a1,b1") == both(word, other)
    assert tree(f"{name}:(a1") == word


@pytest.mark.parametrize("typed", ["fr", "French", "français", "fr-CA"])
def test_a_language_may_be_given_by_its_name(typed: str) -> None:
    assert tree(f"language:{typed}") == Word("fr", "language")
    assert tree("language:klingon") == Word("klingon", "language")


def test_the_innermost_field_counts() -> None:
    assert tree("title:(a1 author:b1)") == both(Word("a1", "title"), Word("b1", "author"))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("date:2016", "2016-01-01", "2016-12-31"),
        ("date:2016-11", "2016-11-01", "2016-11-30"),
        ("date:2016-02", "2016-02-01", "2016-02-29"),
        ("date:2016-10-17", "2016-10-17", "2016-10-17"),
        ("date:2016/10/7", "2016-10-07", "2016-10-07"),
        ("date:2016-10..2016-12", "2016-10-01", "2016-12-31"),
        ("date:2016-10..2016-12-05", "2016-10-01", "2016-12-05"),
        ("date:2016-10..", "2016-10-01", None),
        ("date:..2016-10", None, "2016-10-31"),
        ('date:"2016-10"', "2016-10-01", "2016-10-31"),
        ("date:2016-10-17,", "2016-10-17", "2016-10-17"),
        ("Date:2016-10-17.", "2016-10-17", "2016-10-17"),
        ("after:2016-11", "2016-11-01", None),
        ("after:2016", "2016-01-01", None),
        ("after:2016-11-25", "2016-11-25", None),
        ("before:2016-12-15", None, "2016-12-14"),
        ("before:2016-12", None, "2016-11-30"),
        ("before:2016", None, "2015-12-31"),
        ("date:today", "2016-12-20", "2016-12-20"),
        ("date:Yesterday", "2016-12-19", "2016-12-19"),
        ("after:7d", "2016-12-13", None),
        ("after:2w", "2016-12-06", None),
        ("before:1m", None, "2016-11-19"),
        ("after:1y", "2015-12-20", None),
        ("date:10m..today", "2016-02-20", "2016-12-20"),
    ],
)
def test_dates_mean_these_days(text: str, first: str | None, last: str | None) -> None:
    assert tree(text) == Dates(
        date.fromisoformat(first) if first else None, date.fromisoformat(last) if last else None
    )
    assert not said(text)


@pytest.mark.parametrize("typed", ["~1.5", "~1,5"])
def test_a_window_of_part_of_a_word_is_one_of_whole_words_and_the_answer_says_so(
    typed: str,
) -> None:
    assert tree(f'"a1 b1"{typed} c1') == tree('"a1 b1"~1 c1')
    assert said(f'"a1 b1"{typed} c1') == [(7, f"{typed} was read as ~1: a window has whole words")]


def test_a_month_ago_is_never_a_day_that_does_not_exist() -> None:
    last_of_march = date(2017, 3, 31)
    assert parse("date:1m", today=last_of_march).tree == Dates(date(2017, 2, 28), date(2017, 2, 28))
    assert parse("date:1y", today=date(2016, 2, 29)).tree == Dates(
        date(2015, 2, 28), date(2015, 2, 28)
    )


@pytest.mark.parametrize(
    "text",
    [
        "date:2016-13",
        "date:2016-02-30",
        "date:..",
        "date:17.10.2016",
        "date:soon",
        "date:9999y",
        "before:0001",
        "before:2016..2017",
        "after:0000",
    ],
)
def test_what_is_no_date_is_read_as_words_and_the_answer_says_so(text: str) -> None:
    assert not any(isinstance(node, Dates) for node in nodes(tree(text)))
    assert [position for position, message in said(f"a1 {text}") if "no date" in message] == [3]


def test_a_range_that_is_typed_backwards_is_turned_round() -> None:
    assert tree("date:2016-12..2016-10") == Dates(date(2016, 10, 1), date(2016, 12, 31))
    assert said("date:2016-12..2016-10") == [
        (0, "2016-12..2016-10 ends before it begins: the ends were swapped")
    ]
