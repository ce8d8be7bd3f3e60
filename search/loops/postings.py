"""Codes of tokens -> postings, by counting and filling: no sorting, no number for each occurrence.

A field's tokens come document after document, and within one in the order of their positions. So the
postings of each term come in order too, and one look at a term's row of marks says where its next
one goes. `codes` and `ends` are what `search.loops.texts.cut` gives; `tables[g, f]` is the rank of
form f in documents of group g (articles of one language), `groups[d]` the group of document d.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import I4, compiled, int32, int64, read_only, uint32, void, writable

LAST_DOC, LAST_POSITION, POSTINGS, POSITIONS = range(4)
"""Columns of `marks[term]`: its last occurrence, how many postings and positions it has or, while they
are written, where its next ones go. Sixteen bytes: one look into memory."""


@compiled(void(I4, read_only(int64, 2), I4, int64, writable(int64, 2)))
def count_forms(
    codes: NDArray[np.int32],
    ends: NDArray[np.int64],
    groups: NDArray[np.int32],
    weight: int,
    counts: NDArray[np.int64],
) -> None:
    """Add so much to `counts[group, form]` for each token."""
    begin = 0
    for doc in range(len(ends)):
        group, end = groups[doc], ends[doc, 0]
        for index in range(begin, end):
            code = codes[index]
            counts[group, code if code >= 0 else ~code] += weight
        begin = end


@compiled()
def _count(
    codes: Any, begin: int, end: int, position: int, doc: int, ranks: Any, marks: Any
) -> None:
    """Count the postings and positions of some tokens, the first of which stands at this position."""
    following = position
    for index in range(begin, end):
        code = codes[index]
        following += code >= 0
        term = ranks[code if code >= 0 else ~code]
        if marks[term, LAST_DOC] != doc:
            marks[term, LAST_DOC] = doc
            marks[term, POSTINGS] += 1
        elif marks[term, LAST_POSITION] == following:
            continue  # an extra is the same term as the token before it
        marks[term, LAST_POSITION] = following
        marks[term, POSITIONS] += 1


@compiled()
def _fill(
    codes: Any,
    begin: int,
    end: int,
    position: int,
    doc: int,
    ranks: Any,
    marks: Any,
    postings: Any,
    positions: Any,
) -> None:
    """Write the postings that `_count` has counted."""
    following = position
    for index in range(begin, end):
        code = codes[index]
        following += code >= 0
        term = ranks[code if code >= 0 else ~code]
        to = marks[term, POSITIONS]
        if marks[term, LAST_DOC] != doc:
            marks[term, LAST_DOC] = doc
            posting = marks[term, POSTINGS]
            postings[posting, 0], postings[posting, 1] = doc, to
            marks[term, POSTINGS] = posting + 1
        elif marks[term, LAST_POSITION] == following:
            continue
        marks[term, LAST_POSITION] = following
        positions[to] = following - 1
        marks[term, POSITIONS] = to + 1


_FIELD = (I4, read_only(int64, 2), I4, read_only(int64, 2), int64, int64)


@compiled(
    void(*_FIELD, I4, read_only(int32, 2), int64, int64, writable(int32, 2)),
)
def count_postings(
    heads: NDArray[np.int32],
    head_ends: NDArray[np.int64],
    codes: NDArray[np.int32],
    ends: NDArray[np.int64],
    times: int,
    gap: int,
    groups: NDArray[np.int32],
    tables: NDArray[np.int32],
    first: int,
    last: int,
    marks: NDArray[np.int32],
) -> None:
    """Count the postings of documents `first` to `last - 1` of a field.

    It has so many times the document's head, then its text, and a gap behind each head.
    """
    for doc in range(first, last):
        ranks = tables[groups[doc]]
        begin = head_ends[doc - 1, 0] if doc else 0
        step = head_ends[doc, 1] + gap
        for time in range(times):
            _count(heads, begin, head_ends[doc, 0], time * step, doc, ranks, marks)
        begin = ends[doc - 1, 0] if doc else 0
        _count(codes, begin, ends[doc, 0], times * step, doc, ranks, marks)


@compiled(
    void(
        *_FIELD,
        I4,
        read_only(int32, 2),
        int64,
        int64,
        writable(int32, 2),
        writable(uint32, 2),
        writable(uint32),
    )
)
def fill_postings(
    heads: NDArray[np.int32],
    head_ends: NDArray[np.int64],
    codes: NDArray[np.int32],
    ends: NDArray[np.int64],
    times: int,
    gap: int,
    groups: NDArray[np.int32],
    tables: NDArray[np.int32],
    first: int,
    last: int,
    marks: NDArray[np.int32],
    postings: NDArray[np.uint32],
    positions: NDArray[np.uint32],
) -> None:
    """Write what `count_postings` has counted; `marks` then says where each term's part begins.

    `postings[:, 0]` gets the document, `postings[:, 1]` where its positions begin.
    """
    for doc in range(first, last):
        ranks = tables[groups[doc]]
        begin = head_ends[doc - 1, 0] if doc else 0
        step = head_ends[doc, 1] + gap
        for time in range(times):
            _fill(
                heads, begin, head_ends[doc, 0], time * step, doc, ranks, marks, postings, positions
            )
        begin = ends[doc - 1, 0] if doc else 0
        _fill(codes, begin, ends[doc, 0], times * step, doc, ranks, marks, postings, positions)
