"""The words of all lines of a text as arrays, so that what is asked of them is asked of all at once.

A line is a row of its own; a word is a number, the same for the same word. What English words are
about (pictures, authors, sites) is a bit each: few enough to hold for sites never seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np

from indexer.cleaning.phrases import FAMILIES, TRIGGERS
from indexer.learned.columns import STOP_WORDS, Ints
from indexer.lines.characters import character_classes, code_points
from indexer.lines.lines import Line
from indexer.loops.numbers import Lexicon, number_words, slots_of
from indexer.loops.words import (
    ADDRESS,
    ARTICLE,
    ASKING,
    AUTHOR,
    LINKING,
    ORDER,
    PICTURE,
    SITE,
    STOP,
    TALE,
    Words,
)  # fmt: skip

FIRST_FAMILY = 1 << 15
"""From here on there is a bit for each family of set phrases that the word leads to."""
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
        for number in families * bool(word):
            table[word] = table.get(word, 0) | FIRST_FAMILY << number
    return table


@cache
def _lexicon() -> Lexicon:
    """What the words of the table are, to be found by their letters."""
    table = _table()
    nothing = Lexicon(np.empty(0, np.uint64), np.full(1, -1), np.empty(0, np.int64))
    points = code_points(["\n".join(table), ""])
    known = number_words(points, len(table), nothing, character_classes())[3]
    return Lexicon(known, slots_of(known), np.array(list(table.values()), np.int64))


def words_of_lines(lines: Sequence[Line]) -> Words:
    """The words of the lines of a text."""
    points = code_points([*[line.said for line in lines], ""])
    return Words(*number_words(points, len(lines), _lexicon(), character_classes())[:3])


def families_of(meant: Ints) -> list[tuple[int, ...]]:
    """For each line, given the bits of all its words, the families that they lead to, in order."""
    return list(map(_families, (meant // FIRST_FAMILY).tolist()))


@lru_cache(maxsize=4_096)
def _families(bits: int) -> tuple[int, ...]:
    return tuple(number for number in range(len(FAMILIES)) if bits >> number & 1)
