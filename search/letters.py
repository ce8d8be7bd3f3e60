"""Letter -> what it does in a word, as a number: the table by which loops go over texts.

A text goes into a loop as the numbers of its letters. What each means is worked out once, by
`search.folding`, when a text first has it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.folding import JOINING, fold_unit, kind
from search.loops.excerpts import SPACE, STOP, STOPS
from search.loops.marks import BREAK, KNOWN, LOWER, MARK, ODD, SIGN, UNSPACED, UPPER, first_unknown

Letters = NDArray[np.uint32]

KINDS: NDArray[np.uint32] = np.zeros(0x11_0000, np.uint32)
"""For each letter its folded form and what it is; 0 where no text had it yet."""

_OF_KIND = {"a": 0, "d": 0, "c": UNSPACED, "m": MARK, "-": SIGN, "'": SIGN, ".": SIGN, " ": BREAK}


def letters_of(text: str) -> Letters:
    """The text's letters as numbers, all of them in KINDS."""
    letters = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    if not text.isascii():
        place = first_unknown(letters, KINDS, 0)
        while place >= 0:
            _learn(int(letters[place]))
            place = first_unknown(letters, KINDS, place + 1)
    return letters


def _learn(point: int) -> None:
    letter = chr(point)
    folded = fold_unit(letter)
    what = KNOWN | (SPACE if letter.isspace() else 0) | (STOP if letter in STOPS else 0)
    # A small letter that parts words (`ŉ`) still makes a hump of a capital behind it.
    is_odd = len(folded) != 1 or letter in JOINING or (kind(folded) == " " and letter.islower())
    if is_odd:
        what |= ODD
    else:
        what |= _OF_KIND[kind(folded)] | ord(folded)
    what |= UPPER if letter.isupper() else LOWER if letter.islower() else 0
    KINDS[point] = what


for _point in range(128):
    _learn(_point)
