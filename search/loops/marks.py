"""Loops over the letters of a text: where sought words stand in it.

A text is a row of its letters' numbers; `kinds` says of each what it does in a word (`search.letters`).
"""

# ruff: noqa: PLR0913, PLR0917, FBT001 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U4, boolean, compiled, int64, several, uint64, void, writable

# What `kinds` says of a letter, beside its folded form; a plain letter of a word has none but KNOWN.
FOLDED = (1 << 21) - 1
BREAK = 1 << 21  # it parts words
SIGN = 1 << 22  # it may stand inside a word: a hyphen, an apostrophe, a dot
MARK = 1 << 23  # it goes on with a word, and begins none
UNSPACED = 1 << 24  # of a script written without spaces
ODD = 1 << 25  # it vanishes, becomes several, or is one with its neighbour
LOWER = 1 << 26
UPPER = LOWER << 1
KNOWN = 1 << 29
_NOT_PLAIN = BREAK | SIGN | UNSPACED | ODD

LONGEST = 64  # letters; what is longer is cut to them (`search.chunks.MAX_FORM`)
SHORT = 63  # of a letter's number, or of a length: so much of it fits into a row of 64
LETTERS_AT_A_TIME = 1_000_000  # in two or three milliseconds
INEXACT = -1
"""The slot of a run whose words are not known here: it has signs in words, humps or odd letters."""

_S, _APOSTROPHE = 0x73, 0x27

# Of a letter, for `_next_run`: what may begin with it, three bits higher behind it, three more before it.
_WORD, _HUMP, _ANYTHING = 1, 2, 4
_EVERY = _WORD | _HUMP | _ANYTHING
_BEHIND, _SECOND = 3, 6
_ASCII = 128  # letters that are told apart

Numbers = NDArray[np.int64]
Letters = NDArray[np.uint32]


@compiled(int64(U4, U4, int64))
def first_unknown(letters: Letters, kinds: Letters, place: int) -> int:
    """The first letter from this place on that `kinds` does not know; -1 if it knows all."""
    for at in range(place, len(letters)):
        if kinds[letters[at]] == 0:
            return at
    return -1


# --- sought forms ---------------------------------------------------------------------------------


@compiled()
def _with(number: int, letter: np.int64) -> Any:
    """The number of some letters with one letter more."""
    return number * 1_000_003 + letter


@compiled()
def _number_of(letters: Letters, kinds: Letters, first: int, end: int) -> int:
    """The number of a run of plain letters."""
    number = 0
    for at in range(first, end):
        number = _with(number, np.int64(kinds[letters[at]] & FOLDED))
    return number


@compiled(void(U4, I8, writable(int64), writable(int64)))
def fill_table(letters: Letters, starts: Numbers, table: Numbers, lengths: Numbers) -> None:
    """Put forms into a table in which `_find` finds them.

    Form f is `letters[starts[f]:starts[f + 1]]`. `table` has a power of two of rows, more than
    forms, all -1: a form is in the row that its letters' number says, or in the next free one.
    `lengths`, 64 times 0, becomes how long forms are by their first letter, a bit for each length.
    """
    for form in range(len(starts) - 1):
        lengths[letters[starts[form]] & SHORT] |= 1 << ((starts[form + 1] - starts[form]) & SHORT)
        number = 0
        for at in range(starts[form], starts[form + 1]):
            number = _with(number, np.int64(letters[at]))
        row = number & (len(table) - 1)
        while table[row] >= 0:
            row = (row + 1) & (len(table) - 1)
        table[row] = form


@compiled()
def _find(
    number: int,
    count: int,
    last: int,
    letters: Letters,
    kinds: Letters,
    forms: Letters,
    starts: Numbers,
    table: Numbers,
) -> int:
    """The form that is these letters, or -1: the `count` letters of words up to `last`."""
    row = number & (len(table) - 1)
    while table[row] >= 0:
        form: int = table[row]
        if starts[form + 1] - starts[form] == count:
            at, left = last, starts[form + 1] - 1
            while left >= starts[form]:
                kind = np.int64(kinds[letters[at]])
                at -= 1
                if kind & SIGN:
                    continue
                if kind & FOLDED != forms[left]:
                    break
                left -= 1
            if left < starts[form]:
                return form
        row = (row + 1) & (len(table) - 1)
    return -1


# --- words of a text ------------------------------------------------------------------------------


@compiled()
def _begins_part(letters: Letters, kinds: Letters, first: int, at: int) -> bool:
    """Whether a part of a run may begin here: behind a sign or a hump, or without spaces."""
    kind = np.int64(kinds[letters[at]])
    if at == first or kind & (SIGN | UNSPACED):
        return True
    before = np.int64(kinds[letters[at - 1]])
    is_hump = (before << 1) & kind & UPPER != 0
    return bool(is_hump or before & (SIGN | UNSPACED) != 0)


