"""The words of all lines of a text as arrays, so that what is asked of them is asked of all at once.

A line is a row of its own; a word is a number, the same for the same word. What English words are
about (pictures, authors, sites) is a bit each: few enough to hold for sites never seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from indexer.columns import STOP_WORDS, Floats, Ints
from indexer.lines import DIGITS, Line

(
    STOP,
    TALE,
    ADDRESS,
    PICTURE,
    AUTHOR,
    SITE,
    ARTICLE,
    LINKING,
    ASKING,
    ORDER,
    ING,
    ED,
    LONG,
    MEDIUM,
    NUMBERED,
) = (1 << i for i in range(15))
MEANINGS: tuple[tuple[int, frozenset[str]], ...] = tuple(
    (bit, frozenset(words.split()))
    for bit, words in (
        (TALE, "he she they his her their him them was were had said says told would"),
        (ADDRESS, "you your yours we our us i my me please click"),
        (
            PICTURE,
            (
                "pictured seen photo photograph photographed photographer image images picture pictures"
                " caption left right center centre poses posing shown shows illustration screenshot file"
                " courtesy credit getty reuters afp ap via handout undated logo view aerial background"
                " foreground standing stands sitting sits wearing wears holding holds smiling"
            ),
        ),
        (
            AUTHOR,
            (
                "writer reporter editor author journalist correspondent columnist contributor blogger"
                " staff freelance covers covering lives graduate degree professor founder joined"
                " previously based passionate enthusiast bestselling biography blog follow twitter"
                " email contact reached"
            ),
        ),
        (
            SITE,
            (
                "cookie cookies site website browser advertising affiliate commission commissions"
                " purchase link links independently privacy policy terms newsletter newsletters subscribe"
                " subscription subscribers login account unlimited access free offer offers download app"
                " sign inbox copyright reserved permission registered content editorial readers support"
                " donate click here page article"
            ),
        ),
        (ARTICLE, "a an"),
        (
            LINKING,
            (
                "and but so however meanwhile still yet also then there this that these those it its he"
                " she they his her their when while after as if although though because according"
            ),
        ),
        (ASKING, "how why what who where which is are can does do should"),
        (
            ORDER,
            (
                "read see watch listen check click view get find go visit try shop buy share sign"
                " subscribe follow join download learn discover more related also"
            ),
        ),
    )
)


def _table() -> dict[str, int]:
    table = dict.fromkeys(STOP_WORDS, STOP)
    for bit, words in MEANINGS:
        for word in words:
            table[word] = table.get(word, 0) | bit
    return table


MANY = 1 << 40
TABLE = _table()
"""Word -> the bits of what it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """All words of a text, line by line."""

    counts: Ints
    """(lines,): how many words a line has."""
    rows: Ints
    """(words,): the line that a word stands on."""
    numbers: Ints
    """(words,): which word it is."""
    bits: Ints
    """(different words,): what a word is."""

    def share(self, bit: int) -> Floats:
        """For each line the share of its words that have the bit."""
        result: Floats = (self.count(bit) / np.maximum(1, self.counts)).astype(np.float32)
        return result

    def count(self, bit: int) -> Ints:
        """For each line how many of its words have the bit."""
        hits = (self.bits[self.numbers] & bit) != 0
        return np.bincount(self.rows[hits], minlength=len(self.counts))

    def first(self) -> Ints:
        """For each line the number of its first word; -1 for a line without any."""
        starts = np.cumsum(self.counts) - self.counts
        found = np.full(len(self.counts), -1, np.int64)
        some = self.counts > 0
        found[some] = self.numbers[starts[some]]
        return found

    def begins(self, bit: int) -> NDArray[np.bool_]:
        """For each line whether its first word has the bit."""
        first = self.first()
        bits = np.append(self.bits, 0)  # the last is for lines without a word
        found: NDArray[np.bool_] = (bits[first] & bit) != 0
        return found

    def rarest_inside(self) -> Ints:
        """For each line how often the rarest word between its first and last stands in the text.

        Words with digits are left out. Many for a line that has no such word.
        """
        some = self.counts > 0
        ends = np.cumsum(self.counts)[some]
        starts = ends - self.counts[some]
        times = np.bincount(self.numbers, minlength=len(self.bits))
        times[(self.bits & NUMBERED) != 0] = MANY
        each = times[self.numbers]
        each[starts] = each[ends - 1] = MANY
        found = np.full(len(self.counts), MANY, np.int64)
        if len(starts):
            found[some] = np.minimum.reduceat(each, starts)
        return found

    def different(self, wanted: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Lines and numbers of the wanted words, each once a line; `wanted` has a row per number."""
        size = max(1, len(self.bits))
        use = wanted[self.numbers]
        keys = np.unique(self.rows[use] * size + self.numbers[use])
        return keys // size, keys % size


def words_of_lines(lines: Sequence[Line]) -> Words:
    """The words of the lines of a text."""
    words = list(chain.from_iterable([line.words for line in lines]))
    counts = np.fromiter((len(line.words) for line in lines), np.int64, len(lines))
    number = {word: i for i, word in enumerate(dict.fromkeys(words))}
    numbers = np.fromiter(map(number.__getitem__, words), np.int64, len(words))
    bits = np.fromiter(map(_bits, number), np.int64, len(number))
    return Words(counts, np.repeat(np.arange(len(lines)), counts), numbers, bits)


@lru_cache(maxsize=65_536)
def _bits(word: str) -> int:
    size = len(word)
    bits = TABLE.get(word, 0) | NUMBERED * (DIGITS.search(word) is not None)
    if size >= 3:
        bits |= MEDIUM
        if size >= 4:
            bits |= LONG
            if size >= 5:
                bits |= ING * word.endswith("ing") | ED * word.endswith("ed")
    return bits
