"""Loops over the letters of a text: which windows show best what matched, and where they begin and end.

A text is a row of its letters' numbers; `kinds` says of each what it is (`search.letters`).
"""

# ruff: noqa: PLR0913, PLR0917 - a loop is given its arrays one by one

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U4, compiled, int64, void, writable

# What `kinds` says of a letter: a space; what a sentence or a line may end with (`STOPS`).
SPACE = 1 << 28
STOP = 1 << 30
STOPS = ".!?…。！？؟۔\n"
MAX_ANCHORS = 64  # places looked at for the best window; the rarest words' first, each word's one
# What a row of `cut_texts` is, beside its place.
MARKED, FIRST, CUT_BEFORE, CUT_AFTER = 1, 2, 4, 8

_NEW_LINE, _BLANK = 0x0A, 0x20

Numbers = NDArray[np.int64]
Letters = NDArray[np.uint32]


# --- borders --------------------------------------------------------------------------------------


@compiled()
def _closes(letter: int) -> bool:
    """Whether it is a quotation mark or a bracket that may stand behind a stop: `'")]”’»`."""
    return letter in (0x27, 0x22, 0x29, 0x5D, 0x201D, 0x2019, 0xBB)


@compiled()
def _sentence_end(letters: Letters, kinds: Letters, at: int, stop: int) -> int:
    """Where the sentence or line ends whose last sign is this stop, space included; -1: it ends none.

    A stop needs a space behind it (quotes and brackets between); one of a script without spaces
    and a line's end do not.
    """
    letter = letters[at]
    end = at + 1
    if letter in (0x2E, 0x21, 0x3F, 0x2026):  # . ! ? …
        while end < stop and _closes(letters[end]):
            end += 1
        behind = end
        while end < stop and kinds[letters[end]] & SPACE:
            end += 1
        return end if end > behind else -1
    if letter == _NEW_LINE:
        while end < stop and letters[end] == _NEW_LINE:
            end += 1
        return end
    while end < stop and kinds[letters[end]] & SPACE:
        end += 1
    return end


@compiled()
def _ends_sentence(letters: Letters, kinds: Letters, place: int) -> bool:
    """Whether a sentence or a paragraph ends just before this place."""
    stop = min(place, len(letters))
    for at in range(max(0, place - 8), stop):
        if kinds[letters[at]] & STOP and _sentence_end(letters, kinds, at, stop) == stop:
            return True
    return False


@compiled()
def _ends_text(letters: Letters, kinds: Letters, place: int) -> bool:
    """Whether nothing but space follows."""
    at = place
    while at < len(letters) and kinds[letters[at]] & SPACE:
        at += 1
    return at == len(letters)


