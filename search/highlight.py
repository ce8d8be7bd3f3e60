"""Text and what matched in, marked segments and excerpts out. No HTML is made here.

A text is cut into chunks as `search.text` cuts it; which term a chunk is, is remembered from text
to text, so that an ordinary article costs some fifty microseconds and five megabytes half a second.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from search.model import Segment, Snippet
from search.text import Token, analyse_chunk, chunk_starts, separated, stem

EXCERPT_LENGTH = 240  # characters; two lines of a result
EXCERPT_COUNT = 2
MAX_REMEMBERED = 50_000  # chunks a language, some eight megabytes; then it starts anew
MAX_CHUNK_BYTES = 40  # longer ones (addresses, unspaced scripts) hardly come again
MAX_ANCHORS = 64  # places looked at for the best window; the rarest words' first, each word's one
_SENTENCE_END = re.compile(r"[.!?…]['\")\]”’»]*\s+|[。！？؟۔]\s*|\n+")
_WORD_EDGE = re.compile(r"\s")
_CONTINUED = "…"


@dataclass(frozen=True, slots=True)
class Pattern:
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


class _Signs(dict[bytes, "int | tuple[Token, ...]"]):
    """Chunk -> eight bits of its term in articles of one language; its tokens if not just one.

    Eight bits, for Python keeps such numbers ready made: fifty thousand chunks take six megabytes.
    A sought word is one of 256, so hardly any other chunk is looked at in vain.
    """

    def __init__(self, language: str | None) -> None:
        super().__init__()
        self.language = language

    def __missing__(self, chunk: bytes) -> int | tuple[Token, ...]:
        row = tuple(analyse_chunk(chunk))
        value = _sign(_stem(row[0].form, self.language)) if len(row) == 1 else row
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        if len(chunk) <= MAX_CHUNK_BYTES:
            self[chunk] = value
        return value


# Without the memory of `stem`: most words of a text are looked at once and never sought.
_stem = stem.__wrapped__


def _sign(term: str) -> int:
    return zlib.crc32(term.encode()) & 0xFF


@lru_cache(maxsize=16)
def _signs_of(language: str | None) -> _Signs:
    return _Signs(language)


class Marker:
    """Finds a query's patterns in texts."""

    def __init__(self, patterns: Iterable[Pattern], title_patterns: Iterable[Pattern] = ()) -> None:
        """`title_patterns` are sought in titles only, the others in titles and bodies."""
        given = tuple(dict.fromkeys(patterns))
        self.patterns = tuple(dict.fromkeys((*given, *title_patterns)))
        self._count_in_bodies = len(given)
        self._slots: dict[str, list[int]] = {}
        self._first_slot: list[int] = []
        slot_count = 0
        for pattern in self.patterns:
            self._first_slot.append(slot_count)
            for terms in pattern.slots:
                for term in terms:
                    self._slots.setdefault(term, []).append(slot_count)
                slot_count += 1
        self._signs = frozenset(map(_sign, self._slots))

    def spans(self, text: str, language: str | None) -> list[Span]:
        """Every match in a body, by place; they may overlap."""
        return self._spans(text, language, self.patterns[: self._count_in_bodies])

    def title_spans(self, title: str, language: str | None) -> list[Span]:
        """Every match in a title, by place; they may overlap."""
        return self._spans(title, language, self.patterns)

    def _spans(self, text: str, language: str | None, patterns: Sequence[Pattern]) -> list[Span]:
        if not patterns or not text:
            return []
        places = self._places(text, language)
        found: list[Span] = []
        for number, pattern in enumerate(patterns):
            first = self._first_slot[number]
            rows = [places.get(first + offset, {}) for offset in range(len(pattern.slots))]
            if not all(rows):
                continue
            if len(rows) == 1:
                found += (Span(start, end, number) for start, end in rows[0].values())
            elif pattern.within is None:
                found += _in_a_row(rows, number)
            else:
                near = _near(rows, pattern.slots, len(rows) + pattern.within)
                found += (Span(start, end, number) for start, end in near)
        return sorted(found)

    def _places(self, text: str, language: str | None) -> dict[int, dict[int, tuple[int, int]]]:
        """Slot -> position of the word in the text -> where it stands."""
        places: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
        slots_of = self._slots
        letters = separated(text)
        pieces = letters.split()
        signs = list(map(_signs_of(language).__getitem__, pieces))
        sought = self._signs
        looked_at = [
            number for number, sign in enumerate(signs) if sign in sought or sign.__class__ is tuple
        ]
        starts = chunk_starts(letters)[looked_at].tolist()
        rows: dict[bytes, tuple[Token, ...]] = {}
        shift = 0  # how many more words than chunks there were so far
        for number, start in zip(looked_at, starts, strict=True):
            sign = signs[number]
            if isinstance(sign, int):
                piece = pieces[number]
                row = rows.get(piece) or rows.setdefault(piece, tuple(analyse_chunk(piece)))
            else:
                row = sign
            position = number + shift
            shift -= 1
            for token in row:
                shift += not token.extra
                for slot in slots_of.get(stem(token.form, language), ()):
                    place = (start + token.start, start + token.end)
                    places[slot][position + token.position] = place
        return places


