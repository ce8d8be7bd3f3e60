"""In which order documents are listed: by score or by date; what ties goes by date and by id."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.loops import top
from search.whoosh_engine.views.lists import Docs
from search.whoosh_engine.views.view import Scores, View

Rows = NDArray[np.int64]

MANY = 2_000
"""Rows; to put more in order, sorting all is no dearer than choosing among them."""


def by_score(view: View, count: int, scores: Scores, docs: Docs) -> Rows:
    """The rows of the `count` best: by score, then the newest, then by id."""
    seconds, ids = view.column("published_s"), view.column("id")
    wanted = min(count, len(docs))
    if wanted > MANY:
        # ~ turns the order of whole numbers
        return np.lexsort((ids.take(docs), ~seconds.take(docs), -scores))[:count]
    rows = np.empty(wanted, np.int64)
    top.best(scores, docs, seconds, ids, rows)
    return rows


def by_date(view: View, count: int, docs: Docs, *, oldest: bool) -> Docs:
    """The `count` documents that come first by date, the undated last; ties by id."""
    seconds, ids = view.column("published_s"), view.column("id")
    wanted = min(count, len(docs))
    if wanted > MANY:
        first = seconds.take(docs)
        if oldest:
            first = np.where(first == top.NO_TIME, first, -first)
        return docs.take(np.lexsort((ids.take(docs), ~first))[:count])
    rows = np.empty(wanted, np.int64)
    top.dated(docs, seconds, ids, oldest, rows)
    return docs.take(rows)
