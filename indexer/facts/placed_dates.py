"""Which of the dates on a text's lines is the day of publication, if any: by where they stand.

Mastheads, copyright years, captions and the time stamps of other stories are dates, too; the
small forest has been trained to say "none of them".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.facts import bylines
from indexer.facts.calendars import WEEKDAYS
from indexer.facts.credit_words import LABEL_WORDS, PUBLISHED_WORDS, UPDATED_WORDS, any_of
from indexer.facts.dates import Found, dates_of
from indexer.learned.columns import COLUMN, Floats, bounded
from indexer.lines.lines import Line

PUBLISHED = re.compile(
    rf"publi|post|first|creat|issu|releas|\bdate|filed|\bon\b|{any_of(PUBLISHED_WORDS)}",
    re.IGNORECASE,
)
SAID_PUBLISHED = re.compile(
    rf"(?:^|\W)(?:first )?(?:{any_of(PUBLISHED_WORDS)})(?:\b|(?<=[^\x00-\x7f]))[^|.;]{{0,24}}$",
    re.IGNORECASE,
)
UPDATED = re.compile(rf"updat|modif|revis|{any_of(UPDATED_WORDS)}", re.IGNORECASE)
MASTHEAD = re.compile(
    r"editor.in.chief|today is|\bvol\.|issue no|last (login|visit)|copyright|©|\(c\)|\brights|release date|\bedition|\bair(s|ed)?\b"
    r"|\bborn\b|\bphoto|\bimage|\bgetty|رئيس التحرير|سردبیر|حقوق|главный редактор|все права|yayın yönetmeni|hakları|主编|总编|版权|今天是"
    r"|\(@\w+\)|chefredakt|derechos|droits|diritti|direitos|foto\b|фото|fotoğraf|صورة|عکس|图片|摄影",
    re.IGNORECASE,
)
CLOCK = re.compile(r"\d{1,2}[:.]\d\d")
PREPOSITION = re.compile(
    r"\b(?:in|from|since|until|till|of|to|before|after|for|through)\W+(?:\w+day\W+)?$",
    re.IGNORECASE,
)
PLAIN = re.compile(r"(?<![^\W_])[^\W\d_A-Z][^\W\d_]+")
WORD = re.compile(r"[^\W\d_]+")
MAX_WORDS = 40
MAX_CHARACTERS = 400
MAX_PLAIN_WORDS = 2
STAMPS = 3
MAX_CANDIDATES = 200
BEHIND = 5
AFTER = 6

OF_LINE = ("words", "prose-1", "prose+1", "words-1", "words+1")
DATE_FEATURES = (
    *OF_LINE,
    "to_text",
    "after_text",
    "kept",
    "after_title",
    "from_title",
    "published_word",
    "updated_word",
    "weekday",
    "clock",
    "share_of_line",
    "plain_words",
    "other_words",
    "starts_line",
    "byline",
    "byline_near",
    "same_day",
    "dated_lines_near",
)
AT = {name: i for i, name in enumerate(DATE_FEATURES)}
COLUMNS = np.array([COLUMN[name] for name in OF_LINE], np.intp)


def plain_words(text: str) -> int:
    """Lower-case words that no date line needs: a caption or a sentence has many of them."""
    return min(12, sum(word.lower() not in LABEL_WORDS for word in PLAIN.findall(text)))


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """A day on a line."""

    line: int
    found: Found
    rest: str
    """The line without its dates and credits."""


def date_candidates(lines: Sequence[Line]) -> list[DateCandidate]:
    """The days on lines that are no paragraphs."""
    return list(islice(_candidates(lines), MAX_CANDIDATES))


def _candidates(lines: Sequence[Line]) -> Iterator[DateCandidate]:
    for i, line in enumerate(lines):
        if len(line.words) > MAX_WORDS or len(line.text) > MAX_CHARACTERS:
            continue
        dates = dates_of(line)
        if not dates:
            continue
        rest = rest_of(line.text, dates)
        if plain_words(rest) > MAX_PLAIN_WORDS or MASTHEAD.search(line.text):
            continue
        for found in dates:
            if len(found.iso) == 10 and not PREPOSITION.search(line.text[: found.start]):
                yield DateCandidate(i, found, rest)


def rest_of(text: str, dates: Sequence[Found]) -> str:
    """A line without its dates, clock times and credits (`来源：云汀晚报`)."""
    kept, at = [], 0
    for found in dates:
        kept.append(text[at : found.span[0]])
        at = max(at, found.span[1])
    kept.append(text[at:])
    rest = " ".join(kept)
    return bylines.CREDITS.sub(" ", rest) if ":" in rest or "：" in rest else rest


def other_words(rest: str) -> int:
    """Words of the rest of a line, of whatever case, that no date line needs."""
    return min(12, sum(word.lower() not in LABEL_WORDS for word in WORD.findall(rest)))


def date_table(
    candidates: Sequence[DateCandidate],
    lines: Sequence[Line],
    rows: Floats,
    kept: Sequence[bool],
    title: int | None,
) -> Floats:
    """One row a candidate, columns as DATE_FEATURES; `title` is the index of the title's line."""
    table = np.zeros((len(candidates), len(DATE_FEATURES)), np.float32)
    if not candidates:
        return table
    at = np.array([candidate.line for candidate in candidates], np.intp)
    table[:, : len(COLUMNS)] = rows[np.ix_(at, COLUMNS)]
    kept_at = [i for i, keep in enumerate(kept) if keep]
    first, last = (kept_at[0], kept_at[-1]) if kept_at else (len(lines), len(lines))
    days = [candidate.found.iso for candidate in candidates]
    dated = sorted(set(at.tolist()))
    texts = [lines[i].text for i in at]
    founds = [candidate.found for candidate in candidates]
    near = {j for i in dated for j in range(max(0, i - 2), min(len(lines), i + 3))}
    signed = {i for i in near if bylines.is_signed(lines[i])}
    columns: dict[str, Any] = {
        "to_text": bounded(first - at, -BEHIND, 60),
        "after_text": bounded(at - last, -1, AFTER),
        "kept": [kept[i] for i in at],
        "after_title": [title is not None and i > title for i in at],
        "from_title": bounded(at - (first if title is None else title), -40, 40),
        "published_word": [PUBLISHED.search(text) is not None for text in texts],
        "updated_word": [UPDATED.search(text) is not None for text in texts],
        "weekday": [has_weekday(text, found) for text, found in zip(texts, founds, strict=True)],
        "clock": [CLOCK.search(text) is not None for text in texts],
        "share_of_line": [
            (found.end - found.start) / max(1, len(text))
            for text, found in zip(texts, founds, strict=True)
        ],
        "plain_words": [plain_words(candidate.rest) for candidate in candidates],
        "other_words": [other_words(candidate.rest) for candidate in candidates],
        "starts_line": [found.span[0] == 0 for found in founds],
        "byline": [i in signed for i in at],
        "byline_near": [any(j in signed for j in range(i - 2, i + 3)) for i in at],
        "same_day": [min(5, days.count(day)) for day in days],
        "dated_lines_near": [sum(abs(i - j) <= 5 for j in dated) for i in at],
    }
    for name, values in columns.items():
        table[:, AT[name]] = values
    return table


