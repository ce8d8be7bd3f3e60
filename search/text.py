"""What a word is. The only definition; indexing, queries and marks share it, and come in by this door.

A text is cut at separators into *chunks* (`Aleppo`, `U.S.-led`, `Syria's`), and a chunk's tokens are
the same whatever stands around it (`search.chunks`). That makes a chunk's analysis a thing to
remember: a text costs one `bytes.translate`, one `split` and one look-up a chunk. Letters are
compared as `search.folding` says, and terms are the stems of the folded forms (`search.stems`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import Stemmer

from search.chunks import (
    MAX_FORM,
    MAX_PARTS,
    Token,
    analyse,
    analyse_chunk,
    chunks,
    plain_form,
    plainer,
    separated,
)
from search.folding import HAN, fold, folds_plainly
from search.stems import STEMMERS, stem, stem_all

__all__ = [
    "ANALYSIS_VERSION",
    "MAX_FORM",
    "POSITION_GAP",
    "Finder",
    "Token",
    "WordTerms",
    "analyse",
    "analyse_chunk",
    "analysis_digest",
    "chunk_starts",
    "chunks",
    "fold",
    "folds_plainly",
    "forms",
    "plain_form",
    "plainer",
    "query_terms",
    "separated",
    "stem",
    "stem_all",
    "tokens",
]

ANALYSIS_VERSION = 3  # raise it with every change of what a token or a term is
POSITION_GAP = 128  # between title and body; no phrase or window reaches across it


@dataclass(frozen=True, slots=True)
class WordTerms:
    """The terms that one typed word stands for.

    A text has the word if it has one of `joined`, or one term of each of `parts` at successive
    positions. A plain word has one part and nothing joined.
    """

    parts: tuple[tuple[str, ...], ...]
    joined: tuple[str, ...] = ()


# --- tokens of a text ---

_REMEMBERED_CHUNKS = 50_000  # about 15 MB when full of long ones; then it starts anew
_MAX_REMEMBERED = 40  # bytes; longer chunks (addresses, unspaced scripts) hardly come again


class Finder(dict[bytes, tuple[Token, ...]]):
    """Finds the tokens of texts whose folded form is wanted, and passes quickly over the others.

    It remembers the analysis of chunks: keep one for many texts with the same wanted forms.
    """

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        super().__init__()
        self._wanted = wanted
        self._steps: dict[bytes, int] = {}  # positions that a chunk takes, where that is not one

    def __missing__(self, chunk: bytes) -> tuple[Token, ...]:
        row = analyse_chunk(chunk)
        steps = sum(not token.extra for token in row)
        found = tuple(token for token in row if self._wanted(token.form))
        if len(self) >= _REMEMBERED_CHUNKS:
            self.clear()  # the steps stay: a text that is being read may still need them
        if len(chunk) <= _MAX_REMEMBERED:
            self[chunk] = found
        if steps != 1:
            self._steps[chunk] = steps
        return found

    def find(self, text: str) -> list[Token]:
        """The wanted tokens of a text, in order, with their places and positions in it."""
        cleared = separated(text)
        pieces = cleared.split()
        if pieces == [cleared]:
            return list(self[cleared])  # a single chunk has its tokens as they are
        rows = list(map(self.__getitem__, pieces))
        starts = chunk_starts(cleared).tolist()
        found: list[Token] = []
        shift = 0
        steps_of = self._steps.get
        make = tuple.__new__  # a third of the time of Token(...), which checks its arguments
        for index, (row, piece) in enumerate(zip(rows, pieces, strict=True)):
            if row:
                start, position = starts[index], index + shift
                found += [
                    make(
                        Token,
                        (
                            start + token[0],
                            start + token[1],
                            token[2],
                            position + token[3],
                            token[4],
                        ),
                    )
                    for token in row
                ]
            shift += steps_of(piece, 1) - 1
        return found


def chunk_starts(cleared: bytes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where each chunk starts, in code points."""
    letters = np.frombuffer(cleared, np.uint8)
    inside = np.empty(len(letters) + 1, bool)
    inside[0] = False
    np.not_equal(letters, ord(" "), out=inside[1:])
    starts = np.flatnonzero(inside[1:] & ~inside[:-1])
    if cleared.isascii():
        return starts
    points_before = np.cumsum((letters & 0xC0) != 0x80) - 1
    return points_before[starts]


_every_token = Finder(lambda _form: True)


def tokens(text: str) -> list[Token]:
    """Every token of a text, in order; an extra follows the parts that it joins."""
    return _every_token.find(text)


def forms(text: str) -> list[str]:
    """The folded forms of a text in order, extras left out."""
    return [token.form for token in tokens(text) if not token.extra]


# --- words as they are typed ---


def query_terms(word: str, languages: Iterable[str | None]) -> WordTerms:
    """The terms that a typed word means in articles of any of these languages.

    Nothing typed but signs gives no parts. A typed text of several words is taken as one compound.
    """
    asked = sorted(set(languages), key=lambda language: language or "") or [None]

    def in_each(form: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stem(form, language) for language in asked))

    row = tokens(word)
    parts = tuple(in_each(token.form) for token in row if not token.extra)
    if len(parts) < 2:
        return WordTerms(parts)
    # Only a form that joins all parts stands for the whole word; a single Han character does not.
    position = min(token.position for token in row)
    whole = [
        token.form
        for token in row
        if token.extra
        and token.position == position
        and not HAN.match(token.form)
        and len(token.form) >= sum(len(part.form) for part in row if not part.extra)
    ]
    return WordTerms(parts, tuple(term for form in whole for term in in_each(form)))


def analysis_digest() -> str:
    """Sixteen hex digits that change whenever the same text may give other terms."""
    settings = (
        ANALYSIS_VERSION,
        MAX_FORM,
        MAX_PARTS,
        POSITION_GAP,
        Stemmer.version(),
        sorted(STEMMERS.items()),
    )
    return hashlib.blake2b(repr(settings).encode(), digest_size=8).hexdigest()
