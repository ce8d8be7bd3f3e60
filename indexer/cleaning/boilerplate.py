"""Lines with probabilities -> verdicts: kept, or removed with a reason a reader understands.

A verdict never depends on the order of files: it uses the line, the file around it, and whether
the line recurs in other files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from indexer.cleaning import phrases
from indexer.cleaning.features import MAX_COMPARED_CHARACTERS
from indexer.cleaning.looks import MAX_STAMP_WORDS, Flags
from indexer.cleaning.overrides import Overrides
from indexer.cleaning.recurrence import NOTHING_RECURS, RECURS_IN_FILES, Recurring
from indexer.facts import bylines
from indexer.facts.dates import dates_of
from indexer.learned.columns import COLUMN, UNKNOWN, Floats
from indexer.lines.lines import Line, key_of, remembered
from indexer.lines.page import Inside, Place
from indexer.loops.words import Words, rarest

REPEAT_WORDS = 6
"""From this many words on, a line that says the same as an earlier one is a repeat by itself."""
PART_WORDS = 6
REPEAT_RUN = 3
"""Shorter lines are repeats when this many lines in a row repeat."""

RECURRING_SENTENCE, LONE_RECURRING_SENTENCE = 0.5, 0.9
"""What a sentence that stands in other files, too, needs to stay; a lone one needs more."""

COMMENTS = "readers' comments"
APART = "apart from the article, among other stories"
BY_PLACE: tuple[tuple[int, str], ...] = (
    (Inside.HIDDEN, "not shown on the page"),
    (Inside.NAV | Inside.NAMED_NAVIGATION, "navigation"),
    (Inside.NAMED_COMMENT, COMMENTS),
    (Inside.FIGURE | Inside.NAMED_CAPTION, "caption or picture credit"),
    (Inside.NAMED_BYLINE, "byline or date line"),
    (Inside.NAMED_SHARE, "sharing and following"),
    (Inside.NAMED_SIGNUP, "newsletter or subscription"),
    (Inside.NAMED_ADVERT, "advertisement"),
    (Inside.NAMED_TAGS, "section or tags"),
    (Inside.FORM | Inside.BUTTON, "form or button"),
    (Inside.NAMED_RELATED | Inside.ASIDE | Inside.NAMED_SIDE, "other stories"),
    (Inside.FOOTER, "site footer"),
    (Inside.HEADER, "header of the page"),
)
"""Reasons that the tree gives, the most telling first."""


class Verdict(NamedTuple):
    """What becomes of one line."""

    line: Line
    keep: bool
    reason: str
    """Why it goes; empty for a line that stays."""


def repeats(lines: Sequence[Line], kept: Flags) -> dict[int, int]:
    """Index of a kept line that repeats -> index of the first kept line that says the same.

    A body pasted twice repeats as a run, its short subheadings too; a short line that comes again
    by itself ("Q:", a refrain) stays.
    """
    first: dict[tuple[str, ...], int] = {}
    at = np.flatnonzero(kept).tolist()
    earlier = {i: first.setdefault(lines[i].words, i) if lines[i].words else -1 for i in at}
    found: dict[int, int] = {}
    run: list[int] = []
    for i in [*at, -1]:
        if i >= 0 and 0 <= earlier[i] < i:
            run.append(i)
            continue
        for k in run:
            if len(run) >= REPEAT_RUN or len("".join(lines[k].words)) >= 5 * REPEAT_WORDS:
                found[k] = earlier[k]
        run = []
    return found


def parts(lines: Sequence[Line], words: Words, kept: Flags) -> dict[int, int]:
    """Index of a kept line that stands word for word inside a longer kept one -> that one's index.

    Pull quotes, summaries, captions cut from the text: nothing is lost with them.
    """
    # A line stands in no other one if one of its words does not.
    again = rarest(words, kept, False) > 1
    looked_at = np.flatnonzero(kept & (words.counts >= PART_WORDS) & again).tolist()
    if not looked_at:
        return {}
    said = {i: f" {lines[i].said} " for i in np.flatnonzero(kept).tolist()}
    flat = "\n".join(said.values())
    if len(said) * len(flat) > MAX_COMPARED_CHARACTERS:
        return {}
    found = {}
    for i in looked_at:
        own = said[i]
        if flat.count(own) > 1:
            whole = next(
                (j for j, other in said.items() if len(other) > len(own) and own in other), None
            )
            if whole is not None:
                found[i] = whole
    return found


def recurs(
    lines: Sequence[Line], prose: Flags, probabilities: Floats, recurring: Recurring
) -> Flags:
    """For each line whether it stands in several files and that is evidence against it.

    Copies of one story share sentences, and new stories repeat old background: a sentence that
    recurs goes only where it does not look like an article's sentence either. One that is the
    only recurring sentence of its file is more likely the site's, and one between two recurring
    lines that are no sentences is part of a box.
    """
    if recurring is NOTHING_RECURS:
        return np.zeros(len(lines), np.bool_)
    found = np.array(
        [
            bool(line.words) and recurring.files_with(key_of(line)) >= RECURS_IN_FILES
            for line in lines
        ],
        np.bool_,
    )
    copied = int((found & prose).sum()) > 1
    looks_right = prose & (
        probabilities >= (RECURRING_SENTENCE if copied else LONE_RECURRING_SENTENCE)
    )
    bare = found & ~prose
    boxed = np.zeros(len(lines), np.bool_)
    boxed[1:-1] = bare[:-2] & bare[2:]
    result: Flags = found & (boxed | ~looks_right)
    return result


def with_numbers(lines: Sequence[Line]) -> Flags:
    """For each line whether it holds a digit: what counts as the same may say another thing."""
    return np.array([any(map(str.isdigit, line.text)) for line in lines], np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the verdicts of one file rest on; every sequence has one entry a line."""

    lines: Sequence[Line]
    words: Words
    rows: Floats
    """With the columns of `indexer/cleaning/features.py`."""
    probabilities: Floats
    threshold: float
    """From which probability on a line is likely to be the article's."""
    comments: Flags
    recurs: Flags
    title_lines: Collection[int]
    """Indexes of the lines that are the title, in the order of the file."""
    date_line: int | None
    overrides: Overrides
    places: Sequence[Place] = ()


