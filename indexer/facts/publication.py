"""When an article was published: what a page states, else what its lines say, else nothing.

Finders in the order of trust. None of them reads a masthead, a copyright year, a caption, the time
stamp of another story or the file's own time, and none guesses what 03/04/2016 means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.facts import agencies, metadata, placed_dates
from indexer.facts.credit_words import PUBLISHED_WORDS, any_of
from indexer.facts.dates import FIRST_YEAR, Found, Order, dates_in, dates_of, order_of
from indexer.facts.languages import language_of
from indexer.facts.metadata import Answer
from indexer.facts.placed_dates import DateCandidate
from indexer.facts.relative_days import day_before, days_back
from indexer.learned.columns import Floats
from indexer.learned.forest import Model
from indexer.lines.lines import Line, words_of
from indexer.lines.page import Stated

MONTH_FIRST, NO_CONVENTION = frozenset({"en-us"}), frozenset({"en", ""})
DATED_LINES = 400
"""So many of a file's lines are asked how they order day and month."""
STAMP_WORDS = 8
NEAR_TITLE = 4
"""Lines behind the title where a month alone or `yesterday` is about the article."""
FIRST_LINES = 3
LAST_CHANGE = 0.6
"""What is left of the trust in a day that a line calls the one of its last change, not its first."""
YEAR_ALONE = re.compile(
    rf"^\W*(?:first )?(?:{any_of(PUBLISHED_WORDS)})\W{{0,3}}(?:in )?(?P<y>(?:19|20)\d\d)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a file when its date is looked for."""

    lines: Sequence[Line]
    rows: Floats
    kept: Sequence[bool]
    title: int | None
    """Index of the title's line."""
    source: str | None
    """The paper's name: a dated line above the title that holds it is its masthead."""
    stated: Stated
    url: str | None

    def order(self) -> Order | None:
        """What 03/04/2016 means here: by the other dates in the file, else by its language."""
        texts = [line.text for line in self.lines[:DATED_LINES]]
        return order_of([*texts, *(text for text, _, _ in self.stated.times)]) or self.convention()

    def convention(self) -> Order | None:
        """Day first in all languages that we know but English, which is written in two orders."""
        domain = (metadata.domain(self.url or self.stated.canonical or None) or "").rpartition(".")
        if domain[2] in {"uk", "ie", "au", "nz", "in", "za"}:
            return "day first"
        if domain[2] in {"gov", "mil"}:
            return "month first"
        body = [line.text for line, kept in zip(self.lines, self.kept, strict=True) if kept]
        language = language_of(body, self.stated.language)
        if language is None or language.value == "en":
            return "day first" if self.stated.language.lower() == "en-gb" else None
        return "day first"

    @property
    def masthead_words(self) -> tuple[str, ...]:
        """The paper's name in lower-case words."""
        return words_of(self.source or "")


def published(seen: Seen, model: Model) -> tuple[Answer | None, int | None]:
    """The date, and the index of the line it stands on, if it does."""
    stated = metadata.page_date(seen.stated, seen.order)
    if stated:
        return stated, None
    placed = _placed(seen, model)
    if placed[0]:
        return placed
    sent = _in_dateline(seen)
    if sent:
        return sent, None
    late = metadata.late_page_date(seen.stated, seen.url, seen.order)
    if late:
        return late, None
    return _less_precise(seen)


def _placed(seen: Seen, model: Model) -> tuple[Answer | None, int | None]:
    """The date that stands where dates of publication stand."""
    found = [each for each in placed_dates.date_candidates(seen.lines) if not _masthead(seen, each)]
    if not found:
        return None, None
    table = placed_dates.date_table(found, seen.lines, seen.rows, seen.kept, seen.title)
    chances = model.probabilities(table)
    said = [placed_dates.says_published(candidate, seen.lines) for candidate in found]
    chances[said] = np.maximum(chances[said], 0.5 + chances[said] / 2)
    out = placed_dates.excluded(found, seen.lines, seen.rows, seen.kept, seen.title)
    chances[out] = 0
    best = int(np.argmax(chances))
    if chances[best] < model.threshold:
        return None, None
    line = seen.lines[found[best].line]
    where, chance = f"line {line.number}", float(chances[best])
    if placed_dates.says_updated(found[best], line.text):
        where, chance = f"{where}, of the last change", chance * LAST_CHANGE
    return _answer(seen, found[best].found, line.text, where, chance), found[best].line


def _answer(seen: Seen, found: Found, text: str, where: str, chance: float) -> Answer:
    """The date; of one that two countries read differently the year alone, unless the file tells."""
    if found.certain:
        return Answer(found.stated, where, chance)
    order = seen.order()
    if order is None:
        return Answer(found.iso[:4], f"{where}, day and month not told apart", chance / 2)
    read = next(each for each in dates_in(text, order=order) if each.start == found.start)
    return Answer(read.stated, where, chance * 0.9)


def _masthead(seen: Seen, candidate: DateCandidate) -> bool:
    """Whether a dated line above the title names the paper."""
    name = seen.masthead_words
    if not name or (seen.title is not None and candidate.line > seen.title):
        return False
    if placed_dates.says_published(candidate, seen.lines):
        return False
    return " ".join(name) in " ".join(seen.lines[candidate.line].words)


def _in_dateline(seen: Seen) -> Answer | None:
    """`CALDER BAY, April 15, 2025 (Meridian) — …`: the day a report was sent."""
    body = [line for line, kept in zip(seen.lines, seen.kept, strict=True) if kept]
    for line in body[:FIRST_LINES]:
        head = agencies.dateline_head(line.text)
        found = [each for each in dates_in(head) if len(each.iso) == 10] if head else []
        if len(found) == 1 and found[0].certain:
            return Answer(found[0].iso, f"dateline in line {line.number}", 0.8)
    return None


def _less_precise(seen: Seen) -> tuple[Answer | None, int | None]:
    """A month or a year that is said to be that of publication, or a day told from another."""
    if seen.title is None:
        return None, None
    for i in range(seen.title + 1, min(len(seen.lines), seen.title + 1 + NEAR_TITLE)):
        line = seen.lines[i]
        if len(line.words) > STAMP_WORDS or seen.kept[i]:
            continue
        where = f"line {line.number}"
        if year := YEAR_ALONE.match(line.text):
            if int(year["y"]) >= FIRST_YEAR:
                return Answer(year["y"], where, 0.5), i
            continue
        months = dates_of(line)
        if len(months) == 1 and len(months[0].iso) == 7:
            rest = placed_dates.rest_of(line.text, months)
            if not placed_dates.other_words(rest):
                return Answer(months[0].iso, where, 0.5), i
        days = days_back(line.text)
        today = _today(seen) if days is not None else None
        if days is not None and today:
            return Answer(day_before(today[0], days), f"{where}, counted from {today[1]}", 0.6), i
    return None, None


def _today(seen: Seen) -> tuple[str, str] | None:
    """The day on which the page was made, if its masthead states one."""
    found = {
        each.iso: f"line {line.number}"
        for line in seen.lines[: seen.title]
        if len(line.words) <= placed_dates.MAX_WORDS
        for each in dates_of(line)
        if len(each.iso) == 10 and each.certain
    }
    return next(iter(found.items())) if len(found) == 1 else None
