"""Texts as UTF-8 -> numbers of forms, by the rules of `search.chunks`, which is the definition.

A word of ASCII letters or digits is folded, found in the table of forms, and that is all. Any other
chunk is spelt and parsed once, letter by letter, and its row of numbers remembered under its bytes.
How single letters fold is asked for when they first come: what is not known, or not to be had here
(letters of several code points, letters beyond the sixteenth bit), stops the loop, and the caller
helps out and lets it go on.

A table of strings is open addressing. A slot has a key: of up to eight bytes the bytes themselves,
which tells two strings apart without looking at their letters; of a longer one a hash below a byte
that no UTF-8 has. Which slot a key has depends on a secret, so that nobody can write words that all
meet in one. No string is empty or has a zero byte.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.compiled import (
    U1,
    compiled,
    int32,
    int64,
    named,
    read_only,
    uint8,
    uint16,
    uint64,
    void,
    writable,
)

# --- a table of strings --------------------------------------------------------------------------

_BYTE, _WORD = np.uint64(8), 8
_BITS = np.uint64(64)
_LONG = np.uint64(0xFF) << np.uint64(56)
_SIXTEEN, _HALF, _FORTY_EIGHT = (np.uint64(bits) for bits in (16, 32, 48))
_NUMBER = np.uint64((1 << 32) - 1)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_NEWLINE = 10


class Table(NamedTuple):
    """Strings and where to find them."""

    slots: NDArray[np.uint64]
    """[slots, 2], a power of two: the key, 0 for a free slot; the number of the string whose key that is
    and, above 32 bits, where its letters start."""
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]
    counts: NDArray[np.int64]
    """How many strings there are, and whether (1) another found no room."""
    secret: np.uint64
    """An odd number."""


TABLE = named(Table, writable(uint64, 2), writable(int64), writable(uint8), writable(int64), uint64)


@compiled()
def _long_key(packed: Any, mixed: Any, size: int) -> Any:
    """The key of a string by its first eight bytes, what the others come to, and how many there are."""
    both = (mixed ^ (mixed >> _HALF) ^ packed) * _MIX
    return (both >> _SIXTEEN) | (uint64(size & 0xFF) << _FORTY_EIGHT) | _LONG


@compiled()
def _key(word: Any, begin: int, end: int, secret: Any) -> Any:
    packed, mixed, shift = uint64(0), secret, uint64(0)
    for index in range(begin, min(end, begin + _WORD)):
        packed |= uint64(word[index]) << shift
        shift += _BYTE
    for index in range(begin + _WORD, end):
        mixed = (mixed ^ uint64(word[index])) * _MIX
    return packed if end - begin <= _WORD else _long_key(packed, mixed, end - begin)


@compiled()
def _first_slot(key: Any, last: int, secret: Any) -> Any:
    mixed = (key ^ (key >> _HALF)) * secret
    return int64(mixed >> _HALF) & last


@compiled()
def _slot_of(
    slots: Any, starts: Any, letters: Any, secret: Any, word: Any, begin: int, end: int
) -> Any:
    """The slot of the string `word[begin:end]`, or the free one where it belongs, and its key."""
    key, size, last = _key(word, begin, end, secret), end - begin, len(slots) - 1
    slot = _first_slot(key, last, secret)
    while slots[slot, 0] != 0:
        if slots[slot, 0] == key:
            number = int64(slots[slot, 1] & _NUMBER)
            start, same = starts[number], starts[number + 1] - starts[number] == size
            index = 0
            while same and index < size:
                same = letters[start + index] == word[begin + index]
                index += 1
            if same:
                break
        slot = (slot + 1) & last
    return slot, key


@compiled()
def _number_of(table: Any, word: Any, begin: int, end: int) -> Any:
    """The number of the string `word[begin:end]`, which is added if it is new.

    Where there is no room for it, that is noted and the number is 0.
    """
    slots, starts, letters = table.slots, table.starts, table.letters
    slot, key = _slot_of(slots, starts, letters, table.secret, word, begin, end)
    if slots[slot, 0] != 0:
        return int64(slots[slot, 1] & _NUMBER)
    number = table.counts[0]
    start, size = starts[number], end - begin
    if number + 1 >= len(starts) or start + size > len(letters):
        table.counts[1] = 1
        return int64(0)
    for index in range(size):
        letters[start + index] = word[begin + index]
    starts[number + 1] = start + size
    slots[slot, 0], slots[slot, 1] = key, uint64(start) << _HALF | uint64(number)
    table.counts[0] = number + 1
    return number


@compiled(void(read_only(uint64, 2), writable(uint64, 2), uint64))
def place_anew(slots: NDArray[np.uint64], larger: NDArray[np.uint64], secret: np.uint64) -> None:
    """Bring all strings to a larger table's slots, which are free."""
    last = len(larger) - 1
    for old in range(len(slots)):
        if slots[old, 0] != 0:
            slot = _first_slot(slots[old, 0], last, secret)
            while larger[slot, 0] != 0:
                slot = (slot + 1) & last
            larger[slot, 0], larger[slot, 1] = slots[old, 0], slots[old, 1]


