"""Completion and "did you mean": pure functions over a table of the words that occur.

The table is two rows of equal length: the folded forms, sorted by code point, and how often each
occurs. A word that occurs is never touched.
"""

from __future__ import annotations

import heapq
import math
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.model import And, Completion, FieldName, Node, Not, Or, Phrase, Prefix, Word, Words
from search.text import tokens

MIN_REPAIRED = 4  # letters; of shorter words nearly every neighbour is another word
LONG_WORD = 6  # letters; from here on two slips are as likely as one in a word of four
# One edit outweighs a frequency 150 times as high: exp(5). Of two candidates as near as each other
# the frequent one wins, and a rare one that is itself a slip loses to the word it was meant to be.
EDIT_COST = 5.0
FIRST_LETTER_COST = 3.0  # people seldom mistake the first letter
LAST_CHARACTER = "\U0010ffff"

Repair = Callable[[str, FieldName | None], str | None]
"""A typed word and its field -> the word it was probably meant to be; None: leave it."""


def with_prefix(forms: Sequence[str], prefix: str) -> range:
    """The places of the forms that begin so."""
    return range(bisect_left(forms, prefix), bisect_left(forms, prefix + LAST_CHARACTER))


def near(form: str, forms: Sequence[str], edits: int) -> list[tuple[int, int]]:
    """(place, distance) of every form at most so many edits away, in the order of the table.

    An edit inserts, drops or changes a letter or swaps two neighbours (optimal string alignment).
    """
    found = process.extract(
        form, forms, scorer=OSA.distance, processor=None, score_cutoff=edits, limit=None
    )
    return sorted((place, int(distance)) for _, distance, place in found)


# --- did you mean --------------------------------------------------------------------------------


def correction(form: str, forms: Sequence[str], counts: Sequence[int]) -> str | None:
    """The form that a folded word which occurs nowhere was probably meant to be.

    None for a word that occurs, for numbers and short words, and where nothing is near.
    """
    place = bisect_left(forms, form)
    occurs = place < len(forms) and forms[place] == form
    if occurs or len(form) < MIN_REPAIRED or not form.isalpha():
        return None
    edits = 2 if len(form) >= LONG_WORD else 1
    best: tuple[float, str] | None = None
    for at, distance in near(form, forms, edits):
        candidate = forms[at]
        if not candidate.isalpha():
            continue
        slip = EDIT_COST * distance + FIRST_LETTER_COST * (candidate[0] != form[0])
        worth = math.log(counts[at]) - slip
        if best is None or worth > best[0]:
            best = worth, candidate
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
    better = _repaired_node(tree, repair)
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


def complete(
    typed: str, forms: Sequence[str], counts: Sequence[int], *, size: int = 8
) -> tuple[Completion, ...]:
    """What was typed with its last word made whole, by frequency; nothing after a space.

    The word that stands there already, if it occurs, comes first.
    """
    last = _last_word(typed)
    if last is None:
        return ()
    form, start = last
    places = with_prefix(forms, form)
    best = heapq.nsmallest(
        size, places, key=lambda at: (forms[at] != form, -counts[at], len(forms[at]))
    )
    return tuple(Completion(typed[:start] + forms[at], "word", counts[at]) for at in best)


def titles_query(typed: str) -> Node | None:
    """The query for the titles that hold all words, the last of which may be unfinished."""
    last = _last_word(typed)
    whole = [token for token in tokens(typed) if not token.extra]
    if last is not None:
        whole.pop()
    parts: list[Node] = [Word(typed[token.start : token.end], "title") for token in whole]
    if last is not None:
        parts.append(Prefix(last[0], "title"))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _last_word(typed: str) -> tuple[str, int] | None:
    """The folded beginning of a word at the very end, and where it begins."""
    match = re.search(r"[^\W_]+$", typed)
    if not match:
        return None
    row = [token for token in tokens(typed) if not token.extra]
    if not row or row[-1].end != len(typed):
        return None
    return row[-1].form, row[-1].start