def verdicts(evidence: Evidence, kept: Flags) -> list[Verdict]:
    """One verdict a line, in order. `kept` is what `looks.kept_at_first` says."""
    kept = kept.copy()
    kept[list(evidence.title_lines)] = False
    wishes: list[bool | None] = [None] * len(kept)
    if evidence.places or evidence.overrides.entries:
        wishes = [_wish(evidence, i) for i in range(len(kept))]
    for i, wish in enumerate(wishes):
        if wish is not None:
            kept[i] = wish
    repeated = repeats(evidence.lines, kept)
    inside = parts(evidence.lines, evidence.words, kept)
    spare = {i for i in {*repeated, *inside} if wishes[i] is None}
    text_at = np.flatnonzero(kept)
    first, last = (int(text_at[0]), int(text_at[-1])) if len(text_at) else (0, -1)
    stays = {
        evidence.lines[i].words: evidence.lines[i].number
        for i in text_at.tolist()
        if i not in spare and len(evidence.lines[i].words) >= REPEAT_WORDS
    }
    judged = []
    for i, (line, is_text) in enumerate(zip(evidence.lines, kept.tolist(), strict=True)):
        if is_text and i not in spare:
            judged.append(Verdict(line, True, ""))
        elif wishes[i] is False:
            judged.append(Verdict(line, False, "your override"))
        elif i in spare and i in repeated:
            number = evidence.lines[repeated[i]].number
            judged.append(Verdict(line, False, f"repeat of line {number}"))
        elif i in spare:
            number = evidence.lines[inside[i]].number
            judged.append(Verdict(line, False, f"stands inside line {number}"))
        elif line.words in stays and i not in evidence.title_lines:
            judged.append(Verdict(line, False, f"repeat of line {stays[line.words]}"))
        else:
            judged.append(Verdict(line, False, _reason(evidence, i, first, last)))
    return judged


def _wish(evidence: Evidence, i: int) -> bool | None:
    if evidence.places:
        inside = evidence.places[i].inside
        if inside & Inside.KEPT_BY_RULE:
            return True
        if inside & Inside.DROPPED_BY_RULE:
            return False
    return evidence.overrides.verdict(evidence.lines[i])


def _reason(evidence: Evidence, i: int, first: int, last: int) -> str:
    line = evidence.lines[i]
    if i in evidence.title_lines:
        return "title" if i == min(evidence.title_lines) else "title repeated"
    if evidence.recurs.item(i):
        return "the same line stands in other files"
    if i == evidence.date_line:
        return "date line (kept as date)"
    if evidence.comments.item(i):
        return COMMENTS
    named = _named(line) or _family(evidence, i)
    if named is None and evidence.places:
        named = _by_place(evidence.places[i])
    if named is not None:
        return named
    if len(line.words) <= MAX_STAMP_WORDS and dates_of(line):
        return "date or time stamp"
    if not evidence.places and evidence.probabilities.item(i) >= evidence.threshold:
        return APART  # what else is likely was told above
    where = "not part of" if first < i < last else "above" if i < first else "below"
    return f"{where} the article's text (score {evidence.probabilities.item(i):.2f})"


@remembered
def _named(line: Line) -> str | None:
    return next((reason for find, reason in NAMED if find(line)), None)


def _family(evidence: Evidence, i: int) -> str | None:
    family = int(evidence.rows.item(i, COLUMN["family"]))
    if evidence.rows.item(i, COLUMN["stop_words"]) == UNKNOWN:  # not English: it was not looked up
        family = phrases.family_of(evidence.lines[i])
    return phrases.FAMILIES[family][0] if family >= 0 else None


def _by_place(place: Place) -> str | None:
    return next((reason for bits, reason in BY_PLACE if place.inside & bits), None)


NAMED: tuple[tuple[Callable[[Line], object], str], ...] = (
    (lambda line: not line.words, "no words on it"),
    (lambda line: phrases.is_image_name(line.text), "name of a picture"),
    (lambda line: phrases.is_code(line.text), "left-over markup"),
    (lambda line: bylines.source_line([line]), "source line (kept as source)"),
    (lambda line: bylines.byline([line]), "byline"),
    (
        lambda line: len(line.words) < 12 and phrases.glued_count(line.text) >= 2,
        "menu entries run together",
    ),
)
"""Reasons that a line's own words give, before the families of set phrases."""
