"""What cannot be an operator is read as words: headlines, pasted prose, limits, and what is said."""

from __future__ import annotations

import pytest
from typed_queries import TODAY, A, B, C, D, E, leaves, nodes, said, tree

from search.lexer import MAX_LENGTH, MAX_WARNINGS
from search.mending import MAX_DEPTH, MAX_WORDS
from search.model import (
    And,
    Everything,
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
from search.query import parse, render


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
        ("a1b2~3", Fuzzy("a1b2", 2), 0),
        ("a1b~2", Fuzzy("a1b", 1), 0),
        ("a1b2~0.8", Fuzzy("a1b2", 2), 0),
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
    assert any(isinstance(node, Or | Not | And) for node in nodes(tree(text)))
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
@pytest.mark.timeout(60)
def test_a_hundred_kilobytes_of_anything_are_read_at_once(text: str) -> None:
    """A quadratic reading of a text of this size takes minutes; this one about 0.05 s."""
    parsed = parse(text, today=TODAY)
    render(parsed.tree)
    hash(parsed.tree)
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
    assert len(list(leaves(tree(many)))) == MAX_WORDS
    assert said(many) == [
        (many.index(f"w{MAX_WORDS}"), f"only the first {MAX_WORDS:,} words were read")
    ]
    deep = "".join(f"(w{n} OR " for n in range(MAX_DEPTH + 3)) + "b" + ")" * (MAX_DEPTH + 3)
    assert any(f"more than {MAX_DEPTH} deep" in message for _, message in said(deep))
    assert len(list(leaves(tree(deep)))) == MAX_DEPTH + 4
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