@compiled(void(TABLE, U1, writable(int32)))
def number_lines(table: Table, lines: NDArray[np.uint8], numbers: NDArray[np.int32]) -> None:
    """The number of each string; each ends with a line feed, and there must be room for all."""
    begin, row = 0, 0
    for index in range(len(lines)):
        if lines[index] == _NEWLINE:
            numbers[row] = _number_of(table, lines, begin, index)
            begin, row = index + 1, row + 1


# --- letters -------------------------------------------------------------------------------------

MAX_LETTERS = 3  # that one letter may fold to
UNKNOWN, ELSEWHERE = 0, MAX_LETTERS + 2
"""In `Letters.sizes`: how the letter folds was not asked yet; it is no matter for these loops."""
LOWER, UPPER = 1, 2
MAX_FORM, MAX_PARTS = 64, 4
_MAX_BYTES = 3 * MAX_FORM


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


class Rows(NamedTuple):
    """The codes of remembered chunks: those of chunk i are `codes[starts[i] : starts[i + 1]]`."""

    starts: NDArray[np.int64]
    codes: NDArray[np.int32]


ROWS = named(Rows, writable(int64), writable(int32))


DONE, ASKED, FULL, LETTER = 0, -1, -2, -3
"""What `cut` stopped for: nothing; a chunk that is not to be had here; a table that is full; a chunk
with letters of which it must be told how they fold."""
AT, DOC, FILLED, COUNTED, CHUNK_END = range(5)
"""Rows of a `state`: where to go on (the chunk that it stopped for), and where that chunk ends."""


