"""Why an article has its score, in words and figures that can be checked with a pencil."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from whoosh import query as whoosh

from search import ranking
from search.whoosh_engine.execute import Execution
from search.whoosh_engine.kinds import as_counted
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.plan import Plan, whole_scores


def explain(doc: int, made: Plan, execution: Execution) -> str:
    """One line for each word that the article has, one for each that it has not, and the sum."""
    view = execution.view
    article = view.article(doc)
    docs = np.array([doc])
    if not len(np.intersect1d(execution.match(made.compiled.tree), docs)):
        heading = f"“{article.title}” is no match."
    else:
        score = float(whole_scores(docs, made, execution)[0])
        heading = f"“{article.title}” has a score of {score:.3f}:"
    lines = [
        _line(leaf, doc, execution) for leaf in (*_leaves(made.compiled.tree), *made.compiled.pairs)
    ]
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


def _line(leaf: Counted, doc: int, execution: Execution) -> str:
    view = execution.view
    postings = view.counted_in(leaf, np.array([doc]))
    frequency = int(postings.freqs[0]) if len(postings) else 0
    what = _named(leaf)
    if not frequency:
        return f"{what}: does not occur"
    if leaf.is_phrase:
        idf = execution.phrase_idf(leaf)
        rarity = f"its words have a weight of {idf:.3f} together"
    else:
        holding = len(view.counted(leaf))
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


def _named(leaf: Counted) -> str:
    """The terms of a leaf: `bomb`, `world war`, `bomb|bombard`."""
    ways = [
        " ".join("|".join(slot[:5]) + ("|…" if len(slot) > 5 else "") for slot in way)
        for way in leaf.ways
    ]
    said = " or ".join(ways)
    if leaf.within is not None:
        said = f"{said} within {leaf.within} words"
    return said if leaf.fieldname == "text" else f"{said} in the {leaf.fieldname}"
