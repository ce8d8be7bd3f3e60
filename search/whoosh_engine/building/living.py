"""Which surface forms the live articles of a segment have, where others of it are deleted.

A segment has counted its forms once and for all, and postings are by term, not by form: how often
a deleted article has a form is written nowhere. Where that must be known, the deleted articles are
analysed again, each once: what was learnt of a segment stays with it when a commit deletes more.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.building.vocabulary import Vocabulary
from search.whoosh_engine.segments.arrays import FieldArrays, Segment

MAX_ANALYSED = 1_000
"""Deleted articles of a segment: some .4 s for the first query of a process that must know them all.

Where there are more, forms that only they have are still found, until a merge clears the segment.
"""
_PIECE = 100  # articles analysed together

Check = Callable[[], None]
Rows = NDArray[np.int64]
Counts = NDArray[np.int64]


def live_counts(segment: Segment, field: str, rows: Rows, check: Check) -> Counts:
    """How often live articles have each of these forms."""
    arrays = segment.field(field)
    counts: Counts = arrays.spelt.counts.take(rows).astype(np.int64)
    dead_count = segment.doc_count - segment.live_count
    if not len(rows) or not dead_count:
        return counts
    if not len(arrays.forms):
        return counts - _in_deleted(segment, arrays, rows)[1]
    if dead_count > MAX_ANALYSED:
        return counts
    lost = _lost(segment, field, check)
    at = np.searchsorted(lost.rows, rows)
    found = np.flatnonzero(at < len(lost.rows))
    found = found[lost.rows[at[found]] == rows[found]]
    counts[found] -= lost.counts[at[found]]
    return counts


def live_terms(segment: Segment, field: str, rows: Rows, check: Check) -> Rows:
    """Those of the forms whose term is to be searched for: a live article has it in such a form.

    Nothing is analysed where a form is more frequent than its term is in deleted articles.
    """
    arrays = segment.field(field)
    if not len(rows) or segment.live_count == segment.doc_count:
        return rows
    if not len(arrays.forms):
        return rows[live_counts(segment, field, rows, check) > 0]
    terms, where = np.unique(arrays.form_terms[rows], return_inverse=True)
    occurrences, _ = _in_deleted(segment, arrays, terms.astype(np.int64))
    certain = np.zeros(len(terms), np.bool_)
    certain[where[arrays.form_counts[rows] > occurrences[where]]] = True
    if certain.all():
        return rows
    return rows[certain[where] | (live_counts(segment, field, rows, check) > 0)]


class _Lost(NamedTuple):
    """How often the analysed ones of a segment's deleted articles have which forms."""

    analysed: NDArray[np.bool_]
    rows: Rows
    counts: Counts


def _lost(segment: Segment, field: str, check: Check) -> _Lost:
    """What is known of the deleted articles, after a look at those that are still unknown."""
    known: _Lost | None = segment.remembered.get(field)
    if known is None or (known.analysed & ~segment.deleted).any():
        nothing = np.empty(0, np.int64)
        known = _Lost(np.zeros(segment.doc_count, np.bool_), nothing, nothing)
    fresh = np.flatnonzero(segment.deleted & ~known.analysed)
    if len(fresh):
        lost = _form_counts_of(segment, field, fresh, check)
        lost[known.rows] += known.counts
        rows = np.flatnonzero(lost)
        analysed = known.analysed.copy()
        analysed[fresh] = True
        known = segment.remembered[field] = _Lost(analysed, rows, lost[rows])
    return known


def _in_deleted(segment: Segment, arrays: FieldArrays, terms: Rows) -> tuple[Counts, Counts]:
    """How often deleted articles have each term, and how many of them have it."""
    begins = arrays.starts[terms]
    sizes = arrays.starts[terms + 1] - begins
    ends = np.cumsum(sizes)
    index = np.repeat(begins - ends + sizes, sizes) + np.arange(sizes.sum())
    deleted = segment.deleted[arrays.docs[index]]

    def summed(values: NDArray[Any]) -> Counts:
        before = np.zeros(len(values) + 1, np.int64)
        np.cumsum(values, out=before[1:])
        between: Counts = before[ends] - before[ends - sizes]
        return between

    return summed(deleted * arrays.freqs[index].astype(np.int64)), summed(deleted)


# --- articles analysed again ---------------------------------------------------------------------


def live_form_counts(segment: Segment, field: str, check: Check = lambda: None) -> Counts:
    """How often live articles have each form of a stemmed field: of all forms, in order."""
    counts: Counts = segment.field(field).form_counts.astype(np.int64)
    deleted = np.flatnonzero(segment.deleted)
    if not len(counts) or not len(deleted):
        return counts
    return counts - _form_counts_of(segment, field, deleted, check)


def _form_counts_of(segment: Segment, field: str, docs: Rows, check: Check) -> Counts:
    """How often these articles have each form of the field, of all forms, in order."""
    arrays = segment.field(field)
    total = np.zeros(len(arrays.form_counts), np.int64)
    vocabulary = Vocabulary()
    codes = segment.column("language")[docs]
    for code in np.unique(codes).tolist():
        language = segment.names("language")[code].decode() if code >= 0 else None
        gone = _counted(vocabulary, segment, field, docs[codes == code], check)
        used = np.flatnonzero(gone)
        terms = vocabulary.stem_table(language, used)[used]
        rows = zip(
            vocabulary.forms.texts(used),
            vocabulary.terms.texts(terms),
            gone[used].tolist(),
            strict=True,
        )
        pairs = {form.encode(): (term.encode(), count) for form, term, count in rows}
        for row, form in _rows(arrays, pairs):
            term, count = pairs[form]
            if arrays.terms[arrays.form_terms[row]] == term:
                total[row] += count
    return total


def _counted(
    vocabulary: Vocabulary, segment: Segment, field: str, docs: Rows, check: Check
) -> Counts:
    """How often these articles have each form, by the vocabulary's numbers."""
    total = np.zeros(0, np.int64)
    for start in range(0, len(docs), _PIECE):
        check()
        texts: list[bytes] = []
        for doc in docs[start : start + _PIECE].tolist():
            article = segment.article(doc)
            title = article.title.encode("utf-8")
            texts += [title, title, article.body.encode("utf-8")] if field == "text" else [title]
        numbers = vocabulary.cut(texts).forms
        counts = np.bincount(numbers, minlength=len(total))
        counts[: len(total)] += total
        total = counts
    return total


def _rows(arrays: FieldArrays, wanted: Collection[bytes]) -> Iterator[tuple[int, bytes]]:
    """Every row of these forms: one for each of its terms."""
    forms = arrays.forms
    for form in wanted:
        row = arrays.find_form(form)
        while 0 <= row < len(forms) and forms[row] == form:
            yield row, form
            row += 1