def has_weekday(text: str, found: Found) -> bool:
    """Whether the name of a weekday stands beside a date."""
    beside = text[found.span[0] : found.start] + " " + text[found.end : found.span[1]]
    return any(word in WEEKDAYS or word[:2] == "星期" for word in WORD.findall(beside.lower()))


def excluded(
    candidates: Sequence[DateCandidate],
    lines: Sequence[Line],
    rows: Floats,
    kept: Sequence[bool],
    title: int | None,
) -> NDArray[np.bool_]:
    """For each candidate whether its place rules it out, whatever the forest says.

    The day with its weekday in a masthead, time stamps of other stories, and dates below the text
    that nothing calls the day of publication. Where lines do call one day that, no other is asked.
    """
    at = [i for i, keep in enumerate(kept) if keep]
    first, last = (at[0], at[-1]) if at else (len(lines), len(lines))
    dated = rows[:, COLUMN["has_date"]] > 0
    said = [says_published(candidate, lines) for candidate in candidates]
    days = {c.found.iso for c, is_said in zip(candidates, said, strict=True) if is_said}
    found = np.zeros(len(candidates), np.bool_)
    for k, candidate in enumerate(candidates):
        i = candidate.line
        if said[k]:
            continue
        stamps = int(dated[max(0, i - 5) : i + 6].sum())
        below = i > last and not bylines.is_signed(lines[i])
        found[k] = (
            len(days) == 1
            or (i > first and stamps >= STAMPS)
            or below
            or (title is not None and i < title - 1 and is_bare_weekday(candidate, lines[i].text))
        )
    return found


def is_bare_weekday(candidate: DateCandidate, text: str) -> bool:
    """Whether a line names a weekday and its date without a clock time: papers head pages so."""
    return not candidate.found.clock and has_weekday(text, candidate.found)


def says_published(candidate: DateCandidate, lines: Sequence[Line]) -> bool:
    """Whether the words right before a day call it the day of publication."""
    before = lines[candidate.line].text[: candidate.found.start]
    return SAID_PUBLISHED.search(before) is not None


def says_updated(candidate: DateCandidate, text: str) -> bool:
    """Whether the words right before a day call it that of a change, and none that of publication."""
    before = text[: candidate.found.start]
    return UPDATED.search(before) is not None and SAID_PUBLISHED.search(before) is None