# --- a chunk, letter by letter -------------------------------------------------------------------


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
    return _number_of(forms, word, 0, size)


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
    out[filled + 1] = ~_number_of(forms, word, 0, size)
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
def _analyse(
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


# --- whole texts ---------------------------------------------------------------------------------

END = 0xFF  # ends each text; no byte of UTF-8
_SMALL, _CAPITAL, _FIGURE, _SIGN, _FURTHER, _SPACE, _END = range(7)


def _classes() -> NDArray[np.uint8]:
    """What each byte is to a chunk: `.'`-` and all beyond ASCII stay inside."""
    found = np.full(256, _FURTHER, np.uint8)
    for byte in range(128):
        sign = chr(byte)
        found[byte] = (
            _SMALL if sign.islower()
            else _CAPITAL if sign.isupper()
            else _FIGURE if sign.isdigit()
            else _SIGN if sign in ".'`-"
            else _SPACE
        )  # fmt: skip
    found[END] = _END
    return found


_CLASSES = _classes()
_FOLDED = np.array(
    [ord(chr(byte).lower()) if byte < 128 and chr(byte).isalnum() else 0 for byte in range(256)],
    np.uint8,
)  # fmt: skip
"""A letter or digit of ASCII in lower case; 0 for all else."""
MAX_REMEMBERED = 40  # bytes; longer chunks (addresses, unspaced scripts) hardly come again


@compiled()
def _sign_size(text: Any, at: int) -> Any:
    """The bytes of a frequent sign outside ASCII that no word holds (dash, double quote, hard space), or 0."""
    if text[at] == 0xC2 and text[at + 1] == 0xA0:
        return 2
    if text[at] == 0xE2 and text[at + 1] == 0x80 and text[at + 2] in (0x93, 0x94, 0x9C, 0x9D):
        return 3
    return 0


@compiled()
def _chunk_end(text: Any, at: int) -> Any:
    """Where the chunk ends in whose midst this place is."""
    what = _CLASSES[text[at]]
    while what < _SPACE and not (what == _FURTHER and _sign_size(text, at)):
        at += 1
        what = _CLASSES[text[at]]
    return at


@compiled()
def _add_plain(text: Any, begin: int, end: int, forms: Any, word: Any) -> Any:
    """The number of a form of ASCII that stands here and was not found at once."""
    for index in range(end - begin):
        word[index] = _FOLDED[text[begin + index]]
    return _number_of(forms, word, 0, end - begin)


@compiled()
def _remember(
    text: Any, begin: int, end: int, chunks: Any, rows: Any, out: Any, filled: int, stop: int
) -> Any:
    """Keep a chunk's codes; False where there is no room for them."""
    number = chunks.counts[0]
    first, size = rows.starts[number], stop - filled
    if first + size > len(rows.codes) or number + 1 >= len(rows.starts):
        return False
    _number_of(chunks, text, begin, end)
    if chunks.counts[1]:
        return False
    for index in range(size):
        rows.codes[first + index] = out[filled + index]
    rows.starts[number + 1] = first + size
    return True


@compiled()
def _put_chunk(
    text: Any,
    begin: int,
    end: int,
    letters: Any,
    forms: Any,
    chunks: Any,
    rows: Any,
    word: Any,
    out: Any,
    filled: int,
) -> Any:
    """The codes of a chunk that is not remembered, but will be; less than 0: what stops it."""
    stop = _analyse(text, begin, end, letters, forms, word, out, filled)
    if stop < 0:
        return stop
    if forms.counts[1]:
        return int64(FULL)
    if end - begin > MAX_REMEMBERED or _remember(text, begin, end, chunks, rows, out, filled, stop):
        return stop
    return int64(FULL)


@compiled(
    int64(U1, LETTERS, TABLE, TABLE, ROWS, writable(int32), writable(int64, 2), writable(int64))
)
def cut(  # noqa: C901, PLR0912, PLR0915 - each call in here costs as much as ten letters
    text: NDArray[np.uint8],
    letters: Letters,
    forms: Table,
    chunks: Table,
    rows: Rows,
    out: NDArray[np.int32],
    ends: NDArray[np.int64],
    state: NDArray[np.int64],
) -> int:
    """Write the codes of all tokens of texts that end with END each.

    A code is the number of a form, or ~number of one that is an extra and stands where the token
    before it does. `ends` gets for each text where its codes end and how many of them count.
    """
    # To hand a table to a function costs as much as ten letters: the first look is taken here.
    slots, spelt, secret, last = forms.slots, forms.letters, forms.secret, len(forms.slots) - 1
    chunk_slots, chunk_starts, chunk_letters = chunks.slots, chunks.starts, chunks.letters
    row_starts, row_codes, chunk_secret = rows.starts, rows.codes, chunks.secret
    word = np.empty(_MAX_BYTES, np.uint8)
    at, doc, filled, counted = state[AT], state[DOC], state[FILLED], state[COUNTED]
    why = DONE
    while at < len(text):
        begin = at
        while _CLASSES[text[at]] == _SIGN:
            at += 1
        first, alphas, capitals = at, 0, 0
        packed, mixed, shift = uint64(0), secret, uint64(0)
        letter = _FOLDED[text[at]]
        while letter != 0:
            if shift < _BITS:
                packed |= uint64(letter) << shift
                shift += _BYTE
            elif at - first < MAX_FORM:
                mixed = (mixed ^ uint64(letter)) * _MIX
            alphas += letter >= _A
            capitals += letter != text[at]
            at += 1
            letter = _FOLDED[text[at]]
        size, what = at - first, _CLASSES[text[at]]
        plain = size > 0 and (
            capitals in (0, alphas) or (capitals == 1 and text[first] != _FOLDED[text[first]])
        )
        while what == _SIGN:
            at += 1
            what = _CLASSES[text[at]]
        skipped = _sign_size(text, at) if what == _FURTHER else 1
        if what < _SPACE and not (what == _FURTHER and skipped):
            plain, at = False, _chunk_end(text, at)
            what = _CLASSES[text[at]]
            skipped = _sign_size(text, at) if what == _FURTHER else 1
            size = at - begin
        if plain:
            size = min(size, MAX_FORM)
            key = packed if size <= _WORD else _long_key(packed, mixed, size)
            slot = _first_slot(key, last, secret)
            while slots[slot, 0] != key and slots[slot, 0] != 0:
                slot = (slot + 1) & last
            same = slots[slot, 0] == key
            if size > _WORD and same:
                start = int64(slots[slot, 1] >> _HALF)
                for index in range(size):
                    same = same and spelt[start + index] == _FOLDED[text[first + index]]
            if same:
                out[filled] = int64(slots[slot, 1] & _NUMBER)
            else:
                out[filled] = _add_plain(text, first, first + size, forms, word)
            if forms.counts[1]:
                why = int64(FULL)
            else:
                filled, counted = filled + 1, counted + 1
        elif size:
            stop = int64(-1)
            if at - begin <= MAX_REMEMBERED:
                slot, _ = _slot_of(
                    chunk_slots, chunk_starts, chunk_letters, chunk_secret, text, begin, at
                )
                if chunk_slots[slot, 0] != 0:
                    number = int64(chunk_slots[slot, 1] & _NUMBER)
                    stop = filled
                    for index in range(row_starts[number], row_starts[number + 1]):
                        out[stop] = row_codes[index]
                        stop += 1
            if stop < 0:
                stop = _put_chunk(text, begin, at, letters, forms, chunks, rows, word, out, filled)
            if stop < 0:
                why = stop
            else:
                for index in range(filled, stop):
                    counted += out[index] >= 0
                filled = stop
        if why != DONE:
            state[CHUNK_END] = at
            at = begin
            break
        if what == _END:
            ends[doc, 0], ends[doc, 1] = filled, counted
            doc, counted = doc + 1, 0
        at += skipped
    state[AT], state[DOC], state[FILLED], state[COUNTED] = at, doc, filled, counted
    return why
