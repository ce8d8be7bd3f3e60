"""Lines with probabilities -> verdicts: kept, or removed with a reason a reader understands.

A verdict never depends on the order of files: it uses the line, the file around it, and whether
the line recurs in other files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer import bylines, phrases
from indexer.dates import dates_in
from indexer.features import COLUMN, Floats, best_run
from indexer.lines import Line, key_of
from indexer.markup import Inside, Place
from indexer.overrides import Overrides
from indexer.recurrence import RECURS_IN_FILES, Recurring

Flags = NDArray[np.bool_]

REPEAT_WORDS = 6
"""From this many words on, a line that says the same as an earlier one is a repeat by itself."""
MAX_STAMP_WORDS = 12
REPEAT_RUN = 3
"""Shorter lines are repeats when this many lines in a row repeat."""

SURE = 0.7
"""Where the sentences of the longest run of prose have a lower probability than this, the whole
file is of a kind that was rare in training (very short, another script): the threshold sinks in
proportion, so that what stands out in the file stays."""
BETWEEN = 0.7
"""Between kept sentences a line needs less: a subheading, an item of a list."""

BY_PLACE: tuple[tuple[int, str], ...] = (
    (Inside.HIDDEN, "not shown on the page"),
    (Inside.NAV | Inside.NAMED_NAVIGATION, "navigation"),
    (Inside.NAMED_COMMENT, "readers' comments"),
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


@dataclass(frozen=True, slots=True)
class Verdict:
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
    earlier: list[int] = []
    for i, line in enumerate(lines):
        if kept[i] and line.words:
            earlier.append(first.setdefault(line.words, i))
        else:
            earlier.append(-1)
    at = [i for i in range(len(lines)) if kept[i]]
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


def recurs(lines: Sequence[Line], prose: Flags, recurring: Recurring) -> Flags:
    """For each line whether it stands in several files and that is evidence against it.

    Copies of one story share their sentences, too: where half of a file's sentences recur, only
    lines that are no sentences are suspected.
    """
    found = np.array(
        [
            bool(line.words) and recurring.files_with(key_of(line)) >= RECURS_IN_FILES
            for line in lines
        ],
        np.bool_,
    )
    if 2 * int((found & prose).sum()) >= max(1, int(prose.sum())):
        found &= ~prose
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the verdicts of one file rest on; every sequence has one entry a line."""

    lines: Sequence[Line]
    probabilities: Floats
    recurs: Flags
    title_lines: Collection[int]
    """Indexes of the lines that are the title, in the order of the file."""
    date_line: int | None
    overrides: Overrides
    places: Sequence[Place] = ()


def kept_at_first(
    lines: Sequence[Line], rows: Floats, probabilities: Floats, *, threshold: float, recurs: Flags
) -> Flags:
    """What would stay by its looks alone, before titles and repeats are taken out."""
    prose = rows[:, COLUMN["prose"]] > 0
    words: Floats = np.expm1(rows[:, COLUMN["words"]])
    first, last = best_run(words, prose)
    core = prose.copy()
    core[:first] = core[last + 1 :] = False
    wanted = threshold
    if core.any():
        mean = float(np.average(probabilities[core], weights=words[core]))
        wanted *= min(1.0, mean / SURE)
    kept = probabilities >= wanted
    at = np.flatnonzero(kept & prose)
    if len(at):
        between = slice(int(at[0]), int(at[-1]) + 1)
        kept[between] |= probabilities[between] >= wanted * BETWEEN
    never = np.array([never_text(line) for line in lines], np.bool_)
    result: Flags = kept & ~never & ~recurs
    return result


def never_text(line: Line) -> bool:
    """Set phrases, names of pictures and rules of dashes are furniture wherever they stand."""
    if not line.words or phrases.is_image_name(line.text):
        return True
    return len(line.text) <= phrases.MAX_CHARACTERS and phrases.ALWAYS.search(line.text) is not None


def verdicts(evidence: Evidence, kept: Flags) -> list[Verdict]:
    """One verdict a line, in order. `kept` is what `kept_at_first` says."""
    kept = kept.copy()
    kept[list(evidence.title_lines)] = False
    wishes = [_wish(evidence, i) for i in range(len(kept))]
    for i, wish in enumerate(wishes):
        if wish is not None:
            kept[i] = wish
    repeated = {i: j for i, j in repeats(evidence.lines, kept).items() if wishes[i] is None}
    text_at = np.flatnonzero(kept)
    first, last = (int(text_at[0]), int(text_at[-1])) if len(text_at) else (0, -1)
    judged = []
    for i, line in enumerate(evidence.lines):
        if kept[i] and i not in repeated:
            judged.append(Verdict(line, True, ""))
        elif wishes[i] is False:
            judged.append(Verdict(line, False, "your override"))
        elif i in repeated:
            judged.append(
                Verdict(line, False, f"repeat of line {evidence.lines[repeated[i]].number}")
            )
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
    if evidence.recurs[i]:
        return "the same line stands in other files"
    if i == evidence.date_line:
        return "date line (kept as date)"
    named = next((reason for find, reason in NAMED if find(line)), None) or _family(line)
    if named is None and evidence.places:
        named = _by_place(evidence.places[i])
    if named is not None:
        return named
    if len(line.words) <= MAX_STAMP_WORDS and dates_in(line.text):
        return "date or time stamp"
    where = "not part of" if first < i < last else "above" if i < first else "below"
    return f"{where} the article's text (score {evidence.probabilities[i]:.2f})"


def _family(line: Line) -> str | None:
    family = phrases.family(line.text)
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
        lambda line: phrases.glued_count(line.text) >= 2 and len(line.words) < 12,
        "menu entries run together",
    ),
)
"""Reasons that a line's own words give, before the families of set phrases."""
