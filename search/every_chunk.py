"""Terms and a text in, the places where it has them out: every chunk is looked at.

For terms whose forms are not known, or too many. Which term a chunk is, is remembered from text to text.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from search.sought import Numbers, Places
from search.text import Token, analyse_chunk, chunk_starts, plain_form, separated, stem

MAX_REMEMBERED = 50_000  # chunks a language, some ten megabytes; then it starts anew
MAX_CHUNK_BYTES = 40  # longer ones (addresses, unspaced scripts) hardly come again


class _Terms(dict[bytes, "str | tuple[Token, ...]"]):
    """Chunk -> its term in articles of one language; its tokens if not just one.

    When half of what may be remembered is full, it becomes what was known before: frequent chunks
    come back from there, rare ones are gone with it the next time.
    """

    def __init__(self, language: str | None) -> None:
        super().__init__()
        self.language = language
        self._before: dict[bytes, str | tuple[Token, ...]] = {}

    def __missing__(self, chunk: bytes) -> str | tuple[Token, ...]:
        value = self._before.get(chunk) or self._analysed(chunk)
        if len(self) >= MAX_REMEMBERED // 2:
            self._before = dict(self)
            self.clear()
        if len(chunk) <= MAX_CHUNK_BYTES:
            self[chunk] = value
        return value

    def _analysed(self, chunk: bytes) -> str | tuple[Token, ...]:
        form = plain_form(chunk)
        if form is None:
            row = tuple(analyse_chunk(chunk))
            if len(row) != 1:
                return row
            form = row[0].form
        return sys.intern(_stem(form, self.language))


# Without the memory of `stem`: most words of a text are looked at once and never sought.
_stem = stem.__wrapped__


@lru_cache(maxsize=16)
def _terms_of(language: str | None) -> _Terms:
    return _Terms(language)


class EveryChunk(NamedTuple):
    """A text whose every chunk is looked at, as the forms of what is sought are not known."""

    text: str
    language: str | None
    slots: Mapping[str, Sequence[int]]

    def marks(self) -> Numbers:
        """Start, end and slot of every word, ordered."""
        return np.array(sorted(mark[1:] for mark in self._met()), np.int64).reshape(-1, 3)

    def places(self) -> Places:
        """Where the words stand, with their positions."""
        places: Places = defaultdict(dict)
        for position, start, end, slot in self._met():
            places[slot][position] = (start, end)
        return places

    def _met(self) -> list[tuple[int, int, int, int]]:
        """Position, start, end and slot of every sought word."""
        found: list[tuple[int, int, int, int]] = []
        slots_of = self.slots
        letters = separated(self.text)
        pieces = letters.split()
        terms = list(map(_terms_of(self.language).__getitem__, pieces))
        looked_at = [
            number
            for number, term in enumerate(terms)
            if term.__class__ is tuple or term in slots_of
        ]
        starts = chunk_starts(letters)[looked_at].tolist()
        shift = 0  # how many more words than chunks there were so far
        for number, start in zip(looked_at, starts, strict=True):
            term = terms[number]
            position = number + shift
            if isinstance(term, str):
                first, last = _word_in(pieces[number])
                found += [(position, start + first, start + last, slot) for slot in slots_of[term]]
                continue
            held = {
                (token.position, slot): (start + token.start, start + token.end)
                for token in term
                for slot in slots_of.get(stem(token.form, self.language), ())
            }
            found += [(position + at, *place, slot) for (at, slot), place in held.items()]
            shift += sum(not token.extra for token in term) - 1
        return found


@lru_cache(maxsize=MAX_REMEMBERED // 2)
def _word_in(chunk: bytes) -> tuple[int, int]:
    """Where the only word of a chunk stands in it."""
    token = analyse_chunk(chunk)[0]
    return token.start, token.end
