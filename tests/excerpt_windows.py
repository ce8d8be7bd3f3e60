"""Which windows of a text show best what matched, as plainly as it can be said: the reference."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from search.highlight import EXCERPT_COUNT, EXCERPT_LENGTH, MAX_ANCHORS, segments
from search.marking import Span
from search.model import Segment, Snippet

_SENTENCE_END = re.compile(
    r"[.!?…。！？؟۔\n](?:(?<=[.!?…])['\")\]”’»]*\s+|(?<=[。！？؟۔])\s*|(?<=\n)\n*)"
)
_AT_SENTENCE_END = re.compile(rf"(?:{_SENTENCE_END.pattern})\Z")
_NOT_SPACE = re.compile(r"\S")
_WORD_EDGE = re.compile(r"\s")
_CONTINUED = "…"


def excerpts(
    text: str,
    spans: Sequence[Span],
    *,
    until: int | None = None,
    count: int = EXCERPT_COUNT,
    length: int = EXCERPT_LENGTH,
) -> tuple[Snippet, ...]:
    """The most telling windows of a text in the order of the text; its beginning if none matched.

    The first window holds as many different patterns as any can; each further one must show a
    pattern that was not shown, or many matches, or is left out. `spans` are ordered by place. No
    window begins at or after `until`.
    """
    if not text or text.isspace():
        return ()
    found: list[Snippet] = []
    floor = 0
    chosen_from = spans if until is None else [span for span in spans if span.start < until]
    for first, last in _best_windows(chosen_from, count, length) or [(0, 0)]:
        start, end = _borders(text, (first, last), floor, length)
        found.append(_cut(text, spans, start, end))
        floor = end
    return tuple(found)


def _best_windows(spans: Sequence[Span], count: int, length: int) -> list[tuple[int, int]]:
    """(first match's start, last match's end) of the chosen windows, by place."""
    room = length * 3 // 4
    if not spans:
        return []
    first, end = spans[0].start, max([span.end for span in spans])
    if len(spans) == 1 or (len(spans) <= MAX_ANCHORS and end - first <= room):
        return [(first, end)]  # a window that has them all is surpassed by none
    anchors = _anchors(spans)
    windows = _windows(anchors, room)
    unseen = 0
    for patterns, _, _ in windows:
        unseen |= patterns
    chosen: list[tuple[int, int]] = []
    while unseen and len(chosen) < count:
        best: tuple[int, int] | None = None
        best_worth = (0, 0)
        patterns_of_best = 0
        for anchor, (patterns, inside, end) in zip(anchors, windows, strict=True):
            worth = ((patterns & unseen).bit_count(), inside)
            if worth > best_worth and (not chosen or _is_apart(anchor, chosen, length)):
                best, best_worth, patterns_of_best = (anchor.start, end), worth, patterns
        if best is None or (chosen and not best_worth[0]):
            break
        unseen &= ~patterns_of_best
        chosen.append(best)
    return sorted(chosen)


def _is_apart(anchor: Span, chosen: Sequence[tuple[int, int]], length: int) -> bool:
    """Whether a window from here on would show nothing that a chosen one shows."""
    return not any(
        anchor.start < max(last, first + length) and first - length < anchor.end
        for first, last in chosen
    )


def _windows(anchors: Sequence[Span], length: int) -> list[tuple[int, int, int]]:
    """From each anchor on: the patterns (as bits), the matches' number and end in so many letters."""
    found: list[tuple[int, int, int]] = []
    after = 0
    for number, (start, end, pattern) in enumerate(anchors):
        after = max(after, number)
        while after < len(anchors) and anchors[after].end - start <= length:
            after += 1
        patterns, last = 1 << pattern, end
        for _, other_end, other in anchors[number + 1 : after]:
            patterns |= 1 << other
            last = max(last, other_end)
        found.append((patterns, max(1, after - number), last))
    return found


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
    found = list(segments(text, inside, start, end))
    if start and not _ends_sentence(text, start):
        if found and not found[0].marked:
            found[0] = Segment(_CONTINUED + found[0].text)
        else:
            found.insert(0, Segment(_CONTINUED))
    if not _ends_sentence(text, end + 1) and not _ends_text(text, end):
        if found and not found[-1].marked:
            found[-1] = Segment(found[-1].text + _CONTINUED)
        else:
            found.append(Segment(_CONTINUED))
    return tuple(found)


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
    return _AT_SENTENCE_END.search(text[max(0, place - 8) : place]) is not None


def _ends_text(text: str, place: int) -> bool:
    """Whether nothing but space follows."""
    return _NOT_SPACE.search(text, place) is None
