"""How a query is carried out: which reading of its words, which filters, in which order."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from search.model import And, Match, Node, Query, QueryWarning, Words
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.evaluation.neighbours import Neighbours
from search.whoosh_engine.nodes import Days, Sources
from search.whoosh_engine.queries.compile import Compiled, compile_tree
from search.whoosh_engine.views.lists import Docs
from search.whoosh_engine.views.view import Scores
from search.wording import ENOUGH_WITH_ALL


class Plan(NamedTuple):
    """A compiled query, and which joining of its words was chosen."""

    compiled: Compiled
    match: Match
    too_few: tuple[QueryWarning, ...] = ()
    """Why `auto` means any of the words, if it does: to be told where something is listed."""


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
            required = compile_tree(words, view, check, match_all=True)
            if words is query.tree and not filters_of(query):
                asked = query.page * query.size
                count = execution.count_to_rank(required.tree, asked, required.beside)
            else:
                count = execution.count(required.tree)
            if count < ENOUGH_WITH_ALL:
                match, too_few = "any", (_too_few(count),)
            elif words is query.tree:
                return Plan(required, match)
    compiled = compile_tree(query.tree, view, check, match_all=match == "all")
    return Plan(compiled, match, too_few)


def _too_few(count: int) -> QueryWarning:
    had = {0: "no article has", 1: "one article has"}.get(count, f"{count} articles have")
    return QueryWarning(f"{had} all the words, so articles with any of them are listed")


def filters_of(query: Query) -> list[Days | Sources]:
    """What narrows an answer to days and sources."""
    found: list[Days | Sources] = []
    if query.since is not None or query.until is not None:
        found.append(Days(query.since, query.until))
    if query.sources:
        found.append(Sources(query.sources))
    if query.without_sources:
        found.append(Sources(query.without_sources, excluded=True))
    return found


def words_of(tree: Node) -> Words | None:
    """The words side by side, if there are two or more: what `match` makes a difference to."""
    for node in tree.clauses if isinstance(tree, And) else (tree,):
        if isinstance(node, Words) and len(node.clauses) > 1:
            return node
    return None


def all_words(query: Query) -> Query:
    """The query as exports read it: `auto` means all."""
    return replace(query, match="all") if query.match == "auto" else query


class Found:
    """What a query finds, each part worked out when it is asked for."""

    def __init__(self, query: Query, made: Plan, execution: Execution) -> None:
        self._query = query
        self._made = made
        self._execution = execution
        self._total: int | None = None
        self._filters = filters_of(query)

    @property
    def total(self) -> int:
        """How many match. Exact; known for nothing once the first ones have been asked for."""
        if self._total is None:
            self._total = len(self.docs)
        return self._total

    @cached_property
    def docs(self) -> Docs:
        """Everything that matches, narrowed to the query's days and sources, ascending."""
        return self._execution.union(self.rows)

    @cached_property
    def rows(self) -> list[Docs]:
        """The same as rows that are quicker to have: where any word is enough, one for each."""
        return self._execution.rows(self._made.compiled.tree, self._filters)

    @cached_property
    def rows_before_sources(self) -> list[Docs]:
        """What was found before it was narrowed to sources."""
        days = [each for each in self._filters if isinstance(each, Days)]
        if len(days) == len(self._filters):
            return self.rows
        return self._execution.rows(self._made.compiled.tree, days)

    def order(self, count: int) -> Docs:
        """The first `count` documents in the query's order."""
        if self._query.sort == "relevance":
            return self._best(count)[0]
        oldest = self._query.sort == "oldest"
        tree = self._made.compiled.tree
        self._total, docs = self._execution.first_by_date(tree, count, self._filters, oldest=oldest)
        return docs

    def first(self, count: int) -> tuple[Docs, Scores]:
        """The same with their whole scores."""
        if self._query.sort == "relevance":
            return self._best(count)
        docs = self.order(count)
        return docs, whole_scores(docs, self._made, self._execution)

    def _best(self, count: int) -> tuple[Docs, Scores]:
        compiled = self._made.compiled
        self._total, docs, scores = self._execution.best(
            compiled.tree, count, compiled.beside, self._filters
        )
        return docs, scores


def find(query: Query, made: Plan, execution: Execution) -> Found:
    """What a query finds."""
    return Found(query, made, execution)


def whole_scores(docs: Docs, made: Plan, execution: Execution) -> Scores:
    """The scores of a few documents in any order, pairs included."""
    order = np.argsort(docs)
    ascending = docs[order].astype(np.uint32, copy=False)
    scores = execution.scores(made.compiled.tree, ascending)
    near = Neighbours(made.compiled.beside, (), execution.view)
    if near:
        near.add(ascending, scores, 0.0, execution.clock.check)
    given = np.empty_like(scores)
    given[order] = scores
    return given
