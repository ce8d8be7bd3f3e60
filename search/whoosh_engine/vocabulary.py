"""Chunks -> numbers of forms -> numbers of terms, remembered over all articles of a build.

Four megabytes of text at a time, `number` finds the distinct chunks by sorting integers (`distinct`)
and looks only those up: a dictionary of half a million words does not fit into the processor's
cache, and one look-up for each word of each article was half the time of a build. A chunk that is
one plain token is the number of its form; any other (`U.S.-led`, `--`) is a negative number that
`expand` looks up.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.text import analyse_chunk, plain_form, stem_all
from search.whoosh_engine.distinct import cut, distinct

_MAX_REMEMBERED_BYTES = 40  # longer chunks hardly come again
_Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a field, document after document; row i of each array is token i."""

    forms: _Ints
    docs: _Ints
    positions: _Ints
    lengths: NDArray[np.int64]
    """Words of each document, extras not counted; also the positions that it takes."""

    def shifted(self, by: NDArray[np.int64]) -> Tokens:
        """The same tokens, those of document d moved on by `by[d]` positions."""
        positions = self.positions + by[self.docs].astype(np.int32)
        return Tokens(self.forms, self.docs, positions, self.lengths)

    @staticmethod
    def together(*parts: Tokens) -> Tokens:
        """Several streams of the same documents as one; the order of rows is of no account."""
        return Tokens(
            np.concatenate([part.forms for part in parts]),
            np.concatenate([part.docs for part in parts]),
            np.concatenate([part.positions for part in parts]),
            np.sum([part.lengths for part in parts], axis=0, dtype=np.int64),
        )


class _Numbers(dict[str, int]):
    """Texts numbered in the order in which they come."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class Vocabulary(dict[bytes, int]):
    """Every chunk seen so far and what it stands for."""

    def __init__(self) -> None:
        super().__init__()
        self._forms = _Numbers()
        # Rows of tokens for chunks that are not one plain token, one after the other.
        self._row_starts = array("q", [0])
        self._row_steps = array("i")  # positions that the chunk takes
        self._row_forms = array("i")
        self._row_offsets = array("i")
        self._terms = _Numbers()
        self._stem_tables: dict[str | None, _Ints] = {}

    def __missing__(self, chunk: bytes) -> int:
        form = plain_form(chunk)
        if form is not None:
            number = self[chunk] = self._forms[form]
            return number
        row = analyse_chunk(chunk)
        if len(row) == 1 and not row[0].extra:
            number = self._forms[row[0].form]
        else:
            for token in row:
                self._row_forms.append(self._forms[token.form])
                self._row_offsets.append(token.position)
            self._row_starts.append(len(self._row_forms))
            self._row_steps.append(sum(not token.extra for token in row))
            number = -len(self._row_steps)
        if len(chunk) <= _MAX_REMEMBERED_BYTES:
            self[chunk] = number
        return number

    def number(self, texts: Sequence[bytes]) -> tuple[_Ints, NDArray[np.int64]]:
        """The numbers of all chunks of these separated texts, and how many each text has."""
        joined, starts, ends, counts = cut(texts)
        if not len(starts):
            return np.empty(0, np.int32), counts
        firsts, groups = distinct(joined, starts, ends)
        spans = map(slice, starts[firsts].tolist(), ends[firsts].tolist())
        numbers = np.fromiter(
            map(self.__getitem__, map(joined.__getitem__, spans)), np.int32, len(firsts)
        )
        return numbers[groups], counts

    def forms(self) -> list[str]:
        """The forms by their numbers."""
        return list(self._forms)

    def terms(self) -> list[str]:
        """The terms by their numbers."""
        return list(self._terms)

    def expand(self, chunk_numbers: _Ints, chunk_counts: NDArray[np.int64]) -> Tokens:
        """The tokens of documents of which document d has the next `chunk_counts[d]` chunks."""
        docs = np.repeat(np.arange(len(chunk_counts), dtype=np.int32), chunk_counts)
        rows = np.flatnonzero(chunk_numbers < 0)
        if not len(rows):
            ends = np.cumsum(chunk_counts)
            begins = np.repeat((ends - chunk_counts).astype(np.int32), chunk_counts)
            positions = np.arange(len(chunk_numbers), dtype=np.int32) - begins
            return Tokens(chunk_numbers, docs, positions, chunk_counts)
        steps = np.ones(len(chunk_numbers), np.int32)
        sizes = np.ones(len(chunk_numbers), np.int32)
        row_starts = np.asarray(self._row_starts, np.int64)
        which = -1 - chunk_numbers[rows]
        steps[rows] = np.asarray(self._row_steps, np.int32)[which]
        sizes[rows] = np.diff(row_starts)[which]
        before = np.zeros(len(steps) + 1, np.int64)
        np.cumsum(steps, out=before[1:])
        first_chunks = np.zeros(len(chunk_counts) + 1, np.int64)
        np.cumsum(chunk_counts, out=first_chunks[1:])
        bases = before[first_chunks]
        lengths = np.diff(bases)
        positions = (before[:-1] - np.repeat(bases[:-1], chunk_counts)).astype(np.int32)
        forms = np.repeat(chunk_numbers, sizes)
        docs, positions = np.repeat(docs, sizes), np.repeat(positions, sizes)
        # Tokens of rows: the k-th token of the chunk is the k-th of its row.
        at = np.flatnonzero(forms < 0)
        row_sizes = sizes[rows]
        ends = np.cumsum(row_sizes)
        nth = np.arange(len(at)) - np.repeat(ends - row_sizes, row_sizes)
        source = row_starts[-1 - forms[at]] + nth
        forms[at] = np.asarray(self._row_forms, np.int32)[source]
        positions[at] += np.asarray(self._row_offsets, np.int32)[source]
        return Tokens(forms, docs, positions, lengths)

    def stem_table(self, language: str | None, used: NDArray[Any]) -> _Ints:
        """Form number -> term number for articles of a language; filled for `used` forms."""
        table = self._stem_tables.get(language, np.empty(0, np.int32))
        if len(table) < len(self._forms):
            grown = np.full(max(1024, len(self._forms) * 3 // 2), -1, np.int32)
            grown[: len(table)] = table
            table = self._stem_tables[language] = grown
        missing = used[table[used] < 0]
        spelt = self.forms()
        stems = stem_all([spelt[form] for form in missing.tolist()], language)
        table[missing] = np.fromiter(map(self._terms.__getitem__, stems), np.int32, len(stems))
        return table
