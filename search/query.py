"""The reader's words -> a query tree. It never fails: what is no operator is read as a word.

    query    = { item } ;                          the items must all match; plain words beside
                                                   each other are ranked, see Words
    item     = both { "OR" both } ;                OR binds closer than the space …
    both     = unary { "AND" unary } ;             … AND closer than OR …
    unary    = { "NOT" | "-" } operand ;           … and NOT closest
    operand  = [ name ":" ] ( word | phrase | "(" query ")" ) | dates ;
    name     = "title" | "source" | "author" | "path" | "language" ;
    dates    = ( "before:" | "after:" ) date | "date:" ( date | [ date ] ".." [ date ] ) ;
    date     = YYYY [ "-" MM [ "-" DD ] ] | "today" | "yesterday" | digits ( "d" | "w" | "m" | "y" ) ;
    phrase   = quote words quote [ "~" digits ] ;  words in this order; with ~n near each other
    word     = letters [ "~" [ "1" | "2" ] ]       letters may hold - ' . and the like
             | letters "*"                         words that begin so
             | letters with "?" or "*" inside ;    one letter, any letters

`after:X` begins with X's first day, `before:X` ends before it, so that `after:2016-11
before:2016-12` is November. AND, OR and NOT are operators in capitals only, where they have
something to join, and not in a headline that is all capitals. A `-` is one at the beginning of a
word, a name where its value follows the colon at once. Pasted prose has no operators, and
parentheses that join nothing are punctuation: see `search.mending`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from search.languages import code_of
from search.lexer import FIELDS, Leaf, Mark, Token, Warnings, tokens
from search.mending import sound
from search.model import (
    And,
    Dates,
    Everything,
    FieldName,
    Node,
    Not,
    Or,
    QueryWarning,
    Word,
    Words,
)
from search.wording import RANKED_BESIDE, is_plain, is_quoted
from search.wording import clauses as clauses
from search.wording import read_as as read_as
from search.wording import render as render

# Of a quotation in a pasted headline: a colon before it or a comma after it.
_SPOKEN = re.compile(r"""[^\W_] ?:\s+["“„«]|["”»],(?:\s|$)""")
_FIELD_NAME = re.compile(rf"\b(?:{'|'.join(FIELDS)})\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query that was read: what it asks, and what its writer should know."""

    tree: Node
    warnings: tuple[QueryWarning, ...] = ()


def parse(text: str, *, today: date) -> Parsed:
    """Read a query. `today` is what `today` and `7d` mean, in the configured time zone.

    Never raises. In the tree a Not is always a direct child of an And that has another kind of
    child, Words stand at the top or directly in the And there, and no And is in an And nor an Or
    in an Or; so that `render` can write the tree down again.
    """
    warnings = Warnings()
    found = sound(tokens(text, today=today, warnings=warnings), text, warnings)
    spoken = _SPOKEN.search(text) and not _FIELD_NAME.search(text)
    tree = _Parser(found, beside=1 if spoken else RANKED_BESIDE).query()
    if isinstance(tree, Everything) and text.strip():
        warnings.add("there is no word to search for: every article matches")
    return Parsed(tree, warnings.all())


# --- the tree ------------------------------------------------------------------------------------


class _Parser:
    """Recursive descent over sound tokens; `mending.MAX_DEPTH` bounds the recursion."""

    def __init__(self, found: Sequence[Token], *, beside: int) -> None:
        self.found = found
        self.beside = beside
        self.at = 0
        self.field: FieldName | None = None

    def kind(self) -> Mark | Leaf | None:
        return self.found[self.at].kind if self.at < len(self.found) else None

    def query(self) -> Node:
        """The whole: plain words beside each other become Words, at this level only."""
        items = self.items()
        if len(items) == 1:
            return items[0]
        plain = tuple([item for item in items if is_plain(item)])
        others = [item for item in items if not is_plain(item)]
        if plain and (not others or (len(plain) >= self.beside and all(map(is_quoted, others)))):
            return Words(tuple(items))
        return all_of([*plain, *others] if len(plain) < 2 else [Words(plain), *others])

    def items(self) -> list[Node]:
        found = []
        while (kind := self.kind()) is not None and kind is not Mark.CLOSE:
            found.append(self.item())
        return found

    def item(self) -> Node:
        choices = [self.both()]
        while self.kind() is Mark.OR:
            self.at += 1
            choices.append(self.both())
        return choices[0] if len(choices) == 1 else any_of(choices)

    def both(self) -> Node:
        required = [self.unary()]
        while self.kind() is Mark.AND:
            self.at += 1
            required.append(self.unary())
        return required[0] if len(required) == 1 else all_of(required)

    def unary(self) -> Node:
        negated = False
        while (kind := self.kind()) is Mark.NOT or kind is Mark.MINUS:
            negated = not negated
            self.at += 1
        operand = self.operand()
        return none_of(operand) if negated else operand

    def operand(self) -> Node:
        outer = self.field
        while self.kind() is Mark.FIELD:
            self.field = FIELDS[self.found[self.at].text]
            self.at += 1
        kind = self.kind()
        self.at += 1
        if kind is None or isinstance(kind, Mark):  # the tokens are sound: it is Mark.OPEN
            node = all_of(self.items())
            self.at += 1  # the closing one
        else:
            node = _in_field(kind, self.field)
        self.field = outer
        return node


def _in_field(leaf: Leaf, field: FieldName | None) -> Leaf:
    """The leaf in the field that it stands in; a language by its code."""
    if not isinstance(leaf, Dates) and leaf.field is None and field is not None:
        leaf = replace(leaf, field=field)
    if isinstance(leaf, Word) and leaf.field == "language":
        return replace(leaf, text=code_of(leaf.text))
    return leaf


def all_of(nodes: Sequence[Node]) -> Node:
    """An And of different nodes, without And; with Everything where all else is Not."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.clauses if isinstance(node, And) else [node])
    flat = [node for node in dict.fromkeys(flat) if not isinstance(node, Everything)]
    if all(isinstance(node, Not) for node in flat):
        flat.insert(0, Everything())
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(nodes: Sequence[Node]) -> Node:
    """An Or of different nodes, without Or."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.clauses if isinstance(node, Or) else [node])
    flat = list(dict.fromkeys(flat))
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def none_of(node: Node) -> Node:
    """What does not match the node; twice is the node itself."""
    match node:
        case And((Everything(), Not(inner))):
            return inner
        case _:
            return And((Everything(), Not(node)))
