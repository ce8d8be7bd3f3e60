"""What an article holds and what matches it: the definitions, one article and one node at a time."""

from __future__ import annotations

import calendar
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from itertools import pairwise
from typing import NamedTuple

from search import elision, ranking
from search.marking import Pattern
from search.model import (
    And,
    Article,
    Dates,
    Everything,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Wildcard,
    Word,
    Words,
)
from search.text import fold, stem, tokens
from search.whoosh_engine.queries.row import MAX_NAMED
from search.wording import words_in

STEMMED = frozenset({"text", "title"})
Way = tuple[frozenset[str], ...]
Leaf = Word | Phrase | Prefix | Wildcard | Fuzzy


class Place(NamedTuple):
    """A token where it stands."""

    position: int
    form: str
    term: str
    extra: bool


@dataclass(frozen=True, slots=True)
class Doc:
    """An article and its words. A field is one or several texts; no phrase crosses from one to the next."""

    article: Article
    file: str
    fields: dict[str, tuple[tuple[Place, ...], ...]]
    days: tuple[date, date] | None
    """First and last day of the stated period."""
    moment: float | None
    """Seconds since 1970, to sort by."""

    def length(self, field: str) -> int:
        return sum(not place.extra for text in self.fields[field] for place in text)

    def forms(self, field: str) -> Iterator[Place]:
        for text in self.fields[field]:
            yield from text


class Counted(NamedTuple):
    """A leaf in terms: the rows of terms that count as it."""

    field: str
    ways: tuple[Way, ...]
    within: int | None = None


def doc_of(article: Article, file: str, zone: tzinfo) -> Doc:
    def places(text: str | None, *, stemmed: bool) -> tuple[Place, ...]:
        return tuple(
            Place(
                token.position,
                token.form,
                stem(token.form, article.language) if stemmed else token.form,
                token.extra,
            )
            for token in tokens(text or "")
        )

    title, body = places(article.title, stemmed=True), places(article.body, stemmed=True)
    fields = {
        "text": (title, title, body),
        "title": (title,),
        "author": (places(article.author, stemmed=False),),
        "source": (places(article.source, stemmed=False),),
        "path": (places(article.path, stemmed=False),),
        "language": (places(article.language, stemmed=False),),
    }
    days, moment = _when(article.published, zone) if article.published else (None, None)
    return Doc(article, file, fields, days, moment)


def _when(published: str, zone: tzinfo) -> tuple[tuple[date, date], float]:
    if "T" in published:
        at = datetime.fromisoformat(published)
        at = at if at.tzinfo else at.replace(tzinfo=zone)
        day = at.astimezone(zone).date()
        return (day, day), at.timestamp()
    numbers = [int(part) for part in published.split("-")]
    first = date(*[*numbers, 1, 1][:3])
    if len(numbers) == 1:
        last = date(first.year, 12, 31)
    elif len(numbers) == 2:
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    else:
        last = first
    return (first, last), datetime.combine(first, time(), zone).timestamp()


def distance(left: str, right: str) -> int:
    """Optimal string alignment by its recurrence: Boytsov, ACM JEA 16 (2011), section 2.1."""
    rows = [
        [i + j if i * j == 0 else 0 for j in range(len(right) + 1)] for i in range(len(left) + 1)
    ]
    for i in range(1, len(left) + 1):
        for j in range(1, len(right) + 1):
            same = left[i - 1] == right[j - 1]
            rows[i][j] = min(
                rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (not same)
            )
            if i > 1 and j > 1 and left[i - 1] == right[j - 2] and left[i - 2] == right[j - 1]:
                rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
    return rows[-1][-1]


