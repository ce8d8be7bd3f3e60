"""What an answer tells of its query: how many articles each part matches, and what would find more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from search.model import Clause, FieldName, Node, Query, QueryWarning
from search.nearest import MAX_TRIED, part_count, unquoted, with_one_part_fewer, without
from search.query import clauses, render
from search.suggest import did_you_mean
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.evaluation.plan import find, plan
from search.whoosh_engine.queries import words
from search.whoosh_engine.queries.compile import compile_tree

MAX_CLAUSES = (
    50  # parts of a query that are counted one by one; the receipt of a pasted page is cut
)


class Advice(NamedTuple):
    """What to try instead, and which part is to blame."""

    suggestion: str | None = None
    nearest: str | None = None
    remarks: tuple[QueryWarning, ...] = ()


def count(tree: Node, execution: Execution) -> int:
    """How many articles a tree matches, words beside each other all required."""
    compiled = compile_tree(tree, execution.view, execution.clock.check, match_all=True)
    return execution.count(compiled.tree)


def parts_of(tree: Node, execution: Execution) -> tuple[Clause, ...]:
    """Each part of the query with how many articles it matches by itself."""
    parts = clauses(tree)[:MAX_CLAUSES]
    return tuple([Clause(text, count(node, execution)) for text, node in parts])


def advise(query: Query, total: int, parts: tuple[Clause, ...], execution: Execution) -> Advice:
    """The query with its spelling repaired; where nothing was found, why, and what comes near."""
    if total and len(parts) < MAX_CLAUSES and all(part.count for part in parts):
        return Advice()  # nothing is missing, and all has been counted
    suggestion = _suggestion(query, parts, execution)
    limits = tuple(_limits(query, parts))
    if total:
        return Advice(suggestion, remarks=limits)
    nearest = None if suggestion else _nearest(query, execution)
    if not suggestion and nearest is None and part_count(query.tree) > MAX_TRIED:
        told = f"to find the nearest search, only the first {MAX_TRIED} parts were left out in turn"
        limits = (*limits, QueryWarning(told))
    written = render(nearest) if nearest else None
    return Advice(suggestion, written, (_blame(query, parts), *limits))


def _limits(query: Query, parts: tuple[Clause, ...]) -> Iterator[QueryWarning]:
    """What was not looked into, because there is too much of it."""
    all_count = len(clauses(query.tree))
    if all_count > len(parts):
        yield QueryWarning(f"only the first {len(parts)} of {all_count:,} parts were counted alone")
    missing_count = sum(not part.count for part in parts)
    if missing_count > words.MAX_REPAIRED:
        yield QueryWarning(
            f"{missing_count} parts match nothing; spelling is repaired of at most "
            f"{words.MAX_REPAIRED}"
        )


def _suggestion(query: Query, parts: tuple[Clause, ...], execution: Execution) -> str | None:
    if not 0 < sum(not part.count for part in parts) <= words.MAX_REPAIRED:
        return None

    def repair(text: str, field: FieldName | None) -> str | None:
        return words.repair(execution.view, text, field, execution.clock.check)

    better = did_you_mean(query.tree, repair)
    if better is None or not _found(replace(query, tree=better), execution):
        return None
    return render(better)


def _blame(query: Query, parts: tuple[Clause, ...]) -> QueryWarning:
    missing = [part.text for part in parts if not part.count]
    if missing:
        more = f" nor {len(missing) - 5:,} other parts" if len(missing) > 5 else ""
        return QueryWarning(f"nothing matches {' nor '.join(missing[:5])}{more}")
    if query.sources or query.without_sources or query.since or query.until:
        return QueryWarning("nothing matches within the chosen sources and dates")
    return QueryWarning("each part is found, but no article has them all")


def _nearest(query: Query, execution: Execution) -> Node | None:
    """The query unquoted, or without its parts that match nothing, or with one part fewer.

    Days and sources stay as they are.
    """

    def found(tree: Node) -> int:
        return _found(replace(query, tree=tree, match="all"), execution)

    loose = unquoted(query.tree)
    if loose is not None and found(loose):
        return loose
    rest = without(query.tree, lambda part: not count(part, execution))
    if rest is not None and found(rest):
        return rest
    fewer = [(found(tree), tree) for tree in with_one_part_fewer(rest or query.tree)]
    best, nearest = max(fewer, key=lambda each: each[0], default=(0, None))
    return nearest if best else None


def _found(query: Query, execution: Execution) -> int:
    """How many articles a query finds, its days and sources included."""
    return len(find(query, plan(query, execution), execution).docs)
