"""Forms of words in, the places where a text has them out: found by searching for their letters.

A plain chunk (`Aleppo`, `Syria,`) holds a form only if the form's letters stand in it side by side,
so that `str.find` passes over all others at the speed of memory. A chunk in which letters may be
joined, folded away or replaced (`U.S.`, `al-Nusra`, `Résumé`) is *odd*, and is always given.
What the given chunks really hold is for `search.text` to say. Of words that have to stand beside
others, only the one with the longest letters is searched for, and its neighbours are looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Self

from search.text import Token, analyse_chunk, folds_plainly, plain_form, plainer, stem

MAX_NEEDLES = 16  # each costs about a microsecond an article; beyond it forms are cut shorter
MAX_TERMS = 64  # of all patterns; looking up their forms costs more than it saves beyond it
MIN_LETTERS = 2  # a single letter stands nearly everywhere
MAX_REMEMBERED_LETTERS = 40  # longer chunks (addresses, unspaced scripts) hardly come again
_LETTERS_A_WORD = 12  # more than words have on average: a look back mostly suffices
_CUTS = (8, 6, 5, 4, 3)  # letters that many forms are cut to, until there are few enough

_CHUNK = re.compile(r"[0-9A-Za-z.'`\-\x80-\U0010ffff]+")
_OUTSIDE_CHUNKS = frozenset(map(chr, range(128))) - frozenset(
    letter for letter in map(chr, range(128)) if _CHUNK.match(letter)
)
_SIGNS = b"-'.`"  # they may stand inside a word
_SIGN_IN_WORD = re.compile(r"[-'.`](?=[^\W_])")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_FEW = 16  # a text with fewer letters outside ASCII, one in so many, has each looked at by itself
# Blocks that are looked through for letters that fold as ASCII does; what is in no block is odd.
_BLOCKS = ((0x0370, 0x0700), (0x2010, 0x2060), (0x3000, 0x3100), (0xFF00, 0xFF61))
_PLAIN_RANGES = "\u4e00-\u9fff\uac00-\ud7a3"  # Han and Hangul

Places = dict[int, dict[int, tuple[int, int]]]
"""Slot -> position of the word in the text -> where it stands."""
Chunk = tuple[int, str]
"""A chunk of a text, and where it starts."""
Held = tuple[tuple[tuple[int, int, int, int], ...], int]
"""The sought words in a chunk (slot, start, end, position), and how many words it has."""


class LetterSearch:
    """Finds the words of some patterns in texts."""

    def __init__(
        self,
        pieces: tuple[str, ...],
        slots: Mapping[str, Sequence[int]],
        forms: frozenset[str],
        anchors: Mapping[int, int],
    ) -> None:
        """`anchors` are the slots that are searched for, with the words to look at on each side."""
        self._pieces = pieces
        self._slots = slots
        self._forms = forms
        self._anchors = anchors
        self._reach = max(anchors.values(), default=0)
        self._held: dict[str | None, _Held] = {}

    @classmethod
    def of(
        cls,
        rows: Iterable[tuple[Sequence[Iterable[str]], int]],
        slots: Mapping[str, Sequence[int]],
        spellings: Callable[[str], Iterable[str]],
    ) -> Self | None:
        """The search for rows of words; None where letters would not narrow it down.

        A row is the choices of terms that stand beside each other, and the most words that a match
        spans. `slots` numbers the choices of all rows, in order; `spellings` gives a term's forms.
        """
        if len(slots) > MAX_TERMS:
            return None
        forms: set[str] = set()
        sought: set[str] = set()
        anchors: dict[int, int] = {}
        first = 0
        for row, width in rows:
            found = [{form for term in choice for form in spellings(term)} for choice in row]
            if all(found):  # a word that occurs nowhere has no match, and no row with it has
                anchor = max(range(len(found)), key=lambda slot: min(map(len, found[slot])))
                anchors[first + anchor] = width - 1
                sought |= found[anchor]
                forms.update(*found)
            first += len(found)
        pieces = needles(sought)
        return None if pieces is None else cls(pieces, slots, frozenset(forms), anchors)

    def marks(self, text: str, language: str | None) -> list[tuple[int, int, int]] | None:
        """Start, end and slot of every word: all that is asked of single ones. None as in `places`."""
        chunks = chunks_with(self._pieces, plainer(text))
        if chunks is None:
            return None
        held = self._held_in(language)
        return [
            (start + first, start + last, slot)
            for start, chunk in chunks
            for slot, first, last, _ in held[chunk][0]
        ]

    def places(self, text: str, language: str | None) -> Places | None:
        """Where the words stand. Positions are right among words that one match may span.

        None for a text whose letters change their number in lower case.
        """
        text = plainer(text)
        chunks = chunks_with(self._pieces, text)
        if chunks is None:
            return None
        held = self._held_in(language)
        places: Places = defaultdict(dict)
        position = 0
        for row in self._rows(text, chunks, held):
            position += self._reach + 1
            for start, chunk in row:
                words, steps = held[chunk]
                for slot, first, last, offset in words:
                    places[slot][position + offset] = (start + first, start + last)
                position += steps
        return places

    def _held_in(self, language: str | None) -> _Held:
        held = self._held.get(language)
        if held is None:
            held = self._held[language] = _Held(self._slots, self._forms, language)
        return held

    def _rows(self, text: str, chunks: Sequence[Chunk], held: _Held) -> Iterator[list[Chunk]]:
        """The chunks that matches may lie in, in rows without a gap."""
        reaches = [
            (place, place + len(chunk), max(self._anchors.get(word[0], 0) for word in words))
            for place, chunk in chunks
            if (words := held[chunk][0])
        ]
        if 2 * _LETTERS_A_WORD * sum(reach for _, _, reach in reaches) > len(text):
            yield [(match.start(), match.group()) for match in _CHUNK.finditer(text)]
            return  # around them would be looked at more letters than there are
        ranges: list[tuple[int, int]] = []
        for place, last, reach in reaches:
            start = _before(text, place, reach, held)
            end = _after(text, last, reach, held)
            while ranges and start < ranges[-1][1]:
                start, end = min(start, ranges[-1][0]), max(end, ranges[-1][1])
                ranges.pop()
            ranges.append((start, end))
        for start, end in ranges:
            yield [(match.start(), match.group()) for match in _CHUNK.finditer(text, start, end)]


def _after(text: str, place: int, words: int, held: _Held) -> int:
    """Where the chunks end that have so many words behind this place."""
    count, end = 0, place
    for match in _CHUNK.finditer(text, place) if words else ():
        if count >= words:
            break
        count += held[match.group()][1]
        end = match.end()
    return end


def _before(text: str, place: int, words: int, held: _Held) -> int:
    """Where the chunks begin that have so many words before this place."""
    letters = _LETTERS_A_WORD * words
    while words:
        low = max(0, place - letters)
        count, start = 0, place
        for match in reversed(list(_CHUNK.finditer(text, low, place))):
            if count >= words or (low and match.start() == low):
                break  # the first one may be cut
            count += held[match.group()][1]
            start = match.start()
        if count >= words or not low:
            return start
        letters *= 4
    return place


class _Held(dict[str, Held]):
    """Chunk -> the sought words in it; remembered for one query and language."""

    def __init__(
        self, slots: Mapping[str, Sequence[int]], forms: frozenset[str], language: str | None
    ) -> None:
        super().__init__()
        self.slots = slots
        self.forms = forms
        self.language = language

    def __missing__(self, chunk: str) -> Held:
        form = plain_form(chunk.encode("utf-8", "replace"))
        if form is not None and form not in self.forms:
            found: Held = ((), 1)
        elif form == chunk.lower():  # one token, as most are
            slots = self.slots.get(stem(form, self.language), ())
            found = (tuple([(slot, 0, len(chunk), 0) for slot in slots]), 1)
        else:
            row = _row(chunk) if len(chunk) > MAX_REMEMBERED_LETTERS else _remembered_row(chunk)
            places = {
                (slot, token.position): (slot, token.start, token.end, token.position)
                for token in row
                for slot in self.slots.get(stem(token.form, self.language), ())
            }
            found = (tuple(places.values()), sum(not token.extra for token in row))
        self[chunk] = found
        return found


def _row(chunk: str) -> tuple[Token, ...]:
    return tuple(analyse_chunk(chunk.encode("utf-8", "replace")))


_remembered_row = lru_cache(maxsize=8_192)(_row)


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


def chunks_with(pieces: Iterable[str], text: str) -> list[Chunk] | None:
    """Where the chunks start that hold one of the pieces or are odd, and the chunks, in order.

    `text` is as `plainer` gives it. None where its letters change their number in lower case.
    """
    lower = text.lower()
    if len(lower) != len(text):
        return None
    letters = lower.encode("utf-8", "replace")
    squeezed = letters.translate(None, _SIGNS)
    places: list[int] = []
    are_joined = False
    for piece in pieces:
        # As often as it stands there once signs are left out, or some letters stand apart: `U.S.`
        left = squeezed.count(piece.encode())
        place = -len(piece)
        while left and (place := lower.find(piece, place + len(piece))) >= 0:
            places.append(place)
            left -= 1
        are_joined = are_joined or left > 0
    if are_joined:
        places += [match.start() for match in _SIGN_IN_WORD.finditer(text)]
    if len(letters) > len(text):
        places += _odd_letters(text, len(letters) - len(text))
    places.sort()
    found: list[Chunk] = []
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


def _odd_letters(text: str, more_bytes: int) -> list[int]:
    """The places of letters outside ASCII that do not fold as ASCII does."""
    if more_bytes * _FEW > len(text):
        return [match.start() for match in _all_odd_letters().finditer(text)]
    plain = _is_plain
    return [match.start() for match in _BEYOND_ASCII.finditer(text) if not plain[match.group()]]


class _Plain(dict[str, bool]):
    """Letter -> whether it folds plainly."""

    def __missing__(self, letter: str) -> bool:
        found = self[letter] = folds_plainly(letter)
        return found


_is_plain = _Plain()


@cache
def _all_odd_letters() -> re.Pattern[str]:
    """The same at once, for texts in another script."""
    plain = "".join(
        letter
        for first, last in _BLOCKS
        for letter in map(chr, range(first, last))
        if folds_plainly(letter)
    )
    return re.compile(rf"[^\x00-\x7f{_PLAIN_RANGES}{re.escape(plain)}]")
