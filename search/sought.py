"""Forms of words in, the places where texts have them out: by a loop over a text's letters.

A run of plain letters (`Aleppo`, `Homs,`) is a word, known by its folded letters; where a script has
no spaces (`8月10日`), every two letters are. What a run with signs between its words, humps or odd
letters holds (`U.S.`, `alNusra`, `straße`) is for `search.text` to say; the loop gives those that may
hold a sought form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from search.letters import KINDS, Letters, letters_of
from search.loops.marks import INEXACT, SHORT, fill_table, find_words
from search.text import Token, analyse_chunk, stem

MAX_TERMS = 64  # of all patterns; looking up their forms costs more than it saves beyond it
MAX_REMEMBERED_LETTERS = 40  # longer runs (addresses, unspaced scripts) hardly come again
_ROWS = 256  # words found at a time
FAR = 1 << 40  # between the positions of two texts: no window is as wide

Numbers = NDArray[np.int64]
_NO_ROWS: Numbers = np.empty((0, 4), np.int64)
Places = dict[int, dict[int, tuple[int, int]]]
"""Slot -> position of the word in the text -> where it stands."""
Held = tuple[tuple[tuple[int, int, int, int], ...], int]
"""The sought words in a run (slot, start, end, position), and how many words it has."""


class Texts(NamedTuple):
    """Some texts, one behind the other, to be looked through together."""

    each: Sequence[str]
    joined: str
    letters: Letters
    starts: Numbers
    """Where each begins in `letters`, and where one more would: a line's end parts them."""
    lengths: Numbers

    @classmethod
    def of(cls, each: Sequence[str]) -> Self:
        """These texts."""
        joined = "\n".join(each)
        lengths = np.array([*map(len, each)], np.int64)
        starts = np.zeros(len(each) + 1, np.int64)
        (lengths + 1).cumsum(out=starts[1:])
        return cls(each, joined, letters_of(joined), starts, lengths)


class _Slots(NamedTuple):
    """What the forms are in articles of one language: form f has `slots[starts[f]:starts[f + 1]]`."""

    starts: Numbers
    slots: Numbers
    held: _Held


class LookedThrough(NamedTuple):
    """Some texts, and the words that were found in them."""

    texts: Texts
    found: Numbers
    """Start, end and slot of the words, or INEXACT, and their numbers, an inexact run's words as one; ordered."""
    are_exact: bool
    known: _Slots

    def marks(self) -> Numbers:
        """Start, end and slot of every word, ordered: all that is asked of single ones."""
        if self.are_exact:
            return self.found
        letters = self.texts.joined
        rows: list[tuple[int, ...]] = []
        for start, end, slot, _ in self.found.tolist():
            if slot == INEXACT:
                words, _ = self.known.held[letters[start:end]]
                rows += [(start + first, start + last, of, 0) for of, first, last, _ in words]
            else:
                rows.append((start, end, slot, 0))
        return np.array(sorted(rows), np.int64).reshape(-1, 4)

    def places(self) -> Places:
        """Where the words stand, with their positions: those of a text are far from the next one's."""
        letters = self.texts.joined
        places: Places = defaultdict(dict)
        borders = iter(self.texts.starts.tolist())
        border = next(borders)
        shift = 0  # how many more words inexact runs had so far than they count
        for start, end, slot, run in self.found.tolist():
            while start >= border:
                shift += FAR
                border = next(borders)
            if slot != INEXACT:
                places[slot][run + shift] = (start, end)
                continue
            words, steps = self.known.held[letters[start:end]]
            for of, first, last, offset in words:
                places[of][run + shift + offset] = (start + first, start + last)
            shift += steps - 1
        return places


class Sought:
    """The words of some patterns, ready to be found in texts."""

    def __init__(self, slots: Mapping[str, Sequence[int]], forms: Iterable[str]) -> None:
        """`slots` has the numbers that a term is known by."""
        self._slots = slots
        self._forms = tuple(forms)
        self._letters = np.frombuffer("".join(self._forms).encode("utf-32-le"), np.uint32)
        self._starts = _added_up(map(len, self._forms))
        self._table = np.empty(4 << len(self._forms).bit_length(), np.int64)
        self._table.fill(-1)
        self._lengths = np.zeros(SHORT + 1, np.int64)
        fill_table(self._letters, self._starts, self._table, self._lengths)
        self._languages: dict[str | None, _Slots] = {}

    @classmethod
    def of(
        cls,
        rows: Iterable[Sequence[Iterable[str]]],
        slots: Mapping[str, Sequence[int]],
        spellings: Callable[[str], Iterable[str]],
    ) -> Self | None:
        """Those of rows of words; None where there are too many.

        A row is the choices of terms that stand beside each other; `spellings` gives a term's forms.
        """
        if len(slots) > MAX_TERMS:
            return None
        forms: set[str] = set()
        for row in rows:
            found = [{form for term in choice for form in spellings(term)} for choice in row]
            if all(found):  # a word that occurs nowhere has no match, and no row with it has
                forms.update(*found)
        return cls(slots, forms)

    def look(self, texts: Texts, language: str | None, *, are_placed: bool) -> LookedThrough:
        """Look through some texts at once: each by itself would cost three times as much."""
        known = self._in(language)
        letters = texts.letters
        parts: list[Numbers] = []
        inexact_count, place, run = 0, 0, 0
        while place < len(letters):
            rows = np.empty((_ROWS + len(known.slots), 4), np.int64)
            count, place, run, inexact = find_words(
                letters, place, KINDS, self._letters, self._starts, self._table,
                self._lengths, known.starts, known.slots, are_placed, run, rows,
            )  # fmt: skip
            inexact_count += inexact
            parts.append(rows[:count])
        found = parts[0] if len(parts) == 1 else np.concatenate([_NO_ROWS, *parts])
        return LookedThrough(texts, found, not inexact_count, known)

    def _in(self, language: str | None) -> _Slots:
        known = self._languages.get(language)
        if known is None:
            rows = [self._slots.get(stem(form, language), ()) for form in self._forms]
            known = self._languages[language] = _Slots(
                _added_up(map(len, rows)),
                np.array([slot for row in rows for slot in row], np.int64),
                _Held(self._slots, language),
            )
        return known


def _added_up(lengths: Iterable[int]) -> Numbers:
    """Where each of some rows begins that stand one behind the other, and where the last one ends."""
    return np.array([0, *accumulate(lengths)], np.int64)


class _Held(dict[str, Held]):
    """Run -> the sought words in it; remembered for one query and language."""

    def __init__(self, slots: Mapping[str, Sequence[int]], language: str | None) -> None:
        super().__init__()
        self.slots = slots
        self.language = language

    def __missing__(self, run: str) -> Held:
        row = _row(run) if len(run) > MAX_REMEMBERED_LETTERS else _remembered_row(run)
        places = {
            (slot, token.position): (slot, token.start, token.end, token.position)
            for token in row
            for slot in self.slots.get(stem(token.form, self.language), ())
        }
        found = self[run] = (tuple(places.values()), sum(not token.extra for token in row))
        return found


def _row(run: str) -> tuple[Token, ...]:
    return tuple(analyse_chunk(run.encode("utf-8", "replace")))


_remembered_row = lru_cache(maxsize=8_192)(_row)
