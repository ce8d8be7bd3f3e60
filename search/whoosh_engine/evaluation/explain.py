"""Why an article has its score, in words and figures that can be checked with a pencil."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from whoosh import query as whoosh

from search import ranking
from search.model import Node, Phrase
from search.query import clauses
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.evaluation.plan import Plan, whole_scores
from search.whoosh_engine.nodes import Counted, Slots
from search.whoosh_engine.queries.compile import compile_tree
from search.whoosh_engine.queries.kinds import as_counted
from search.wording import words_in


def explain(doc: int, tree: Node, made: Plan, execution: Execution) -> str:
    """One line for each word that the article has, one for each that it has not, and the sum."""
    view = execution.view
    article = view.article(doc)
    docs = np.array([doc])
    if not len(np.intersect1d(execution.match(made.compiled.tree), docs)):
        heading = f"“{article.title}” is no match."
    else:
        score = float(whole_scores(docs, made, execution)[0])
        heading = f"“{article.title}” has a score of {score:.3f}:"
    leaves = (*_leaves(made.compiled.tree), *made.compiled.pairs)
    if not leaves:
        return f"{heading.rstrip(':.')}. Nothing in the query ranks: all that matches is worth the same."
    typed = _typed(tree, execution)
    lines = [_line(leaf, _named(leaf, typed), doc, execution) for leaf in leaves]
    return "\n".join([heading, *(f"- {line}" for line in lines)])


def _leaves(node: whoosh.Query) -> Iterator[Counted]:
    """The words that rank, in order."""
    leaf = as_counted(node)
    if leaf is not None:
        yield leaf
    elif isinstance(node, whoosh.And | whoosh.Or):
        for part in node.subqueries:
            yield from _leaves(part)
    elif isinstance(node, whoosh.AndNot | whoosh.AndMaybe):
        yield from _leaves(node.a)


def _line(leaf: Counted, what: str, doc: int, execution: Execution) -> str:
    view = execution.view
    postings = view.counted_in(leaf, np.array([doc]))
    frequency = int(postings.freqs[0]) if len(postings.docs) else 0
    if not frequency:
        return f"{what}: does not occur"
    if leaf.is_phrase:
        idf = execution.phrase_idf(leaf)
        rarity = f"its words have a weight of {idf:.3f} together"
    else:
        holding = view.counted(leaf).size
        idf = view.idf(holding)
        rarity = f"{holding:,} of {view.article_count:,} articles have it, a weight of {idf:.3f}"
    segment, local = view.snapshot.locate(doc)
    length = int(segment.field(leaf.fieldname).lengths[local])
    mean = view.mean_length(leaf.fieldname)
    score = ranking.word_score(frequency, length, mean, idf) * leaf.boost
    times = "once" if frequency == 1 else f"{frequency} times"
    typed = "" if leaf.boost == 1 else f", counted {leaf.boost:g} times"
    return (
        f"{what}: {times} in {length:,} words (the mean is {mean:,.0f}); {rarity}{typed}: "
        f"adds {score:.3f}"
    )


def _typed(tree: Node, execution: Execution) -> dict[tuple[Slots, ...], str]:
    """What each leaf of the query counts -> how it was typed."""
    found: dict[tuple[Slots, ...], str] = {}
    parts = clauses(tree)
    quoted = [
        (word.text, word)
        for _, part in parts
        if isinstance(part, Phrase)
        for word in words_in(part)
    ]
    for text, node in (*parts, *quoted):
        compiled = compile_tree(node, execution.view, execution.clock.check, match_all=True)
        for leaf in _leaves(compiled.tree):
            found.setdefault(leaf.ways, text)
    return found


def _named(leaf: Counted, typed: dict[tuple[Slots, ...], str]) -> str:
    """A leaf as it was typed; of two words that count as neighbours both."""
    said = typed.get(leaf.ways)
    if said is not None:
        return said
    slots = leaf.ways[0]
    said = " ".join(_word(slot, typed) for slot in slots)
    return f"{said} side by side" if len(slots) > 1 else said


def _word(slot: tuple[str, ...], typed: dict[tuple[Slots, ...], str]) -> str:
    """A word as it was typed, or its stems if it stood in no place of its own."""
    for ways, text in typed.items():
        if len(ways) == len(ways[0]) == 1 and set(ways[0][0]) <= set(slot):
            return text
    return " or ".join(dict.fromkeys(term.partition("|")[0] for term in slot))
