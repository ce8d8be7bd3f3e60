"""Lines -> one row of numbers each, for the classifier. What is a loop over letters is compiled.

Rows stand for lines, columns for FEATURES. What only English has (stop words, pronouns, set
phrases) is UNKNOWN in other languages, and letter case is UNKNOWN in scripts without it; the
classifier has been trained with both hidden, so that it can do without them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import phrases
from indexer.cleaning.words import families_of, words_of_lines
from indexer.facts.dates import MONTHS
from indexer.learned.columns import (
    COLUMN,
    FEATURES,
    NEIGHBOUR_FEATURES,
    UNKNOWN,
    Floats,
    Ints,
    positions,
    put,
)
from indexer.lines.characters import character_classes, code_points
from indexer.lines.lines import Line
from indexer.loops.letters import (
    HAS_NUMBER,
    HAS_SIGN,
    LETTER_COLUMNS,
    LIKE_ADDRESS,
    LIKE_CODE,
    LIKE_DATE,
    LIKE_GLUED,
    ONE_WORD,
    describe_letters,
)
from indexer.loops.place import GIVEN_COLUMNS, PLACE_COLUMNS, best_run, describe_place
from indexer.loops.words import (
    LONG,
    MEANING_COLUMNS,
    MEDIUM,
    TOPIC_COLUMNS,
    Words,
    describe_topic,
    describe_words,
    is_english,
    rarest,
)  # fmt: skip

LOOKED_AT = 3_000
"""Characters of a line that are counted; shares do not change much behind them."""
BEGINS_NUMBER = re.compile(r"\W{0,2}\d+\s*[.):]")
PART_WORDS = (4, 60)
"""Shorter lines stand inside others by chance, longer ones are no part of anything."""
MAX_COMPARED_CHARACTERS = 300_000_000
"""Lines times characters, a tenth of a second: no honest file comes near it."""
LETTERS_AT, MEANINGS_AT, TOPIC_AT, GIVEN_AT, PLACE_AT, NEIGHBOURS_AT = (
    positions(names)
    for names in (
        LETTER_COLUMNS, MEANING_COLUMNS, TOPIC_COLUMNS, GIVEN_COLUMNS, PLACE_COLUMNS, NEIGHBOUR_FEATURES,
    )
)  # fmt: skip
BESIDE = COLUMN[f"{NEIGHBOUR_FEATURES[0]}-3"]


def table(
    lines: Sequence[Line],
    words: Words | None = None,
    *,
    english: bool | None = None,
    cased: bool = True,
) -> Floats:
    """The features of all lines of one text: float32, one row a line, columns as FEATURES.

    `words` are those of the lines, where they are at hand. `english` None finds out; `cased` False hides letter case, as for scripts without it.
    """
    columns = np.zeros((len(FEATURES), len(lines)), np.float32)
    if not lines:
        return columns.T
    words = words or words_of_lines(lines)
    knows_english = is_english(words) if english is None else english
    opens, hints = _letters(lines, columns, cased=cased)
    meant = describe_words(words, knows_english, MEANINGS_AT, columns)
    rows = columns.T  # a column's values stand side by side
    _phrases(lines, meant, hints.tolist(), rows, english=knows_english)
    said, prose = words_in(rows), prose_of(rows)
    copies = _copies(lines, words, rows)
    core = np.zeros(len(lines), np.bool_)
    first, last = best_run(said, prose)
    core[first : last + 1] = prose[first : last + 1]
    describe_topic(words, core, prose, LONG if knows_english else MEDIUM, TOPIC_AT, columns)
    sums = np.array([said.sum(), (said * prose).sum()])
    describe_place(
        said, prose, sums, opens, copies, GIVEN_AT, PLACE_AT, NEIGHBOURS_AT, BESIDE, columns
    )
    return rows


def words_in(rows: Floats) -> Floats:
    """How many words each line has, as its row says."""
    return np.expm1(rows[:, COLUMN["words"]])


def prose_of(rows: Floats) -> NDArray[np.bool_]:
    """Which lines look like sentences."""
    return rows[:, COLUMN["prose"]] > 0


def _letters(lines: Sequence[Line], columns: Floats, *, cased: bool) -> tuple[Ints, Ints]:
    """Fill what the letters say; the marks that lines begin with, and what else they may hold."""
    texts = [line.text[:LOOKED_AT] for line in lines]
    lengths = np.array(list(map(len, texts)))
    ends = np.array(
        [phrases.credit_start(text) if ")" in text else len(text) for text in texts], np.int64
    )
    opens, hints = np.empty(len(lines), np.int64), np.empty(len(lines), np.int64)
    describe_letters(
        code_points(texts),
        lengths,
        ends,
        character_classes(),
        cased,
        LETTERS_AT,
        columns,
        opens,
        hints,
    )
    return opens, hints


def _phrases(
    lines: Sequence[Line], meant: Ints, hints: Sequence[int], rows: Floats, *, english: bool
) -> None:
    put(rows, "blank_before", [line.blank_before for line in lines])
    put(rows, "blank_after", [line.blank_after for line in lines])
    for i, (line, hint) in enumerate(zip(lines, hints, strict=True)):
        if hint or len(line.text) > LOOKED_AT:
            _marks(line, hint, rows[i])
    if english:
        families = np.array(
            [
                phrases.family_of(line, numbers) if numbers or hint & HAS_SIGN else -1
                for line, numbers, hint in zip(lines, families_of(meant), hints, strict=True)
            ]
        )
        put(rows, "family", families)
        put(rows, "in_family", families >= 0)
    else:
        put(rows, "family", UNKNOWN)
        put(rows, "in_family", UNKNOWN)


def _marks(line: Line, hint: int, row: Floats) -> None:
    """What few lines hold: patterns are looked for where something lets one expect them."""
    text = line.text
    if hint & HAS_NUMBER:
        if len(text) <= phrases.MAX_CHARACTERS:
            row[COLUMN["has_date"]] = bool(hint & LIKE_DATE) or has_time(line)
        row[COLUMN["starts_number"]] = BEGINS_NUMBER.match(text) is not None
    if hint & LIKE_GLUED:
        row[COLUMN["glued"]] = phrases.glued_count(text)
    if hint & LIKE_ADDRESS:
        row[COLUMN["has_address"]] = phrases.has_address(text)
    if hint & ONE_WORD:
        row[COLUMN["image_name"]] = phrases.is_image_name(text)
    if hint & LIKE_CODE or len(text) > LOOKED_AT:
        row[COLUMN["code"]] = phrases.is_code(text)


def _copies(lines: Sequence[Line], words: Words, rows: Floats) -> Ints:
    """For each line the number of what it says; fill what says that it is a part of another one."""
    said = [line.same for line in lines]
    number: dict[str, int] = {}
    copies = np.array([number.setdefault(one, len(number)) for one in said], np.int64)
    times = np.bincount(copies)[copies]
    least, most = PART_WORDS
    looked_at = (words.counts >= least) & (words.counts <= most)
    characters = sum(map(len, said)) + len(said) + 1
    if len(number) * characters > MAX_COMPARED_CHARACTERS:
        compared = len({said[i] for i in np.flatnonzero(looked_at).tolist()})
        if compared * characters > MAX_COMPARED_CHARACTERS:
            return copies
    # A line stands in no other one if a word in its middle does not.
    everywhere = np.ones(len(said), np.bool_)
    looked_at &= rarest(words, everywhere, True) > times
    if looked_at.any():
        at = np.flatnonzero(looked_at).tolist()
        flat = "\n" + "\n".join(said) + "\n"
        often = {said[i]: times.item(i) for i in at}
        if inside := {one for one, count in often.items() if flat.count(one) > count}:
            begins = {one for one in inside if f"\n{one} " in flat}
            put(rows, "part_of_other", [one in inside for one in said])
            put(rows, "begins_other", [one in begins for one in said])
    return copies


def has_time(line: Line) -> bool:
    """Whether a clock or a month's name stands in a line with a number (a little too generous)."""
    if "ago" in line.words or ":" in line.text:
        return phrases.CLOCK.search(line.text) is not None
    return not MONTHS.keys().isdisjoint(line.words)
