"""Lines with probabilities -> verdicts: kept, or removed with a reason a reader understands.

A verdict never depends on the order of files: it uses the line, the file around it, and whether
the line recurs in other files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer import bylines, phrases
from indexer.columns import COLUMN, UNKNOWN, Floats
from indexer.company import best_expected
from indexer.context import MAX_COMPARED_CHARACTERS, best_run
from indexer.dates import dates_of
from indexer.features import has_date
from indexer.lines import Line, key_of, line_of, remembered
from indexer.overrides import Overrides
from indexer.page import Inside, Place
from indexer.placed_dates import plain_words
from indexer.recurrence import NOTHING_RECURS, RECURS_IN_FILES, Recurring
from indexer.words import Words

Flags = NDArray[np.bool_]

REPEAT_WORDS = 6
"""From this many words on, a line that says the same as an earlier one is a repeat by itself."""
MAX_STAMP_WORDS = 12
PART_WORDS = 6
REPEAT_RUN = 3
"""Shorter lines are repeats when this many lines in a row repeat."""

SURE = 0.7
"""Where the sentences of the longest run of prose have a lower probability than this, the whole
file is of a kind that was rare in training (very short, another script): the threshold sinks in
proportion, so that what stands out in the file stays."""

MOSTLY_PROSE = 0.8
FEW_LINES = 12
RARE_SENTENCE = 0.05
"""What a sentence of the longest run needs in a file of a rare kind."""
SUBHEADING_WORDS = (2, 15)
LEAST = 0.35
"""To this part of itself the threshold sinks at most."""
LOWEST = 0.25
"""The threshold sinks no deeper than this for a file that promises little."""
TOLD_APART = 0.65
"""A file of which less F1 is expected has no threshold of its own."""
LEFT_AT_LEAST = 1 / 3
"""Unless less of the words that are expected to stay would be left."""
RECURRING_SENTENCE, LONE_RECURRING_SENTENCE = 0.5, 0.9
"""What a sentence that stands in other files, too, needs to stay; a lone one needs more."""

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
    times = np.bincount(words.numbers[kept[words.rows]], minlength=len(words.bits))
    rarest = words.of_lines(np.minimum, times[words.numbers])
    looked_at = np.flatnonzero(kept & (words.counts >= PART_WORDS) & (rarest > 1)).tolist()
    if not looked_at:
        return {}
    said = {i: f" {' '.join(lines[i].words)} " for i in np.flatnonzero(kept).tolist()}
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


def is_stamp(line: Line) -> bool:
    """Whether a line is a date or a time and nothing else."""
    if len(line.words) > MAX_STAMP_WORDS or not has_date(line):
        return False
    dated = sum(found.end - found.start for found in dates_of(line))
    return 2 * dated > len(line.text) and not plain_words(line.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the verdicts of one file rest on; every sequence has one entry a line."""

    lines: Sequence[Line]
    words: Words
    rows: Floats
    """With the columns of `indexer/features.py`."""
    probabilities: Floats
    recurs: Flags
    title_lines: Collection[int]
    """Indexes of the lines that are the title, in the order of the file."""
    date_line: int | None
    overrides: Overrides
    places: Sequence[Place] = ()


def kept_at_first(
    lines: Sequence[Line],
    rows: Floats,
    probabilities: Floats,
    *,
    threshold: float,
    is_page: bool = False,
) -> Flags:
    """What would stay by its looks alone, before titles, repeats and recurring lines go."""
    prose = rows[:, COLUMN["prose"]] > 0
    words: Floats = np.expm1(rows[:, COLUMN["words"]])
    first, last = best_run(words, prose)
    core = prose.copy()
    core[:first] = core[last + 1 :] = False
    wanted = threshold if is_page else threshold_of(probabilities, words, threshold)
    if core.any() and is_rare_kind(rows):
        mean = float(np.average(probabilities[core], weights=words[core]))
        wanted *= min(1.0, max(LEAST, mean / SURE))
    kept: Flags = probabilities >= wanted
    if core.any() and is_rare_kind(rows):
        kept |= core & (probabilities >= RARE_SENTENCE)
    if not is_page:
        kept |= holes(rows, kept)
    for i in np.flatnonzero(kept).tolist():
        kept[i] = not never_text(lines[i])
    return kept