def _in_a_row(rows: Sequence[dict[int, tuple[int, int]]], number: int) -> list[Span]:
    """Matches of a phrase: from its first word's start to its last word's end."""
    last = len(rows) - 1
    return [
        Span(place[0], rows[last][position + last][1], number)
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
    members: set[tuple[int, int]] = set()
    for start in sorted({position for row in rows for position in row}):
        inside: set[tuple[int, int]] = set()
        for slot, positions in standing.items():
            first = bisect_left(positions, start)
            last = bisect_left(positions, start + width)
            if last - first < needed[slot]:
                break
            inside.update(row_of[slot][position] for position in positions[first:last])
        else:
            members |= inside
    return members


# --- segments ------------------------------------------------------------------------------------


def segments(text: str, spans: Iterable[Span], start: int = 0, end: int | None = None) -> Snippet:
    """`text[start:end]` with the spans marked; joined, the segments are that text."""
    stop = len(text) if end is None else end
    found: list[Segment] = []
    place = start
    for a, z in _merged(spans):
        if z <= start or a >= stop:
            continue
        first, last = max(a, start), min(z, stop)
        if first > place:
            found.append(Segment(text[place:first]))
        found.append(Segment(text[first:last], marked=True))
        place = last
    if place < stop:
        found.append(Segment(text[place:stop]))
    return tuple(found)


def _merged(spans: Iterable[Span]) -> list[tuple[int, int]]:
    """Overlapping spans as one; spans that only touch stay two."""
    merged: list[tuple[int, int]] = []
    for start, end, _ in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def mark_count(snippets: Iterable[Snippet]) -> int:
    """How many marked segments these have together."""
    return sum(segment.marked for snippet in snippets for segment in snippet)


def paragraphs(text: str, spans: Sequence[Span]) -> tuple[Snippet, ...]:
    """The text's paragraphs (an empty line parts them), each with its marks."""
    merged = [Span(start, end, 0) for start, end in _merged(spans)]
    found: list[Snippet] = []
    following = 0
    for match in re.finditer(r"(?:(?!\n\s*\n).)+", text, re.DOTALL):
        start, end = match.span()
        start += len(match.group()) - len(match.group().lstrip())
        end = start + len(text[start:end].rstrip())
        if start >= end:
            continue
        while following < len(merged) and merged[following].end <= start:
            following += 1
        inside = following
        while inside < len(merged) and merged[inside].start < end:
            inside += 1
        found.append(segments(text, merged[following:inside], start, end))
    return tuple(found)


# --- excerpts ------------------------------------------------------------------------------------


def excerpts(
    text: str,
    spans: Sequence[Span],
    *,
    count: int = EXCERPT_COUNT,
    length: int = EXCERPT_LENGTH,
) -> tuple[Snippet, ...]:
    """The most telling windows of a text in the order of the text; its beginning if none matched.

    The first window holds as many different patterns as any can; each further one must show a
    pattern that was not shown, or many matches, or is left out.
    """
    if not text.strip():
        return ()
    found: list[Snippet] = []
    floor = 0
    for first, last in sorted(_best_windows(spans, count, length)) or [(0, 0)]:
        start, end = _borders(text, (first, last), floor, length)
        found.append(_cut(text, spans, start, end))
        floor = end
    return tuple(found)


def _best_windows(spans: Sequence[Span], count: int, length: int) -> list[tuple[int, int]]:
    """(first match's start, last match's end) of the chosen windows."""
    anchors = _anchors(spans)
    shown: set[int] = set()
    chosen: list[tuple[int, int]] = []
    for _ in range(count):
        best: tuple[tuple[int, int], tuple[int, int]] | None = None
        patterns_of_best: set[int] = set()
        after = 0
        for number, anchor in enumerate(anchors):
            if any(
                anchor.start < max(last, first + length) and first - length < anchor.end
                for first, last in chosen
            ):
                continue
            after = max(after, number)
            while after < len(anchors) and anchors[after].end - anchor.start <= length * 3 // 4:
                after += 1
            inside = anchors[number : max(after, number + 1)]
            patterns = {span.pattern for span in inside}
            worth = (len(patterns - shown), len(inside))
            if best is None or worth > best[0]:
                best = (worth, (anchor.start, max(span.end for span in inside)))
                patterns_of_best = patterns
        if best is None or (chosen and not best[0][0]):
            break
        shown |= patterns_of_best
        chosen.append(best[1])
    return chosen


def _anchors(spans: Sequence[Span]) -> list[Span]:
    """The spans that windows are chosen by: all, or those of the patterns that matched least."""
    if len(spans) <= MAX_ANCHORS:
        return list(spans)
    by_pattern: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        by_pattern[span.pattern].append(span)
    chosen: list[Span] = []
    for row in sorted(by_pattern.values(), key=len):
        chosen += row[: max(1, MAX_ANCHORS - len(chosen))]
    return sorted(chosen)


def _borders(text: str, match: tuple[int, int], floor: int, length: int) -> tuple[int, int]:
    """Where an excerpt of about `length` characters around a match begins and ends."""
    first, last = match[0], min(match[1], match[0] + length)
    spare = max(0, length - (last - first))
    start = max(floor, _begin(text, first, spare))
    end = _finish(text, start, last, length)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _cut(text: str, spans: Sequence[Span], start: int, end: int) -> Snippet:
    """`text[start:end]` with its marks, and `…` where a sentence was cut."""
    inside = [span for span in spans if span.start < end and span.end > start]
    head = () if start == 0 or _ends_sentence(text, start) else (Segment(_CONTINUED),)
    whole = end >= len(text.rstrip()) or _ends_sentence(text, end + 1)
    tail = () if whole else (Segment(_CONTINUED),)
    return _joined((*head, *segments(text, inside, start, end), *tail))


def _begin(text: str, first: int, spare: int) -> int:
    """The start of the sentence of `first` if it is near, else a word not far before.

    Where the text ends soon, sentences before it fill the room.
    """
    earliest = max(0, first - spare * 2 // 3)
    borders = [match.end() for match in _SENTENCE_END.finditer(text, earliest, first)]
    if earliest == 0:
        borders.insert(0, 0)
    if borders:
        room = len(text) - spare
        return next((border for border in borders if border >= room), borders[-1])
    near = max(0, first - spare // 3)
    edge = _WORD_EDGE.search(text, near, first)
    return edge.end() if edge else near


def _finish(text: str, start: int, last: int, length: int) -> int:
    """The last sentence's end before `length` characters are full, else a word's end."""
    latest = min(len(text), max(last, start + length))
    if latest == len(text):
        return latest
    borders = [match.end() for match in _SENTENCE_END.finditer(text, last, latest)]
    if borders and borders[-1] - start > length // 2:
        return borders[-1]
    edge = max(text.rfind(" ", last, latest), text.rfind("\n", last, latest))
    return edge if edge > last else latest


def _ends_sentence(text: str, place: int) -> bool:
    """Whether a sentence or a paragraph ends just before this place."""
    before = text[max(0, place - 8) : place]
    return any(match.end() == len(before) for match in _SENTENCE_END.finditer(before))


def _joined(parts: Iterable[Segment]) -> Snippet:
    """Neighbours that are both unmarked, as one."""
    found: list[Segment] = []
    for part in parts:
        if found and not found[-1].marked and not part.marked:
            found[-1] = Segment(found[-1].text + part.text)
        else:
            found.append(part)
    return tuple(found)
