"""A query tree in words: plain English for people, and its own syntax again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from search.days import span_as_typed, span_in_words
from search.model import (
    And,
    Dates,
    Everything,
    FieldName,
    Fuzzy,
    Match,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Wildcard,
    Word,
    Words,
)
from search.text import forms

ENOUGH_WITH_ALL = 10  # articles with all the words: `match=auto` asks for no more than that

# So many plain words beside a quotation make it part of a pasted headline, in which the words and
# the quotation rank together; one is enough where a colon stands before it or a comma after it.
RANKED_BESIDE = 3

_PLAIN = (Word, Prefix, Wildcard, Fuzzy)

JOINED: dict[Match, str] = {
    "all": "all of: ",
    "any": "any of: ",
    "auto": f"all of (any of, if fewer than {ENOUGH_WITH_ALL} articles have all): ",
}


def read_as(tree: Node, match: Match) -> str:
    """How the query was read, for its writer: `all of: aleppo, truce; not russia`."""
    if not isinstance(tree, And):
        return _said(tree, match)
    parts = _without_everything(tree)
    plain = [part for part in parts if is_plain(part)]
    said = [_said(part, match) for part in parts if part not in plain or len(plain) == 1]
    if len(plain) > 1:
        said.insert(0, JOINED["all"] + ", ".join(map(_leaf, plain)))
    if all(isinstance(part, Not) for part in parts):
        said.insert(0, "every article")
    return "; ".join(said)


def _without_everything(tree: And) -> list[Node]:
    return [part for part in tree.clauses if not isinstance(part, Everything)]


def _said(node: Node, match: Match) -> str:
    """One part at the top."""
    if isinstance(node, Words):
        or_words = "" if match == "all" else " or its words"
        return JOINED[match] + ", ".join(
            _leaf(part) + (or_words if is_quoted(part) else "") for part in node.clauses
        )
    if isinstance(node, Or):
        return " or ".join(_nested(part) for part in node.clauses)
    return _nested(node)


def _nested(node: Node) -> str:
    match node:
        case And((Everything(), Not(inner))):
            return f"not {_nested(inner)}"
        case And():
            return f"({' and '.join(map(_nested, _without_everything(node)))})"
        case Or(parts):
            return f"({' or '.join(_nested(part) for part in parts)})"
        case Words(parts):
            return f"({', '.join(_leaf(part) for part in parts)})"
        case Not(inner):
            return f"not {_nested(inner)}"
        case _:
            return _leaf(node)


def _leaf(node: Node) -> str:
    match node:
        case Word(text, field):
            return _placed(text, field)
        case Phrase(text, None, field):
            of = "" if field in {"source", "author", "language"} else "the phrase "
            return _placed(f'{of}"{text}"', field)
        case Phrase(text, within, field):
            words = "word" if within == 1 else "words"
            return _placed(f'the words "{text}" within {within} {words} of each other', field)
        case Prefix(text, field):
            return _placed(f"words that begin with {text}", field)
        case Wildcard(pattern, field):
            return _placed(f"words like {pattern}", field)
        case Fuzzy(text, edits, field):
            letters = "one letter" if edits == 1 else f"{edits} letters"
            return _placed(f"words like {text} give or take {letters}", field)
        case Dates(first, last):
            return f"published {span_in_words(first, last)}"
        case Everything():
            return "every article"
        case _:
            return _nested(node)


def _placed(what: str, field: FieldName | None) -> str:
    match field:
        case None:
            return what
        case "title" | "path":
            return f"{what} in the {field}"
        case _:
            return f"{field} {what}"


def clauses(tree: Node) -> tuple[tuple[str, Node], ...]:
    """The parts whose counts explain an answer: each as it is typed, and as a query by itself.

    Words are taken one by one, and the choices of an OR where it is the whole query. Each part
    is listed once.
    """
    found = {render(part): part for part in _parts(tree)}
    return tuple(found.items())


def _parts(tree: Node) -> Iterator[Node]:
    match tree:
        case Everything():
            return
        case Or(parts):
            yield from parts
        case And(parts):
            for part in parts:
                yield from _conjunct(part)
        case _:
            yield from _conjunct(tree)


def _conjunct(node: Node) -> Iterator[Node]:
    match node:
        case Everything():
            return
        case Words(parts):
            yield from parts
        case Not():
            yield And((Everything(), node))
        case _:
            yield node


def render(tree: Node) -> str:
    """The tree in the query's own syntax: `parse` reads it back as the same tree."""
    if not isinstance(tree, And):
        return _typed(tree, "top")
    parts = _without_everything(tree)
    words = [part for part in parts if isinstance(part, Words)]
    others = [part for part in parts if not isinstance(part, Words)]
    if not any(map(is_plain, others if words else others[1:])):
        return " ".join(_typed(part, "and") for part in (*words, *others))
    required = " AND ".join(_typed(part, "and") for part in others)
    return " ".join(
        [*(_typed(part, "top") for part in words), f"({required})" if words else required]
    )


def is_plain(node: Node) -> bool:
    """Whether it is a word (or part of one) without a field: what stands in a Words."""
    return isinstance(node, _PLAIN) and node.field is None


def is_quoted(node: Node) -> bool:
    """Whether it is a phrase without a field, to be found as it stands."""
    return isinstance(node, Phrase) and node.within is None and node.field is None


def words_in(phrase: Phrase) -> list[Word]:
    """The words that stand between the quotation marks, one by one."""
    return [Word(word) for word in phrase.text.split() if forms(word)]


def _typed(node: Node, within: Literal["top", "or", "and"]) -> str:
    """One node, in parentheses where what it stands in would take it apart."""
    match node:
        case Words(parts):
            after = "" if sum(map(is_plain, parts)) >= RANKED_BESIDE else ","
            return " ".join(_typed(p, "or") + (after if is_quoted(p) else "") for p in parts)
        case Or(parts):
            joined = " OR ".join(_typed(part, "or") for part in parts)
            return f"({joined})" if within == "and" else joined
        case And((Everything(), Not(inner))):
            return _typed_not(inner)
        case And():
            parts = tuple(_without_everything(node))
            return f"({' AND '.join(_typed(part, 'and') for part in parts)})"
        case Not(inner):
            return _typed_not(inner)
        case _:
            return _typed_leaf(node)


def _typed_not(inner: Node) -> str:
    typed = _typed(inner, "and")
    return f"-{typed}" if typed[:1].isalnum() or typed[:1] == '"' else f"NOT {typed}"


def _typed_leaf(node: Node) -> str:
    match node:
        case Word(text, field):
            return _named(text, field)
        case Phrase(text, within, field):
            return _named(f'"{text}"' + (f"~{within}" if within is not None else ""), field)
        case Prefix(text, field):
            return _named(f"{text}*", field)
        case Wildcard(pattern, field):
            return _named(pattern, field)
        case Fuzzy(text, edits, field):
            return _named(f"{text}~" + ("" if edits == 1 else str(edits)), field)
        case Dates(first, last):
            return span_as_typed(first, last)
        case _:
            return ""


def _named(text: str, field: FieldName | None) -> str:
    return f"{field}:{text}" if field else text