class Matcher:
    """Queries against a fixed set of articles."""

    def __init__(self, docs: Sequence[Doc]) -> None:
        self.docs = docs
        self.languages = {doc.article.language for doc in docs} or {None}
        self._holding: dict[Counted, int] = {}
        self._mean: dict[str, float] = {}
        self._counted: dict[Leaf, Counted] = {}

    # --- which articles --------------------------------------------------------------------------

    def matches(self, doc: Doc, node: Node, *, match_all: bool) -> bool:
        match node:
            case Everything():
                return True
            case And(parts):
                return all(self.matches(doc, part, match_all=match_all) for part in parts)
            case Or(parts):
                return any(self.matches(doc, part, match_all=match_all) for part in parts)
            case Not(part):
                return not self.matches(doc, part, match_all=match_all)
            case Words(parts):
                found = (self.frequency(doc, each) > 0 for each in self.ranked(parts))
                return all(found) if match_all else any(found)
            case Dates(first, last):
                return doc.days is not None and (
                    (first is None or doc.days[1] >= first)
                    and (last is None or doc.days[0] <= last)
                )
            case _:
                return self.frequency(doc, self.counted(node)) > 0

    def ranked(self, parts: Sequence[Node]) -> list[Counted]:
        """What ranks in a row of words: those that tell something, and the quotations.

        Two words side by side are found written together, too.
        """
        row, kept = self._row(parts)
        found: list[Counted] = []
        for at in kept:
            counted = self.counted(row[at])
            for first in (at - 1, at):
                if len(row) <= MAX_NAMED and {first, first + 1} <= set(kept):
                    counted = self._joined(counted, row[first], row[first + 1])
            found.append(counted)
        return [*found, *(self.counted(part) for part in parts if isinstance(part, Phrase))]

    def _joined(self, counted: Counted, left: Leaf, right: Leaf) -> Counted:
        """The word of `counted`, which is one of two, or both of them written as one."""
        if not self._are_parts(left, right):
            return counted
        joined = self._terms(_spelling(left) + _spelling(right), "text")
        return Counted("text", ((counted.ways[0][0] | joined,),))

    def _are_parts(self, left: Node, right: Node) -> bool:
        if not (isinstance(left, Word) and isinstance(right, Word)):
            return False
        spelt = [_spelling(left), _spelling(right)]
        plain = all([len(way) for way in self.counted(each).ways] == [1] for each in (left, right))
        return plain and min(map(len, spelt)) > 1 and not "".join(spelt).isdigit()

    def _row(self, parts: Sequence[Node]) -> tuple[list[Leaf], list[int]]:
        """The words of a row one by one, and which of them rank.

        English stop words do not, if there are others and English articles.
        """
        row: list[Leaf] = []
        for part in parts:
            assert isinstance(part, Word | Phrase | Prefix | Wildcard | Fuzzy)
            row += words_in(part) if isinstance(part, Phrase) else [part]
        if not self.languages & {None, "en"}:
            return row, list(range(len(row)))
        kept = set(ranking.telling([_spelling(part) for part in row]))
        return row, [at for at, part in enumerate(row) if _spelling(part) in kept]

    def telling(self, parts: Sequence[Node]) -> list[Leaf]:
        """The words that rank."""
        row, kept = self._row(parts)
        return [row[at] for at in kept]

    def counted(self, leaf: Leaf) -> Counted:
        """The rows of terms that a leaf stands for, worked out once."""
        if leaf not in self._counted:
            self._counted[leaf] = self._count(leaf)
        return self._counted[leaf]

    def _count(self, leaf: Leaf) -> Counted:
        field = leaf.field or "text"
        match leaf:
            case Word(text):
                return Counted(field, self._word_ways(text, field))
            case Phrase(text, within):
                split = tuple(self._terms(form, field) for form in _parts(text))
                return Counted(field, self._phrase_ways(text, field, split, within), within)
            case Prefix(text):
                *before, last = _parts(text)
                ways: list[Way] = [
                    (
                        *(self._terms(form, field) for form in before),
                        self._like(field, lambda form: form.startswith(last)),
                    )
                ]
                if before:
                    whole = "".join([*before, last])
                    ways.append((self._like(field, lambda form: form.startswith(whole)),))
                return Counted(field, tuple(ways))
            case Wildcard(pattern):
                letters = [each for each in fold(pattern) if each in "?*" or each.isalnum()]
                fits = re.compile(
                    "".join({"?": ".", "*": ".*"}.get(each, re.escape(each)) for each in letters)
                ).fullmatch
                return Counted(field, ((self._like(field, lambda form: bool(fits(form))),),))
            case Fuzzy(text, edits):
                typed = "".join(_parts(text))
                return Counted(
                    field, ((self._like(field, lambda form: distance(typed, form) <= edits),),)
                )

    def _word_ways(self, text: str, field: str) -> tuple[Way, ...]:
        if field in STEMMED:
            ways = elision.ways(text, sorted(self.languages, key=str))
            return tuple(tuple(frozenset(slot) for slot in way) for way in ways)
        parts = _parts(text)
        row = tuple(frozenset({form}) for form in parts)
        has_joined = any(token.extra for token in tokens(text))
        return (row, (frozenset({"".join(parts)}),)) if has_joined and len(parts) > 1 else (row,)

    def _phrase_ways(
        self, text: str, field: str, split: Way, within: int | None
    ) -> tuple[Way, ...]:
        """The words in a row, or the same with each compound as one word."""
        if within is not None:
            return (split,)
        joined: list[frozenset[str]] = []
        for chunk in text.split():
            wholes = [each.form for each in tokens(chunk) if each.extra and len(each.form) > 1]
            parts = wholes[:1] if len(wholes) == 1 else _parts(chunk)
            joined += [self._terms(form, field) for form in parts]
        return (split,) if len(joined) == len(split) else (split, tuple(joined))

    def _terms(self, form: str, field: str) -> frozenset[str]:
        if field not in STEMMED:
            return frozenset({form})
        return frozenset(stem(form, language) for language in self.languages)

    def _like(self, field: str, fits: Callable[[str], bool]) -> frozenset[str]:
        """The terms of all forms that occur and fit."""
        held = {(place.form, place.term) for doc in self.docs for place in doc.forms(field)}
        return frozenset(term for form, term in held if fits(form))

    def frequency(self, doc: Doc, counted: Counted) -> int:
        """How often a word occurs, as any of its terms; at how many places a phrase begins."""
        if len(counted.ways) == 1 and len(counted.ways[0]) == 1:
            slot = counted.ways[0][0]
            return sum(
                len({(place.position, place.term) for place in text if place.term in slot})
                for text in doc.fields[counted.field]
            )
        return sum(
            len(set().union(*(_starts(text, way, counted.within) for way in counted.ways)))
            for text in doc.fields[counted.field]
        )

    # --- what they are worth ---------------------------------------------------------------------

    def score(self, doc: Doc, node: Node) -> float:
        """The sum over the ranked words that the article has, and over neighbours among them.

        What stands in an And counts where the And as a whole matches.
        """
        scored = list(self._ranked(doc, node))
        total = sum(self._worth(doc, each) for each in scored)
        return total + ranking.PAIR_WEIGHT * sum(
            self._worth(doc, pair) for pair in dict.fromkeys(self._pairs(node))
        )

    def _ranked(self, doc: Doc, node: Node) -> Iterator[Counted]:
        match node:
            case Words(parts):
                yield from self.ranked(parts)
            case And() if not self.matches(doc, node, match_all=False):
                return
            case And(parts) | Or(parts):
                for part in parts:
                    yield from self._ranked(doc, part)
            case Word() | Phrase() | Prefix() | Wildcard() | Fuzzy():
                if node.field in ranking.RANKED_FIELDS:
                    yield self.counted(node)
            case _:
                return

    def _pairs(self, node: Node) -> Iterator[Counted]:
        match node:
            case Words(parts):
                for left, right in pairwise(self.telling(parts)):
                    both = [self.counted(part) for part in (left, right) if isinstance(part, Word)]
                    plain = [each.ways[0][0] for each in both if list(map(len, each.ways)) == [1]]
                    if len(plain) == 2 and plain[0] != plain[1]:
                        yield Counted("text", (tuple(plain),))
            case And(parts) | Or(parts):
                for part in parts:
                    yield from self._pairs(part)
            case _:
                return

    def _worth(self, doc: Doc, counted: Counted) -> float:
        frequency = self.frequency(doc, counted)
        if not frequency:
            return 0.0
        return ranking.word_score(
            frequency,
            doc.length(counted.field),
            self._mean_length(counted.field),
            self._idf(counted),
        )

    def _idf(self, counted: Counted) -> float:
        if len(counted.ways) == 1 and len(counted.ways[0]) > 1:
            slots = [Counted(counted.field, ((slot,),)) for slot in counted.ways[0]]
            return ranking.phrase_idf([self._idf(slot) for slot in slots])
        if counted not in self._holding:
            self._holding[counted] = sum(self.frequency(doc, counted) > 0 for doc in self.docs)
        return ranking.idf(len(self.docs), self._holding[counted])

    def _mean_length(self, field: str) -> float:
        if field not in self._mean:
            lengths = [doc.length(field) for doc in self.docs]
            self._mean[field] = math.fsum(lengths) / len(lengths) or 1.0
        return self._mean[field]

    # --- what to mark ----------------------------------------------------------------------------

    def patterns(self, node: Node, field: str, *, match_all: bool) -> list[Pattern]:
        """Everything in the query, but for what is in a NOT, that stands in this field.

        The words of a quotation that must be there are no matches by themselves.
        """
        match node:
            case Words(parts):
                found = self.ranked(parts)
                if match_all:
                    quoted = sum(isinstance(part, Phrase) for part in parts)
                    row, kept = self._row(parts)
                    typed = [at for at, each in zip(kept, found, strict=False) if row[at] in parts]
                    found = [found[kept.index(at)] for at in typed] + found[len(found) - quoted :]
            case And(parts) | Or(parts):
                return [
                    each
                    for part in parts
                    for each in self.patterns(part, field, match_all=match_all)
                ]
            case Word() | Phrase() | Prefix() | Wildcard() | Fuzzy():
                found = [self.counted(node)]
            case _:
                return []
        return [
            Pattern(way, each.within) for each in found if each.field == field for way in each.ways
        ]


def _parts(text: str) -> list[str]:
    return [token.form for token in tokens(text) if not token.extra]


def _spelling(node: Node) -> str:
    """For the stop list, where patterns do not stand."""
    return "".join(_parts(node.text)) if isinstance(node, Word) else repr(node)


def _starts(text: tuple[Place, ...], way: Way, within: int | None) -> set[int]:
    standing = [{place.position for place in text if place.term in slot} for slot in way]
    if within is None or len(way) == 1:
        return {
            start
            for start in standing[0]
            if all(start + offset in places for offset, places in enumerate(standing))
        }
    needed = Counter(way)
    where = dict(zip(way, standing, strict=True))
    return {
        start
        for start in set().union(*standing)
        if all(
            sum(start <= place < start + len(way) + within for place in where[slot]) >= count
            for slot, count in needed.items()
        )
    }
