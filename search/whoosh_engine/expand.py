"""Word beginnings, patterns and near spellings -> the terms that they stand for.

Stems are what is indexed, but people type letters of whole words: so the surface forms of the
index are sought through, and the terms of those that fit are what is searched for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.loops.patterns import near
from search.whoosh_engine.arrays import FieldArrays
from search.whoosh_engine.byte_rows import Bytes
from search.whoosh_engine.living import forms_of, live_terms
from search.whoosh_engine.positions import once
from search.whoosh_engine.view import View

MAX_TERMS = (
    4_096  # the most frequent; `s*` has ten times as many in a large index and means nothing
)
_STEP = 50_000  # forms looked at between two looks at the clock

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
            view, field, lambda arrays: np.arange(*forms_of(arrays)[0].range_of(beginning)), check
        ),
    )


def by_pattern(view: View, field: str, pattern: str, check: Check) -> Expansion:
    """Terms of the forms that fit: `?` is one letter, `*` any number."""
    expression = re.compile(
        "".join({"?": ".", "*": ".*"}.get(letter, re.escape(letter)) for letter in _plain(pattern)),
        re.DOTALL,
    )
    beginning = re.split(r"[?*]", pattern, maxsplit=1)[0].encode()

    def fitting(arrays: FieldArrays) -> Rows:
        forms = forms_of(arrays)[0]
        first, last = forms.range_of(beginning)
        found: list[int] = []
        for start in range(first, last, _STEP):
            check()
            stop = min(last, start + _STEP)
            texts = forms[start:stop]
            found += [
                start + row for row, form in enumerate(texts) if expression.fullmatch(form.decode())
            ]
        return np.array(found, np.int64)

    return view.kept(("pattern", field, pattern), lambda: _expansion(view, field, fitting, check))


def _plain(pattern: str) -> str:
    """The pattern with each run of stars that holds question marks put in order: `?` first.

    So no two stars stand side by side, and no pattern takes long.
    """
    return re.sub(r"[?*]*\*[?*]*", lambda run: "?" * run.group().count("?") + "*", pattern)


def by_spelling(view: View, field: str, form: str, edits: int, check: Check) -> Expansion:
    """Terms of the forms that at most so many edits make of this one."""
    return view.kept(
        ("near", field, form, edits),
        lambda: _expansion(
            view, field, lambda arrays: spelt_like(forms_of(arrays)[0], form, edits)[0], check
        ),
    )


def spelt_like(forms: Bytes, form: str, edits: int) -> tuple[Rows, NDArray[np.uint8]]:
    """The forms that at most so many edits make of this one, ascending, and how many it takes."""
    letters = np.frombuffer(form.encode("utf-32-le"), np.uint32)
    return near(forms.octets, forms.starts, letters, edits)


def _expansion(
    view: View, field: str, fitting: Callable[[FieldArrays], Rows], check: Check
) -> Expansion:
    found: list[tuple[FieldArrays, Rows, NDArray[Any]]] = []
    for segment in view.snapshot.segments:
        check()
        arrays = segment.field(field)
        rows = live_terms(segment, field, fitting(arrays), check)
        if len(rows):
            _, term_of, count_of = forms_of(arrays)
            terms_of_rows = np.asarray(term_of[rows], np.int64)
            numbers = once(np.sort(terms_of_rows))
            totals = np.bincount(numbers.searchsorted(terms_of_rows), weights=count_of[rows])
            found.append((arrays, numbers, totals))
    if len(found) == 1:
        arrays, numbers, totals = found[0]
        best = np.lexsort((numbers, -totals))[:MAX_TERMS]  # a term's number is its place in order
        return Expansion(_texts(view, arrays, numbers.take(best)), len(numbers))
    counts: Counter[bytes] = Counter()
    for arrays, numbers, totals in found:
        check()
        terms = map(arrays.terms.__getitem__, numbers.tolist())
        for term, total in zip(terms, totals.tolist(), strict=True):
            counts[term] += int(total)
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MAX_TERMS]
    return Expansion(tuple(term.decode() for term, _ in first), len(counts))


def _texts(view: View, arrays: FieldArrays, numbers: Rows) -> tuple[str, ...]:
    """The terms with these numbers, which are noted."""
    blob, begins = arrays.terms.blob, arrays.terms.starts.take(numbers)
    ends = arrays.terms.starts.take(numbers + 1)
    spans = zip(begins.tolist(), ends.tolist(), strict=True)
    terms = tuple([bytes(blob[a:z]).decode() for a, z in spans])
    view.remember_all(arrays, terms, numbers)
    return terms
