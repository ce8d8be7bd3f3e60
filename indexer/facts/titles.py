"""Which line is the title: candidates as rows of numbers, the best one chosen by a small forest."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain

import numpy as np
from numpy.typing import NDArray

from indexer.facts import bylines
from indexer.facts.dates import dates_of
from indexer.learned.columns import COLUMN, Floats
from indexer.lines.lines import Line, same_of, words_of

Flags = NDArray[np.bool_]

SITE_SUFFIX = re.compile(
    r"^(?P<title>.{8,}?)\s*(?:\s[-–—:]{1,2}\s|\s?[|»«·•‹›]\s?)\s*(?P<site>[^|»·•–—]{2,60})$"
)
SEPARATORS = ("|", "»", "«", "·", "•", "‹", "›", " - ", " – ", " — ", ": ", "--")
MAX_WORDS = 45
MAX_CHARACTERS = 400
IDEOGRAPHS = "\u2e80"
"""From here on scripts write words without spaces between them."""
DENSE = 4
"""So many of the next lines, twice as many looked at, must be the text's as well."""
BEHIND = 4
"""Lines behind the first line of the text that are still looked at: a kicker may come first."""
BEFORE = 400
NEAR = 4
"""Lines before and behind a candidate where a byline or a date is about the same article."""

STAMP_WORDS = 12
LONG_WORDS = 5
CREDIT = re.compile(
    r"\W{0,2}(?:photo(?:graph)?s?|image|picture|pic|credit|video|illustration|foto|photo|bild|фото|fotoğraf|صورة|عکس|图)\b\s?(?:by|credit|[:/])",
    re.IGNORECASE,
)
CREDIT_INSIDE = re.compile(
    r"\((?:photo|image|picture|ap |afp|reuters|getty)|(?:/|\bvia )(?:getty|afp|ap|reuters|epa)\b",
    re.IGNORECASE,
)

