"""How a query is carried out: which reading of its words, which filters, in which order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.model import And, Match, Node, Query, QueryWarning, Sort, Words
from search.whoosh_engine.arrays import NO_TIME
from search.whoosh_engine.compile import Compiled, compile_tree
from search.whoosh_engine.execute import Execution
from search.whoosh_engine.nodes import Days, Sources
from search.whoosh_engine.top import Key, Rows, best, best_of
from search.whoosh_engine.view import Docs, Scores, View
from search.wording import ENOUGH_WITH_ALL


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled query, and which joining of its words was chosen."""

    compiled: Compiled
    match: Match
    too_few: tuple[QueryWarning, ...] = ()
    """Why `auto` means any of the words, if it does: to be told where something is listed."""


@dataclass(frozen=True, slots=True)
class Matches:
    """What a query found."""

    docs: Docs
    """Ascending."""
    scores: Scores | None
    """Without pairs; None where the order does not ask for them."""
    before_sources: Docs
    """What it found before it was narrowed to sources."""


def plan(query: Query, execution: Execution) -> Plan:
    """Compile a query. `auto` means all the words if enough articles have them, else any.

    Whether they are enough is asked of the words alone: a filter never brings more articles, and
    a facet's count is what a click on it finds. A sorting by date has no use for weak matches:
    there `auto` means all.
    """
    view, check = execution.view, execution.clock.check
    too_few: tuple[QueryWarning, ...] = ()
    match = query.match
    if match == "auto":
        match = "all"
        words = words_of(query.tree) if query.sort == "relevance" else None
        if words is not None:
            count = len(execution.match(compile_tree(words, view, check, match_all=True).tree))
            if count < ENOUGH_WITH_ALL:
                match, too_few = "any", (_too_few(count),)
    compiled = compile_tree(query.tree, view, check, match_all=match == "all")
    return Plan(compiled, match, too_few)


def _too_few(count: int) -> QueryWarning:
    had = {0: "no article has", 1: "one article has"}.get(count, f"{count} articles have")
    return QueryWarning(f"{had} all the words, so articles with any of them are listed")


def words_of(tree: Node) -> Words | None:
    """The words side by side, if there are two or more: what `match` makes a difference to."""
    for node in tree.clauses if isinstance(tree, And) else (tree,):
        if isinstance(node, Words) and len(node.clauses) > 1:
            return node
    return None


def all_words(query: Query) -> Query:
    """The query as exports read it: `auto` means all."""
    return replace(query, match="all") if query.match == "auto" else query


def find(query: Query, made: Plan, execution: Execution) -> Matches:
    """Everything that matches, narrowed to the query's days and sources."""
    scores: Scores | None = None
    if query.sort == "relevance":
        docs, scores = execution.ranked(made.compiled.tree)
    else:
        docs = execution.match(made.compiled.tree)
    if query.since is not None or query.until is not None:
        docs, scores = _narrowed(execution, Days(query.since, query.until), docs, scores)
    before_sources = docs
    if query.sources:
        docs, scores = _narrowed(execution, Sources(query.sources), docs, scores)
    if query.without_sources:
        unwanted = Sources(query.without_sources, excluded=True)
        docs, scores = _narrowed(execution, unwanted, docs, scores)
    return Matches(docs, scores, before_sources)


def _narrowed(
    execution: Execution, node: Days | Sources, docs: Docs, scores: Scores | None
) -> tuple[Docs, Scores | None]:
    passed = execution.passes(node, docs)
    if passed is None:
        return docs, scores
    return docs[passed], None if scores is None else scores[passed]


def first_of(
    count: int, query: Query, made: Plan, found: Matches, execution: Execution
) -> tuple[Docs, Scores]:
    """The first `count` documents in the query's order, with their whole scores."""
    pairs = made.compiled.pairs
    if found.scores is None:
        docs = found.docs[_by_date(count, query.sort, execution.view, found.docs)]
        return docs, whole_scores(docs, made, execution)
    docs, scores = execution.best_with_pairs(found.docs, found.scores, pairs, count)
    rows = best(count, scores, tie_breakers(execution.view, docs))
    return docs[rows], scores[rows]


def whole_scores(docs: Docs, made: Plan, execution: Execution) -> Scores:
    """The scores of a few documents in any order, pairs included."""
    order = np.argsort(docs)
    ascending = docs[order]
    scores = execution.scores(made.compiled.tree, ascending)
    _, scores = execution.best_with_pairs(
        ascending, scores, made.compiled.pairs, count=len(ascending)
    )
    given = np.empty_like(scores)
    given[order] = scores
    return given


def tie_breakers(view: View, docs: Docs) -> Sequence[Key]:
    """Among equal scores: the newest first, undated last, then by id."""
    return (lambda rows: view.column("published_s")[docs[rows]], _by_id(view, docs))


def _by_id(view: View, docs: Docs) -> Key:
    return lambda rows: ~view.column("id")[docs[rows]]  # ~ turns the order of unsigned numbers


def _by_date(count: int, sort: Sort, view: View, docs: Docs) -> Rows:
    """The rows that come first by date, undated ones last whichever way; ties by id."""

    def newest(rows: Rows) -> NDArray[Any]:
        return view.column("published_s")[docs[rows]]

    def oldest(rows: Rows) -> NDArray[Any]:
        seconds = newest(rows)
        return np.where(seconds == NO_TIME, NO_TIME, -seconds)

    first = oldest if sort == "oldest" else newest
    return best_of(count, np.arange(len(docs)), (first, _by_id(view, docs)))
