"""A query's text -> tokens with positions, and a warning for each thing that is read as text.

Quotes, parentheses, `-`, fields, dates, wildcards and fuzzy words are recognised here; whether an
`OR` has something to join is for the parser to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import Enum, auto
from typing import NamedTuple, get_args

from search.days import RANGE, read_span
from search.model import (
    Dates,
    FieldName,
    Fuzzy,
    Phrase,
    Prefix,
    QueryWarning,
    Wildcard,
    Word,
)
from search.text import POSITION_GAP, forms

Leaf = Word | Phrase | Prefix | Wildcard | Fuzzy | Dates

MAX_LENGTH = 20_000  # characters: four pages of prose pasted as a query; an address holds fewer
MAX_WARNINGS = 10  # more are counted, not listed: a page of noise would otherwise drown the answer
MAX_EDITS = 2  # at three, nearly every short word is like every other
MIN_EDITED_TWICE = 4  # letters; two edits make eight thousand other words of "to"
MAX_WINDOW = (
    POSITION_GAP  # words that a phrase with ~ may span: from the title none reaches the body
)

FIELDS: dict[str, FieldName] = {name: name for name in get_args(FieldName)}
DATE_FIELDS = frozenset({"before", "after", "date"})
OPERATORS = frozenset({"AND", "OR", "NOT"})

# What closes a quotation that was opened by each mark. German and French use some of them the
# other way round; a straight quote closes every typed one and is closed by any.
QUOTES = {
    '"': '"“”„‟＂',
    "＂": '"＂',
    "“": '”“"',
    "”": '”“"',
    "„": '“”"',
    "‟": '”"',
    "«": '»"',
    "»": '«"',
    "「": "」",
    "『": "』",
}
ALL_QUOTES = "".join(QUOTES) + "」』"

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # read as spaces
SPACE = re.compile(r"\s+")
# In Hebrew the straight quote stands inside acronyms.
CHUNK = re.compile(rf'(?:[^\s(){ALL_QUOTES}]|(?<=[\u0590-\u05ff])"(?=[\u0590-\u05ff]))+')
PLAIN = re.compile(r"[A-Za-z]+(?=\s|\Z)")  # most of what is typed, and nothing but a word
FIELD = re.compile(rf"({'|'.join([*FIELDS, *sorted(DATE_FIELDS)])}):(?=\S)", re.IGNORECASE)
DATE_VALUE = re.compile(r'"?([^\s()"]+)"?')
LONE_FIELD = re.compile(FIELD.pattern.replace(r"(?=\S)", r"(?=\s|$)"), re.IGNORECASE)
WITHIN = re.compile(r"~([0-9]*)([.,][0-9]+)?(?![\w~])")
URL = re.compile(r"(?:https?|ftp|file)://", re.IGNORECASE)
NAMED = re.compile(r"([^\W\d_]+):[^\W_]", re.UNICODE)
# Between words even without a space. A comma or a colon between digits is part of a number.
SEPARATORS = re.compile(
    r"[;!|=<>{}\[\]…،؛，。、；：！？]+|(?<![0-9])[,:]+|[,:]+(?![0-9])", re.ASCII
)
EDITS = re.compile(r"[0-9]*(?:\.[0-9]+)?", re.ASCII)
WILD_BODY = re.compile(r"[^\W_](?:[\w*?'’.\-‐‑]*[\w*?])?")
ACRONYM = re.compile(r"(?:[^\W\d_]\.){2,}")  # `U.S.` keeps its last full stop
OUTER = ".,;:!?¿¡…'‘’`´·•/\\&|-‐‑‒–—_^"


class Mark(Enum):
    """The tokens that are no operands."""

    __hash__ = object.__hash__  # an Enum's own is one of Python's functions

    OPEN = auto()
    CLOSE = auto()
    AND = auto()
    OR = auto()
    NOT = auto()
    MINUS = auto()
    FIELD = auto()


class Token(NamedTuple):
    """A mark or an operand, and where it stood."""

    kind: Mark | Leaf
    position: int
    text: str = ""
    """As typed; the field's name for Mark.FIELD."""


