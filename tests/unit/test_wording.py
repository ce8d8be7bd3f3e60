"""A query in plain English, and its parts."""

from __future__ import annotations

import pytest
from typed_queries import tree, without

from search.model import (
    Everything,
    Word,
)
from search.query import clauses, read_as


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'aleppo truce "security source" -russia after:2016-11',
            (
                'all of: aleppo, truce; the phrase "security source"; not russia; '
                "published from 1 November 2016"
            ),
        ),
        ("", "every article"),
        ("-russia", "every article; not russia"),
        ("aleppo", "aleppo"),
        ("aleppo AND truce", "all of: aleppo, truce"),
        ("US OR UN", "US or UN"),
        ("syria (US OR UN)", "syria; US or UN"),
        ("(syria truce) OR -iran", "(syria and truce) or not iran"),
        ("a -(b OR (c d))", "a; not (b or (c and d))"),
        ('title:aleppo source:"Arab Today"', 'aleppo in the title; source "Arab Today"'),
        ('title:"a b" path:2016 language:fr author:assad', 'the phrase "a b" in the title; 2016 in the path; language fr; author assad'),
        ('"a b"~5', 'the words "a b" within 5 words of each other'),
        ('"a b"~1', 'the words "a b" within 1 word of each other'),
        ("secur*", "words that begin with secur"),
        ("w?rd", "words like w?rd"),
        ("assad~", "words like assad give or take one letter"),
        ("assad~2", "words like assad give or take 2 letters"),
        ("date:2016-11", "published in November 2016"),
        ("date:2016", "published in 2016"),
        ("date:2016-10-17", "published on 17 October 2016"),
        ("date:2016-10..2016-11", "published from 1 October to 30 November 2016"),
        ("date:2015-10..2016-11-02", "published from 1 October 2015 to 2 November 2016"),
        ("before:2016-12-15", "published until 14 December 2016"),
    ],
)  # fmt: skip
def test_a_query_is_said_in_words(text: str, wanted: str) -> None:
    assert read_as(tree(text), "all") == wanted


def test_the_match_is_said_with_the_words() -> None:
    words = tree("aleppo truce")
    assert read_as(words, "all") == "all of: aleppo, truce"
    assert read_as(words, "any") == "any of: aleppo, truce"
    assert read_as(words, "auto") == (
        "all of (any of, if fewer than 10 articles have all): aleppo, truce"
    )


def test_clauses_are_the_parts_as_typed() -> None:
    parts = [
        typed
        for typed, _ in clauses(tree('aleppo truce aleppo "a b" -iran (c OR d) after:2016-11'))
    ]
    assert parts == ["aleppo", "truce", '"a b"', "-iran", "c OR d", "after:2016-11-01"]
    assert [typed for typed, _ in clauses(tree("a OR b"))] == ["a", "b"]
    assert dict(clauses(tree("a -b")))["-b"] == without(Word("b"))
    assert clauses(Everything()) == ()
