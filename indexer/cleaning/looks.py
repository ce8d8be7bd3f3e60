"""Lines with probabilities -> what would stay by its looks, in this file and in no other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import phrases, whole_pages
from indexer.cleaning.features import prose_of, words_in
from indexer.facts.dates import dates_of
from indexer.facts.placed_dates import plain_words
from indexer.learned.columns import COLUMN, UNKNOWN, Floats
from indexer.learned.company import best_expected
from indexer.lines.lines import Line
from indexer.loops.place import best_run

Flags = NDArray[np.bool_]

MAX_STAMP_WORDS = 12
SURE = 0.7
"""Where the sentences of the longest run of prose have a lower probability than this, the whole
file is of a kind that was rare in training (very short, another script): the threshold sinks in
proportion, so that what stands out in the file stays."""

MOSTLY_PROSE = 0.8
FEW_LINES = 12
RARE_SENTENCE = 0.15
"""What a sentence of the longest run needs in a file of a rare kind."""
SUBHEADING_WORDS = (2, 15)
BETWEEN = 0.2
"""What a line between two kept sentences needs: captions and teasers stand there, too."""
LEAST = 0.35
"""To this part of itself the threshold sinks at most."""
LOWEST = 0.25
"""The threshold sinks no deeper than this for a file that promises little."""
TOLD_APART = 0.65
"""A file of which less F1 is expected has no threshold of its own."""
LEFT_AT_LEAST = 1 / 3
"""Unless less of the words that are expected to stay would be left."""


def kept_at_first(
    lines: Sequence[Line],
    rows: Floats,
    probabilities: Floats,
    *,
    threshold: float,
    is_page: bool = False,
) -> Flags:
    """What would stay by its looks alone, before titles, repeats and recurring lines go."""
    prose, words = prose_of(rows), words_in(rows)
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
        kept |= holes(rows, kept) & (probabilities >= BETWEEN)
        if not is_rare_kind(rows):
            kept &= ~whole_pages.elsewhere(rows, probabilities, kept)
    dated = rows[:, COLUMN["has_date"]]
    for i in np.flatnonzero(kept).tolist():
        kept[i] = not never_text(lines[i], has_date=dated.item(i) > 0)
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

    Only where a file is nearly all prose: a line too many is a smaller fault there than one lost.
    On a whole page's text most are links.
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


def never_text(line: Line, *, has_date: bool) -> bool:
    """Set phrases, names of pictures and rules of dashes are furniture wherever they stand."""
    if not line.words or phrases.is_image_name(line.text) or (has_date and is_stamp(line)):
        return True
    return phrases.is_always_furniture(line)


def is_stamp(line: Line) -> bool:
    """Whether a line is a date or a time and nothing else."""
    if len(line.words) > MAX_STAMP_WORDS:
        return False
    dated = sum(found.end - found.start for found in dates_of(line))
    return 2 * dated > len(line.text) and not plain_words(line.text)
