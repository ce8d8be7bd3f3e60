"""Laws of the grammar, for any text: it is read, written down again, and keeps its shape."""

from __future__ import annotations

import re
from unittest.mock import patch

from hypothesis import example, given
from hypothesis import strategies as st
from typed_queries import TODAY, nodes, said, tree

from search import lexer
from search.lexer import is_word
from search.model import (
    And,
    Everything,
    Not,
    Or,
    Words,
)
from search.query import clauses, parse, read_as, render
from search.text import forms
from search.wording import is_plain, is_quoted

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
@example('said: "a truce"')
@example('"a truce", mayor says')
def test_a_tree_is_written_down_and_read_back(text: str) -> None:
    read = tree(text)
    assert tree(render(read)) == read
    assert all("between quotation marks" in message for _, message in said(render(read)))


@given(TYPED)
def test_the_short_way_of_plain_words_reads_what_the_long_way_does(text: str) -> None:
    short = parse(text, today=TODAY)
    with patch.object(lexer, "PLAIN", re.compile("(?!)")):
        assert parse(text, today=TODAY) == short


@given(st.text(st.characters(max_codepoint=127), max_size=8))
def test_what_is_a_word_is_what_the_index_takes_for_one(text: str) -> None:
    assert is_word(text) == bool(forms(text))


@given(TYPED)
def test_trees_keep_their_shape(text: str) -> None:
    """Engines rely on it: see `parse`."""
    read = tree(text)
    for node in nodes(read):
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
