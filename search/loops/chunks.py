"""A chunk, letter by letter -> the numbers of its forms, by the rules of `search.chunks`.

That is the definition. How single letters fold is asked for when they first come: what is not known,
or not to be had here (letters of several code points, letters beyond the sixteenth bit), stops the
loop, and the caller helps out.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.compiled import compiled, int64, named, uint8, uint16, writable
from search.loops.strings import number_of

DONE, ASKED, FULL, LETTER = 0, -1, -2, -3
"""What cutting stopped for: nothing; a chunk that is not to be had here; a table that is full; a
chunk with letters of which it must be told how they fold."""

MAX_LETTERS = 3  # that one letter may fold to
UNKNOWN, ELSEWHERE = 0, MAX_LETTERS + 2
"""In `Letters.sizes`: how the letter folds was not asked yet; it is no matter for these loops."""
LOWER, UPPER = 1, 2
MAX_FORM, MAX_PARTS = 64, 4
MAX_BYTES = 3 * MAX_FORM


class Letters(NamedTuple):
    """How letters fold, by their code points: arrays of 65,536 rows."""

    sizes: NDArray[np.uint8]
    """UNKNOWN, ELSEWHERE, or one more than the number of letters that it folds to."""
    folded: NDArray[np.uint16]
    """[letter, MAX_LETTERS]"""
    cases: NDArray[np.uint8]
    """LOWER, UPPER or neither."""
    kinds: NDArray[np.uint8]
    """Of folded letters: what `search.folding.kind` says, and `h` for a Han character."""


LETTERS = named(Letters, writable(uint8), writable(uint16, 2), writable(uint8), writable(uint8))

_ALPHA, _DIGIT, _UNSPACED, _HAN, _MARK = (ord(kind) for kind in "adchm")
_DOT, _HYPHEN, _APOSTROPHE, _HUMP = (ord(sign) for sign in ".-'^")
_S, _M, _A, _C = (ord(letter) for letter in "smac")


@compiled()
def _in_run(kind: int) -> Any:
    return kind in (_ALPHA, _DIGIT, _MARK)


@compiled()
def _begins_word(kinds: Any, place: int) -> Any:
    return place == 0 or not (_in_run(kinds[place - 1]) or kinds[place - 1] == _HUMP)


@compiled()
def _is_mac(spelt: Any, kinds: Any, count: int) -> Any:
    """Whether the word so far is only Mc or Mac."""
    if count < 2 or spelt[count - 1] != _C:
        return False
    if spelt[count - 2] == _M and _begins_word(kinds, count - 2):
        return True
    if count < 3 or spelt[count - 2] != _A or spelt[count - 3] != _M:
        return False
    return _begins_word(kinds, count - 3)


@compiled()
def _spell(text: Any, begin: int, end: int, letters: Any, spelt: Any, kinds: Any) -> Any:
    """Folded letters and their kinds, as `search.chunks._spell`; returns how many.

    Less than 0: what `cut` is to stop for.
    """
    count, before, at = 0, 0, begin
    while at < end:
        lead = int64(text[at])
        if lead < 0x80:
            point, step = lead, 1
        elif lead < 0xE0:
            point, step = (lead & 0x1F) << 6 | int64(text[at + 1]) & 0x3F, 2
        elif lead < 0xF0:
            point = (lead & 0x0F) << 12
            point |= (int64(text[at + 1]) & 0x3F) << 6 | int64(text[at + 2]) & 0x3F
            step = 3
        else:
            return int64(ASKED)
        at += step
        size = int64(letters.sizes[point])
        if size == UNKNOWN:
            return int64(LETTER)
        if size == ELSEWHERE:
            return int64(ASKED)
        if size == 1:
            continue  # it vanishes
        case = letters.cases[point]
        if before == LOWER and case == UPPER and not _is_mac(spelt, kinds, count):
            spelt[count], kinds[count] = _HUMP, _HUMP
            count += 1
        before = int64(case)
        for index in range(size - 1):
            letter = letters.folded[point, index]
            spelt[count], kinds[count] = letter, letters.kinds[letter]
            count += 1
    return count


@compiled()
def _is_unspaced(kind: int) -> Any:
    return kind in (_UNSPACED, _HAN)


@compiled()
def _part_end(kinds: Any, begin: int, count: int) -> Any:
    """Where the part of a word that begins here ends; `begin` where none does."""
    if begin >= count or (kinds[begin] != _ALPHA and kinds[begin] != _DIGIT):
        return begin
    if kinds[begin] == _ALPHA:  # an acronym: single letters with dots between, perhaps one behind
        end = begin + 1
        while end + 1 < count and kinds[end] == _DOT and kinds[end + 1] == _ALPHA:
            end += 2
        if end < count and _in_run(kinds[end]):
            end -= 2  # the last letter begins a longer run
        if end > begin + 1:
            return end + 1 if end < count and kinds[end] == _DOT else end
    end = begin + 1
    while end < count and _in_run(kinds[end]):
        end += 1
    return end


@compiled()
def _is_joint(kind: int) -> Any:
    return kind in (_HYPHEN, _APOSTROPHE)


@compiled()
def _unhumped(kinds: Any, begin: int, end: int, parts: Any) -> Any:
    """The parts of a word with many humps: runs with dots and humps in them."""
    place, found = begin, 0
    if begin > 0 and (_in_run(kinds[begin - 1]) or kinds[begin - 1] in (_DOT, _HUMP)):
        while place < end and not _is_joint(kinds[place]):  # this run began before the word
            place += 1
    while place < end:
        if _is_joint(kinds[place]):
            place += 1
            continue
        parts[found, 0] = place
        while place < end and not _is_joint(kinds[place]):
            place += 1
        parts[found, 1] = place
        found += 1
    return found


@compiled()
def _without_possessives(spelt: Any, parts: Any, found: int) -> Any:
    kept = 0
    for row in range(found):
        begin, end = parts[row, 0], parts[row, 1]
        if end - begin == 1 and spelt[begin] == _S and begin and spelt[begin - 1] == _APOSTROPHE:
            continue
        parts[kept, 0], parts[kept, 1] = begin, end
        kept += 1
    return max(kept, 1)  # the first part stands where all are such


@compiled()
def _parts(spelt: Any, kinds: Any, begin: int, count: int, parts: Any) -> Any:
    """Begin and end of each part of the word that begins here; returns how many, and its end."""
    found, humps, place, end = 0, 0, begin, begin
    while True:
        stop = _part_end(kinds, place, count)
        if stop == place:
            break  # nothing follows what joins: it is not of the word
        humps += place > begin and kinds[place - 1] == _HUMP
        parts[found, 0], parts[found, 1] = place, stop
        found, end = found + 1, stop
        if end >= count or not (_is_joint(kinds[end]) or kinds[end] == _HUMP):
            break
        place = end + 1
    if humps >= MAX_PARTS:
        found = _unhumped(kinds, begin, end, parts)
    if found > 1:
        found = _without_possessives(spelt, parts, found)
    return found, end


@compiled()
def _encode(letter: int, word: Any, size: int) -> Any:
    """Write a letter as UTF-8 behind so many bytes; returns how many there are then."""
    if letter < 0x80:
        word[size] = letter
        return size + 1
    if letter < 0x800:
        word[size] = 0xC0 | letter >> 6
        word[size + 1] = 0x80 | letter & 0x3F
        return size + 2
    word[size] = 0xE0 | letter >> 12
    word[size + 1] = 0x80 | (letter >> 6) & 0x3F
    word[size + 2] = 0x80 | letter & 0x3F
    return size + 3


@compiled()
def _number_letters(spelt: Any, begin: int, end: int, forms: Any, word: Any) -> Any:
    """The number of the form of these letters, which has at most MAX_FORM of them."""
    size, left = 0, MAX_FORM
    for index in range(begin, end):
        if left and spelt[index] != _DOT and spelt[index] != _HUMP:
            size = _encode(int64(spelt[index]), word, size)
            left -= 1
    return number_of(forms, word, 0, size)


@compiled()
def _put_word(
    spelt: Any, kinds: Any, parts: Any, count: int, forms: Any, word: Any, out: Any, filled: int
) -> Any:
    """The codes of a word: its parts, and behind the first of several their joined form."""
    size, left, digits = 0, MAX_FORM, True
    for row in range(count):
        out[filled + row + (row > 0 and 1 < count <= MAX_PARTS)] = _number_letters(
            spelt, parts[row, 0], parts[row, 1], forms, word
        )
    if not 1 < count <= MAX_PARTS:
        return filled + count
    for row in range(count):
        taken = 0
        for index in range(parts[row, 0], parts[row, 1]):
            if taken < MAX_FORM and spelt[index] != _DOT and spelt[index] != _HUMP:
                digits = digits and kinds[index] == _DIGIT
                taken += 1
                if left:
                    size = _encode(int64(spelt[index]), word, size)
                    left -= 1
    if digits:
        for row in range(1, count):
            out[filled + row] = out[filled + row + 1]
        return filled + count
    out[filled + 1] = ~number_of(forms, word, 0, size)
    return filled + count + 1


@compiled()
def _put_pairs(
    spelt: Any, kinds: Any, begin: int, end: int, forms: Any, word: Any, out: Any, filled: int
) -> Any:
    """The codes of a run without spaces: overlapping pairs, and each Han character."""
    if end - begin == 1:
        out[filled] = _number_letters(spelt, begin, end, forms, word)
        return filled + 1
    for index in range(begin, end):
        if index + 1 < end:
            out[filled] = _number_letters(spelt, index, index + 2, forms, word)
            filled += 1
        if kinds[index] == _HAN:
            out[filled] = ~_number_letters(spelt, index, index + 1, forms, word)
            filled += 1
    return filled


@compiled()
def analyse(
    text: Any, begin: int, end: int, letters: Any, forms: Any, word: Any, out: Any, filled: int
) -> Any:
    """Write the codes of a chunk; returns where they end in `out`, or what stops it."""
    room = (MAX_LETTERS + 1) * (end - begin)
    spelt, kinds = np.empty(room, np.uint16), np.empty(room, np.uint8)
    count = _spell(text, begin, end, letters, spelt, kinds)
    if count < 0:
        return count
    parts = np.empty((count + 1, 2), np.int32)
    place = 0
    while place < count:
        kind = kinds[place]
        if _is_unspaced(kind):
            stop = place + 1
            while stop < count and (_is_unspaced(kinds[stop]) or kinds[stop] == _MARK):
                stop += 1
            filled = _put_pairs(spelt, kinds, place, stop, forms, word, out, filled)
            place = stop
        elif kind in (_ALPHA, _DIGIT):
            found, place = _parts(spelt, kinds, place, count, parts)
            filled = _put_word(spelt, kinds, parts, found, forms, word, out, filled)
        else:
            place += 1
    return filled
