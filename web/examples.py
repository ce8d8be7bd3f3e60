"""Searches to try, made of the words, names and months of the reader's own newest articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from search.model import Hit
from search.query import parse, read_as

NAME = re.compile(r"[^\W\d_]{4,}(?:['’-][^\W\d_]+)*")
WILD_LETTERS = 6  # of a word that is shown with a star or a question mark: some must be left


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What titles offer: the frequent ones first, and names before other words."""

    words: tuple[str, ...] = ("ceasefire", "truce", "football", "convoy")
    phrases: tuple[str, ...] = ("security source",)
    sources: tuple[str, ...] = ("Arab Today",)
    months: tuple[str, ...] = ("2016-12", "2016-10")
    """The newest first."""


ANY = Words()
"""Where there are no articles to take them from."""


def words_of(hits: Sequence[Hit]) -> Words:
    """The words of some articles; of titles in the language that most of them have."""
    languages = Counter(hit.language for hit in hits)
    common = {language for language, _ in languages.most_common(1)}
    titles = [hit.title_text for hit in hits if hit.language in common]
    sources = [name for name, _ in Counter(hit.source for hit in hits if hit.source).most_common()]
    outlets = set(NAME.findall(" ".join(sources)))  # an outlet's name says nothing of its articles
    months = [hit.published[:7] for hit in hits if hit.published and len(hit.published) >= 7]
    return Words(
        words=tuple(w for w in _common(NAME.findall(t) for t in titles) if w not in outlets),
        phrases=tuple(
            phrase
            for phrase in _common(_neighbours(title) for title in titles)
            if not outlets & set(phrase.split())
        ),
        sources=tuple(name for name in sources if '"' not in name),  # which would end its quotation
        months=tuple(dict.fromkeys(months)),
    )


def kinds(known: Words) -> Iterator[list[tuple[str, str]]]:
    """Candidates of each kind for the start page; each kind begins with other words than the last."""
    words = known.words
    yield [(f"{a} {b}", "both words") for a, b in pairwise(words)]
    yield [(f'"{phrase}"', "a phrase, word for word") for phrase in known.phrases]
    yield [(f"{word[:5]}*", "all words that begin so") for word in words[3:] if len(word) > 6]
    yield [
        (f'{word} source:"{name}"', "one source") for name in known.sources for word in words[1:6]
    ]
    yield [
        (f"{word} after:{month}", "from a month on")
        for month in known.months[:12]
        for word in words[2:8]
    ]


def syntax(known: Words, today: date) -> Iterator[tuple[str, str]]:
    """A search for each piece of the language, and what it finds."""
    first, second, *_ = (*known.words, *ANY.words)
    phrase = (*known.phrases, *ANY.phrases)[0]
    left, right = phrase.split()
    source = (*known.sources, *ANY.sources)[0]
    months = known.months or ANY.months
    older, newest = min(months), max(months)
    long = next((w for w in known.words if len(w) >= WILD_LETTERS and w.isalpha()), ANY.words[0])
    yield f"{first} {second}", "articles with both words, or with either where few have both"
    yield f'"{phrase}"', "the words side by side, in this order"
    yield f'"{right} {left}"~5', "the words near each other: at most five others between them"
    yield f"{first} OR {second}", "either word"
    yield f"{first} -{second}", "without a word; NOT says the same"
    yield f"({left} OR {second}) {right}", "parentheses group"
    yield f"title:{first}", "in the title; also author:, path:, language:"
    yield f'source:"{source}"', "of one source; the lists beside the results do the same"
    for dated in (f"date:{older}", f"after:{older} before:{newest}"):
        yield dated, read_as(parse(dated, today=today).tree, "all")
    yield "after:30d", "published in the last thirty days"
    yield f"{long[:4].lower()}*", "words that begin so"
    yield f"{long[:2].lower()}?{long[3:].lower()}", "one letter unknown; * stands for any number"
    yield f"{_slipped(long.lower())}~", "words spelt nearly like this; ~2 allows two differences"


def _slipped(word: str) -> str:
    """The word as a hasty hand may spell it: two of its letters swapped."""
    middle = len(word) // 2
    return word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :]


def _neighbours(title: str) -> list[str]:
    """Two long words side by side."""
    found = list(NAME.finditer(title))
    return [f"{a[0]} {b[0]}" for a, b in pairwise(found) if title[a.end() : b.start()] == " "]


def _common(lists: Iterable[Iterable[str]]) -> list[str]:
    """Those in most titles first; a capital at the head counts for a name."""
    counts: Counter[str] = Counter()
    for items in lists:
        counts.update(set(items))
    order = sorted(counts.items(), key=lambda item: (not item[0][0].isupper(), -item[1], item[0]))
    return [text for text, _ in order]
