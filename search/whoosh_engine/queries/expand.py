"""Word beginnings, patterns and near spellings -> the terms that they stand for.

Stems are what is indexed, but people type letters of whole words: so the surface forms of the
index are sought through, and the terms of those that fit are what is searched for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from search.loops.patterns import ANY, ANY_NUMBER, fitting, near, terms_of
from search.whoosh_engine.building.living import live_terms
from search.whoosh_engine.segments.arrays import FieldArrays
from search.whoosh_engine.views.view import View

MAX_TERMS = (
    4_096  # the most frequent; `s*` has ten times as many in a large index and means nothing
)
_STEP = 50_000  # forms looked at between two looks at the clock
_SIGNS = {"?": ANY, "*": ANY_NUMBER}

Check = Callable[[], None]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Expansion:
    """The terms of the forms that fit, most frequent first, and how many there were in all."""

    terms: tuple[str, ...]
    found_count: int

    @property
    def private_bytes(self) -> int:
        """About what it takes."""
        return 80 * len(self.terms)


def by_prefix(view: View, field: str, prefix: str, check: Check) -> Expansion:
    """Terms of the forms that begin with these (folded) letters."""
    beginning = prefix.encode()
    return view.kept(
        ("prefix", field, prefix),
        lambda: _expansion(
            view, field, lambda arrays: np.arange(*arrays.spelt.forms.range_of(beginning)), check
        ),
    )


def by_pattern(view: View, field: str, pattern: str, check: Check) -> Expansion:
    """Terms of the forms that fit: `?` is one letter, `*` any number."""
    beginning = re.split(r"[?*]", pattern, maxsplit=1)[0].encode()
    letters = np.array([_SIGNS.get(letter, ord(letter)) for letter in pattern], np.uint32)

    def fitting_rows(arrays: FieldArrays) -> Rows:
        forms = arrays.spelt.forms
        first, last = forms.range_of(beginning)
        found: list[Rows] = [np.empty(0, np.int64)]
        for start in range(first, last, _STEP):
            check()
            stop = min(last, start + _STEP)
            found.append(fitting(forms.octets, forms.starts, letters, start, stop))
        return np.concatenate(found)

    return view.kept(
        ("pattern", field, pattern), lambda: _expansion(view, field, fitting_rows, check)
    )


def by_spelling(view: View, field: str, form: str, edits: int, check: Check) -> Expansion:
    """Terms of the forms that at most so many edits make of this one."""
    return view.kept(
        ("near", field, form, edits),
        lambda: _expansion(view, field, lambda arrays: spelt_like(arrays, form, edits)[0], check),
    )


def spelt_like(arrays: FieldArrays, form: str, edits: int) -> tuple[Rows, Rows]:
    """The forms that at most so many edits make of this one, ascending, and how many it takes."""
    forms = arrays.spelt.forms
    return near(
        arrays.heads, forms.octets, forms.starts, np.frombuffer(form.encode(), np.uint8), edits
    )


def _expansion(
    view: View, field: str, rows_of: Callable[[FieldArrays], Rows], check: Check
) -> Expansion:
    found: list[tuple[FieldArrays, Rows, NDArray[np.int64]]] = []
    for segment in view.snapshot.segments:
        check()
        arrays = segment.field(field)
        rows = live_terms(segment, field, rows_of(arrays), check)
        if len(rows):
            found.append((arrays, *terms_of(rows, arrays.spelt.terms, arrays.spelt.counts)))
    if len(found) == 1:
        arrays, numbers, _ = found[0]
        return Expansion(_texts(view, field, arrays, numbers[:MAX_TERMS].copy()), len(numbers))
    counts: Counter[bytes] = Counter()
    for arrays, numbers, totals in found:
        check()
        terms = map(arrays.terms.__getitem__, numbers.tolist())
        for term, total in zip(terms, totals.tolist(), strict=True):
            counts[term] += total
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_TERMS]
    return Expansion(tuple(term.decode() for term, _ in first), len(counts))


def _texts(view: View, field: str, arrays: FieldArrays, numbers: Rows) -> tuple[str, ...]:
    """The terms with these numbers, which are noted."""
    blob, begins = arrays.terms.blob, arrays.terms.starts.take(numbers)
    ends = arrays.terms.starts.take(numbers + 1)
    spans = zip(begins.tolist(), ends.tolist(), strict=True)
    terms = tuple([bytes(blob[a:z]).decode() for a, z in spans])
    view.note(field, arrays, terms, numbers)
    return terms
