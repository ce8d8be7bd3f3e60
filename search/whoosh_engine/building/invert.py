"""The tokens of articles -> the sections of their fields: postings, terms, and forms with their terms.

Terms and forms are sorted once for `text`; those of `title`, which is part of it, are among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.loops import postings as loops
from search.text import POSITION_GAP
from search.whoosh_engine.building.names import Names, Numbers
from search.whoosh_engine.building.vocabulary import Tokens, Vocabulary
from search.whoosh_engine.segments.arrays import POS_BLOCK
from search.whoosh_engine.segments.byte_rows import joined
from search.whoosh_engine.segments.segment_file import narrow

_DOCS = 2_000  # gone through in one call: about ten milliseconds
_TITLES = 2  # times that a title stands in the field `text`

Sections = dict[str, NDArray[Any]]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Stream:
    """A field's tokens: so many times the head of each document, a gap behind each, and its text."""

    text: Tokens
    head: Tokens
    times: int = 0
    gap: int = 0

    def lengths(self) -> NDArray[np.uint32]:
        """Words of each document, extras not counted."""
        return (self.times * self.head.lengths + self.text.lengths).astype(np.uint32)

    def postings(self, groups: Numbers, tables: Numbers, term_count: int) -> Sections:
        """`tables[g, f]` is the rank of form f's term in documents of group g."""
        row = (*self.head, *self.text, self.times, self.gap, groups, tables)
        spans = [(at, min(at + _DOCS, len(groups))) for at in range(0, len(groups), _DOCS)]
        marks = np.zeros((term_count, 4), np.int32)
        marks[:, loops.LAST_DOC] = -1
        for first, last in spans:
            loops.count_postings(*row, first, last, marks)
        starts, pos_starts = np.zeros((2, term_count + 1), np.int64)
        np.cumsum(marks[:, loops.POSTINGS], out=starts[1:])
        np.cumsum(marks[:, loops.POSITIONS], out=pos_starts[1:])
        if pos_starts[-1] > np.iinfo(np.int32).max:
            raise OverflowError(f"{pos_starts[-1]} positions in a field of one segment")
        postings = np.empty((starts[-1], 2), np.uint32)
        positions = np.empty(pos_starts[-1], np.uint32)
        marks[:, loops.LAST_DOC] = -1
        marks[:, loops.POSTINGS], marks[:, loops.POSITIONS] = starts[:-1], pos_starts[:-1]
        for first, last in spans:
            loops.fill_postings(*row, first, last, marks, postings, positions)
        docs, begins = postings.T
        return {
            "starts": starts,
            "docs": docs.copy(),
            "freqs": narrow(np.diff(begins, append=np.uint32(len(positions)))),
            "pos_starts": pos_starts,
            "pos_blocks": narrow(begins[::POS_BLOCK], at_least=4),
            "positions": narrow(positions, at_least=2),
        }


def stemmed_sections(
    vocabulary: Vocabulary,
    title: Tokens,
    body: Tokens,
    codes: Numbers,
    languages: Sequence[str],
) -> Sections:
    """The fields `text` and `title`; `codes` has each document's language among these, or -1."""
    present = np.unique(codes)
    groups = np.searchsorted(present, codes).astype(np.int32)
    of_title, of_body = (_counted(vocabulary, part, groups, len(present)) for part in (title, body))
    of_text = _TITLES * of_title + of_body
    terms_of = np.empty((len(present), len(vocabulary.forms)), np.int32)
    for row, code in enumerate(present.tolist()):
        language = languages[code] if code >= 0 else None
        table = vocabulary.stem_table(language, np.flatnonzero(of_text[row]))
        terms_of[row] = table[: len(vocabulary.forms)]
    terms = vocabulary.terms.sorted(_distinct(terms_of, of_text, len(vocabulary.terms)))
    forms = vocabulary.forms.sorted(np.flatnonzero(_occurring(of_text)))
    streams = {
        "text": (_Stream(body, title, _TITLES, POSITION_GAP), of_text),
        "title": (_Stream(title, title), of_title),
    }
    found: Sections = {}
    for name, (stream, counts) in streams.items():
        if counts is not of_text:
            here = np.zeros(len(vocabulary.terms), bool)
            here[_distinct(terms_of, counts, len(here))] = True
            terms, forms = terms[here[terms]], forms[_occurring(counts)[forms]]
        ranks: Numbers = np.full(
            len(vocabulary.terms) + 1, -1, np.int32
        )  # the last one is for no term
        ranks[terms] = np.arange(len(terms), dtype=np.int32)
        tables: Numbers = ranks[terms_of]
        found |= _named(
            name,
            stream.postings(groups, tables, len(terms)),
            _spelt(vocabulary.terms, terms),
            _form_sections(vocabulary.forms, forms, tables, counts),
            {"lengths": stream.lengths()},
        )
    return found