@compiled()
def _has_inner_possessive(letters: Letters, kinds: Letters, first: int, end: int) -> bool:
    """Whether an `'s` stands before other parts, which are joined without it."""
    for at in range(first + 1, end - 1):
        is_s = kinds[letters[at]] & FOLDED == _S
        is_behind = kinds[letters[at - 1]] & FOLDED == _APOSTROPHE
        if is_s and is_behind and _begins_part(letters, kinds, first, at + 1):
            return True
    return False


@compiled()
def _may_hold(
    letters: Letters,
    kinds: Letters,
    first: int,
    end: int,
    forms: Letters,
    starts: Numbers,
    table: Numbers,
) -> bool:
    """Whether one of the forms may be a word of a run with signs, humps or without spaces.

    A word of such a run is some parts of it that follow each other, signs left out.
    """
    for at in range(first, end):
        if kinds[letters[at]] & (ODD | MARK):
            return True
    for begin in range(first, end):
        # No word begins with a sign; from each of a long row of dashes it would be the same walk.
        if kinds[letters[begin]] & SIGN or not _begins_part(letters, kinds, first, begin):
            continue
        number, count = 0, 0
        for at in range(begin, end):
            kind = np.int64(kinds[letters[at]])
            if kind & SIGN:
                continue
            number = _with(number, kind & FOLDED)
            count += 1
            if count > LONGEST:
                return True
            if kind & UNSPACED and count > 2:
                break
            is_part = at + 1 == end or _begins_part(letters, kinds, first, at + 1)
            if is_part and _find(number, count, at, letters, kinds, forms, starts, table) >= 0:
                return True
    return _has_inner_possessive(letters, kinds, first, end)


@compiled()
def _roles(kinds: Letters, forms: Letters, starts: Numbers, lengths: Numbers) -> NDArray[np.uint16]:
    """What each ASCII letter may be in a sought word, and last what any other letter may be."""
    seconds = 0  # a bit for each letter that is a form's second one
    for form in range(len(starts) - 1):
        if starts[form + 1] - starts[form] > 1:
            seconds |= 1 << (forms[starts[form] + 1] & SHORT)
    roles = np.full(_ASCII + 1, _ANYTHING | _EVERY << _BEHIND | _EVERY << _SECOND, np.uint16)
    for letter in range(_ASCII):
        kind = np.int64(kinds[letter])
        role = _ANYTHING << _BEHIND | _ANYTHING << _SECOND
        if kind & (UNSPACED | ODD | MARK):
            role |= _ANYTHING
        elif kind & (BREAK | SIGN) == 0 and lengths[kind & SHORT]:
            role |= _WORD | (_HUMP if kind & UPPER else 0)
        if kind & _NOT_PLAIN:
            role |= _WORD << _BEHIND
        if kind & LOWER:
            role |= _HUMP << _BEHIND
        if kind & (_NOT_PLAIN | UPPER) or (seconds >> (kind & SHORT)) & 1:
            role |= _EVERY << _SECOND
        roles[letter] = role
    return roles


@compiled()
def _next_run(
    letters: Letters, kinds: Letters, roles: NDArray[np.uint16], place: int, stop: int
) -> int:
    """Where the next run begins that may hold a sought word: two letters say so. `stop` if none does.

    Where words end cannot be foreseen, so nothing branches there.
    """
    at, may_begin, begun = place, np.int64(_WORD | _ANYTHING), np.int64(0)
    for letter in letters[place:stop]:
        role = np.int64(roles[uint64(min(np.int64(letter), _ASCII))])
        if begun & (role >> _SECOND):
            break
        begun = role & may_begin
        may_begin = role >> _BEHIND
        at += 1
    if at == stop and begun & _EVERY == 0:
        return stop
    at -= 1
    while at > place and kinds[letters[at - 1]] & BREAK == 0:
        at -= 1
    return at


@compiled()
def _end_of_piece(letters: Letters, kinds: Letters, begin: int, end: int) -> int:
    """Where a plain word ends, or a stretch without spaces; `begin` if there may be more to it."""
    at, before = begin, np.int64(0)
    kind = np.int64(kinds[letters[begin]])
    if kind & UNSPACED:
        while at < end and kinds[letters[at]] & (UNSPACED | MARK):
            at += 1
        return at
    if kind & MARK:
        return begin
    while kind & _NOT_PLAIN == 0:
        if (before << 1) & kind & UPPER:
            return begin
        before = kind
        at += 1
        if at == end:
            return end
        kind = np.int64(kinds[letters[at]])
    if kind & SIGN and at + 1 < end and kinds[letters[at + 1]] & UNSPACED == 0:
        return begin
    return at


@compiled()
def _size_of_words(letters: Letters, kinds: Letters, begin: int, end: int, lengths: Numbers) -> int:
    """How many letters each word of a piece has; 0 if that is not known here."""
    size = end - begin
    if size < 2 or kinds[letters[begin]] & UNSPACED == 0:
        return size if size <= LONGEST else 0
    for letter in letters[begin:end]:  # a Han letter may be a form by itself as well
        is_alone = lengths[kinds[letter] & SHORT] >> 1 & 1
        if is_alone:
            return 0
    return 2


