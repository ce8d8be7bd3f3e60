"""Near spellings: which forms a few edits make of a word.

An edit puts in, leaves out or replaces a letter, or swaps two neighbours (optimal string alignment).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.arrays import FieldArrays
from search.whoosh_engine.byte_rows import Bytes
from search.whoosh_engine.living import forms_of

Rows = NDArray[np.int64]
Distances = NDArray[np.uint8]
_STEP = 50_000  # forms looked at together, so that little memory is needed
_HALVED = 5  # letters; of so many one edit leaves the first two or the last two as they were


class Outlines(NamedTuple):
    """What forms look like at a glance, shortest first: by it most are seen to be far from any other."""

    rows: NDArray[np.uint32]
    """Which form each is."""
    begins: tuple[int, ...]
    """Where those of 0, 1, … letters begin, and the end."""
    letters: NDArray[np.uint32]
    """Which letters each has: a bit for all that are alike in their last five bits."""
    heads: NDArray[np.uint16]
    """The first two bytes of each as a number."""
    tails: NDArray[np.uint16]
    """The last two."""


def seen(arrays: FieldArrays) -> Outlines:
    """The outlines of a segment's forms, remembered: they outlive the commits that leave it."""
    known: Outlines | None = arrays.remembered.get("outlines")
    if known is None:
        known = arrays.remembered["outlines"] = outlines(forms_of(arrays)[0])
    return known


def outlines(forms: Bytes) -> Outlines:
    """The outlines of all forms."""
    letters = np.zeros(len(forms), np.uint32)
    lengths = np.zeros(len(forms), np.uint16)
    for first in range(0, len(forms), _STEP):
        here = np.arange(first, min(first + _STEP, len(forms)))
        points, starts, sizes = _code_points(_picked(forms, here))
        bits = np.uint32(1) << (points & np.uint32(31))
        filled = sizes.nonzero()[0]
        if len(filled):
            letters[first + filled] = np.bitwise_or.reduceat(bits, starts[filled])
        lengths[here] = sizes
    rows = lengths.argsort(kind="stable").astype(np.uint32)
    begins = np.concatenate(([0], np.bincount(lengths).cumsum()))
    starts = np.asarray(forms.starts[:-1], np.int64).take(rows)
    ends = np.asarray(forms.starts[1:], np.int64).take(rows)
    heads, tails = _two_bytes(forms, starts), _two_bytes(forms, ends - 2)
    return Outlines(rows, tuple(begins.tolist()), letters.take(rows), heads, tails)


def _two_bytes(forms: Bytes, places: Rows) -> NDArray[np.uint16]:
    """The two bytes at each place of the blob as a number."""
    if len(forms.blob) < 2:
        return np.zeros(len(places), np.uint16)
    octets = np.frombuffer(forms.blob, np.uint8)
    first = octets.take(places, mode="clip").astype(np.uint16)
    return (first << np.uint16(8)) | octets.take(places + 1, mode="clip")


def _plausible(seen: Outlines, form: str, edits: int) -> Rows:
    """The forms that may be near: an edit changes a length by one and two letters at most."""
    last = len(seen.begins) - 1
    span = slice(
        seen.begins[min(max(0, len(form) - edits), last)],
        seen.begins[min(len(form) + edits + 1, last)],
    )
    rows, letters = seen.rows[span], seen.letters[span]
    if edits == 1 and len(form) >= _HALVED:
        octets = form.encode()
        alike = seen.heads[span] == int.from_bytes(octets[:2], "big")
        alike |= seen.tails[span] == int.from_bytes(octets[-2:], "big")
        found = alike.nonzero()[0]
        rows, letters = rows.take(found), letters.take(found)
    own = 0
    for letter in form:
        own |= 1 << (ord(letter) & 31)
    few = (np.bitwise_count(letters ^ np.uint32(own)) <= 2 * edits).nonzero()[0]
    plausible: Rows = rows.take(few).astype(np.int64)
    plausible.sort()
    return plausible


def spelt_like(
    forms: Bytes, form: str, edits: int, seen: Outlines | None = None
) -> tuple[Rows, Distances]:
    """The forms that may be near, ascending, and how many edits each is away from `form`.

    Distances beyond `edits` are only known to be beyond. `seen` are the outlines of the forms, if
    they are at hand.
    """
    rows = _plausible(seen or outlines(forms), form, edits)
    points, starts, lengths = _code_points(_picked(forms, rows))
    letters = [ord(letter) for letter in form]
    if edits == 1:
        return rows, _at_most_one(points, starts, lengths, np.array(letters, np.uint32))
    table = np.zeros((len(form) + edits + 2, len(rows)), np.uint32)
    for letter in range(len(form) + edits):
        held = lengths > letter
        table[letter + 1, held] = points[starts[held] + letter]  # 0 is no letter; row 0 stays empty
    return rows, _distances(table, lengths, letters, edits)


def _at_most_one(
    points: NDArray[np.uint32], starts: Rows, lengths: Rows, letters: NDArray[np.uint32]
) -> Distances:
    """0 for what is spelt the same, 1 for what one edit makes of it, 2 for all else.

    All before and all behind the one edit is as it was. Lengths differ by one at most.
    """
    count = len(letters)
    places = np.arange(count)
    forward = starts[:, None] + places
    backward = (starts + lengths)[:, None] - 1 - places
    inside = lengths[:, None] > places
    alike = np.zeros((2, len(lengths), count + 1), np.bool_)  # the last column ends every beginning
    if len(points):
        beginning = points.take(forward, mode="clip")
        np.equal(beginning, letters, out=alike[0, :, :count], where=inside)
        ending = points.take(backward, mode="clip")
        np.equal(ending, letters[::-1], out=alike[1, :, :count], where=inside)
    before, behind = alike.argmin(axis=2)
    together = before + behind
    distances: Distances = 2 - (together >= np.maximum(lengths, count) - 1).astype(np.uint8)
    swapped = ((together == count - 2) & (lengths == count)).nonzero()[0]
    at = before.take(swapped)
    first, second = (
        points.take(starts.take(swapped) + at),
        points.take(starts.take(swapped) + at + 1),
    )
    distances[swapped[(first == letters.take(at + 1)) & (second == letters.take(at))]] = 1
    distances[(before == count) & (lengths == count)] = 0
    return distances


def _picked(forms: Bytes, rows: Rows) -> Bytes:
    """Some of the forms."""
    edges = np.asarray(forms.starts, np.int64)
    sizes = edges[rows + 1] - edges[rows]
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    index = np.repeat(edges[rows] - starts[:-1], sizes) + np.arange(starts[-1])
    return Bytes.of(np.frombuffer(forms.blob, np.uint8)[index], starts)


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
) -> Distances:
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
