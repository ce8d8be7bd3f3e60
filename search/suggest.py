"""Completion and "did you mean": pure functions over words that occur and how often.

The engine finds the candidates (the words with a beginning, the words of nearly this spelling);
here it is decided which of them to offer. A word that occurs is never touched.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from search.model import And, Completion, FieldName, Node, Not, Or, Phrase, Prefix, Word, Words
from search.text import tokens

MIN_REPAIRED = 4  # letters; of shorter words nearly every neighbour is another word
LEAST_OF_PAIR = 2  # letters; `a` and `e` stand before nearly every word
LONG_WORD = 6  # letters; from here on two slips are as likely as one in a word of four
# One edit outweighs a frequency 150 times as high: exp(5). Of two candidates as near as each other
# the frequent one wins, and a rare one that is itself a slip loses to the word it was meant to be.
EDIT_COST = 5.0
FIRST_LETTER_COST = 3.0  # people seldom mistake the first letter

Repair = Callable[[str, FieldName | None], str | None]
"""A typed word and its field -> the word it was probably meant to be; None: leave it."""


class Near(NamedTuple):
    """A folded form that occurs, how many edits away it is, and how often it occurs.

    An edit inserts, drops or changes a letter or swaps two neighbours (optimal string alignment).
    """

    form: str
    distance: int
    frequency: int


# --- did you mean --------------------------------------------------------------------------------


def max_edits(form: str) -> int:
    """How far from a folded word that occurs nowhere to look for another; 0: leave it alone."""
    if len(form) < MIN_REPAIRED or not form.isalpha():
        return 0
    return 2 if len(form) >= LONG_WORD else 1


def splits(form: str) -> Iterator[tuple[str, str]]:
    """The pairs of words that a word which occurs nowhere may be written together of."""
    for place in range(LEAST_OF_PAIR, len(form) - LEAST_OF_PAIR + 1) if max_edits(form) else ():
        yield form[:place], form[place:]


def apart(first: str, second: str, frequency: int) -> Near:
    """Two words that stand side by side so often, as what was meant: a space was left out."""
    return Near(f"{first}-{second}", 1, frequency)


def correction(form: str, candidates: Iterable[Near]) -> str | None:
    """The form that a folded word which occurs nowhere was probably meant to be.

    None where nothing is near, and for numbers and short words.
    """
    edits = max_edits(form)
    best: tuple[float, str] | None = None
    for near in candidates:
        if not 0 < near.distance <= edits or not near.form.replace("-", "").isalpha():
            continue
        slip = EDIT_COST * near.distance + FIRST_LETTER_COST * (near.form[0] != form[0])
        worth = (math.log(near.frequency) - slip, near.form)
        if best is None or worth > best:
            best = worth
    return best[1] if best else None


def repaired(text: str, repair: Callable[[str], str | None]) -> str | None:
    """A typed text with each of its words repaired (`repair` takes a folded form), else None."""
    pieces: list[str] = []
    at = 0
    for token in tokens(text):
        better = None if token.extra else repair(token.form)
        if better is not None:
            typed = text[token.start : token.end]
            pieces += [text[at : token.start], better.title() if typed.istitle() else better]
            at = token.end
    return "".join([*pieces, text[at:]]) if pieces else None


def did_you_mean(tree: Node, repair: Repair) -> Node | None:
    """The query with its words repaired, those in a NOT left alone; None if all of them stand."""
    better = _repaired_node(tree, cache(repair))  # a pasted text repeats its words
    return None if better == tree else better


def _repaired_node(node: Node, repair: Repair) -> Node:
    match node:
        case Word(text, field) | Phrase(text, _, field):
            return replace(node, text=repair(text, field) or text)
        case And(parts) | Or(parts) | Words(parts):
            return replace(node, clauses=tuple(_repaired_node(part, repair) for part in parts))
        case Not():
            return node
        case _:
            return node


# --- completion ----------------------------------------------------------------------------------


class Unfinished(NamedTuple):
    """The folded beginning of a word at the end of a typed text."""

    form: str
    start: int
    run: int
    """Where the letters begin that it stands in: before `start` where words are written together."""


def unfinished(typed: str) -> Unfinished | None:
    """The beginning of a word at the very end of the text; None if no word ends there."""
    if not re.search(r"[^\W_]$", typed):
        return None
    row = [token for token in tokens(typed) if not token.extra]
    if not row or row[-1].end != len(typed):
        return None
    run = row[-1].start
    for token in reversed(row):
        if token.end < run:
            break
        run = token.start
    return Unfinished(row[-1].form, row[-1].start, run)


def complete(
    typed: str, candidates: Iterable[tuple[str, int]], *, size: int = 8
) -> tuple[Completion, ...]:
    """What was typed with its last word made whole, most frequent first.

    `candidates` are the forms that begin as `unfinished` says, each with its count. The word that
    stands there already, if it occurs, comes first.
    """
    last = unfinished(typed)
    if last is None:
        return ()
    best = heapq.nsmallest(
        size, candidates, key=lambda each: (each[0] != last.form, -each[1], len(each[0]), each[0])
    )
    return tuple(Completion(typed[: last.start] + form, "word", count) for form, count in best)


def titles_query(typed: str) -> Node | None:
    """The query for the titles that hold all words, the last of which may be unfinished."""
    last = unfinished(typed)
    whole = [token for token in tokens(typed) if not token.extra]
    if last is not None:
        whole.pop()
    parts: list[Node] = [Word(typed[token.start : token.end], "title") for token in whole]
    if last is not None:
        parts.append(Prefix(last.form, "title"))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))
