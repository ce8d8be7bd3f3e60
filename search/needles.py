"""Word forms in, the few pieces of a text where they may stand out: found by searching for letters.

A plain chunk (`Aleppo`, `Syria,`) holds a form only if the form's letters stand in it side by side,
so that `str.find` passes over all others at the speed of memory. A chunk in which letters may be
joined, folded away or replaced (`U.S.`, `al-Nusra`, `Résumé`) is *odd*, and is always given.
What the given chunks really hold is for `search.text` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from search.text import folds_plainly, plainer

MAX_NEEDLES = 16  # each costs about a microsecond an article; beyond it forms are cut shorter
MIN_LETTERS = 2  # a single letter stands nearly everywhere
_CUTS = (8, 6, 5, 4, 3)  # letters that many forms are cut to, until there are few enough

_CHUNK = re.compile(r"[0-9A-Za-z.'`\-\x80-\U0010ffff]+")
_OUTSIDE_CHUNKS = frozenset(map(chr, range(128))) - frozenset(
    letter for letter in map(chr, range(128)) if _CHUNK.match(letter)
)
_ODD_IN_ASCII = re.compile(r"[-'.`](?=[0-9A-Za-z])")
# Blocks that are looked through for letters that fold as ASCII does; what is in no block is odd.
_BLOCKS = ((0x0370, 0x0700), (0x2010, 0x2060), (0x3000, 0x3100), (0xFF00, 0xFF61))
_PLAIN_RANGES = "\u4e00-\u9fff\uac00-\ud7a3"  # Han and Hangul


def needles(forms: Iterable[str]) -> tuple[str, ...] | None:
    """Pieces of letters, one of which is in every one of the forms; None where too many are needed."""
    whole = set(forms)
    found = _shortest(whole)
    for letters in _CUTS:
        if len(found) <= MAX_NEEDLES:
            break
        found = _shortest({form[:letters] for form in found})
    long_enough = all(len(piece) >= MIN_LETTERS or not piece.isascii() for piece in found)
    return found if len(found) <= MAX_NEEDLES and long_enough else None


def _shortest(forms: set[str]) -> tuple[str, ...]:
    """Those of the forms that have none of the others at their beginning."""
    found: list[str] = []
    for form in sorted(forms):
        if not found or not form.startswith(found[-1]):
            found.append(form)
    return tuple(found)


def chunks_with(pieces: Iterable[str], text: str) -> list[tuple[int, str]] | None:
    """Where the chunks start that hold one of the pieces or are odd, and the chunks, in order.

    None for a text whose letters change their number in lower case.
    """
    text = plainer(text)
    lower = text.lower()
    if len(lower) != len(text):
        return None
    odd = _ODD_IN_ASCII if text.isascii() else _odd_anywhere()
    places = [match.start() for match in odd.finditer(text)]
    for piece in pieces:
        place = lower.find(piece)
        while place >= 0:
            places.append(place)
            place = lower.find(piece, place + len(piece))
    places.sort()
    found: list[tuple[int, str]] = []
    end = 0
    for place in places:
        if place < end:
            continue
        start = place
        while start and text[start - 1] not in _OUTSIDE_CHUNKS:
            start -= 1
        match = _CHUNK.match(text, place)
        end = match.end() if match else place + 1
        found.append((start, text[start:end]))
    return found


@cache
def _odd_anywhere() -> re.Pattern[str]:
    """What makes a chunk odd in a text that is not all ASCII."""
    plain = "".join(
        letter
        for first, last in _BLOCKS
        for letter in map(chr, range(first, last))
        if folds_plainly(letter)
    )
    return re.compile(rf"[-'.`](?=[^\W_])|[^\x00-\x7f{_PLAIN_RANGES}{re.escape(plain)}]")
