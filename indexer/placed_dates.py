"""Which of the dates on a text's lines is the day of publication, if any: by where they stand.

Mastheads, copyright years, captions and the time stamps of other stories are dates, too; the
small forest has been trained to say "none of them".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indexer import bylines
from indexer.columns import COLUMN, Floats
from indexer.dates import Found, dates_in
from indexer.features import has_date
from indexer.lines import Line

PUBLISHED = re.compile(
    r"publi|post|first|creat|issu|releas|\bdate|filed|\bon\b|veröff|yayın|опублик|نشر|发布|发表",
    re.IGNORECASE,
)
SAID_PUBLISHED = re.compile(
    r"(?:^|\W)(?:first )?(?:published|posted|veröffentlicht|publié|publicado|yayınlanma|опубликовано)\b[^|.;]{0,24}$",
    re.IGNORECASE,
)
UPDATED = re.compile(r"updat|modif|revis|edited|aktual|güncel|обновл|تحديث|更新", re.IGNORECASE)
MASTHEAD = re.compile(
    r"editor.in.chief|today is|\bvol\.|issue no|last (login|visit)|copyright|©|\(c\)|rights|release date|edition|air(s|ed)?\b|born|photo|image|getty",
    re.IGNORECASE,
)
WEEKDAY = re.compile(r"\b(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?\b", re.IGNORECASE)
CLOCK = re.compile(r"\d{1,2}[:.]\d\d")
PREPOSITION = re.compile(
    r"\b(?:in|from|since|until|till|of|to|before|after|for|through)\W+(?:\w+day\W+)?$",
    re.IGNORECASE,
)
PLAIN = re.compile(r"(?<![^\W_])[^\W\d_A-Z][^\W\d_]+")
LABELS = frozenset(
    [
        "by",
        "on",
        "at",
        "and",
        "the",
        "published",
        "updated",
        "posted",
        "first",
        "last",
        "date",
        "am",
        "pm",
        "gmt",
        "est",
        "edt",
        "pst",
        "pdt",
        "utc",
        "et",
        "bst",
        "ist",
        "cst",
        "cet",
        "modified",
        "created",
        "filed",
        "ago",
        "min",
        "read",
        "minutes",
    ]
)
MAX_WORDS = 40
MAX_PLAIN_WORDS = 2
STAMPS = 3
MAX_CANDIDATES = 200
BEHIND = 5
AFTER = 6

OF_LINE = ("words", "ends", "digits", "pipes", "family", "name_like", "in_family", "from_first", "from_last", "copies",
           "topic", "prose", "has_date-1", "has_date+1", "has_date-2", "has_date+2", "prose+1", "prose-1", "words-1", "words+1", "text_lines", "from_run", "from_first_prose", "words_before", "image_name")  # fmt: skip
DATE_FEATURES = (
    *OF_LINE,
    "to_text",
    "after_text",
    "kept",
    "after_title",
    "from_title",
    "published_word",
    "updated_word",
    "masthead",
    "weekday",
    "clock",
    "certain",
    "share_of_line",
    "plain_words",
    "preposition",
    "starts_line",
    "byline",
    "byline_near",
    "place_among",
    "dates",
    "different_days",
    "same_day",
    "latest",
    "earliest",
    "dated_lines_near",
)
COLUMNS = np.array([COLUMN[name] for name in OF_LINE], np.intp)


def plain_words(text: str) -> int:
    """Lower-case words that no date line needs: a caption or a sentence has many of them."""
    return min(12, sum(word.lower() not in LABELS for word in PLAIN.findall(text)))


@dataclass(frozen=True, slots=True)
class DateCandidate:
    """A day on a line."""

    line: int
    found: Found


def date_candidates(lines: Sequence[Line]) -> list[DateCandidate]:
    """The days on lines that are no paragraphs."""
    found = [
        DateCandidate(i, found)
        for i, line in enumerate(lines)
        if len(line.words) <= MAX_WORDS and has_date(line)
        for found in dates_in(line.text)
        if states_a_day(line.text, found)
    ]
    return found[:MAX_CANDIDATES]


def states_a_day(text: str, found: Found) -> bool:
    """Whether a line is about its date: no caption, no sentence, no notice of rights."""
    if MASTHEAD.search(text) or PREPOSITION.search(text[: found.start]):
        return False
    return plain_words(text) <= MAX_PLAIN_WORDS


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
    spans = [candidate.found.end - candidate.found.start for candidate in candidates]
    signed = [bylines.is_signed(line) for line in lines]
    columns: dict[str, Any] = {
        "to_text": np.clip(first - at, -BEHIND, 60),
        "after_text": np.clip(at - last, -1, AFTER),
        "kept": [kept[i] for i in at],
        "after_title": [title is not None and i > title for i in at],
        "from_title": np.clip(at - (first if title is None else title), -40, 40),
        "published_word": [PUBLISHED.search(text) is not None for text in texts],
        "updated_word": [UPDATED.search(text) is not None for text in texts],
        "masthead": [MASTHEAD.search(text) is not None for text in texts],
        "weekday": [WEEKDAY.search(text) is not None for text in texts],
        "clock": [CLOCK.search(text) is not None for text in texts],
        "certain": [candidate.found.certain for candidate in candidates],
        "share_of_line": [
            span / max(1, len(text)) for span, text in zip(spans, texts, strict=True)
        ],
        "plain_words": [plain_words(text) for text in texts],
        "preposition": [
            PREPOSITION.search(text[: candidate.found.start]) is not None
            for text, candidate in zip(texts, candidates, strict=True)
        ],
        "starts_line": [candidate.found.start == 0 for candidate in candidates],
        "byline": [signed[i] for i in at],
        "byline_near": [any(signed[max(0, i - 2) : i + 3]) for i in at],
        "place_among": np.minimum(np.arange(len(at)), 20),
        "dates": min(20, len(at)),
        "different_days": min(20, len(set(days))),
        "same_day": [min(5, days.count(day)) for day in days],
        "latest": [day == max(days) for day in days],
        "earliest": [day == min(days) for day in days],
        "dated_lines_near": [sum(abs(i - j) <= 5 for j in dated) for i in at],
    }
    for name, values in columns.items():
        table[:, DATE_FEATURES.index(name)] = values
    return table


def strays(candidates: Sequence[DateCandidate], rows: Floats, kept: Sequence[bool]) -> list[bool]:
    """For each candidate whether it is a time stamp of another story.

    Those stand behind the first line of the text, several close together.
    """
    dated = rows[:, COLUMN["has_date"]] > 0
    first = next((i for i, keep in enumerate(kept) if keep), len(kept))
    return [
        c.line > first and int(dated[max(0, c.line - 5) : c.line + 6].sum()) >= STAMPS
        for c in candidates
    ]


def says_published(candidate: DateCandidate, lines: Sequence[Line]) -> bool:
    """Whether the words right before a day call it the day of publication."""
    before = lines[candidate.line].text[: candidate.found.start]
    return SAID_PUBLISHED.search(before) is not None