@compiled()
def _place_pieces(
    letters: Letters,
    kinds: Letters,
    first: int,
    end: int,
    forms: Letters,
    starts: Numbers,
    table: Numbers,
    lengths: Numbers,
    slot_starts: Numbers,
    slots: Numbers,
    word: int,
    found: Numbers,
    count: int,
) -> tuple[int, int]:
    """Put into `found` what a run of plain words and stretches without spaces has: `8月10日`.

    Of a stretch every two letters are a word. Returns how many rows there are, and how many words the
    run has: 0 if that is not known here, -1 if there is no room for the rows.
    """
    at, words = first, 0
    while at < end:
        if kinds[letters[at]] & SIGN:
            at += 1
            continue
        begin, at = at, _end_of_piece(letters, kinds, at, end)
        size = _size_of_words(letters, kinds, begin, at, lengths)
        if size == 0:
            return count, 0
        for place in range(begin, at - size + 1):
            if lengths[kinds[letters[place]] & SHORT] >> (size & SHORT) & 1:
                number = _number_of(letters, kinds, place, place + size)
                form = _find(number, size, place + size - 1, letters, kinds, forms, starts, table)
                if form >= 0:
                    if count + len(slots) > len(found) - 1:
                        return count, -1
                    for row in range(slot_starts[form], slot_starts[form + 1]):
                        found[count, 0], found[count, 1] = place, place + size
                        found[count, 2], found[count, 3] = slots[row], word + words
                        count += 1
            words += 1
    return count, words


@compiled(
    several(int64, 4)(U4, int64, U4, U4, I8, I8, I8, I8, I8, boolean, int64, writable(int64, 2))
)
def find_words(  # noqa: C901, PLR0912, PLR0915 - each call in here costs as much as a dozen letters
    letters: Letters,
    place: int,
    kinds: Letters,
    forms: Letters,
    starts: Numbers,
    table: Numbers,
    lengths: Numbers,
    slot_starts: Numbers,
    slots: Numbers,
    are_placed: bool,
    word: int,
    found: Numbers,
) -> tuple[int, int, int, int]:
    """Fill `found` with the runs of letters that are sought words, or may hold some, from a place on.

    A row of it is start, end, slot and which word of the text it is, counted on from `word`; a run
    that is INEXACT counts as one. Form f has the slots `slots[slot_starts[f]:slot_starts[f + 1]]`.
    With `are_placed` every run is given whose words are not known here, for the places of the words
    behind it depend on it.
    Returns how many rows there are, the place up to which was looked (LETTERS_AT_A_TIME, or fewer
    where `found` is full), the next word's number, and how many runs are INEXACT.
    """
    count, inexact = 0, 0
    most = len(found) - len(slots) - 1  # a run may have every slot
    stop = min(len(letters), place + LETTERS_AT_A_TIME)
    while stop < len(letters) and kinds[letters[stop]] & BREAK == 0:
        stop += 1
    roles = _roles(kinds, forms, starts, lengths)
    at = place
    while at < stop and count < most:
        if not are_placed:
            at = _next_run(letters, kinds, roles, at, stop)
            if at == stop:
                break
        kind = np.int64(kinds[letters[uint64(at)]])
        if kind & (BREAK | SIGN):
            at += 1
            continue
        # The plain letters that a run begins with: mostly they are all of it.
        first, head, humps, before = at, kind & SHORT, kind & MARK, np.int64(0)
        while kind & _NOT_PLAIN == 0:
            humps |= (before << 1) & kind & UPPER
            before = kind
            at += 1
            kind = np.int64(kinds[letters[uint64(at)]] if at < len(letters) else BREAK)
        end = at
        while kind & SIGN:
            at += 1
            kind = np.int64(kinds[letters[at]] if at < len(letters) else BREAK)
        if kind & BREAK and humps == 0 and end - first <= LONGEST:
            form = -1
            if lengths[head] >> ((end - first) & SHORT) & 1:
                number = _number_of(letters, kinds, first, end)
                form = _find(number, end - first, end - 1, letters, kinds, forms, starts, table)
            if form >= 0:
                for row in range(slot_starts[form], slot_starts[form + 1]):
                    found[count, 0], found[count, 1] = first, end
                    found[count, 2], found[count, 3] = slots[row], word
                    count += 1
        else:
            while at < len(letters) and kinds[letters[at]] & BREAK == 0:
                at += 1
            with_it, words = _place_pieces(
                letters, kinds, first, at, forms, starts, table, lengths, slot_starts, slots,
                word, found, count,
            )  # fmt: skip
            if words < 0 < count:
                at = first
                break
            if words > 0:
                count = with_it
                word += words
                continue
            if are_placed or _may_hold(letters, kinds, first, at, forms, starts, table):
                while first > 0 and kinds[letters[first - 1]] & SIGN:
                    first -= 1
                found[count, 0], found[count, 1] = first, at
                found[count, 2], found[count, 3] = INEXACT, word
                count += 1
                inexact += 1
        word += 1
    return count, at, word, inexact
