"""A term -> the forms in which the index has it: `truce` -> truce, truces, Truce's.

Forms lie sorted, and hardly any begins otherwise than its term: so the forms that begin like the
term are looked through, and the few others of the segment beside them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.queries.row import TEXT
from search.whoosh_engine.segments.arrays import FieldArrays
from search.whoosh_engine.segments.byte_rows import Bytes
from search.whoosh_engine.views.view import View

_LETTERS = 3  # bytes that a form and its term mostly begin with alike


def spellings(view: View, term: str) -> tuple[str, ...]:
    """Every form of a term, in titles and bodies."""
    return view.kept(("spellings", term), lambda: _spellings(view, term))


def _spellings(view: View, term: str) -> tuple[str, ...]:
    found: set[str] = set()
    for segment in view.snapshot.segments:
        arrays = segment.field(TEXT)
        number = arrays.find(term.encode())
        if number >= 0:
            found.update(arrays.forms[row].decode() for row in _rows(view, arrays, term, number))
    return tuple(found)


def _rows(view: View, arrays: FieldArrays, term: str, number: int) -> list[int]:
    heads, firsts, unlike = view.kept(("heads of forms", id(arrays)), lambda: _heads(arrays))
    head = term.encode()[:_LETTERS]
    least = int.from_bytes(head.ljust(_LETTERS, b"\0"), "big")
    beyond = least + (1 << 8 * (_LETTERS - len(head)))
    first, last = firsts[heads.searchsorted(np.array([least, beyond], heads.dtype))].tolist()
    alike = first + np.flatnonzero(arrays.form_terms[first:last] == number)
    return [*alike.tolist(), *unlike[arrays.form_terms[unlike] == number].tolist()]


def _heads(arrays: FieldArrays) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """How forms begin, as numbers, ascending; the first form that does; and the unlike forms.

    `firsts` has one place more than `heads`: past the last form. Unlike are the rows of the forms
    that do not begin with the first letters of their term.
    """
    forms, terms = arrays.forms, arrays.terms
    of_forms = _beginnings(forms)
    of_terms = _beginnings(terms)[arrays.form_terms]
    lengths = np.diff(terms.starts)[arrays.form_terms].clip(max=_LETTERS)
    spare_bits = (8 * (_LETTERS - lengths)).astype(np.uint32)
    unlike = np.flatnonzero(of_forms >> spare_bits != of_terms >> spare_bits)
    heads, firsts = np.unique(of_forms, return_index=True)
    return heads, np.append(firsts, len(forms)), unlike


def _beginnings(texts: Bytes) -> NDArray[np.uint32]:
    """The first letters of each as a number; shorter texts are filled up with zeros."""
    starts, ends = texts.starts[:-1], texts.starts[1:]
    blob = texts.octets
    numbers = np.zeros(len(texts), np.uint32)
    for place in range(_LETTERS):
        inside = starts + place < ends
        letters = blob.take(np.where(inside, starts + place, 0)) if len(blob) else 0
        numbers = (numbers << np.uint32(8)) | np.where(inside, letters, 0).astype(np.uint32)
    return numbers
