"""The classes of characters that lines and words are described by, as a table for compiled loops."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from indexer.loops.letters import (
    ALNUM,
    CLOSING,
    COMMA,
    DIGIT,
    END,
    ENDS_COLON,
    ENDS_COMMA,
    ENDS_QUESTION,
    LETTER,
    MARK,
    PIPE,
    QUOTE,
    SPACE,
    UPPER,
    WIDE,
    WORD,
)  # fmt: skip

QUOTES = "\"“”„«»‘’'「」"
MARKS = (
    (QUOTES, QUOTE),
    (",;،、，؛", COMMA),
    (".!?…؟۔。！？।", END),
    ("|»›•·→▸/", PIPE),
    (",;،؛-–—", ENDS_COMMA),
    (":：", ENDS_COLON),
    ("?؟？", ENDS_QUESTION),
    (QUOTES + ")]』」*", CLOSING),
)


@cache
def character_classes() -> NDArray[np.uint16]:
    """For each code point below 65,536 the classes it belongs to."""
    table = np.zeros(65_536, np.uint16)
    for point in range(65_536):
        character = chr(point)
        category = unicodedata.category(character)
        table[point] = (
            LETTER * (category[0] == "L")
            | WORD * (category[0] in "LMN")
            | UPPER * (category in {"Lu", "Lt"})
            | DIGIT * (category == "Nd")
            | SPACE * character.isspace()
            | ALNUM * character.isalnum()
        )
    table[ord("_")] |= WORD
    for low, high in ((0x2E80, 0x9FFF), (0xAC00, 0xD7AF), (0xF900, 0xFAFF), (0x0E00, 0x0EFF)):
        table[low:high] |= WIDE * (table[low:high] & LETTER)
    for characters, bit in MARKS:
        for character in characters:
            table[ord(character)] |= bit
    table[(table & (WORD | SPACE)) == 0] |= MARK
    return table


def code_points(texts: Sequence[str]) -> NDArray[np.uint32]:
    """The code points of all texts, a line feed between two."""
    return np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