def threshold_of(probabilities: Floats, words: Floats, usual: float) -> float:
    """From which probability on a line of this file stays.

    Half of the highest F1 that a file can be expected to reach is the threshold that reaches it
    (Lipton et al. 2014): a doubtful file keeps more. Where hardly anything can be told apart the
    threshold sinks only if next to nothing of the article would be left.
    """
    likely = probabilities * words
    total = float(likely.sum())
    if not total:
        return usual
    best = best_expected(probabilities, words)
    left = float(likely[probabilities >= usual].sum())
    if best < TOLD_APART and left >= total * LEFT_AT_LEAST:
        return usual
    return min(usual, max(LOWEST, best / 2))


def is_rare_kind(rows: Floats) -> bool:
    """Few lines, or a language that the set phrases and stop words do not know."""
    return len(rows) <= FEW_LINES or bool(rows[0, COLUMN["stop_words"]] == UNKNOWN)


def holes(rows: Floats, kept: Flags) -> Flags:
    """One or two lines between kept sentences that look like a subheading or a sentence.

    Only where a file is nearly all prose: there about half of such lines are the article's, and a
    line too many is a smaller fault than one lost. On a whole page's text most are links.
    """
    found = np.zeros(len(rows), np.bool_)
    if len(rows) < 3 or rows[0, COLUMN["text_prose"]] < MOSTLY_PROSE:
        return found
    prose = rows[:, COLUMN["prose"]] > 0
    sentence = kept & prose
    words = np.expm1(rows[:, COLUMN["words"]]).round()
    plain = (words >= SUBHEADING_WORDS[0]) & (words <= SUBHEADING_WORDS[1])
    for name, most in (("family", -0.5), ("has_date", 0), ("pipes", 0), ("ends", 0), ("copies", 2)):
        plain &= rows[:, COLUMN[name]] <= most
    plain &= (rows[:, COLUMN["upper_letters"]] < 0.6) & (rows[:, COLUMN["starts_quote"]] == 0)
    plain |= prose & (rows[:, COLUMN["family"]] < 0)
    found[1:-1] = plain[1:-1] & sentence[:-2] & sentence[2:]
    opening = prose[:2] & plain[:2]
    found[0] = opening[0] and (sentence[1] or (opening[1] and sentence[2]))
    found[1] |= opening.all() and sentence[2]
    if len(rows) > 3:
        double = plain[1:-2] & plain[2:-1] & sentence[:-3] & sentence[3:]
        found[1:-2] |= double
        found[2:-1] |= double
    return found


def never_text(line: Line) -> bool:
    """Set phrases, names of pictures and rules of dashes are furniture wherever they stand."""
    if not line.words or phrases.is_image_name(line.text) or is_stamp(line):
        return True
    return phrases.is_always_furniture(line)


def verdicts(evidence: Evidence, kept: Flags) -> list[Verdict]:
    """One verdict a line, in order. `kept` is what `kept_at_first` says."""
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
    named = _named(line.text) or _family(evidence, i)
    if named is None and evidence.places:
        named = _by_place(evidence.places[i])
    if named is not None:
        return named
    if len(line.words) <= MAX_STAMP_WORDS and dates_of(line):
        return "date or time stamp"
    where = "not part of" if first < i < last else "above" if i < first else "below"
    return f"{where} the article's text (score {evidence.probabilities.item(i):.2f})"


@remembered
def _named(text: str) -> str | None:
    line = line_of(0, text)
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
        lambda line: phrases.glued_count(line.text) >= 2 and len(line.words) < 12,
        "menu entries run together",
    ),
)
"""Reasons that a line's own words give, before the families of set phrases."""
