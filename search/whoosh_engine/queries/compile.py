"""A query tree of `search.model` in, a Whoosh query tree out, and what the answer has to tell.

Here it is settled how words side by side are joined, which of them rank, which neighbours count as
pairs; what each stands for is told by `leaves`. What was typed is never an error: a word of signs alone means nothing and is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from itertools import compress
from operator import not_
from typing import NamedTuple

from whoosh import query as whoosh

from search import ranking
from search.marking import Pattern
from search.model import (
    And,
    Dates,
    Everything,
    FieldName,
    Node,
    Not,
    Or,
    Phrase,
    QueryWarning,
    Word,
    Words,
)
from search.stop_words import STOP_WORDS
from search.text import MAX_FORM
from search.whoosh_engine.nodes import Counted, Days, Slots
from search.whoosh_engine.queries import expand
from search.whoosh_engine.queries.leaves import Leaves
from search.whoosh_engine.queries.row import (
    TEXT,
    Place,
    neighbours,
    or_as_one,
    typed_apart,
    weighted,
)
from search.whoosh_engine.queries.typed import terms
from search.whoosh_engine.views.view import View
from search.wording import words_in

NAMED_IGNORED = 10  # small words that the remark about them names; it counts the others


class Compiled(NamedTuple):
    """A query as Whoosh would take it, and what else is known of it."""

    tree: whoosh.Query
    """Which articles match, and their scores without pairs."""
    beside: tuple[Slots, ...] = ()
    """Neighbours whose nearness adds to a score; they never change what matches."""
    marked: tuple[Counted, ...] = ()
    """The leaves whose matches are marked."""
    warnings: tuple[QueryWarning, ...] = ()
    ignored: tuple[str, ...] = ()
    """Small words that are not looked for, since others stand beside them."""

    @property
    def pairs(self) -> tuple[Counted, ...]:
        """The neighbours as light phrases."""
        return tuple(Counted(TEXT, (way,), boost=ranking.PAIR_WEIGHT) for way in self.beside)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """What to mark in titles and bodies."""
        return self._patterns(TEXT)

    @property
    def title_patterns(self) -> tuple[Pattern, ...]:
        """What to mark in titles alone."""
        return self._patterns("title")

    def _patterns(self, field: str) -> tuple[Pattern, ...]:
        found = (
            Pattern(tuple(frozenset(slot) for slot in way), leaf.within)
            for leaf in self.marked
            if leaf.fieldname == field
            for way in leaf.ways
        )
        return tuple(dict.fromkeys(found))

    @property
    def told(self) -> tuple[QueryWarning, ...]:
        """The warnings, and which words were ignored."""
        if not self.ignored:
            return self.warnings
        named = ", ".join(self.ignored[:NAMED_IGNORED])
        left = len(self.ignored) - NAMED_IGNORED
        more = f" and {left} more" if left > 0 else ""
        remark = f"small words beside others are not looked for: {named}{more}"
        return (*self.warnings, QueryWarning(remark))

    @property
    def whole(self) -> whoosh.Query:
        """Matches and whole scores as one Whoosh query: what the oracle is asked."""
        if not self.beside:
            return self.tree
        return whoosh.AndMaybe(self.tree, whoosh.Or(list(self.pairs)))


def compile_tree(tree: Node, view: View, check: expand.Check, *, match_all: bool) -> Compiled:
    """The Whoosh query that a tree means in this index.

    `match_all` says how words side by side are joined. Expansions that did not fit are in the
    warnings.
    """
    compiler = _Compiler(view, check, match_all=match_all)
    compiled = compiler.node(tree, wanted=True)
    return Compiled(
        every() if compiled is None else compiled,
        tuple(compiler.beside),
        tuple(compiler.marked),
        tuple(dict.fromkeys(compiler.leaves.warnings)),
        tuple(dict.fromkeys(compiler.ignored)),
    )


def every() -> whoosh.Query:
    """Every article, for a score of 0."""
    return whoosh.ConstantScoreQuery(whoosh.Every(), 0.0)


class _Compiler:
    """One tree's way through; None stands for a node that means nothing."""

    def __init__(self, view: View, check: expand.Check, *, match_all: bool) -> None:
        self.view = view
        self.check = check
        self.match_all = match_all
        self.leaves = Leaves(view, check)
        self.beside: list[Slots] = []
        self.marked: list[Counted] = []
        self.ignored: list[str] = []

    def node(self, node: Node, *, wanted: bool) -> whoosh.Query | None:
        """Any node. `wanted` is False below a Not: nothing there is marked."""
        match node:
            case Words(parts):
                return self._words(parts, wanted=wanted)
            case And(parts):
                return self._all_of(parts, wanted=wanted)
            case Or(parts):
                found = [self.node(part, wanted=wanted) for part in parts]
                kept = [part for part in found if part is not None]
                return whoosh.Or(kept) if kept else None
            case Not():
                return self._all_of((Everything(), node), wanted=wanted)
            case Dates(first, last):
                return Days(first, last)
            case Everything():
                return every()
            case _:
                leaf = self.leaves.of(node)
                return self._placed(leaf, node.field, wanted=wanted)

    def _all_of(self, parts: Sequence[Node], *, wanted: bool) -> whoosh.Query | None:
        required = [
            found
            for part in parts
            if not isinstance(part, Not)
            if (found := self.node(part, wanted=wanted)) is not None
        ]
        refused = [
            found
            for part in parts
            if isinstance(part, Not)
            if (found := self.node(part.clause, wanted=False)) is not None
        ]
        if not required and not refused:
            return None
        both = whoosh.And(required) if required else every()
        return whoosh.AndNot(both, whoosh.Or(refused)) if refused else both

    def _placed(
        self, leaf: Counted | None, field_name: FieldName | None, *, wanted: bool
    ) -> whoosh.Query | None:
        """A leaf as it stands in the tree: marked, and scored where its field ranks."""
        if leaf is None:
            return None
        if wanted:
            self.marked.append(leaf)
        if field_name in ranking.RANKED_FIELDS:
            return leaf
        return whoosh.ConstantScoreQuery(leaf, 0.0)

    # --- words side by side ---------------------------------------------------

    def _words(self, parts: Sequence[Node], *, wanted: bool) -> whoosh.Query | None:
        """Words that rank together: each counted as often as it was typed, neighbours as pairs."""
        row, quoted = self._row(parts)
        if not row:
            return None
        spellings = [each.spelling for each in row]
        telling = self._telling(spellings)
        leaves = self._counted(row, telling)
        kept = row
        if len(telling) < len(row):
            kept = [each for each in row if each.spelling in telling]
            leaves = [leaf for leaf, word in zip(leaves, spellings, strict=True) if word in telling]
            self.ignored += [
                each.spelling for each in row if each.spelling not in telling and not each.is_quoted
            ]
        if wanted:
            if len(kept) > 1:
                self.beside += [pair for pair in neighbours(kept) if pair not in self.beside]
            # The words of a quotation that must be there are no matches by themselves.
            self.marked += leaves
            if quoted and self.match_all:
                quotable = [each.is_quoted for each in kept]
                self.marked[-len(kept) :] = compress(leaves, map(not_, quotable))
            self.marked += quoted
        leaves += quoted
        ranked: list[whoosh.Query] = [*leaves]
        if len(leaves) > 1 and len(set(leaves)) < len(leaves):
            ranked = [weighted(leaf, count) for leaf, count in Counter(leaves).items()]
        return whoosh.And(ranked) if self.match_all else whoosh.Or(ranked)

    def _row(self, parts: Sequence[Node]) -> tuple[list[Place], list[Counted]]:
        """The words of a row as places, those between quotation marks one by one; the quotations."""
        row: list[Place] = []
        quoted: list[Counted] = []
        for part in parts:
            if isinstance(part, Word):
                if (word := self.leaves.place(part.text, part.field or TEXT)) is not None:
                    row.append(word)
                continue
            leaf = self.leaves.of(part)
            if leaf is None:
                continue
            if isinstance(part, Phrase):
                for quote in words_in(part):
                    each = self.leaves.place(quote.text, quote.field or TEXT)
                    row += [] if each is None else [each._replace(is_quoted=True)]
                quoted.append(leaf)
            else:
                row.append(Place(repr(part), leaf, None, is_part=False))  # no stop words
        return row, quoted

    def _counted(self, row: Sequence[Place], telling: Container[str]) -> list[Counted]:
        """The leaves of words; each two side by side also as one: `al Nusra` finds `Alnusra`."""
        leaves, asked = list[Counted](), list[str]()
        for each in row:
            leaves.append(each.leaf)
            if each.slot and each.leaf.fieldname == TEXT:
                asked += each.slot
        if len(row) == 1:
            return leaves
        apart: dict[int, tuple[str, ...]] = {}
        for at, form in typed_apart(row, telling).items():
            apart[at] = terms(form[:MAX_FORM], self.leaves.languages)
            asked += apart[at]
        self.view.learn(TEXT, asked, self.check)
        for at, forms in apart.items():
            known = self.view.occurring(TEXT, forms)
            if known:
                leaves[at] = or_as_one(leaves[at], known)
                leaves[at + 1] = or_as_one(leaves[at + 1], known)
        return leaves

    def _telling(self, spellings: Sequence[str]) -> Sequence[str]:
        """The words that rank. The stop list is English: it is used where there is English."""
        if STOP_WORDS.isdisjoint(spellings):
            return spellings
        if None in self.leaves.languages or "en" in self.leaves.languages:
            return ranking.telling(spellings)
        return spellings
