"""Forms that a pattern stands for, sought in sorted rows of UTF-8: near spellings, beginnings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U1, U4, compiled, int64, several, types, uint8, uint64, writable

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]

AT, END, BYTE, LETTER, SPENT = range(5)
"""Columns of the path to a beginning, see `_near`."""
ANY, ANY_NUMBER = 1 << 30, 1 << 31
"""In a pattern: one letter, and any number of them."""
FAR = 1 << 32  # behind every letter
MOST = (1 << 31) - 1  # more often nothing occurs as far as their order goes


@compiled()
def _letter(blob: Octets, place: int, end: int) -> int:
    """The code point of the letter at a place; -1 at the end of the form."""
    if place >= end:
        return -1
    point = int64(blob[uint64(place)])
    if point < 0x80:
        return int(point)
    more = 1 + (point >= 0xE0) + (point >= 0xF0)
    point &= 0x3F >> more
    for at in range(place + 1, min(place + 1 + more, end)):
        point = point << 6 | (int64(blob[at]) & 0x3F)
    return int(point)


@compiled()
def _size(point: int) -> int:
    """The bytes of a letter."""
    return 1 + (point >= 0x80) + (point >= 0x800) + (point >= 0x10000)


@compiled()
def _beyond(  # noqa: PLR0913, PLR0917 - an array each
    blob: Octets, starts: Ints, first: int, last: int, byte: int, point: int
) -> int:
    """The first form from `first` to before `last` whose letter at a byte is this one or a higher one.

    That of `first` is lower. In doubled steps, then halves.
    """
    at, step, high = first, 1, first + 1
    while high < last and _letter(blob, starts[high] + byte, starts[high + 1]) < point:
        at, step = high, 2 * step
        high = at + step
    size = min(high, last) - at
    while size > 1:
        half = size >> 1
        if _letter(blob, starts[at + half] + byte, starts[at + half + 1]) < point:
            at += half
        size -= half
    return at + 1


@compiled()
def _next_letter(  # noqa: PLR0913, PLR0917 - an array each
    table: NDArray[np.int64],
    letters: NDArray[np.uint32],
    depth: int,
    edits: int,
    path: NDArray[np.int64],
    point: int,
) -> int:
    """The lowest letter from this one on that may follow where no edit is left; a far one if none may."""
    lowest: int = FAR
    for column in range(max(0, depth - edits), min(depth + edits + 1, len(letters))):
        wanted = int64(letters[column])
        swapped = (
            depth
            and column + 1 < len(letters)
            and table[depth - 1, column] < edits
            and int64(letters[column + 1]) == path[depth, LETTER]
        )
        if point <= wanted < lowest and (table[depth, column] <= edits or swapped):
            lowest = wanted
    return lowest


@compiled()
def _near(  # noqa: C901, PLR0912, PLR0913, PLR0917 - each call costs as much as a letter
    blob: Octets,
    starts: Ints,
    letters: NDArray[np.uint32],
    edits: int,
    table: NDArray[np.int64],
    path: NDArray[np.int64],
    rows: Ints,
    distances: Octets,
) -> int:
    """How many forms are near; the first ones that there is room for are put into `rows`.

    It goes down the sorted forms as down a tree: beginnings that no near form has are passed by with
    all that begin so. `table[d, j]` is the distance between the first d letters of a beginning and
    the first j that were asked for, known for |d - j| <= `edits`, else far. The path has a row for
    each letter of the beginning: which forms that have it are still to be seen (AT to END), how
    many bytes it has, its last LETTER, and whether its edits are SPENT.
    """
    count, depth = 0, 0
    path[0, AT], path[0, END] = 0, len(starts) - 1
    while depth >= 0:
        form, last = path[depth, AT], path[depth, END]
        if form >= last:
            depth -= 1
            continue
        byte = path[depth, BYTE]
        point = _letter(blob, starts[form] + byte, starts[form + 1])
        if point < 0:
            distance = table[depth, len(letters)]
            if distance <= edits:
                if count < len(rows):
                    rows[count], distances[count] = form, distance
                count += 1
            path[depth, AT] = form + 1
            continue
        if path[depth, SPENT]:
            wanted = _next_letter(table, letters, depth, edits, path, point)
            if wanted > point:
                path[depth, AT] = last
                if wanted < FAR and form + 1 < last:
                    path[depth, AT] = _beyond(blob, starts, form, last, byte, wanted)
                continue
        beyond = last
        if form + 1 < last:
            beyond = _beyond(blob, starts, form, last, byte, point + 1)
        path[depth, AT] = beyond
        least = edits + 1
        above, below = depth, depth + 1
        if depth < len(table) - 2:
            least = min(least, table[below, 0])
            for column in range(max(1, below - edits), min(below + edits, len(letters)) + 1):
                letter = int64(letters[column - 1])
                best = table[above, column - 1] + (letter != point)
                best = min(best, table[above, column] + 1, table[below, column - 1] + 1)
                swapped = depth and column > 1 and letter == path[depth, LETTER]
                if swapped and int64(letters[column - 2]) == point:
                    best = min(best, table[above - 1, column - 2] + 1)
                table[below, column] = best
                least = min(least, best)
        if least <= edits:
            depth = below
            path[depth, AT], path[depth, END] = form, beyond
            path[depth, BYTE] = byte + _size(point)
            path[depth, LETTER], path[depth, SPENT] = point, least == edits
    return count


@compiled(types.Tuple((writable(int64), writable(uint8)))(U1, I8, U4, int64))
def near(
    blob: Octets, starts: Ints, letters: NDArray[np.uint32], edits: int
) -> tuple[Ints, Octets]:
    """The forms that at most so many edits make of these letters, ascending, and how many it takes.

    Form i is `blob[starts[i]:starts[i + 1]]`. An edit puts in, leaves out or replaces a letter, or
    swaps two neighbours, and no letter is touched twice (optimal string alignment).
    """
    far = edits + 1
    table = np.full((len(letters) + edits + 2, len(letters) + 1), far, np.int64)
    for place in range(min(edits, len(letters)) + 1):
        table[0, place] = place
    for depth in range(min(edits, len(table) - 1) + 1):
        table[depth, 0] = depth
    path = np.zeros((len(table), 5), np.int64)
    rows, distances = np.empty(256, np.int64), np.empty(256, np.uint8)
    count = _near(blob, starts, letters, edits, table, path, rows, distances)
    if count > len(rows):
        rows, distances = np.empty(count, np.int64), np.empty(count, np.uint8)
        path[0] = 0
        _near(blob, starts, letters, edits, table, path, rows, distances)
    return rows[:count], distances[:count]


@compiled(writable(int64)(U1, I8, U4, int64, int64))
def fitting(blob: Octets, starts: Ints, pattern: NDArray[np.uint32], first: int, last: int) -> Ints:
    """The forms from `first` to before `last` that fit a pattern of letters, ANY and ANY_NUMBER."""
    rows, count = np.empty(last - first, np.int64), 0
    for form in range(first, last):
        place, end = starts[form], starts[form + 1]
        at, star, back = 0, -1, place  # behind the last star, which has so much of the form
        while place < end:
            point = _letter(blob, place, end)
            if at < len(pattern) and pattern[at] == ANY_NUMBER:
                star, back = at, place
                at += 1
            elif at < len(pattern) and (pattern[at] == ANY or int64(pattern[at]) == point):
                at += 1
                place += _size(point)
            elif star >= 0:  # one letter more for the star
                back += _size(_letter(blob, back, end))
                at, place = star + 1, back
            else:
                break
        while at < len(pattern) and pattern[at] == ANY_NUMBER:
            at += 1
        if place >= end and at == len(pattern):
            rows[count] = form
            count += 1
    return rows[:count]


@compiled(int64(U1, I8, U1))
def place_of(blob: Octets, starts: Ints, sought: Octets) -> int:
    """Where a string stands in a sorted row (the first, if it is there often), or -1 - where it would."""
    low, high = 0, len(starts) - 1
    met = False
    while low < high:
        middle = (low + high) >> 1
        begin, size = starts[uint64(middle)], starts[uint64(middle + 1)] - starts[uint64(middle)]
        at, both = 0, min(size, len(sought))
        while at < both and blob[uint64(begin + at)] == sought[uint64(at)]:
            at += 1
        if at < both:
            is_before = blob[uint64(begin + at)] < sought[uint64(at)]
        else:
            is_before = size < len(sought)
            met = met or size == len(sought)
        if is_before:
            low = middle + 1
        else:
            high = middle
    return low if met else -1 - low


@compiled(several(writable(int64), 2)(I8, U4, U4))
def terms_of(
    rows: Ints, terms: NDArray[np.uint32], counts: NDArray[np.uint32]
) -> tuple[Ints, Ints]:
    """The terms of some forms, the most frequent first, then by number; how often each occurs.

    Form i occurs `counts[i]` times and is one of the term `terms[i]`.
    """
    by_term = np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        row = rows[place]
        by_term[place] = int64(terms[row]) << 32 | int64(counts[row])
    by_term.sort()
    numbers, totals, size = np.empty(len(rows), np.int64), np.zeros(len(rows), np.int64), 0
    for key in by_term:
        if not size or numbers[size - 1] != key >> 32:
            numbers[size] = key >> 32
            size += 1
        totals[size - 1] += key & 0xFFFFFFFF
    by_count = (MOST - np.minimum(totals[:size], MOST)) << 32 | np.arange(size)
    by_count.sort()
    places = by_count & 0xFFFFFFFF
    return numbers[places], totals[places]
