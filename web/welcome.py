"""The start page: what the index holds, its newest articles, and searches to try on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from search.engine import Reader
from search.model import Everything, Hit, Query, Status
from search.query import parse
from web.params import address

SHOWN = 6
READ_TITLES = 60  # the newest titles, from which the examples are made
MAX_EXAMPLES = 5
NAME = re.compile(r"[^\W\d_]{4,}(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Example:
    """A search that finds something in this index, and what it shows."""

    text: str
    href: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What the start page says."""

    status: Status
    newest: tuple[Hit, ...]
    examples: tuple[Example, ...]


@lru_cache(maxsize=1)  # one Reader is held at most, and its files with it
def welcome(reader: Reader, today: date) -> Welcome:
    """The start page of a generation; made once."""
    everything = Query(text="", tree=Everything(), sort="newest", size=READ_TITLES)
    newest = reader.search(everything).hits
    return Welcome(
        status=reader.status(), newest=newest[:SHOWN], examples=_examples(reader, newest, today)
    )


def _examples(reader: Reader, hits: Sequence[Hit], today: date) -> tuple[Example, ...]:
    """One search of each kind that finds something, from the index's own titles and sources."""
    examples = []
    for candidates in _kinds(hits):
        for text, shows in candidates:
            query = Query(text=text, tree=parse(text, today=today).tree, match="all", size=1)
            if reader.search(query).total:
                examples.append(Example(text, address("/", [("q", text)]), shows))
                break
    return tuple(examples[:MAX_EXAMPLES])


def _kinds(hits: Sequence[Hit]) -> Iterable[list[tuple[str, str]]]:
    """Candidates of each kind; each kind begins with other words than the ones before."""
    languages = Counter(hit.language for hit in hits)
    common = {language for language, _ in languages.most_common(1)}
    titles = [hit.title_text for hit in hits if hit.language in common]
    sources = [name for name, _ in Counter(hit.source for hit in hits if hit.source).most_common()]
    outlets = set(NAME.findall(" ".join(sources)))  # an outlet's name says nothing of its articles
    words = [word for word, _ in _common(NAME.findall(t) for t in titles) if word not in outlets]
    pairs = [
        pair
        for pair, _ in _common(_neighbours(title) for title in titles)
        if not outlets & set(pair.split())
    ]
    months = [hit.published[:7] for hit in hits if hit.published and len(hit.published) >= 7]
    yield [(f"{a} {b}", "both words") for a, b in pairwise(words)]
    yield [(f'"{pair}"', "a phrase, word for word") for pair in pairs]
    yield [(f"{word[:5]}*", "all words that begin so") for word in words[3:] if len(word) > 6]
    yield [(f'{word} source:"{name}"', "one source") for name in sources for word in words[1:6]]
    latest = list(dict.fromkeys(months))[:12]
    yield [(f"{word} after:{m}", "from a month on") for m in latest for word in words[2:8]]


def _neighbours(title: str) -> list[str]:
    """Two long words side by side."""
    found = list(NAME.finditer(title))
    return [f"{a[0]} {b[0]}" for a, b in pairwise(found) if title[a.end() : b.start()] == " "]


def _common(lists: Iterable[Iterable[str]]) -> list[tuple[str, int]]:
    """Those in most titles first; a capital at the head counts for a name."""
    counts: Counter[str] = Counter()
    for items in lists:
        counts.update(set(items))
    return sorted(counts.items(), key=lambda item: (not item[0][0].isupper(), -item[1], item[0]))