def word_sections(name: str, vocabulary: Vocabulary, tokens: Tokens) -> Sections:
    """A field whose terms are its forms."""
    groups = np.zeros(len(tokens.ends), np.int32)
    counts = _counted(vocabulary, tokens, groups, 1)
    terms = vocabulary.forms.sorted(np.flatnonzero(counts[0]))
    ranks = np.full((1, len(vocabulary.forms)), -1, np.int32)
    ranks[0, terms] = np.arange(len(terms))
    stream = _Stream(tokens, tokens)
    return _named(
        name,
        stream.postings(groups, ranks, len(terms)),
        _spelt(vocabulary.forms, terms),
        {"lengths": stream.lengths()},
    )


def language_sections(codes: Numbers, names: Sequence[str]) -> Sections:
    """The field `language`: one term for each document that has one, no positions."""
    order = sorted(range(len(names)), key=names.__getitem__)
    rows = [np.flatnonzero(codes == code) for code in order]
    used = [(names[code], row) for code, row in zip(order, rows, strict=True) if len(row)]
    blob, term_starts = joined([name.encode("utf-8", "replace") for name, _ in used])
    docs = np.concatenate([row for _, row in used] or [np.empty(0, np.int64)]).astype(np.uint32)
    return _named(
        "language",
        {
            "terms": blob,
            "term_starts": term_starts,
            "starts": np.cumsum([0, *(len(row) for _, row in used)], dtype=np.int64),
            "docs": docs,
            "freqs": np.ones(len(docs), np.uint8),
            "lengths": (codes >= 0).astype(np.uint32),
        },
    )


def _named(name: str, *parts: Sections) -> Sections:
    return {f"{name}/{key}": section for part in parts for key, section in part.items()}


def _spelt(names: Names, terms: Numbers) -> Sections:
    blob, starts = names.joined(terms)
    return {"terms": blob, "term_starts": starts}


def _counted(vocabulary: Vocabulary, tokens: Tokens, groups: Numbers, group_count: int) -> Counts:
    """How often each group of documents has each form: [group, form]."""
    counts = np.zeros((group_count, len(vocabulary.forms)), np.int64)
    loops.count_forms(*tokens, groups, 1, counts)
    return counts


def _occurring(counts: Counts) -> NDArray[np.bool_]:
    """Whether each form occurs in any group."""
    seen: NDArray[np.bool_] = counts.sum(axis=0) > 0
    return seen


def _distinct(terms_of: Numbers, counts: Counts, term_count: int) -> Numbers:
    """The terms of the forms that occur, ascending."""
    seen = np.zeros(term_count, bool)
    seen[terms_of[counts > 0]] = True
    return np.flatnonzero(seen).astype(np.int32)


def _form_sections(names: Names, forms: Numbers, tables: Numbers, counts: Counts) -> Sections:
    """The surface forms with their terms: a row for each term that a form has in some language."""
    groups, rows = np.nonzero(counts[:, forms])
    key = rows << 32 | tables[groups, forms[rows]]
    here = counts[groups, forms[rows]]
    if len(counts) > 1:
        key, where = np.unique(key, return_inverse=True)
        here = np.bincount(where, here, minlength=len(key))
    blob, starts = names.joined(forms[key >> 32])
    return {
        "forms": blob,
        "form_starts": starts,
        "form_terms": (key & 0xFFFFFFFF).astype(np.uint32),
        "form_counts": here.astype(np.uint32),
    }
