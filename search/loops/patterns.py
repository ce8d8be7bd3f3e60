"""Forms that a pattern stands for, sought in sorted rows of UTF-8: near spellings, beginnings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U1, U4, U8, compiled, int64, several, uint64, writable
from search.loops.lists import copied
from search.loops.names import HEAD, head_of

Ints = NDArray[np.int64]
Octets = NDArray[np.uint8]
Heads = NDArray[np.uint64]

AT, END, BYTE, LETTER = range(4)
"""Columns of the path to a beginning, see `_near`."""
ANY, ANY_NUMBER = 1 << 30, 1 << 31
"""In a pattern: one letter, and any number of them."""
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
def _beyond(heads: Heads, first: int, last: int, target: int) -> int:
    """The first form behind `first` and before `last` whose head is not below this one, in doubled steps, then halves."""
    at, step, high = first, 1, first + 1
    while high < last and heads[uint64(high)] < target:
        at, step = high, 2 * step
        high = at + step
    size = min(high, last) - at
    while size > 1:
        half = size >> 1
        if heads[uint64(at + half)] < target:
            at += half
        size -= half
    return at + 1


@compiled()
def _end_of_letter(  # noqa: PLR0913, PLR0917 - an array each
    heads: Heads, blob: Octets, starts: Ints, first: int, last: int, byte: int, point: int
) -> int:
    """Where those of the forms end that go on as the first does, with this letter at this byte."""
    end = byte + _size(point)
    if end <= HEAD:
        # The least head above all that begin so; of the highest letter there is none.
        shift = uint64(8 * (HEAD - end))
        following = ((heads[first] >> shift) + uint64(1)) << shift
        return _beyond(heads, first, last, following) if following else last
    place = first + 1
    while place < last and _letter(blob, starts[place] + byte, starts[place + 1]) == point:
        place += 1
    return place


@compiled()
def _spelt(  # noqa: PLR0913, PLR0917 - an array each
    heads: Heads,
    blob: Octets,
    starts: Ints,
    first: int,
    last: int,
    byte: int,
    rest: Octets,
    found: Ints,
    count: int,
) -> int:
    """Find those of the forms that are spelt like this from a byte on, as all before it is alike."""
    target = heads[first]
    if byte < HEAD:
        target = (
            target >> uint64(8 * (HEAD - byte)) << uint64(8 * (HEAD - byte)) if byte else uint64(0)
        )
        for place in range(min(len(rest), HEAD - byte)):
            target |= uint64(rest[place]) << uint64(8 * (HEAD - 1 - byte - place))
    form = first
    if heads[first] < target:
        form = _beyond(heads, first, last, target)
    while form < last and heads[form] == target:
        begin = starts[form] + byte
        if starts[form + 1] - begin == len(rest):
            place = 0
            while place < len(rest) and blob[begin + place] == rest[place]:
                place += 1
            if place == len(rest):
                if count < len(found):
                    found[count] = form
                count += 1
        form += 1
    return count


@compiled()
def _near(  # noqa: C901, PLR0912, PLR0913, PLR0915, PLR0917 - a call costs as much as a letter
    heads: Heads,
    blob: Octets,
    starts: Ints,
    sought: Octets,
    letters: Ints,
    begins: Ints,
    edits: int,
    table: NDArray[np.int64],
    path: NDArray[np.int64],
    swapped: Octets,
    found: Ints,
) -> int:
    """How many forms are near; as many as there is room for are put into `found`, as form << 8 | distance.

    It goes down the sorted forms as down a tree: beginnings that no near form has are passed by with
    all that begin so, and where no edit is left, what must follow is sought as a whole. A form may
    be found twice. `table[d, j]` is the distance between the first d letters of a beginning and
    the first j of those sought, known for |d - j| <= `edits`, else far. The path has a row for
    each letter of the beginning: which forms that have it are still to be seen (AT to END), how
    many bytes it has, and its last LETTER.
    """
    count, depth = 0, 0
    path[0, AT], path[0, END] = 0, len(starts) - 1
    while depth >= 0:
        form, last, byte = path[depth, AT], path[depth, END], path[depth, BYTE]
        if form >= last:
            depth -= 1
            continue
        point = -1
        if byte < HEAD:
            point = int64(heads[uint64(form)] >> uint64(8 * (HEAD - 1 - byte))) & 0xFF
        if not 0 < point < 0x80:
            point = _letter(blob, starts[form] + byte, starts[form + 1])
        if point < 0:
            if table[depth, len(letters)] <= edits:
                if count < len(found):
                    found[count] = form << 8 | table[depth, len(letters)]
                count += 1
            path[depth, AT] = form + 1
            continue
        beyond = last
        if form + 1 < last:
            beyond = _end_of_letter(heads, blob, starts, form, last, byte, point)
        path[depth, AT] = beyond
        below = depth + 1
        if below == len(table):
            continue
        least = table[below, 0]
        for column in range(max(1, below - edits), min(below + edits, len(letters)) + 1):
            letter = letters[column - 1]
            best = table[depth, column - 1] + (letter != point)
            best = min(best, table[depth, column] + 1, table[below, column - 1] + 1)
            if (
                depth
                and column > 1
                and letter == path[depth, LETTER]
                and letters[column - 2] == point
            ):
                best = min(best, table[depth - 1, column - 2] + 1)
            table[below, column] = best
            least = min(least, best)
        byte += _size(point)
        if least < edits:
            depth = below
            path[depth, AT], path[depth, END] = form, beyond
            path[depth, BYTE], path[depth, LETTER] = byte, point
        elif least == edits:
            before = count
            for column in range(max(0, below - edits), min(below + edits, len(letters)) + 1):
                if table[below, column] == edits:
                    rest = sought[begins[column] :]
                    count = _spelt(heads, blob, starts, form, beyond, byte, rest, found, count)
                later = column + 1
                if (
                    later < len(letters)
                    and table[depth, column] < edits
                    and letters[later] == point
                ):
                    size = copied(sought[begins[column] : begins[later]], swapped, 0)
                    rest = swapped[: copied(sought[begins[later + 1] :], swapped, size)]
                    count = _spelt(heads, blob, starts, form, beyond, byte, rest, found, count)
            for place in range(before, min(count, len(found))):
                found[place] = found[place] << 8 | edits
    return count


@compiled(writable(uint64)(U1, I8))
def heads_of(blob: Octets, starts: Ints) -> Heads:
    """`head_of` each form."""
    heads = np.empty(len(starts) - 1, np.uint64)
    for form in range(len(heads)):
        heads[form] = head_of(blob, starts[form], starts[form + 1])
    return heads


@compiled(several(writable(int64), 2)(U8, U1, I8, U1, int64))
def near(heads: Heads, blob: Octets, starts: Ints, sought: Octets, edits: int) -> tuple[Ints, Ints]:
    """The forms that at most so many edits make of what is sought, ascending, and how many it takes.

    Form i is `blob[starts[i]:starts[i + 1]]`. An edit puts in, leaves out or replaces a letter, or
    swaps two neighbours, and no letter is touched twice (optimal string alignment).
    """
    letters, begins = np.empty(len(sought), np.int64), np.zeros(len(sought) + 1, np.int64)
    size = 0
    while begins[size] < len(sought):
        letters[size] = _letter(sought, begins[size], len(sought))
        begins[size + 1] = begins[size] + _size(letters[size])
        size += 1
    letters, begins = letters[:size], begins[: size + 1]
    table = np.full((size + edits + 2, size + 1), edits + 1, np.int64)
    for place in range(min(edits, size) + 1):
        table[0, place] = place
    for depth in range(edits + 1):
        table[depth, 0] = depth
    path = np.zeros((len(table), 4), np.int64)
    swapped = np.empty(len(sought), np.uint8)
    found = np.empty(256, np.int64)
    count = 0
    if len(heads):
        count = _near(
            heads, blob, starts, sought, letters, begins, edits, table, path, swapped, found
        )
    if count > len(found):
        found = np.empty(count, np.int64)
        path[0] = 0
        _near(heads, blob, starts, sought, letters, begins, edits, table, path, swapped, found)
    found = found[:count]
    found.sort()
    size = 0
    for place in range(count):
        if not size or found[place] >> 8 != found[size - 1] >> 8:
            found[size] = found[place]
            size += 1
    return found[:size] >> 8, found[:size] & 0xFF


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
