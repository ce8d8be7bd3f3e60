"""Texts as UTF-8 -> numbers of forms, by the rules of `search.chunks`, which is the definition.

A word of ASCII letters or digits is folded, found in the table of forms, and that is all. Any other
chunk is spelt and parsed once (`search.loops.chunks`), and its row of numbers remembered under its
bytes. Where something is not known or full the loop stops, and the caller lets it go on.
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.compiled import U1, compiled, int32, int64, named, uint64, writable
from search.loops.chunks import DONE, FULL, LETTERS, MAX_BYTES, MAX_FORM, Letters, analyse
from search.loops.strings import (
    BITS,
    BYTE,
    HALF,
    MIX,
    NUMBER,
    TABLE,
    WORD,
    Table,
    first_slot,
    long_key,
    number_of,
    slot_of,
)


class Rows(NamedTuple):
    """The codes of remembered chunks: those of chunk i are `codes[starts[i] : starts[i + 1]]`."""

    starts: NDArray[np.int64]
    codes: NDArray[np.int32]


ROWS = named(Rows, writable(int64), writable(int32))


AT, DOC, FILLED, COUNTED, CHUNK_END = range(5)
"""Rows of a `state`: where to go on (the chunk that it stopped for), and where that chunk ends."""

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
_SMALL_A = ord("a")
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
    return number_of(forms, word, 0, end - begin)


@compiled()
def _remember(
    text: Any, begin: int, end: int, chunks: Any, rows: Any, out: Any, filled: int, stop: int
) -> Any:
    """Keep a chunk's codes; False where there is no room for them."""
    number = chunks.counts[0]
    first, size = rows.starts[number], stop - filled
    if first + size > len(rows.codes) or number + 1 >= len(rows.starts):
        return False
    number_of(chunks, text, begin, end)
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
    stop = analyse(text, begin, end, letters, forms, word, out, filled)
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
    word = np.empty(MAX_BYTES, np.uint8)
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
            if shift < BITS:
                packed |= uint64(letter) << shift
                shift += BYTE
            elif at - first < MAX_FORM:
                mixed = (mixed ^ uint64(letter)) * MIX
            alphas += letter >= _SMALL_A
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
            key = packed if size <= WORD else long_key(packed, mixed, size)
            slot = first_slot(key, last, secret)
            while slots[slot, 0] != key and slots[slot, 0] != 0:
                slot = (slot + 1) & last
            same = slots[slot, 0] == key
            if size > WORD and same:
                start = int64(slots[slot, 1] >> HALF)
                for index in range(size):
                    same = same and spelt[start + index] == _FOLDED[text[first + index]]
            if same:
                out[filled] = int64(slots[slot, 1] & NUMBER)
            else:
                out[filled] = _add_plain(text, first, first + size, forms, word)
            if forms.counts[1]:
                why = int64(FULL)
            else:
                filled, counted = filled + 1, counted + 1
        elif size:
            stop = int64(-1)
            if at - begin <= MAX_REMEMBERED:
                slot, _ = slot_of(
                    chunk_slots, chunk_starts, chunk_letters, chunk_secret, text, begin, at
                )
                if chunk_slots[slot, 0] != 0:
                    number = int64(chunk_slots[slot, 1] & NUMBER)
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
