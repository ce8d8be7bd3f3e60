"""What kind of a Whoosh query a node is, for those who evaluate it."""

from __future__ import annotations

from collections.abc import Sequence

from whoosh import query as whoosh

from search.whoosh_engine.nodes import Counted, Days, Sources

KNOWN = frozenset(
    {whoosh.And, whoosh.Or, whoosh.AndNot, whoosh.AndMaybe, whoosh.Not, whoosh.Every}
    | {whoosh.ConstantScoreQuery, Days, Sources}
)
"""Nodes that are evaluated here, besides words; their subclasses are others."""


def as_counted(node: whoosh.Query) -> Counted | None:
    """The node as a counted word, if it is one: Whoosh's own Term included."""
    if isinstance(node, Counted):
        return node
    if type(node) is whoosh.Term and isinstance(node.text, str):
        return Counted(node.fieldname, (((node.text,),),), boost=node.boost)
    return None


def leaves_of(node: whoosh.Query) -> list[Counted] | None:
    """The parts of a plain union of words, one alone included; None for anything else."""
    if type(node) is whoosh.Or:
        return None if node.boost != 1.0 or node.scale else all_counted(node.subqueries)
    if type(node) is whoosh.And and len(node.subqueries) == 1:
        return all_counted(node.subqueries)  # Whoosh forgets the boost of a single part
    leaf = as_counted(node)
    return None if leaf is None else [leaf]


def all_counted(parts: Sequence[whoosh.Query]) -> list[Counted] | None:
    """Nodes that are all counted words; None if one is not."""
    leaves = []
    for part in parts:
        leaf = part if isinstance(part, Counted) else as_counted(part)
        if leaf is None:
            return None
        leaves.append(leaf)
    return leaves


def ranked_leaves(node: whoosh.Query) -> list[Counted]:
    """Words whose scores are surely part of the node's score, as they are."""
    if type(node) is whoosh.AndNot:
        return ranked_leaves(node.a)
    if (
        type(node) in {whoosh.And, whoosh.Or}
        and node.boost == 1.0
        and not getattr(node, "scale", None)
    ):
        return [leaf for part in node.subqueries if (leaf := as_counted(part)) is not None]
    return []


def constant_of(node: whoosh.Query) -> float | None:
    """The score of whatever matches, where it is the same for all."""
    if isinstance(node, Days | Sources):
        return 0.0
    if type(node) is whoosh.ConstantScoreQuery:
        return float(node.score)
    if type(node) is whoosh.Not:
        return 1.0  # Whoosh gives that to what it lets through
    if type(node) is whoosh.Every and node.fieldname is None:
        return float(node.boost)
    return None


def is_filter(node: whoosh.Query) -> bool:
    """Whether it is cheaper to ask it about given documents than for all of its own."""
    if isinstance(node, whoosh.ConstantScoreQuery):
        return is_filter(node.child)
    unfielded_every = isinstance(node, whoosh.Every) and node.fieldname is None
    return unfielded_every or type(node) in {whoosh.Not, Days, Sources}
