"""The words of all lines of a text as arrays, so that what is asked of them is asked of all at once.

A line is a row of its own; a word is a number, the same for the same word. What English words are
about (pictures, authors, sites) is a bit each: few enough to hold for sites never seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from indexer.columns import STOP_WORDS, Ints
from indexer.lines import DIGITS, Line
from indexer.phrases import FAMILIES, TRIGGERS

(
    STOP,
    TALE,
    ADDRESS,
    ING,
    ED,
    PICTURE,
    AUTHOR,
    SITE,
    ARTICLE,
    LINKING,
    ASKING,
    ORDER,
    LONG,
    MEDIUM,
    NUMBERED,
    FIRST_FAMILY,
) = (1 << i for i in range(16))
"""From FIRST_FAMILY on there is a bit for each family of set phrases that the word leads to."""
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
    for word, families in TRIGGERS.items():
        for number in families:
            table[word] = table.get(word, 0) | FIRST_FAMILY << number
    return table


MANY = 1 << 40
TABLE = _table()
"""Word -> the bits of what it is."""


COUNTED = 8
"""How many bits, from STOP on, are counted line by line: four at once, each in a field of a number."""
FIELDS, FIELD_BITS = 4, 16
SPREAD = np.array(
    [sum((four >> k & 1) << FIELD_BITS * k for k in range(FIELDS)) for four in range(1 << FIELDS)]
)
"""Four bits -> a number with each in its field."""


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
    worded: Ints
    """(lines with words,): which lines these are."""
    starts: Ints
    """(lines with words,): where their first words stand among all."""

    def of_lines(self, ufunc: np.ufunc, values: Ints, *, empty: int = 0) -> Ints:
        """One value a line of one value a word: their sum, their least, whatever `ufunc` makes."""
        found = np.full(len(self.counts), empty, np.int64)
        if len(self.starts):
            found[self.worded] = ufunc.reduceat(values, self.starts)
        return found

    def times(self) -> Ints:
        """(COUNTED, lines): how many words of each line have each of the first COUNTED bits."""
        shifts = FIELD_BITS * np.arange(FIELDS)[:, None]
        parts = []
        for first in range(0, COUNTED, FIELDS):
            fields = SPREAD[(self.bits >> first) & ((1 << FIELDS) - 1)]
            sums = self.of_lines(np.add, fields[self.numbers])
            parts.append((sums >> shifts) & ((1 << FIELD_BITS) - 1))
        return np.concatenate(parts)

    def families(self) -> list[tuple[int, ...]]:
        """For each line the families of set phrases that its words lead to, in order."""
        found = self.of_lines(np.bitwise_or, self.bits[self.numbers])
        return list(map(_families, (found // FIRST_FAMILY).tolist()))

    def first(self) -> Ints:
        """For each line the number of its first word; -1 for a line without any."""
        found = np.full(len(self.counts), -1, np.int64)
        found[self.worded] = self.numbers[self.starts]
        return found

    def first_bits(self) -> Ints:
        """For each line what its first word is."""
        found = np.zeros(len(self.counts), np.int64)
        found[self.worded] = self.bits[self.numbers[self.starts]]
        return found

    def rarest_inside(self) -> Ints:
        """For each line how often the rarest word between its first and last stands in the text.

        Words with digits are left out. Many for a line that has no such word.
        """
        times = np.bincount(self.numbers, minlength=len(self.bits))
        times[(self.bits & NUMBERED) != 0] = MANY
        each = times[self.numbers]
        each[self.starts] = each[self.starts + self.counts[self.worded] - 1] = MANY
        return self.of_lines(np.minimum, each, empty=MANY)

    def different(self, wanted: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """Lines and numbers of the wanted words, each once a line; `wanted` has a row per number."""
        size = max(1, len(self.bits))
        use = wanted[self.numbers]
        keys = different(self.rows[use] * size + self.numbers[use])
        return keys // size, keys % size


def different(values: Ints) -> Ints:
    """The different values in their order: `np.unique`, which takes five times as long for few."""
    values = np.sort(values)
    found: Ints = values[np.append(True, values[1:] != values[:-1])[: len(values)]]
    return found


def words_of_lines(lines: Sequence[Line]) -> Words:
    """The words of the lines of a text."""
    words = list(chain.from_iterable([line.words for line in lines]))
    counts = np.fromiter([len(line.words) for line in lines], np.int64, len(lines))
    number: defaultdict[str, int] = defaultdict()
    number.default_factory = number.__len__  # a word not met before gets the next number
    numbers = np.fromiter(map(number.__getitem__, words), np.int64, len(words))
    number.default_factory = None  # else it would be garbage that holds itself
    worded = np.flatnonzero(counts)
    return Words(
        counts=counts,
        rows=np.repeat(np.arange(len(lines)), counts),
        numbers=numbers,
        bits=_bits(number),
        worded=worded,
        starts=(np.cumsum(counts) - counts)[worded],
    )


def _bits(words: Collection[str]) -> Ints:
    """What each of the words is."""
    known = list(map(TABLE.get, words, repeat(0)))
    for i, word in enumerate(words):
        end = word[-2:]
        if end == "ed":
            known[i] |= ED * (len(word) >= 5)
        elif end == "ng":
            known[i] |= ING * (len(word) >= 5 and word[-3] == "i")
        elif not word.isalpha() and DIGITS.search(word):
            known[i] |= NUMBERED
    sizes = np.fromiter(map(len, words), np.int64, len(words))
    found: Ints = np.array(known, np.int64) | MEDIUM * (sizes >= 3) | LONG * (sizes >= 4)
    return found


@lru_cache(maxsize=4_096)
def _families(bits: int) -> tuple[int, ...]:
    return tuple(number for number in range(len(FAMILIES)) if bits >> number & 1)