class Warnings:
    """What is told to the reader; the first few in full, the rest as a number."""

    def __init__(self) -> None:
        self._kept: list[QueryWarning] = []
        self._more = 0

    def add(self, message: str, position: int | None = None) -> None:
        """Note one, unless there are many already."""
        warning = QueryWarning(message, position)
        if len(self._kept) >= MAX_WARNINGS:
            self._more += 1
        elif warning not in self._kept:
            self._kept.append(warning)

    def all(self) -> tuple[QueryWarning, ...]:
        """By position, those about the whole query last."""
        ordered = sorted(
            self._kept, key=lambda each: MAX_LENGTH if each.position is None else each.position
        )
        if self._more:
            ordered.append(QueryWarning(f"and {self._more:,} more like these"))
        return tuple(ordered)


def is_word(text: str) -> bool:
    """Whether there is anything in it that can be searched for."""
    if text.isascii():  # the same, at once
        return any(map(str.isalnum, text))
    return bool(forms(text))


def tokens(text: str, *, today: date, warnings: Warnings) -> list[Token]:
    """All tokens of the text, in order."""
    if len(text) > MAX_LENGTH:
        warnings.add(
            f"the query has {len(text):,} characters: only the first {MAX_LENGTH:,} were read",
            MAX_LENGTH,
        )
    return list(_Lexer(UNSEEN.sub(" ", text[:MAX_LENGTH]), today, warnings).run())


