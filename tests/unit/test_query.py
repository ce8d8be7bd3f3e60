"""The grammar: what is read as an operator, what as a word, and what is said about it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.lexer import MAX_LENGTH, MAX_WARNINGS, is_word
from search.mending import MAX_DEPTH, MAX_WORDS
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
from search.query import clauses, parse, read_as, render
from search.text import forms
from search.wording import is_plain, is_quoted

TODAY = date(2016, 12, 20)

A, B, C, D, E = (Word(name) for name in ("a1", "b1", "c1", "d1", "e1"))


def tree(text: str) -> Node:
    return parse(text, today=TODAY).tree


def said(text: str) -> list[tuple[int | None, str]]:
    return [(each.position, each.message) for each in parse(text, today=TODAY).warnings]


def both(*nodes: Node) -> And:
    return And(nodes)


def without(node: Node) -> And:
    return And((Everything(), Not(node)))


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
        ("b1~2", Fuzzy("b1", 2)),
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
    assert tree(f"{name}:a* {name}:b?1 {name}:b1~2") == both(
        Prefix("a", name), Wildcard("b?1", name), Fuzzy("b1", 2, name)
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
    assert not any(isinstance(node, Dates) for node in _nodes(tree(text)))
    assert [position for position, message in said(f"a1 {text}") if "no date" in message] == [3]


def test_a_range_that_is_typed_backwards_is_turned_round() -> None:
    assert tree("date:2016-12..2016-10") == Dates(date(2016, 10, 1), date(2016, 12, 31))
    assert said("date:2016-12..2016-10") == [
        (0, "2016-12..2016-10 ends before it begins: the ends were swapped")
    ]


@pytest.mark.parametrize(
    ("text", "wanted", "position"),
    [
        ("OR", Word("or"), 0),
        ("a1 OR", Words((A, Word("or"))), 3),
        ("AND a1", Words((Word("and"), A)), 0),
        ("a1 NOT", Words((A, Word("not"))), 3),
        ("a1 (OR b1)", Words((A, Word("or"), B)), 4),
        ("a1 OR ()", Words((A, Word("or"))), 3),
        ("(a1 b1", Words((A, B)), 0),
        ("a1) b1", Words((A, B)), 2),
        (":) a1", A, 1),
        ('a1 "b1', Words((A, B)), 3),
        ("a1 ” b1", Words((A, B)), 3),
        ('"" a1', A, 0),
        ('"..." a1', A, 0),
        ("foo:b1", Words((Word("foo"), B)), 0),
        ("title: a1", Words((Word("title"), A)), 0),
        ("a1 title:", Words((A, Word("title"))), 3),
        ("title:!! a1", Words((Word("title"), A)), 0),
        ("*a1", A, 0),
        ("*a1*", Prefix("a1"), 0),
        ("* a1", A, 0),
        ("+a1", A, 0),
        ("~a1", A, 0),
        ("a1*b1=c1 ", Words((Wildcard("a1*b1"), C)), None),
        ("a1*/b1", Word("a1/b1"), 0),
        ("a1~3", Fuzzy("a1", 2), 0),
        ("a1~0.8", Fuzzy("a1", 2), 0),
        ("a1*~", Prefix("a1"), 0),
        ('"a1 b1"~', Phrase("a1 b1"), 7),
        ('"a1 b1"~99999999999999999999', Phrase("a1 b1", 126), 7),
        (f'"{"a1 " * 128}"~5', Phrase(("a1 " * 128).strip(), 0), 386),
        (f'"{"a1 " * 129}"~5', Phrase(("a1 " * 129).strip()), 389),
        ('"a1* b1"', Phrase("a1* b1"), 0),
        ("a1 🙂", A, 3),
        ("🙂", Everything(), 0),
    ],
)
def test_what_is_no_operator_is_read_as_words_and_the_position_is_named(
    text: str, wanted: Node, position: int | None
) -> None:
    assert tree(text) == wanted
    if position is None:
        assert not said(text)
    else:
        assert said(text)[0][0] == position


@pytest.mark.parametrize(
    "text",
    [
        "the time is 12:30",
        "https://example.org/news?id=1",
        "Who killed the mayor?",
        "Truce - at last",
        "U.S.-led coalition",
        "Assad: we will not go",
        "don't",
        "10% & more",
    ],
)
def test_ordinary_punctuation_is_no_reason_for_a_warning(text: str) -> None:
    assert not said(text)


def test_a_headline_in_capitals_has_no_operators() -> None:
    headline = "SYRIA AND RUSSIA AGREE NOT TO BOMB"
    assert tree(headline) == Words(
        tuple(map(Word, ["SYRIA", "and", "RUSSIA", "AGREE", "not", "TO", "BOMB"]))
    )
    assert [position for position, _ in said(headline)] == [6]
    assert isinstance(tree("TO BE OR NOT TO BE"), Words)
    assert isinstance(tree("ТУРЦИЯ AND СИРИЯ ГОВОРЯТ"), Words)


@pytest.mark.parametrize(
    "text",
    [
        "US OR UN",
        "NATO AND NOT EU",
        "(US OR UN) SYRIA TRUCE",
        "Russia AND Iran Syria",
        'US OR "United States"',
        "سوريا OR روسيا حلب",
    ],
)
def test_capitals_alone_do_not_switch_operators_off(text: str) -> None:
    assert any(isinstance(node, Or | Not | And) for node in _nodes(tree(text)))
    assert not said(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        ")" * 100_000,
        "(" * 50_000 + "a" + ")" * 50_000,
        "()" * 50_000,
        "-(" * 50_000 + "a",
        "«" * 100_000,
        '"' * 99_999,
        "a~" * 50_000,
        "x" + "~" * 100_000,
        "a*" * 50_000,
        "NOT " * 25_000,
        "NOT " * 4_000 + "a",
        "a OR " * 20_000,
        "title:(" * 15_000,
        "a:" * 50_000,
        "*" * 100_000,
        "a" * 100_000,
        "date:" * 20_000,
        ".." * 50_000,
    ],
    ids=lambda text: text[:8],
)
def test_a_hundred_kilobytes_of_anything_are_read_at_once(text: str) -> None:
    started = time.process_time()  # of this process: a busy machine is not its fault
    parsed = parse(text, today=TODAY)
    render(parsed.tree)
    hash(parsed.tree)
    # A quadratic reading of a text of this size takes minutes; this one about 0.05 s.
    assert time.process_time() - started < 5
    assert any("only the first" in each.message for each in parsed.warnings)


@pytest.mark.parametrize(
    "passage",
    [
        "the minister (who had not been told) said that the rebels were not in the old town",
        "Kerry said: “We are not at the end of it.” Rebels disagree, and so does the army.",
        "what of the truce -dash agreed or not -dash is left in the east of the old town",
        "He is NOT in the town AND she was told that it is over for the rebels and the army",
    ],
)
def test_a_passage_of_prose_is_words_alone(passage: str) -> None:
    """Its quotation marks, parentheses and dashes are punctuation, and the answer says so."""
    assert isinstance(tree(passage), Words)
    assert any("passage of prose" in message for _, message in said(passage))


@pytest.mark.parametrize(
    "typed",
    [
        'syria truce rebels army aleppo homs idlib hama daraa kerry lavrov assad "white helmets"',
        '"to be or not to be, that is the question" hamlet',
        "the war (of the worlds)",
        "(aleppo OR homs OR hama OR idlib) AND (truce OR ceasefire) AND (un OR us) NOT (the OR of)",
    ],
)
def test_a_query_of_operators_is_no_passage(typed: str) -> None:
    assert not any("passage of prose" in message for _, message in said(typed))


def test_each_limit_that_bites_is_reported() -> None:
    long = "word " * (MAX_LENGTH // 5 + 10)
    assert any(f"only the first {MAX_LENGTH:,}" in message for _, message in said(long))
    many = " ".join(f"w{number}" for number in range(MAX_WORDS + 5))
    assert len(list(_leaves(tree(many)))) == MAX_WORDS
    assert said(many) == [
        (many.index(f"w{MAX_WORDS}"), f"only the first {MAX_WORDS:,} words were read")
    ]
    deep = "".join(f"(w{n} OR " for n in range(MAX_DEPTH + 3)) + "b" + ")" * (MAX_DEPTH + 3)
    assert any(f"more than {MAX_DEPTH} deep" in message for _, message in said(deep))
    assert len(list(_leaves(tree(deep)))) == MAX_DEPTH + 4
    noise = ") " * (MAX_WARNINGS + 5)
    assert len(said(noise)) == MAX_WARNINGS + 1


def test_warnings_come_in_the_order_of_the_text() -> None:
    positions = [position for position, _ in said('(a "b +c OR')]
    assert positions == sorted(positions, key=lambda each: each or 0)
    assert len(positions) == 4


def test_a_quotation_beside_three_words_ranks_with_them_as_in_a_pasted_headline() -> None:
    assert tree('a1 "b1 c1" d1 e1') == Words((A, Phrase("b1 c1"), D, E))
    assert tree('a1 "b1 c1" d1') == And((Words((A, D)), Phrase("b1 c1")))
    assert tree('a1 d1 e1 "b1 c1" -f1') == And((Words((A, D, E)), Phrase("b1 c1"), Not(Word("f1"))))
    assert tree('a1 : "b1 c1"') == Words((A, Phrase("b1 c1")))
    assert tree('"b1 c1", a1') == Words((Phrase("b1 c1"), A))
    assert tree('a1 "b1 c1"') == And((A, Phrase("b1 c1")))
    assert isinstance(tree('source: "b1 c1"'), And)
    assert tree('a1 d1 e1 "b1 c1"~3') == And((Words((A, D, E)), Phrase("b1 c1", 3)))


# --- laws ----------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *("AND", "OR", "NOT", "-", "(", ")", '"', "“", "”", "«", "»", "~", "~2", "*", "?", ":"),
        *("title:", "source:", "date:", "before:", "2016", "-11", "..", "foo:", "https://"),
        *("aleppo", "al-Nusra", "U.S.", "syria’s", "B", "ISIL", "سوريا", "习近平", "12:30", "a,b"),
        *(" ", " ", " ", " ", "\u200b", "\n", "🙂", "½", 'צה"ל', "+", ".", "'", "\ud800", "_"),
    ]
)
TYPED = st.lists(PIECES, max_size=25).map("".join)


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    parsed = parse(text, today=TODAY)
    assert all(each.position is None or 0 <= each.position < len(text) for each in parsed.warnings)
    read_as(parsed.tree, "auto")
    clauses(parsed.tree)


@given(TYPED)
def test_a_tree_is_written_down_and_read_back(text: str) -> None:
    read = tree(text)
    assert tree(render(read)) == read
    assert all("between quotation marks" in message for _, message in said(render(read)))


@given(st.text(st.characters(max_codepoint=127), max_size=8))
def test_what_is_a_word_is_what_the_index_takes_for_one(text: str) -> None:
    assert is_word(text) == bool(forms(text))


@given(TYPED)
def test_trees_keep_their_shape(text: str) -> None:
    """Engines rely on it: see `parse`."""
    read = tree(text)
    for node in _nodes(read):
        match node:
            case And(parts):
                assert len(parts) > 1
                assert not any(isinstance(part, And) for part in parts)
                assert not all(isinstance(part, Not) for part in parts)
                assert not any(isinstance(part, Words) for part in parts) or node is read
            case Or(parts):
                assert len(parts) > 1
                assert not any(isinstance(part, Or | Not | Words) for part in parts)
            case Not(inner):
                assert not isinstance(inner, Not | Words | Everything)
            case Words(parts):
                assert len(parts) > 1
                assert all(is_plain(part) or is_quoted(part) for part in parts)
                assert any(map(is_plain, parts))
            case _:
                pass


@given(TYPED)
def test_every_clause_is_a_query_by_itself(text: str) -> None:
    for typed, node in clauses(tree(text)):
        assert tree(typed) == node or isinstance(node, And)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case And(parts) | Or(parts) | Words(parts):
            for part in parts:
                yield from _nodes(part)
        case Not(inner):
            yield from _nodes(inner)
        case _:
            pass


def _leaves(node: Node) -> Iterator[Node]:
    return (each for each in _nodes(node) if not isinstance(each, And | Or | Not | Words))


# --- in words ------------------------------------------------------------------------------------


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
