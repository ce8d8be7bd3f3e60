"""What is typed on a certain day, as a tree and with what is said about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from search.model import And, Everything, Node, Not, Or, Word, Words
from search.query import parse

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


def nodes(node: Node) -> Iterator[Node]:
    yield node
    match node:
        case And(parts) | Or(parts) | Words(parts):
            for part in parts:
                yield from nodes(part)
        case Not(inner):
            yield from nodes(inner)
        case _:
            pass


def leaves(node: Node) -> Iterator[Node]:
    return (each for each in nodes(node) if not isinstance(each, And | Or | Not | Words))
