"""Title, date, author, source, agency, language: ordered small finders, each with provenance.

A finder that is not sure says nothing: undated is a legal state, a guess is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from indexer import credits
from indexer.lines import Line, same
from search.model import Provenance

SITE_SUFFIX = re.compile(r"^(?P<title>.{8,}?)\s+[|»«·•:–—-]{1,2}\s+(?P<site>[^|»·•–—]{2,60})$")
DERIVED_WORDS = 14
"""A title made of the first sentence is cut after so many words."""
FIRST_SENTENCE = re.compile(r"^(.+?[.!?。؟！？۔])[\"'”’)\]]*(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Answer:
    """A value with where it was found and how sure that is."""

    value: str
    found_in: str
    confidence: float

    @property
    def provenance(self) -> Provenance:
        """Without the value."""
        return Provenance(found_in=self.found_in, confidence=self.confidence)


@dataclass(slots=True, kw_only=True)
class Metadata:
    """The answers about one article, by the name of the field."""

    answers: dict[str, Answer] = field(default_factory=dict)

    def put(self, name: str, answer: Answer | None) -> None:
        """Remember an answer, if it is one."""
        if answer is not None and answer.value:
            self.answers[name] = answer

    def value(self, name: str) -> str | None:
        """The value of a field, or None."""
        answer = self.answers.get(name)
        return answer.value if answer else None


def derived_title(body: Sequence[str]) -> Answer:
    """The first sentence, where an article states no title."""
    text = body[0] if body else ""
    match = FIRST_SENTENCE.match(text)
    words = (match[1] if match and len(match[1].split()) > 3 else text).split()
    short = " ".join(words[:DERIVED_WORDS])
    if len(words) > DERIVED_WORDS:
        short = short.rstrip(",;:–—-") + "…"
    return Answer(short[:200], "derived", 0.2)


def without_site(title: str) -> tuple[str, str | None]:
    """A page title without the site's name behind it, and that name."""
    match = SITE_SUFFIX.match(title)
    return (match["title"], match["site"]) if match else (title, None)


def domain(url: str | None) -> str | None:
    """The host of an address without `www.`, or None."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def suffix_source(lines: Sequence[Line], title: str) -> Answer | None:
    """The site's name, where an early line is the title with ` - Site` behind it."""
    wanted = same(tuple(re.findall(r"\w+", title.lower())))
    for line in lines[:12]:
        head, site = without_site(line.text)
        if site and same(tuple(re.findall(r"\w+", head.lower()))) == wanted and len(wanted) > 12:
            return Answer(site.strip(), "page title", 0.8)
    return None


def text_source(lines: Sequence[Line], title: str | None) -> Answer | None:
    """The source that a text states: a line of its own, else the suffix of the page's title."""
    stated = credits.source_line(lines)
    if stated:
        return Answer(stated[0], "source line", 0.9)
    return suffix_source(lines, title) if title else None
