"""A query's tokens made sound: whatever was typed, what is left can be parsed.

Limits are kept, pasted prose and headlines lose their operators, parentheses without a partner
and operators with nothing to join go; each with a warning.
"""

from __future__ import annotations

import re
from itertools import pairwise

from search.lexer import OUTER, Mark, Token, Warnings, is_word
from search.model import Phrase, Word
from search.stop_words import STOP_WORDS
from search.text import fold
from search.wording import is_plain

MAX_WORDS = 1_000  # words, phrases, operators: a pasted article's worth; each costs a look-up
MAX_DEPTH = 20  # parentheses inside parentheses; people use two or three

PASSAGE_WORDS = 12  # the longest query of operators in the tests has seven side by side
PASSAGE_STOP_SHARE = 0.2  # of its words are stop words; prose has about .45, keywords .05
PASSAGE_BESIDE = 4  # words side by side outside of quotation marks, where these hold the rest
_PUNCTUATED = re.compile(r"\w[.,:;!?]+\s")
_QUOTED = re.compile(r"[\"“„”«»][^\"“„”«»]*[\"“”«»]")

OPERATORS = frozenset({Mark.AND, Mark.OR, Mark.NOT})
JOINING = frozenset({*OPERATORS, Mark.MINUS, Mark.FIELD})
SIGNS = OUTER + "*?~+"
_MENDED = (Mark, Phrase)  # nothing else ever is


def sound(found: list[Token], text: str, warnings: Warnings) -> list[Token]:
    """The tokens that a parser can read without looking for mistakes."""
    found = _limited(found, warnings)
    if not any(isinstance(token.kind, _MENDED) for token in found):
        return found
    found = _passage(found, text, warnings)
    found = _headline(_balanced(found, warnings), text, warnings)
    return _unwrapped(_without_idle(_joining(found, warnings)))


def _limited(found: list[Token], warnings: Warnings) -> list[Token]:
    """No more words and operators than MAX_WORDS."""
    if len(found) <= MAX_WORDS:
        return found
    count = 0
    for index, token in enumerate(found):
        count += not isinstance(token.kind, Mark) or token.kind in OPERATORS
        if count > MAX_WORDS:
            warnings.add(f"only the first {MAX_WORDS:,} words were read", token.position)
            return found[:index]
    return found


def _passage(found: list[Token], text: str, warnings: Warnings) -> list[Token]:
    """Only words, where the query is a passage of prose that was pasted.

    Dates and fielded words keep their meaning.
    """
    if not _is_passage(found, text):
        return found
    kept: list[Token] = []
    first: Token | None = None
    for token in found:
        fielded = bool(kept) and kept[-1].kind is Mark.FIELD
        if token.kind in OPERATORS:
            replaced = [_as_word(token)]
        elif token.kind in {Mark.OPEN, Mark.CLOSE, Mark.MINUS}:
            replaced = []
        elif isinstance(token.kind, Phrase) and not fielded:
            replaced = [
                token._replace(kind=Word(bare))
                for word in token.kind.text.split()
                if is_word(bare := word.strip(SIGNS))
            ]
        else:
            kept.append(token)
            continue
        first = first or token
        kept += replaced
    if first is not None:
        warnings.add(
            "this reads like a passage of prose, so its quotation marks, parentheses, dashes and "
            "AND, OR, NOT were read as text",
            first.position,
        )
    return kept


def _is_passage(found: list[Token], text: str) -> bool:
    """Whether a query is made of sentences: many words side by side, many of them stop words.

    Where a quotation is most of it, there has to be a full stop, comma or colon outside as well.
    """
    kinds = [None, *(token.kind for token in found), None]
    beside = [
        fold(kind.text)
        for before, kind, after in zip(kinds, kinds[1:], kinds[2:], strict=False)
        if isinstance(kind, Word) and (isinstance(before, Word) or isinstance(after, Word))
    ]
    if _is_prose(beside):
        return True
    quoted = [
        fold(word) for kind in kinds if isinstance(kind, Phrase) for word in kind.text.split()
    ]
    punctuated = _PUNCTUATED.search(_QUOTED.sub(" ", text)) is not None
    return punctuated and len(beside) >= PASSAGE_BESIDE and _is_prose([*beside, *quoted])


def _is_prose(words: list[str]) -> bool:
    stop_count = sum(word.strip(".,:;!?") in STOP_WORDS for word in words)
    return len(words) >= PASSAGE_WORDS and stop_count >= PASSAGE_STOP_SHARE * len(words)


