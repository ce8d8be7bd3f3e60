"""What the characters of lines say by themselves: counts, shares, how a line begins and ends."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from search.compiled import I8, U2, U4, boolean, compiled, float32, int64, void, writable

LETTER, UPPER, DIGIT, WORD, SPACE, WIDE, QUOTE, COMMA, END, PIPE, MARK = (1 << i for i in range(11))
ENDS_COMMA, ENDS_COLON, ENDS_QUESTION, CLOSING, ALNUM = (1 << i for i in range(11, 16))
"""The classes of a character, a bit each."""
LAST_POINT = 65_535
"""Characters behind it are all of its classes."""

LETTER_COLUMNS = (
    "words", "characters", "word_length", "upper_words", "upper_letters", "digits", "marks", "commas",
    "inner_ends", "quotes", "pipes", "ends", "ends_comma", "ends_colon", "ends_question",
    "starts_lower", "starts_mark", "starts_quote", "prose", "name_like",
)  # fmt: skip
(
    WORDS, CHARACTERS, WORD_LENGTH, UPPER_WORDS, UPPER_LETTERS, DIGITS, MARKS, COMMAS,
    INNER_ENDS, QUOTES, PIPES, ENDS_, COMMA_, COLON_, QUESTION_,
    STARTS_LOWER, STARTS_MARK, STARTS_QUOTE, PROSE, NAME_LIKE,
) = range(len(LETTER_COLUMNS))  # fmt: skip
HAS_NUMBER, LIKE_DATE, LIKE_GLUED, LIKE_ADDRESS, LIKE_CODE, ONE_WORD, HAS_SIGN = (
    1 << i for i in range(7)
)
"""What a line may hold, which only a pattern can tell: the classes of its hints."""
HINT_CHARACTERS = 300
"""Behind them nobody looks for an address."""
AT_SIGN, STOP, COLON, BLANK, SMALL_A, SMALL_Z = (ord(mark) for mark in "@.: az")
NINETEEN, TWENTY = (ord("1"), ord("9")), (ord("2"), ord("0"))
CODE_MARKS, SIGNS, PARTS, ENDS_OF_HTTP = (
    tuple(map(ord, marks)) for marks in ("<>=;{}", "©×", "./-", "pPsS")
)
CAPITAL_AND_SMALL_W = (ord("W"), ord("w"))
UNKNOWN = -1.0
SENTENCE_WORDS = 12


@compiled()
def _classes_of(classes: NDArray[np.uint16], point: int) -> int:
    found: int = int64(classes[min(point, LAST_POINT)])
    return found


@compiled()
def _has_case(points: NDArray[np.uint32], classes: NDArray[np.uint16]) -> bool:
    for point in points:  # noqa: SIM110 - any() of a generator cannot be compiled
        if _classes_of(classes, int64(point)) & UPPER:
            return True
    return False


@compiled()
def _hint_of(
    points: NDArray[np.uint32], k: int, start: int, stop: int, classes: NDArray[np.uint16]
) -> int:
    """What a mark lets one expect of its line, by the letters beside it."""
    mark = int64(points[k])
    before = int64(points[k - 1]) if k > start else 0
    hint = 0
    if mark in CODE_MARKS:
        hint = LIKE_CODE
    elif mark in SIGNS:
        hint = HAS_SIGN
    elif k - start > HINT_CHARACTERS:
        hint = 0
    elif mark == AT_SIGN or (mark == COLON and before in ENDS_OF_HTTP):
        hint = LIKE_ADDRESS
    elif mark == STOP:  # `www.`, `.com`
        follows = k + 1 < stop and _classes_of(classes, int64(points[k + 1])) & LETTER != 0
        hint = LIKE_ADDRESS if follows or before in CAPITAL_AND_SMALL_W else 0
    return hint


@compiled()
def _is_glued(points: NDArray[np.uint32], k: int, start: int, stop: int) -> bool:
    """Whether two small letters of ASCII stand before and two behind: another word is glued on."""
    small = 0
    for place in (k - 2, k - 1, k + 1, k + 2):
        small += start <= place < stop and SMALL_A <= points[place] <= SMALL_Z
    return small == 4


@compiled()
def _is_digit(points: NDArray[np.uint32], k: int, stop: int, classes: NDArray[np.uint16]) -> bool:
    return k < stop and _classes_of(classes, int64(points[k])) & DIGIT != 0


@compiled()
def _begins_date(
    points: NDArray[np.uint32], k: int, stop: int, classes: NDArray[np.uint16]
) -> bool:
    """Whether a year (`19..`, `20..`) or a day in numbers (`.1/12/20`) begins at this digit."""
    if k + 2 >= stop or not _is_digit(points, k + 2, stop, classes):
        return False
    here, following = int64(points[k]), int64(points[k + 1])
    if (here, following) == NINETEEN or (here, following) == TWENTY:
        return _is_digit(points, k + 3, stop, classes)
    second = k + 4 if _is_digit(points, k + 3, stop, classes) else k + 3
    return (
        following in PARTS
        and second < stop
        and int64(points[second]) in PARTS
        and _is_digit(points, second + 1, stop, classes)
        and _is_digit(points, second + 2, stop, classes)
    )


@compiled(void(U4, I8, I8, U2, boolean, I8, writable(float32, 2), writable(int64), writable(int64)))
def describe_letters(  # noqa: C901, PLR0913, PLR0915, PLR0917 - one pass over the letters
    points: NDArray[np.uint32],
    lengths: NDArray[np.int64],
    ends: NDArray[np.int64],
    classes: NDArray[np.uint16],
    cased: bool,  # noqa: FBT001 - compiled functions are called by place
    at: NDArray[np.int64],
    rows: NDArray[np.float32],
    opens: NDArray[np.int64],
    hints: NDArray[np.int64],
) -> None:
    """Fill LETTER_COLUMNS, the mark that a line begins with (0: a letter or digit), and its hints.

    points: the lines' code points, a line feed between two lines; lengths and ends (lines): how
    many a line has, and how many before the credit at its end; classes (65,536); at: the columns;
    rows (columns, lines). Letter case is UNKNOWN where there is none, or it is not to be looked at.
    """
    knows_case = cased and _has_case(points, classes)
    start = 0
    for line in range(len(lengths)):
        stop = start + lengths[line]
        letters = word_characters = uppers = digits = wide = 0
        quotes = commas = pipes = marks = words = upper_words = inner_ends = 0
        hint = ONE_WORD
        before = 0
        for k in range(start, stop):
            here = _classes_of(classes, int64(points[k]))
            letters += (here & LETTER) != 0
            uppers += (here & UPPER) != 0
            digits += (here & DIGIT) != 0
            wide += (here & WIDE) != 0
            quotes += (here & QUOTE) != 0
            commas += (here & COMMA) != 0
            pipes += (here & PIPE) != 0
            marks += (here & MARK) != 0
            if here & WORD:
                word_characters += 1
                if not before & WORD:
                    words += 1
                    upper_words += (here & UPPER) != 0
                elif here & UPPER and _is_glued(points, k, start, stop):
                    hint |= LIKE_GLUED
                if here & DIGIT:
                    hint |= HAS_NUMBER
                    if not hint & LIKE_DATE and _begins_date(points, k, stop, classes):
                        hint |= LIKE_DATE
            elif here & MARK:
                hint |= _hint_of(points, k, start, stop, classes)
            elif points[k] == BLANK:
                hint &= ~ONE_WORD
            if before & END and here & (SPACE | WIDE):
                inner_ends += 1
            before = here
        inner_ends += (before & END) != 0
        if wide > 2:
            words += wide // 2
        last = start + ends[line] - 1
        while last >= start and _classes_of(classes, int64(points[last])) & CLOSING:
            last -= 1
        end = _classes_of(classes, int64(points[last])) if last >= start else 0
        first = _classes_of(classes, int64(points[start])) if stop > start else 0
        opens[line] = 0 if stop == start or first & ALNUM else int64(points[start])
        upper_share = upper_words / max(1, words) if knows_case else UNKNOWN
        rows[at[WORDS], line] = math.log1p(words)
        rows[at[CHARACTERS], line] = math.log1p(stop - start)
        rows[at[WORD_LENGTH], line] = min(20.0, word_characters / max(1, words))
        rows[at[UPPER_WORDS], line] = upper_share
        rows[at[UPPER_LETTERS], line] = uppers / max(1, letters) if knows_case else UNKNOWN
        rows[at[DIGITS], line] = digits / max(1, stop - start)
        rows[at[MARKS], line] = marks / max(1, stop - start)
        rows[at[COMMAS], line] = min(8, commas)
        rows[at[INNER_ENDS], line] = min(12, inner_ends)
        rows[at[QUOTES], line] = min(6, quotes)
        rows[at[PIPES], line] = min(6, pipes)
        rows[at[ENDS_], line] = (end & END) != 0
        rows[at[COMMA_], line] = (end & ENDS_COMMA) != 0
        rows[at[COLON_], line] = (end & ENDS_COLON) != 0
        rows[at[QUESTION_], line] = (end & ENDS_QUESTION) != 0
        lower = (first & (LETTER | UPPER | WIDE)) == LETTER
        rows[at[STARTS_LOWER], line] = int64(lower) if knows_case else UNKNOWN
        rows[at[STARTS_MARK], line] = (first & (WORD | QUOTE)) == 0
        rows[at[STARTS_QUOTE], line] = (first & QUOTE) != 0
        ended = (end & END) != 0
        rows[at[PROSE], line] = words >= (SENTENCE_WORDS if ended else 2 * SENTENCE_WORDS)
        rows[at[NAME_LIKE], line] = 1 <= words <= 4 and upper_share == 1
        hints[line] = hint
        start = stop + 1