OF_LINE = (
    "words", "ends", "ends_question", "ends_colon", "ends_comma", "upper_words", "upper_letters", "digits", "commas",
    "quotes", "pipes", "stop_words", "family", "has_date", "image_name", "glued", "name_like", "blank_before",
    "blank_after", "copies", "part_of_other", "begins_other", "topic", "lead_topic", "prose",
    "words+1", "words+2", "has_date+1", "has_date+2", "has_date-1", "in_family-1", "in_family+1",
    "in_family+2", "prose+1", "prose+2", "prose+3",
)  # fmt: skip
TITLE_FEATURES = (
    *OF_LINE,
    "to_text",
    "kept",
    "site_cut",
    "is_head_of_other",
    "shared_words",
    "shared_words_rank",
    "lead_words",
    "byline_next",
    "byline_near",
    "byline_before",
    "signed",
    "stamp_near",
    "stamp_before",
    "credit_next",
    "long_lines_before",
    "mirrors",
)
COLUMNS = np.array([COLUMN[name] for name in OF_LINE], np.intp)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may be the title."""

    line: int
    """Index of the line it stands on."""
    text: str
    site: str | None = None
    """What was cut off behind it."""


def cut_site(text: str) -> tuple[str, str] | None:
    """A page title as title and site (`Rain again - The Daily Drop`)."""
    return _cut(text) if len(text) <= MAX_CHARACTERS else None


@lru_cache(maxsize=4_096)
def _cut(text: str) -> tuple[str, str] | None:
    """Remembered for as long as a file is worked on, as dates are."""
    if not any(map(text.__contains__, SEPARATORS)):
        return None
    match = SITE_SUFFIX.match(text)
    return (match["title"].strip(), match["site"].strip()) if match else None


def text_start(kept: Sequence[bool]) -> int:
    """Where the text begins: its first line that is not alone; the number of lines if there is none."""
    enough = min(DENSE, sum(kept))
    for i, keep in enumerate(kept):
        if keep and sum(kept[i : i + 2 * DENSE]) >= enough:
            return i
    return len(kept)


def candidates(lines: Sequence[Line], rows: Floats, kept: Sequence[bool]) -> list[Candidate]:
    """The lines up to the first ones of the text, whole and without a site behind them."""
    first = text_start(kept)
    found = []
    for i in range(max(0, first - BEFORE), min(len(lines), first + BEHIND)):
        line = lines[i]
        if not 1 <= len(line.words) <= MAX_WORDS or len(line.text) > MAX_CHARACTERS:
            continue
        if (
            rows[i, COLUMN["prose"]]
            and rows[i, COLUMN["ends"]]
            and not line.text.endswith(("?", "؟", "？"))
        ):
            continue  # the text's own first sentence must not be taken out of it
        if rows[i, COLUMN["prose"]] and "。" in line.text:
            continue  # sentences in quotation marks end behind the full stop
        if any(date.clock for date in dates_of(line)):
            continue  # `MERIDIAN  PORT/STRIKE  2024-02-12 1204 GMT`: when it was sent
        found.append(Candidate(i, line.text))
        cut = cut_site(line.text)
        if cut and len(words_of(cut[0])) > 1:
            found.append(Candidate(i, *cut))
    return found


def title_table(
    found: Sequence[Candidate], lines: Sequence[Line], rows: Floats, kept: Sequence[bool]
) -> Floats:
    """One row a candidate, columns as TITLE_FEATURES; `rows` are the lines' features."""
    table = np.zeros((len(found), len(TITLE_FEATURES)), np.float32)
    if not found:
        return table
    first = text_start(kept)
    start = max(0, first - BEFORE - NEAR)
    near = lines[start : first + BEHIND + NEAR]
    body = [line for line, keep in zip(lines, kept, strict=True) if keep]
    own = [words_of(each.text) if each.site else lines[each.line].words for each in found]
    said = [
        same_of([words])[0] if each.site else lines[each.line].same
        for each, words in zip(found, own, strict=True)
    ]
    tellings = [telling(set(words)) for words in own]
    wanted = set[str]().union(*tellings)
    told, lead = _told(wanted, body), _told(wanted, body[:3])
    shared = [len(told & words) for words in tellings]
    most_shared = max(1, *shared)
    signed = [bylines.is_signed(line) for line in near]
    stamped = [len(line.words) <= STAMP_WORDS and bool(dates_of(line)) for line in near]
    long = list(accumulate(len(line.words) >= LONG_WORDS for line in near))
    early = sorted(line.same for line in lines[start : first + BEHIND])
    values = []
    for k, each in enumerate(found):
        here = each.line - start
        before, behind = slice(max(0, here - NEAR), here), slice(here + 1, here + 1 + NEAR)
        is_head = len(said[k]) > 12 and _begins_one(f"{said[k]} ", early)
        values.append(
            (
                min(max(first - each.line, -BEHIND), 40),
                kept[each.line],
                each.site is not None,
                is_head,
                shared[k],
                shared[k] / most_shared,
                len(lead & tellings[k]),
                any(signed[here + 1 : here + 2]),
                any(signed[behind]),
                any(signed[before]),
                signed[here],
                any(stamped[behind]),
                any(stamped[before]),
                any(map(is_credit, near[here + 1 : here + 2])),
                min(20, long[here] - long[max(0, here - 40)]),
                early.count(said[k]),
            )
        )
    table[:, : len(COLUMNS)] = rows[[each.line for each in found]][:, COLUMNS]
    table[:, len(COLUMNS) :] = values
    return table


def is_credit(line: Line) -> bool:
    """Whether the line names who took a picture."""
    text = line.text[:MAX_CHARACTERS]
    return CREDIT.match(text) is not None or CREDIT_INSIDE.search(text) is not None


def telling(words: set[str]) -> set[str]:
    """What tells the subject of a text: its longer words, and the pairs of ideographs in them."""
    longer = {word for word in words if len(word) > 3}
    if not words or max(words) < IDEOGRAPHS:
        return longer
    runs = [word[:MAX_CHARACTERS] for word in words if word >= IDEOGRAPHS]
    return longer | {run[i : i + 2] for run in runs for i in range(len(run) - 1)}


def _told(wanted: set[str], body: Sequence[Line]) -> set[str]:
    """Which of the wanted words tell the subject of the lines."""
    words = chain.from_iterable([line.words for line in body])
    if wanted and max(wanted) >= IDEOGRAPHS:
        return telling(set(words))
    return wanted.intersection(words)


def _begins_one(head: str, ordered: Sequence[str]) -> bool:
    """Whether one of the texts, which stand in order, begins with this."""
    at = bisect_left(ordered, head)
    return at < len(ordered) and ordered[at].startswith(head)
