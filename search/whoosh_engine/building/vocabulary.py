"""Texts -> numbers of forms -> numbers of terms, remembered over all articles of a build.

`search.loops.texts` cuts texts and finds forms in a table; what it cannot make out (a letter that
it meets for the first time, a chunk with letters of several code points) is asked of the readable
definition here, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.folding import HAN, JOINING, fold_unit, kind
from search.loops import chunks
from search.loops import texts as loops
from search.text import analyse, stem_all
from search.whoosh_engine.building.names import Names, Numbers

_POINTS = 1 << 16
_letters = chunks.Letters(
    sizes=np.zeros(_POINTS, np.uint8),
    folded=np.zeros((_POINTS, chunks.MAX_LETTERS), np.uint16),
    cases=np.zeros(_POINTS, np.uint8),
    kinds=np.zeros(_POINTS, np.uint8),
)


class Tokens(NamedTuple):
    """The tokens of a field, document after document, in the order of their positions."""

    codes: Numbers
    """The number of a form, or ~number of an extra, which stands where the token before it does."""
    ends: NDArray[np.int64]
    """[document, 2]: where its codes end, and how many of them count: its length."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Words of each document, extras not counted; also the positions that it takes."""
        return self.ends[:, 1]

    @property
    def forms(self) -> Numbers:
        """The numbers of forms, those of extras like the others."""
        return np.where(self.codes < 0, ~self.codes, self.codes)

    @staticmethod
    def chained(parts: Sequence[Tokens]) -> Tokens:
        """The tokens of documents that came in several parts."""
        ends = np.concatenate([part.ends for part in parts])
        codes, row = np.concatenate([part.codes for part in parts]), 0
        before = 0
        for part in parts:
            ends[row : row + len(part.ends), 0] += before
            row, before = row + len(part.ends), before + len(part.codes)
        return Tokens(codes, ends)


def _learn(chunk: str) -> None:
    """Tell the loops how the letters of a chunk fold, by the rules of `search.folding`."""
    for letter in set(chunk):
        point = ord(letter)
        if point >= _POINTS or _letters.sizes[point] != chunks.UNKNOWN:
            continue
        folded = fold_unit(letter)
        simple = len(folded) <= chunks.MAX_LETTERS and letter not in JOINING
        if not simple or any(ord(each) >= _POINTS for each in folded):
            _letters.sizes[point] = chunks.ELSEWHERE
            continue
        for index, each in enumerate(folded):
            _letters.folded[point, index] = ord(each)
            _letters.kinds[ord(each)] = ord("h" if HAN.match(each) else kind(each))
        if letter.islower():
            _letters.cases[point] = chunks.LOWER
        elif letter.isupper():
            _letters.cases[point] = chunks.UPPER
        _letters.sizes[point] = len(folded) + 1


class Vocabulary:
    """Every form and term so far, and what each chunk seen stands for."""

    def __init__(self) -> None:
        self.forms, self.terms, self._chunks = Names(), Names(), Names()
        self._rows = loops.Rows(np.zeros(1, np.int64), np.empty(1024, np.int32))
        self._fit_rows()
        self._stem_tables: dict[str | None, Numbers] = {}

    @property
    def size(self) -> int:
        """How many strings are remembered."""
        return len(self.forms) + len(self.terms) + len(self._chunks)

    def cut(self, texts: Sequence[bytes]) -> Tokens:
        """The tokens of texts in UTF-8."""
        end = bytes([loops.END])
        text = np.frombuffer(end.join(texts) + end if texts else b"", np.uint8)
        out = np.empty(2 * len(text), np.int32)
        ends = np.empty((len(texts), 2), np.int64)
        state = np.zeros(5, np.int64)
        while True:
            why = loops.cut(
                text,
                _letters,
                self.forms.table,
                self._chunks.table,
                self._rows,
                out,
                ends,
                state,
            )
            if why == chunks.DONE:
                break
            if why == chunks.ASKED:
                out = self._put_asked(text, out, state)
            elif why == chunks.FULL:
                self._grow(int(state[loops.CHUNK_END] - state[loops.AT]))
            else:
                _learn(text[state[loops.AT] : state[loops.CHUNK_END]].tobytes().decode("utf-8"))
        return Tokens(out[: state[loops.FILLED]].copy(), ends)

    def _put_asked(
        self, text: NDArray[np.uint8], out: Numbers, state: NDArray[np.int64]
    ) -> Numbers:
        """Write the codes of a chunk by the readable definition; returns `out`, or a larger one."""
        begin, end = int(state[loops.AT]), int(state[loops.CHUNK_END])
        chunk = text[begin:end].tobytes()
        row = sorted(analyse(chunk.decode("utf-8")), key=lambda token: token.position)
        codes = self.forms.add([token.form.encode("utf-8") for token in row])
        codes = np.where([token.extra for token in row], ~codes, codes)
        filled = int(state[loops.FILLED])
        wanted = filled + len(codes) + 2 * (len(text) - end)
        if wanted > len(out):
            out = np.concatenate([out[:filled], np.empty(wanted - filled, np.int32)])
        out[filled : filled + len(codes)] = codes
        state[loops.AT], state[loops.FILLED] = end, filled + len(codes)
        state[loops.COUNTED] += sum(not token.extra for token in row)
        if len(chunk) <= loops.MAX_REMEMBERED:
            self._remember(chunk, codes)
        return out

    def _remember(self, chunk: bytes, codes: Numbers) -> None:
        number = len(self._chunks)
        self._chunks.make_room(1, len(chunk))
        while number + 1 >= len(self._rows.starts) or self._rows.starts[number] + len(codes) > len(
            self._rows.codes
        ):
            self._fit_rows()
        self._chunks.add([chunk])
        begin = int(self._rows.starts[number])
        self._rows.codes[begin : begin + len(codes)] = codes
        self._rows.starts[number + 1] = begin + len(codes)

    def _grow(self, size: int) -> None:
        """Make room for the forms of a chunk of so many bytes, or for the chunk."""
        if self.forms.table.counts[1]:
            self.forms.grow(size)
        else:
            self._chunks.grow(size)
            self._fit_rows()

    def _fit_rows(self) -> None:
        """Bring the rows of chunks to the size of their table."""
        starts, codes = self._rows
        count, room = len(self._chunks), len(self._chunks.table.starts)
        used = int(starts[count])
        larger = np.zeros(room, np.int64)
        larger[: count + 1] = starts[: count + 1]
        more = np.empty(max(2 * len(codes), 4 * room), np.int32)
        more[:used] = codes[:used]
        self._rows = loops.Rows(larger, more)

    def stem_table(self, language: str | None, used: NDArray[Any]) -> Numbers:
        """Form number -> term number for articles of a language; filled for `used` forms."""
        table = self._stem_tables.get(language, np.empty(0, np.int32))
        if len(table) < len(self.forms):
            grown = np.full(max(1024, len(self.forms) * 3 // 2), -1, np.int32)
            grown[: len(table)] = table
            table = self._stem_tables[language] = grown
        missing = used[table[used] < 0].astype(np.int32)
        stems = stem_all(self.forms.texts(missing), language)
        table[missing] = self.terms.add([stem.encode("utf-8") for stem in stems])
        return table
