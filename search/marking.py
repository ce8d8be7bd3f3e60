"""A query's patterns and a text in, the places that match out: a phrase matches only as a phrase.

Where the index says which forms its terms have, a loop over the letters finds them
(`search.sought`): a few microseconds an ordinary article. Otherwise every chunk is looked at
(`search.every_chunk`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.every_chunk import EveryChunk
from search.letters import Letters
from search.sought import LookedThrough, Sought, Texts

_STRETCH = 2_000  # letters looked through at a time: more than an excerpt may be long
_TOGETHER = 100_000  # letters of articles that are looked through together


class Pattern(NamedTuple):
    """What one part of a query looks for: terms in a row, each the choice of several.

    With `within`, the words in any order inside a window of that many words beyond their number.
    """

    slots: tuple[frozenset[str], ...]
    within: int | None = None


class Span(NamedTuple):
    """`text[start:end]` matched the pattern with this number."""

    start: int
    end: int
    pattern: int


Rows = NDArray[np.int64]
"""Start, end and pattern of each match, ordered; what stands behind these does not count."""
Article = tuple[str, str, str | None]
"""Title, body and language."""


class Shown(NamedTuple):
    """What hits show of some articles; title and body of each stand one behind the other."""

    texts: Sequence[str]
    letters: Letters
    """Of all texts."""
    starts: NDArray[np.int64]
    """Where each text begins in them, and where one more would."""
    rows: Rows
    """The matches by their places in them, in a body as far as an excerpt needs them."""
    untils: NDArray[np.int64]
    """Before where in its text an excerpt may begin."""


def shown_of(
    each: Sequence[str], spans: Iterable[Sequence[Span]], untils: Sequence[int] | None = None
) -> Shown:
    """Texts whose matches are known, by their places in each."""
    texts = Texts.of(each)
    rows = [
        (start + first, start + last, pattern)
        for start, inside in zip(texts.starts.tolist(), spans, strict=False)
        for first, last, pattern in inside
    ]
    ends = texts.lengths if untils is None else np.array(untils, np.int64)
    return Shown(texts.each, texts.letters, texts.starts, _as_rows(rows), ends)


_span = partial(tuple.__new__, Span)  # of a triple, in a third of the time of Span(…)


class Marker:
    """Finds a query's patterns in texts."""

    def __init__(
        self,
        patterns: Iterable[Pattern],
        title_patterns: Iterable[Pattern] = (),
        *,
        spellings: Callable[[str], Iterable[str]] | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """`title_patterns` are sought in titles only, the others in titles and bodies.

        `spellings` gives every form that a term has in the texts, as the index knows them; `check`
        looks at the clock meanwhile.
        """
        self._check = check
        given = tuple(dict.fromkeys(patterns))
        self.patterns = tuple(dict.fromkeys((*given, *title_patterns)))
        self._count_in_bodies = len(given)
        self._slots: dict[str, tuple[int, ...]] = {}
        self._first_slot: list[int] = []
        slot_count = 0
        for pattern in self.patterns:
            self._first_slot.append(slot_count)
            for terms in pattern.slots:
                again = {
                    term: (*self._slots[term], slot_count) for term in terms & self._slots.keys()
                }
                self._slots |= dict.fromkeys(terms, (slot_count,))  # there may be thousands
                self._slots |= again
                slot_count += 1
        self._are_single_words = slot_count == len(self.patterns)
        self._sought: Sought | None = None
        if spellings is not None:
            rows = [pattern.slots for pattern in self.patterns]
            self._sought = Sought.of(rows, self._slots, spellings)

    def spans(self, text: str, language: str | None) -> list[Span]:
        """Every match in a body, by place; they may overlap."""
        rows = self._rows(self._look(Texts.of([text]), language), self._count_in_bodies)
        return [_span(row[:3]) for row in rows.tolist()]

    def title_spans(self, title: str, language: str | None) -> list[Span]:
        """Every match in a title, by place; they may overlap."""
        rows = self._rows(self._look(Texts.of([title]), language), len(self.patterns))
        return [_span(row[:3]) for row in rows.tolist()]

    def shown(self, articles: Iterable[Article], *, enough: int) -> Iterator[Shown]:
        """What hits show of articles, a few of which are looked through together."""
        for language, each in _together(articles):
            texts = Texts.of(each)
            if self._sought:
                yield self._shown(texts, language)
            else:
                yield self._shown_in_part(texts, language, enough)

    def _shown(self, texts: Texts, language: str | None) -> Shown:
        rows = self._rows(self._look(texts, language), len(self.patterns))
        if self._count_in_bodies < len(self.patterns):
            places = texts.starts.searchsorted(rows[:, 0], "right")
            is_in_title = places % 2 == 1
            rows = rows[is_in_title | (rows[:, 2] < self._count_in_bodies)]
        return Shown(texts.each, texts.letters, texts.starts, rows, texts.lengths)

    def _shown_in_part(self, texts: Texts, language: str | None, enough: int) -> Shown:
        """The same where every chunk has to be looked at: bodies only as far as is needed."""
        spans: list[Sequence[Span]] = []
        untils: list[int] = []
        for title, body in zip(texts.each[::2], texts.each[1::2], strict=True):
            self._check()
            found, until = self._first(body, language, enough)
            spans += [self.title_spans(title, language), found]
            untils += [len(title), until]
        return shown_of(texts.each, spans, untils)

    def _look(self, texts: Texts, language: str | None) -> Looked:
        """The texts, looked through together if the sought forms are known."""
        if self._sought:
            return self._sought.look(texts, language, are_placed=not self._are_single_words)
        return EveryChunk(texts.joined, language, self._slots)

    def _first(self, text: str, language: str | None, enough: int) -> tuple[list[Span], int]:
        """The matches in a body as far as an excerpt needs them, and before where it may begin.

        That is where `enough` have been met, of each pattern its share: what `s*` stands for need
        not be found a thousand times in a long article. A pattern that is not met is sought to the
        end. The matches of a stretch behind that place are given as well, to be marked.
        """
        count = self._count_in_bodies
        if len(text) <= _STRETCH or not self._are_single_words:
            return self.spans(text, language), len(text)
        share = max(1, enough // max(1, count))
        found: list[Span] = []
        counts = np.zeros(count, np.int64)
        start = 0
        while start < len(text):
            end = text.find(" ", start + _STRETCH) + 1 or len(text)
            are_enough = counts.min(initial=share) >= share
            here = self.spans(text[start:end], language)
            counts += np.bincount([span.pattern for span in here], minlength=count)
            found += [_span((start + a, start + z, pattern)) for a, z, pattern in here]
            if are_enough:
                return found, start
            start = end
        return found, len(text)

    def _rows(self, looked: Looked, count: int) -> Rows:
        """The matches of the first `count` patterns."""
        if self._are_single_words:  # their slots have the numbers of their patterns
            marks = looked.marks()
            return marks if count == len(self.patterns) else marks[marks[:, 2] < count]
        places = looked.places()
        found: list[tuple[int, int, int]] = []
        for number, pattern in enumerate(self.patterns[:count]):
            self._check()
            first = self._first_slot[number]
            rows = [places.get(first + offset, {}) for offset in range(len(pattern.slots))]
            if not all(rows):
                continue
            if len(rows) == 1:
                found += ((start, end, number) for start, end in rows[0].values())
            elif pattern.within is None:
                found += _in_a_row(rows, number)
            else:
                near = _near(rows, pattern.slots, len(rows) + pattern.within)
                found += ((start, end, number) for start, end in near)
        return _in_order(found)


def _together(articles: Iterable[Article]) -> Iterator[tuple[str | None, list[str]]]:
    """Titles and bodies of so many articles of one language as can be looked through together."""
    texts: list[str] = []
    size, spoken = 0, None
    for title, body, language in articles:
        if texts and (size > _TOGETHER or language != spoken):
            yield spoken, texts
            texts, size = [], 0
        texts += title, body
        size += len(body)
        spoken = language
    if texts:
        yield spoken, texts


Looked = EveryChunk | LookedThrough


def _in_order(rows: Iterable[tuple[int, ...]]) -> Rows:
    return _as_rows(sorted(rows))


def _as_rows(rows: Sequence[tuple[int, ...]]) -> Rows:
    return np.array(rows, np.int64).reshape(-1, 3)


def _in_a_row(
    rows: Sequence[dict[int, tuple[int, int]]], number: int
) -> list[tuple[int, int, int]]:
    """Matches of a phrase: from its first word's start to its last word's end."""
    last = len(rows) - 1
    return [
        (place[0], rows[last][position + last][1], number)
        for position, place in rows[0].items()
        if all(position + offset in rows[offset] for offset in range(1, last + 1))
    ]


def _near(
    rows: Sequence[dict[int, tuple[int, int]]], slots: Sequence[frozenset[str]], width: int
) -> set[tuple[int, int]]:
    """The places of all sought words that stand in a window of `width` words which holds them all.

    A word that is asked for twice has to be there twice.
    """
    row_of = dict(zip(slots, rows, strict=True))
    needed = Counter(slots)
    standing = {slot: sorted(row) for slot, row in row_of.items()}
    taken = dict.fromkeys(standing, 0)  # of each row, how many were looked at for being a member
    members: set[tuple[int, int]] = set()
    for start in sorted({position for row in rows for position in row}):
        inside = {
            slot: (bisect_left(positions, start), bisect_left(positions, start + width))
            for slot, positions in standing.items()
        }
        if any(last - first < needed[slot] for slot, (first, last) in inside.items()):
            continue
        for slot, (first, last) in inside.items():
            fresh = standing[slot][max(first, taken[slot]) : last]
            members.update([row_of[slot][position] for position in fresh])
            taken[slot] = last
    return members
