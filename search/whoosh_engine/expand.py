"""Word beginnings, patterns and near spellings -> the terms that they stand for.

Stems are what is indexed, but people type letters of whole words: so the surface forms of the
index are sought through, and the terms of those that fit are what is searched for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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

    def near(arrays: FieldArrays) -> Rows:
        check()
        rows, distances = spelt_like(forms_of(arrays)[0], form, edits, seen(view, arrays))
        return rows[distances <= edits]

    return view.kept(("near", field, form, edits), lambda: _expansion(view, field, near, check))


def seen(view: View, arrays: FieldArrays) -> Outlines:
    """The outlines of a segment's forms, remembered."""
    return view.kept(("outlines", id(arrays)), lambda: outlines(forms_of(arrays)[0]))


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
    terms = [bytes(blob[a:z]) for a, z in zip(begins.tolist(), ends.tolist(), strict=True)]
    for term, number in zip(terms, numbers.tolist(), strict=True):
        view.remember(arrays, term, number)
    return tuple(map(bytes.decode, terms))


# --- near spellings ------------------------------------------------------------------------------


class Outlines(NamedTuple):
    """What forms look like at a glance: by it most are seen to be far from any other."""

    lengths: NDArray[np.uint16]
    """Letters of each."""
    letters: NDArray[np.uint32]
    """Which letters each has: a bit for all that are alike in their last five bits."""


def outlines(forms: Bytes) -> Outlines:
    """The outlines of all forms, so many at a time that little memory is needed."""
    parts = [_some_outlines(forms, first) for first in range(0, len(forms), _STEP)]
    if not parts:
        return Outlines(np.empty(0, np.uint16), np.empty(0, np.uint32))
    return Outlines(
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.letters for part in parts]),
    )


def _some_outlines(forms: Bytes, first: int) -> Outlines:
    points, starts, lengths = _code_points(
        _picked(forms, np.arange(first, min(first + _STEP, len(forms))))
    )
    bits = np.uint32(1) << (points & np.uint32(31))
    filled = np.flatnonzero(lengths)
    letters = np.zeros(len(lengths), np.uint32)
    letters[filled] = np.bitwise_or.reduceat(bits, starts[filled]) if len(filled) else 0
    return Outlines(lengths.astype(np.uint16), letters)


def _plausible(seen: Outlines, form: str, edits: int) -> Rows:
    """The forms that may be near: an edit changes a length by one and two letters at most."""
    own = np.uint32(0)
    for letter in form:
        own |= np.uint32(1 << (ord(letter) & 31))
    alike = np.bitwise_count(seen.letters ^ own) <= 2 * edits
    alike &= np.abs(seen.lengths.astype(np.int32) - len(form)) <= edits
    return np.flatnonzero(alike)


def _picked(forms: Bytes, rows: Rows) -> Bytes:
    """Some of the forms."""
    edges = np.asarray(forms.starts, np.int64)
    sizes = edges[rows + 1] - edges[rows]
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    index = np.repeat(edges[rows] - starts[:-1], sizes) + np.arange(starts[-1])
    return Bytes.of(np.frombuffer(forms.blob, np.uint8)[index], starts)


def spelt_like(
    forms: Bytes, form: str, edits: int, seen: Outlines | None = None
) -> tuple[Rows, NDArray[np.uint8]]:
    """The forms of about the same length, and how many edits each is away from `form`.

    An edit puts in, leaves out or replaces a letter, or swaps two neighbours (optimal string
    alignment). All forms are compared at once, letter by letter of `form`; distances beyond
    `edits` are only known to be beyond. `seen` are the outlines of the forms, if they are at hand.
    """
    plausible = _plausible(seen or outlines(forms), form, edits)
    blob, starts, lengths = _code_points(_picked(forms, plausible))
    rows = np.arange(len(plausible))
    width = len(form) + edits
    table = np.zeros((width + 2, len(rows)), np.uint32)  # 0 is no letter; row j + 1 is letter j
    for letter in range(width):
        held = lengths[rows] > letter
        table[letter + 1, held] = blob[starts[rows[held]] + letter]
    return plausible, _distances(table, lengths[rows], [ord(letter) for letter in form], edits)


def _code_points(forms: Bytes) -> tuple[NDArray[np.uint32], Rows, Rows]:
    """All forms as one row of code points, where each begins, and how long each is."""
    octets = np.frombuffer(forms.blob, np.uint8)
    edges = np.asarray(forms.starts, np.int64)
    if len(octets) == 0:
        return (
            np.empty(0, np.uint32),
            np.zeros(len(forms), np.int64),
            np.zeros(len(forms), np.int64),
        )
    if octets.max() < 0x80:
        return octets.astype(np.uint32), edges[:-1], np.diff(edges)
    points = np.frombuffer(bytes(forms.blob).decode().encode("utf-32-le"), np.uint32)
    before = np.zeros(len(octets) + 1, np.int64)
    np.cumsum((octets & 0xC0) != 0x80, out=before[1:])
    places = before[edges]
    return points, places[:-1], np.diff(places)


def _distances(
    table: NDArray[np.uint32], lengths: Rows, letters: list[int], edits: int
) -> NDArray[np.uint8]:
    """Optimal string alignment of `letters` with every column of the table, in a band.

    `rows[i][j]` is the distance between the first i letters and the first j of each column.
    """
    far = np.full(table.shape[1], edits + 1, np.uint8)
    rows: list[dict[int, NDArray[np.uint8]]] = [
        {j: np.full(table.shape[1], j, np.uint8) for j in range(edits + 1)}
    ]
    for i, letter in enumerate(letters, start=1):
        above = rows[-1]
        row: dict[int, NDArray[np.uint8]] = {}
        for j in range(max(0, i - edits), min(i + edits, len(table) - 2) + 1):
            if j == 0:
                row[j] = np.full(table.shape[1], i, np.uint8)
                continue
            same = table[j] == letter
            best = above.get(j - 1, far) + ~same
            np.minimum(best, above.get(j, far) + np.uint8(1), out=best)
            np.minimum(best, row.get(j - 1, far) + np.uint8(1), out=best)
            if i > 1 and j > 1:
                swapped = (table[j - 1] == letter) & (table[j] == letters[i - 2])
                before = rows[i - 2].get(j - 2, far)
                np.minimum(best, np.where(swapped, before + np.uint8(1), best), out=best)
            row[j] = best
        rows.append(row)
    distances = far.copy()
    for j, column in rows[-1].items():
        ends = lengths == j
        distances[ends] = np.minimum(column[ends], edits + 1)
    return distances