def _balanced(found: list[Token], warnings: Warnings) -> list[Token]:
    """Only parentheses that have a partner, hold something and are not too deep."""
    kept: list[Token | None] = list(found)
    opened: list[int] = []
    holds = [False]  # for the text and each open parenthesis, whether there is anything in it
    too_deep: int | None = None
    for index, token in enumerate(found):
        if token.kind is Mark.OPEN:
            opened.append(index)
            holds.append(False)
        elif token.kind is not Mark.CLOSE:
            holds[-1] |= token.kind not in {Mark.MINUS, Mark.FIELD}
        elif not opened:
            kept[index] = None
            warnings.add("this ) has no partner: left out", token.position)
        else:
            start = opened.pop()
            if not holds.pop():
                kept[start] = kept[index] = None
                if start and found[start - 1].kind is Mark.FIELD:
                    kept[start - 1] = None
                continue
            holds[-1] = True
            if len(opened) >= MAX_DEPTH:
                kept[start] = kept[index] = None
                too_deep = start if too_deep is None else too_deep
    for index in opened:
        kept[index] = None
        warnings.add("this ( has no partner: left out", found[index].position)
    if too_deep is not None:
        warnings.add(
            f"parentheses more than {MAX_DEPTH} deep were left out", found[too_deep].position
        )
    return [token for token in kept if token is not None]


def _headline(found: list[Token], text: str, warnings: Warnings) -> list[Token]:
    """Operators turned to words where the whole query is a headline in capitals.

    That is: every letter is a capital, two words stand side by side, and no operator stands in
    parentheses. `US OR UN` is none, `SYRIA AND RUSSIA AGREE NOT TO BOMB` is one.
    """
    operators = [token for token in found if token.kind in OPERATORS]
    if not operators or not all(letter.isupper() for letter in text if letter.isalpha()):
        return found
    side_by_side = any(
        isinstance(left.kind, Word) and isinstance(right.kind, Word)
        for left, right in pairwise(found)
    )
    if not side_by_side or _operator_inside(found):
        return found
    warnings.add(
        "all is in capitals, so AND, OR and NOT were read as words; "
        "to use them write the other words small",
        operators[0].position,
    )
    return [_as_word(token) if token.kind in OPERATORS else token for token in found]


def _operator_inside(found: list[Token]) -> bool:
    depth = 0
    for token in found:
        depth += (token.kind is Mark.OPEN) - (token.kind is Mark.CLOSE)
        if depth and token.kind in OPERATORS:
            return True
    return False


def _as_word(token: Token) -> Token:
    return token._replace(kind=Word(token.text.lower()))


def _joining(found: list[Token], warnings: Warnings) -> list[Token]:
    """Operators that have nothing to join turned to words; a `-` before nothing left out."""
    begins = [False] * (len(found) + 1)  # whether an operand begins at this token
    for index in range(len(found) - 1, -1, -1):
        kind = found[index].kind
        if not isinstance(kind, Mark) or kind is Mark.OPEN:
            begins[index] = True
        elif kind in {Mark.NOT, Mark.MINUS, Mark.FIELD}:
            begins[index] = begins[index + 1]
    kept: list[Token] = []
    ended = False  # whether an operand ends before this token
    for index, token in enumerate(found):
        kind = token.kind
        if kind in {Mark.AND, Mark.OR}:
            sound = ended and begins[index + 1]
            ended = False
        elif kind in {Mark.NOT, Mark.MINUS, Mark.FIELD}:
            sound = begins[index + 1]
            ended = False
        else:
            sound = True
            ended = kind is not Mark.OPEN
        if sound:
            kept.append(token)
        elif kind in OPERATORS:
            kept.append(_as_word(token))
            warnings.add(f"{token.text} joins nothing here: read as a word", token.position)
    return kept


def _without_idle(found: list[Token]) -> list[Token]:
    """Without parentheses that join nothing, as prose (like this) has them.

    Those hold plain words alone, and neither an operator nor a field's name stands beside them.
    """
    kept: list[Token] = []
    opened: list[int] = []  # where in `kept` the parentheses stand that may yet turn out idle
    for index, token in enumerate(found):
        if token.kind is Mark.OPEN:
            if kept and kept[-1].kind in JOINING:
                opened.clear()
            else:
                opened.append(len(kept))
        elif token.kind is Mark.CLOSE and opened:
            start = opened.pop()
            after = found[index + 1].kind if index + 1 < len(found) else None
            if after not in OPERATORS:
                del kept[start]
                continue
        elif isinstance(token.kind, Mark) or not is_plain(token.kind):
            opened.clear()
        kept.append(token)
    return kept


def _unwrapped(found: list[Token]) -> list[Token]:
    """Without parentheses around the whole."""
    while found and found[0].kind is Mark.OPEN and _closing(found) == len(found) - 1:
        found = found[1:-1]
    return found


def _closing(found: list[Token]) -> int:
    """Where the parenthesis that the first token opens is closed."""
    depth = 0
    for index, token in enumerate(found):
        depth += (token.kind is Mark.OPEN) - (token.kind is Mark.CLOSE)
        if not depth:
            return index
    return len(found)