@compiled()
def _begin(letters: Letters, kinds: Letters, first: int, spare: int) -> int:
    """The start of the sentence of `first` if it is near, else a word not far before.

    Where the text ends soon, sentences before it fill the room.
    """
    at = max(0, first - spare * 2 // 3)
    room = len(letters) - spare
    border = 0 if at == 0 else -1
    while at < first and (border < 0 or border < room):
        end = -1
        if kinds[letters[at]] & STOP:  # a call costs as much as a dozen letters
            end = _sentence_end(letters, kinds, at, first)
        border, at = (end, end) if end >= 0 else (border, at + 1)
    if border >= 0:
        return border
    near = max(0, first - spare // 3)
    for at in range(near, first):
        if kinds[letters[at]] & SPACE:
            return at + 1
    return near


@compiled()
def _finish(letters: Letters, kinds: Letters, start: int, last: int, length: int) -> int:
    """The last sentence's end before `length` letters are full, else a word's end."""
    latest = min(len(letters), max(last, start + length))
    if latest == len(letters):
        return latest
    border, at = -1, last
    while at < latest:
        end = -1
        if kinds[letters[at]] & STOP:
            end = _sentence_end(letters, kinds, at, latest)
        border, at = (end, end) if end >= 0 else (border, at + 1)
    if border - start > length // 2:
        return border
    for at in range(latest - 1, last, -1):
        if letters[at] == _BLANK or letters[at] == _NEW_LINE:
            return at
    return latest


@compiled()
def _borders(
    letters: Letters, kinds: Letters, first: int, last: int, floor: int, length: int
) -> tuple[int, int]:
    """Where an excerpt of about `length` letters around a match begins and ends."""
    last = min(last, first + length)
    spare = max(0, length - (last - first))
    start = max(floor, _begin(letters, kinds, first, spare))
    end = _finish(letters, kinds, start, last, length)
    while start < end and kinds[letters[start]] & SPACE:
        start += 1
    while end > start and kinds[letters[end - 1]] & SPACE:
        end -= 1
    return start, end


# --- windows --------------------------------------------------------------------------------------


@compiled()
def _is_apart(anchors: Numbers, number: int, chosen: Numbers, length: int) -> bool:
    """Whether a window from this anchor on shows nothing that a chosen one shows."""
    for row in range(len(chosen)):
        first, last = chosen[row, 0], chosen[row, 1]
        if anchors[number, 0] < max(last, first + length) and first - length < anchors[number, 1]:
            return False
    return True


@compiled()
def _sort(rows: Numbers) -> None:
    """Put a few pairs in order."""
    for row in range(1, len(rows)):
        at = row
        while at > 0 and rows[at, 0] < rows[at - 1, 0]:
            for side in range(2):
                rows[at, side], rows[at - 1, side] = rows[at - 1, side], rows[at, side]
            at -= 1


@compiled()
def _anchors(spans: Numbers, pattern_count: int) -> Numbers:
    """The spans that windows are chosen by where there are many: those of the rarest patterns.

    Each pattern has one at least, and as many of its first as there is room for.
    """
    counts = np.zeros(pattern_count, np.int64)
    firsts = np.full(pattern_count, len(spans), np.int64)
    for place in range(len(spans)):
        counts[spans[place, 2]] += 1
        firsts[spans[place, 2]] = min(firsts[spans[place, 2]], place)
    # Rarest first, of equally rare ones the one that comes first.
    order = np.argsort(counts * (len(spans) + 1) + firsts)
    shares = np.zeros(pattern_count, np.int64)
    taken = 0
    for pattern in order:
        shares[pattern] = min(counts[pattern], max(1, MAX_ANCHORS - taken))
        taken += shares[pattern]
    anchors = np.empty((taken, 3), np.int64)
    row = 0
    for place in range(len(spans)):
        if shares[spans[place, 2]] > 0:
            shares[spans[place, 2]] -= 1
            anchors[row] = spans[place, :3]
            row += 1
    return anchors


@compiled()
def _best_windows(  # noqa: C901 - the parts share too many numbers
    spans: Numbers, chosen: Numbers, length: int
) -> int:
    """Fill `chosen` with the first match's start and the last one's end of windows; their number.

    The first holds as many patterns as any can, each further one some that were not shown.
    """
    room = length * 3 // 4
    if len(spans) == 0:
        return 0
    end = spans[:, 1].max()
    if len(spans) == 1 or (len(spans) <= MAX_ANCHORS and end - spans[0, 0] <= room):
        chosen[0, 0], chosen[0, 1] = spans[0, 0], end  # it has them all: surpassed by none
        return 1
    pattern_count = spans[:, 2].max() + 1
    anchors = spans if len(spans) <= MAX_ANCHORS else _anchors(spans, pattern_count)
    afters = np.empty(len(anchors), np.int64)  # the first anchor behind the window of each
    after = 0
    for number in range(len(anchors)):
        after = max(after, number)
        while after < len(anchors) and anchors[after, 1] - anchors[number, 0] <= room:
            after += 1
        afters[number] = max(after, number + 1)
    is_shown = np.zeros(pattern_count, np.bool_)
    met_by = np.full(pattern_count, -1, np.int64)  # the anchor that met a pattern last
    count = 0
    while count < len(chosen):
        best, best_fresh, best_inside = -1, 0, 0
        for number in range(len(anchors)):
            if not _is_apart(anchors, number, chosen[:count], length):
                continue
            fresh = 0
            for other in range(number, afters[number]):
                pattern = anchors[other, 2]
                if not is_shown[pattern] and met_by[pattern] != number:
                    met_by[pattern] = number
                    fresh += 1
            inside = afters[number] - number
            if fresh > best_fresh or (fresh == best_fresh and inside > best_inside):
                best, best_fresh, best_inside = number, fresh, inside
        if best < 0 or best_fresh == 0:
            break
        met_by[:] = -1
        for other in range(best, afters[best]):
            is_shown[anchors[other, 2]] = True
        chosen[count, 0] = anchors[best, 0]
        chosen[count, 1] = anchors[best : afters[best], 1].max()
        count += 1
    _sort(chosen[:count])
    return count


# --- excerpts -------------------------------------------------------------------------------------


@compiled()
def _cut(
    letters: Letters,
    kinds: Letters,
    spans: Numbers,
    start: int,
    end: int,
    cuts: Numbers,
    rows: int,
) -> int:
    """Add a window's rows: overlapping spans are one mark. Returns how many rows there are then."""
    opened, place, is_marked = rows, start, False
    for row in range(len(spans)):
        if spans[row, 0] >= end:
            break
        if spans[row, 1] <= place:
            continue
        first, last = max(spans[row, 0], start), min(spans[row, 1], end)
        if is_marked and first < place:
            cuts[rows - 1, 1] = last  # they overlap
        else:
            if first > place:
                cuts[rows, 0], cuts[rows, 1], cuts[rows, 2] = place, first, 0
                rows += 1
            cuts[rows, 0], cuts[rows, 1], cuts[rows, 2] = first, last, MARKED
            rows += 1
        place, is_marked = last, True
    if place < end or rows == opened:
        cuts[rows, 0], cuts[rows, 1], cuts[rows, 2] = place, end, 0
        rows += 1
    cuts[opened, 2] |= FIRST
    if start > 0 and not _ends_sentence(letters, kinds, start):
        cuts[opened, 2] |= CUT_BEFORE
    if not _ends_sentence(letters, kinds, end + 1) and not _ends_text(letters, kinds, end):
        cuts[rows - 1, 2] |= CUT_AFTER
    return rows


@compiled()
def _excerpts(
    letters: Letters,
    kinds: Letters,
    spans: Numbers,
    until: int,
    most: int,
    length: int,
    cuts: Numbers,
    rows: int,
) -> int:
    """Add the rows of the most telling windows of a text: none for a text of nothing but space.

    No window begins at or after `until`. Returns how many rows there are then.
    """
    if _ends_text(letters, kinds, 0):
        return rows
    eligible = 0
    while eligible < len(spans) and spans[eligible, 0] < until:
        eligible += 1
    windows = np.zeros((most, 2), np.int64)
    found = _best_windows(spans[:eligible], windows, length)
    if not found:
        windows[0, 0], windows[0, 1], found = 0, 0, 1
    floor = 0
    for window in range(found):
        first, last = windows[window, 0], windows[window, 1]
        start, end = _borders(letters, kinds, first, last, floor, length)
        rows = _cut(letters, kinds, spans, start, end, cuts, rows)
        floor = end
    return rows


@compiled(
    void(U4, U4, I8, writable(int64, 2), I8, int64, int64, writable(int64, 2), writable(int64))
)
def cut_texts(
    letters: Letters,
    kinds: Letters,
    starts: Numbers,
    spans: Numbers,
    untils: Numbers,
    most: int,
    length: int,
    cuts: Numbers,
    ends: Numbers,
) -> None:
    """Titles whole, and the most telling windows of bodies, cut into what is marked and what is not.

    Text t is `letters[starts[t]:starts[t + 1] - 1]`; every other one is a title, from the first on. A
    row of `spans` is start, end, pattern, ordered; it is given the place in its text. A body has
    `most` windows of about `length` letters, in its order, none from `untils[t]` on. A row of `cuts`
    is start, end, what it is; those of text t end before `ends[t]`.
    """
    rows, first = 0, 0
    for text in range(len(starts) - 1):
        start, end = starts[text], starts[text + 1] - 1
        last = first
        while last < len(spans) and spans[last, 0] < end:
            spans[last, 0] -= start
            spans[last, 1] -= start
            last += 1
        here, inside = letters[start:end], spans[first:last]
        if text % 2 == 0:
            rows = _cut(here, kinds, inside, 0, end - start, cuts, rows)
        else:
            rows = _excerpts(here, kinds, inside, untils[text], most, length, cuts, rows)
        ends[text] = rows
        first = last
