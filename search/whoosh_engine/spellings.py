"""A term -> the forms in which the index has it: `truce` -> truce, truces, Truce's.

Forms lie sorted, and hardly any begins otherwise than its term: so the forms that begin like the
term are looked through, and the few others of the segment beside them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.arrays import FieldArrays
from search.whoosh_engine.row import TEXT
from search.whoosh_engine.view import View

_LETTERS = 3  # bytes that a form and its term mostly begin with alike


def spellings(view: View, term: str) -> tuple[str, ...]:
    """Every form of a term, in titles and bodies."""
    return view.kept(("spellings", term), lambda: _spellings(view, term))


def _spellings(view: View, term: str) -> tuple[str, ...]:
    found: set[str] = set()
    for segment in view.snapshot.segments:
        arrays = segment.field(TEXT)
        number = view.number(arrays, term)
        if number >= 0:
            found.update(arrays.forms[row].decode() for row in _rows(view, arrays, term, number))
    return tuple(found)


def _rows(view: View, arrays: FieldArrays, term: str, number: int) -> list[int]:
    first, last = arrays.forms.range_of(term.encode()[:_LETTERS])
    alike = first + np.flatnonzero(arrays.form_terms[first:last] == number)
    others = view.kept(("unlike forms", id(arrays)), lambda: _unlike(arrays))
    return [*alike.tolist(), *others[arrays.form_terms[others] == number].tolist()]


def _unlike(arrays: FieldArrays) -> NDArray[np.int64]:
    """The rows of the forms that do not begin with the first letters of their term."""
    forms, terms = arrays.forms, arrays.terms
    unlike = np.zeros(len(forms), np.bool_)
    form_starts, form_ends = forms.starts[:-1], forms.starts[1:]
    term_starts = terms.starts[:-1][arrays.form_terms]
    term_ends = terms.starts[1:][arrays.form_terms]
    for place in range(_LETTERS):
        inside = np.flatnonzero(term_starts + place < term_ends)
        here = form_starts[inside] + place
        short = here >= form_ends[inside]
        letters = _letters(forms.blob, np.where(short, 0, here))
        unlike[inside] |= short | (letters != _letters(terms.blob, term_starts[inside] + place))
    return np.flatnonzero(unlike)


def _letters(blob: memoryview, places: NDArray[Any]) -> NDArray[np.uint8]:
    return np.frombuffer(blob, np.uint8).take(places)