class _Lexer:
    """One pass over one text."""

    def __init__(self, text: str, today: date, warnings: Warnings) -> None:
        self.text = text
        self.today = today
        self.warnings = warnings
        self.at = 0

    def run(self) -> Iterator[Token]:
        while self.at < len(self.text):
            start, character = self.at, self.text[self.at]
            if character.isspace():
                self.at += 1
            elif (plain := PLAIN.match(self.text, start)) and plain[0] not in OPERATORS:
                self.at = plain.end()
                yield Token(Word(plain[0]), start, plain[0])
            elif character in "()":
                self.at += 1
                yield Token(Mark.OPEN if character == "(" else Mark.CLOSE, start, character)
            elif character in ALL_QUOTES and not CHUNK.match(self.text, start):
                yield from self._quotation(None)
            elif self._stands_alone("-") and self._begins_operand(start + 1):
                self.at += 1
                yield Token(Mark.MINUS, start, "-")
            else:
                yield from self._field_or_chunk()

    def _stands_alone(self, character: str) -> bool:
        before = self.text[self.at - 1] if self.at else " "
        return self.text[self.at] == character and (before.isspace() or before == "(")

    def _begins_operand(self, at: int) -> bool:
        return at < len(self.text) and (
            self.text[at].isalnum() or self.text[at] in "(#@$€£" or self.text[at] in QUOTES
        )

    # --- quotations ------------------------------------------------------------------------------

    def _quotation(self, field: FieldName | None) -> Iterator[Token]:
        start = self.at
        end = self._closing_quote(start)
        if end is None:
            self.at += 1
            self.warnings.add(
                f"the quotation mark {self.text[start]} has no partner: left out", start
            )
            return
        inside = SPACE.sub(" ", re.sub(f"[{ALL_QUOTES}]", " ", self.text[start + 1 : end])).strip()
        self.at = end + 1
        within = self._within(len(forms(inside)))
        if not is_word(inside):
            self.warnings.add("there is no word between these quotation marks: left out", start)
            return
        if any(character in inside for character in "*~") or re.search(r"\w\?\w", inside):
            self.warnings.add("between quotation marks * ? ~ are no operators", start)
        yield Token(Phrase(inside, within, field), start, self.text[start : self.at])

    def _closing_quote(self, start: int) -> int | None:
        closers = QUOTES.get(self.text[start], "")
        found = [at for each in closers if (at := self.text.find(each, start + 1)) >= 0]
        return min(found, default=None)

    def _within(self, word_count: int) -> int | None:
        match = WITHIN.match(self.text, self.at)
        if not match:
            return None
        start, self.at = self.at, match.end()
        if not match[1]:
            self.warnings.add('~ after a phrase wants a number of words, as in "a b"~5', start)
            return None
        if match[2]:
            self.warnings.add(
                f"{_short(match[0])} was read as ~{match[1][:9]}: a window has whole words", start
            )
        within, widest = int(match[1][:9]), MAX_WINDOW - word_count
        if widest < 0:
            self.warnings.add(f"~ is for at most {MAX_WINDOW} words: left out", start)
            return None
        if within > widest:
            self.warnings.add(
                f"~{match[1][:9]} was read as ~{widest}: the widest window has {MAX_WINDOW} words",
                start,
            )
        return min(within, widest)

    # --- fields ----------------------------------------------------------------------------------

    def _field_or_chunk(self) -> Iterator[Token]:
        start = self.at
        match = FIELD.match(self.text, start)
        name = match[1].lower() if match else ""
        if match and name in DATE_FIELDS:
            yield from self._dates(name, match.end())
        elif match and name in FIELDS:
            self.at = match.end()
            yield from self._fielded(FIELDS[name], start)
        else:
            if LONE_FIELD.match(self.text, start):
                self.warnings.add(
                    "a field wants its value right after the colon: read as a word", start
                )
            chunk = CHUNK.match(self.text, start)
            if not chunk:  # a closing quotation mark that nothing opened, right after a word
                yield from self._quotation(None)
                return
            self.at = chunk.end()
            yield from self._chunk(chunk[0], start, None)

    def _fielded(self, field: FieldName, start: int) -> Iterator[Token]:
        """What follows `title:` at once: a parenthesis, a phrase or words."""
        if self.text[self.at] == "(":
            yield Token(Mark.FIELD, start, field)
            return
        chunk = CHUNK.match(self.text, self.at)
        at, produced = self.at, []
        if chunk:
            self.at = chunk.end()
            produced = list(self._chunk(chunk[0], at, field))
        elif self.text[at] in QUOTES:
            produced = list(self._quotation(field))
        if len(produced) > 1:
            yield Token(Mark.FIELD, start, field)
            yield Token(Mark.OPEN, at, "(")
            yield from produced
            yield Token(Mark.CLOSE, self.at, ")")
        elif produced:
            yield from produced
        else:
            self.warnings.add(f"nothing stands after {field}: so it was read as a word", start)
            yield Token(Word(field), start, field)

    def _dates(self, name: str, at: int) -> Iterator[Token]:
        start, found = self.at, DATE_VALUE.match(self.text, at)
        value = found[1].rstrip(",;!?") if found else ""
        if not value.endswith(RANGE):
            value = value.rstrip(".")
        span = read_span(name, value, today=self.today)
        if found is None or span is None:
            wanted = f"{name}:2016, {name}:2016-11 or {name}:2016-11-25"
            self.warnings.add(
                f"{_short(value) or 'what follows'} is no date, so {name}: was read as a word:"
                f" write {wanted}",
                start,
            )
            self.at = at  # what follows is read like any other text
            yield Token(Word(name), start, name)
            return
        self.at = found.end()
        first, last = span.first, span.last
        if first and last and first > last:
            self.warnings.add(f"{value} ends before it begins: the ends were swapped", start)
            left, _, right = value.partition(RANGE)
            span = read_span(name, f"{right}{RANGE}{left}", today=self.today) or span
        yield Token(Dates(span.first, span.last), start, self.text[start : self.at])

    # --- words -----------------------------------------------------------------------------------

    def _chunk(self, chunk: str, position: int, field: FieldName | None) -> Iterator[Token]:
        """The words in a run of text without spaces, parentheses and quotation marks."""
        if chunk in OPERATORS and field is None:
            yield Token(Mark[chunk], position, chunk)
            return
        if URL.match(chunk):
            yield Token(Word(chunk.rstrip(OUTER), field), position, chunk)
            return
        named = NAMED.match(chunk)
        if named and field is None:
            self.warnings.add(
                f"{_short(named[1])}: is not a field, so it was read as a word; "
                f"the fields are {', '.join([*FIELDS, 'before', 'after', 'date'])}",
                position,
            )
        at = 0
        for separator in [*SEPARATORS.finditer(chunk), None]:
            piece = chunk[at : separator.start() if separator else len(chunk)]
            yield from self._piece(piece, position + at, field)
            at = separator.end() if separator else at

    def _piece(self, piece: str, position: int, field: FieldName | None) -> Iterator[Token]:
        bare = piece.lstrip(OUTER + "+~*")
        before = piece[: len(piece) - len(bare)]
        for sign in "+~*":
            if sign in before and (is_word(bare) or sign == "*"):
                self.warnings.add(
                    f"{sign} is no operator at the beginning of a word: left out", position
                )
        leaf = self._leaf(bare, position + len(before), field)
        if leaf is not None:
            yield Token(leaf, position, piece)
        elif any(not character.isascii() for character in bare.strip(OUTER)):
            self.warnings.add(f"there is no word in {_short(bare)}: left out", position)

    def _leaf(self, piece: str, position: int, field: FieldName | None) -> Leaf | None:
        body, tilde, edits = piece.rstrip(OUTER).rpartition("~")
        if not tilde or not EDITS.fullmatch(edits):
            return self._word(piece, position, field)
        leaf = self._word(body.rstrip("~"), position, field)
        if not isinstance(leaf, Word):
            if leaf is not None:
                self.warnings.add("~ has no meaning beside * or ?: left out", position)
            return leaf
        return Fuzzy(leaf.text, self._edits(edits, leaf.text, position), field)

    def _edits(self, typed: str, text: str, position: int) -> int:
        """How many edits are meant, and how many the word can take."""
        edits = int(typed or 1) if typed in {"", "1", "2"} else MAX_EDITS
        if typed not in {"", "1", "2"}:
            self.warnings.add(
                f"~{_short(typed)} was read as ~{MAX_EDITS}: the choice is ~1 or ~2", position
            )
        if edits > 1 and len(text) < MIN_EDITED_TWICE:
            self.warnings.add(
                f"~{edits} was read as ~1: {text} has fewer than {MIN_EDITED_TWICE} letters",
                position,
            )
            return 1
        return edits

    def _word(self, piece: str, position: int, field: FieldName | None) -> Leaf | None:
        bare = piece if ACRONYM.fullmatch(piece) else piece.rstrip(OUTER + "~")
        if not is_word(bare):
            return None
        if "*" in bare or re.search(r"[^\W_]\?", bare):
            return self._wild(bare, position, field)
        return Word(_lower_operator(bare), field)

    def _wild(self, piece: str, position: int, field: FieldName | None) -> Leaf:
        if not WILD_BODY.fullmatch(piece):
            self.warnings.add(f"* and ? were read as text in {_short(piece)}", position)
            bare = re.sub(r"[*?~]+", "", piece).strip(OUTER + "+~")
            return Word(_lower_operator(bare), field)
        if piece.endswith("*") and not re.search(r"[*?]", piece.rstrip("*")):
            return Prefix(piece.rstrip("*"), field)
        return Wildcard(re.sub(r"\*+", "*", piece), field)


def _lower_operator(piece: str) -> str:
    """An operator that is read as a word is written small, as a word would be."""
    return piece.lower() if piece in OPERATORS else piece


def _short(text: str, limit: int = 40) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
