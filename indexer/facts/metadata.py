"""Title, date, author, source, agency, language: ordered small finders, each with provenance.

A finder that is not sure says nothing: undated is a legal state, a guess is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from indexer.facts.dates import NUMERIC, Order
from indexer.facts.stated_dates import machine_date, url_date
from indexer.facts.titles import cut_site
from indexer.lines.lines import Line, words_of
from indexer.lines.page import Stated
from search.model import Provenance

DERIVED_WORDS = 14
"""A title made of the first sentence is cut after so many words."""
FIRST_SENTENCE = re.compile(r"^(.+?[.!?。؟！？۔])[\"'”’)\]]*(?:\s|$)")
SITE_AHEAD = re.compile(r"^[^:|–—-]{2,40}(?: [|–—-]|:) (.{8,})$")
ARTICLE_TYPES = re.compile(r"Article|BlogPosting|Report|Review|LiveBlog")
PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date", "published_at", "publication_date",
    "article.published", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date", "dc.date.created",
    "cxenseparse:recs:publishtime", "article:publicationdate", "lastpublisheddate", "originalpublicationdate",
    "dateposted", "date", "displaydate", "bt:pubdate", "mediator_published_time", "shareaholic:article_published_time",
)  # fmt: skip
AUTHOR_META = (
    "author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "article:author",
    "cxenseparse:author",
    "dcterms.creator",
)
TITLE_META = (
    ("og:title", 0.9),
    ("twitter:title", 0.5),
    ("headline", 0.4),
    ("dc.title", 0.4),
    ("title", 0.3),
)
SITE_META = ("og:site_name", "application-name", "al:android:app_name", "twitter:app:name:iphone")
BY = re.compile(r"^\W*by\s+", re.IGNORECASE)
MAX_AUTHOR = 120
PAPER_AS_AUTHOR = 0.4
MAX_HEADINGS = 6
MAX_TITLE_WORDS = 60
VISIBLE = 0.6
LONE_HEADING, SOME_HEADING = 2.2, 1.2
"""What an h1 counts for: it is what readers see, where og:title is written for search engines.
With these .93 of the titles are exact on labelled pages; with 1.0 and 0.7 .88."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A value with where it was found and how sure that is."""

    value: str
    found_in: str
    confidence: float

    @property
    def provenance(self) -> Provenance:
        """Without the value."""
        return Provenance(found_in=self.found_in, confidence=round(self.confidence, 2))


def first_answer(*answers: Answer | None) -> Answer | None:
    """The first finder's that has one."""
    return next((answer for answer in answers if answer is not None and answer.value), None)


# --- title ---------------------------------------------------------------------------------------


def derived_title(body: Sequence[str]) -> Answer:
    """The first sentence, where an article states no title."""
    text = body[0] if body else ""
    match = FIRST_SENTENCE.match(text[:1_000])
    words = (match[1] if match and len(match[1].split()) > 3 else text[:1_000]).split()
    short = " ".join(words[:DERIVED_WORDS])
    if len(words) > DERIVED_WORDS:
        short = short.rstrip(",;:–—-") + "…"
    return Answer(short[:200], "derived", 0.2)


def letters(text: str) -> str:
    """What two spellings of a title share: letters and digits, lower case."""
    return "".join(words_of(text))


def stated_titles(stated: Stated) -> Iterator[tuple[str, str, float]]:
    """(text, where, weight) of everything on a page that claims to be its title."""
    site = letters(stated.first(*SITE_META))
    for heading in stated.headings[:MAX_HEADINGS]:
        if letters(heading) != site:
            yield heading, "h1", LONE_HEADING if len(stated.headings) == 1 else SOME_HEADING
    for item in articles(stated.linked_data):
        for key, weight in (("headline", 1.0), ("name", 0.3)):
            if isinstance(text := item.get(key), str) and text.strip():
                yield " ".join(unescape(text).split()), "json-ld", weight
    for name, weight in TITLE_META:
        text = stated.first(name)
        yield text, name, weight
        if cut := cut_site(text):
            yield cut[0], name, weight * 0.7
    yield stated.title, "page title", 0.4
    if ahead := SITE_AHEAD.match(stated.title):
        yield ahead[1], "page title", 0.5
    if cut := cut_site(stated.title):
        yield cut[0], "page title", 0.7


def page_title(stated: Stated, lines: Sequence[Line]) -> Answer | None:
    """The text that most of the page's statements agree on; one that readers see is preferred."""
    claims = list(stated_titles(stated))
    if not any(text for text, _, _ in claims):
        return None
    visible = {"".join(line.words) for line in lines if len(line.words) <= MAX_TITLE_WORDS}
    votes: dict[str, float] = {}
    spelt: dict[str, tuple[str, str]] = {}
    for text, where, weight in claims:
        key = letters(text)
        if len(key) > 1:
            votes[key] = votes.get(key, 0) + weight
            spelt.setdefault(key, (text, where))
    for key in list(votes):
        votes[key] += VISIBLE if key in visible else 0
        own = set(words_of(spelt[key][0]))
        for text, _, weight in claims:
            other = set(words_of(text))
            if letters(text) != key and len(own & other) >= 0.7 * max(1, len(own | other)):
                votes[key] += weight * 0.3
    if not votes:
        return None
    best, weight = max(votes.items(), key=lambda vote: vote[1])
    text, where = spelt[best]
    return Answer(text, where, min(0.99, 0.4 + 0.2 * weight))


# --- date ----------------------------------------------------------------------------------------


def page_date(stated: Stated, order: Callable[[], Order | None]) -> Answer | None:
    """The day or time of publication that a page states for machines.

    `order` is asked what 03/04/2016 means where only that is stated.
    """
    for item in articles(stated.linked_data):
        for key in ("datePublished", "dateCreated", "uploadDate"):
            if isinstance(text := item.get(key), str) and (found := _machine(text, order)):
                return Answer(found, "json-ld", 0.98)
    for name in PUBLISHED_META:
        if (text := stated.first(name)) and (found := _machine(text, order)):
            return Answer(found, f"meta {name}", 0.95)
    for text, kind, _ in stated.times:
        if re.search(r"publi|pubdate|entry-date|posted|created", kind) and (
            found := _machine(text, order)
        ):
            return Answer(found, "time element", 0.9)
    return None


def late_page_date(
    stated: Stated, url: str | None, order: Callable[[], Order | None]
) -> Answer | None:
    """What is tried after the visible text: the address, and a lone time element."""
    if url and (found := url_date(urlsplit(url).path)):
        return Answer(found, "url", 0.85)
    days = {found[:10]: found for text, _, _ in stated.times if (found := _machine(text, order))}
    if len(days) == 1:
        return Answer(next(iter(days.values())), "time element", 0.7)
    return None


def _machine(text: str, order: Callable[[], Order | None]) -> str | None:
    found = machine_date(text)
    if found is None and len(text) < 40 and NUMERIC.search(text):
        found = machine_date(text, order=order())
    return found


# --- source, author, address ---------------------------------------------------------------------


def page_source(stated: Stated, url: str | None) -> Answer | None:
    """The site's name: og:site_name, the publisher in JSON-LD, else the domain."""
    if name := stated.first(*SITE_META[:1]):
        return Answer(name, "og:site_name", 0.95)
    for item in articles(stated.linked_data):
        if name := _name(item.get("publisher")):
            return Answer(name, "json-ld publisher", 0.9)
    if name := stated.first(*SITE_META[1:]):
        return Answer(name, "application name", 0.7)
    host = domain(url) or domain(stated.canonical) or domain(stated.first("og:url"))
    return Answer(host, "domain", 0.6) if host else None


def page_author(stated: Stated) -> Answer | None:
    """Who wrote it, as the page states it for machines; a paper as its own author is believed less."""
    papers = {letters(name) for name in (*_publishers(stated), stated.first(*SITE_META)) if name}
    for item in articles(stated.linked_data):
        author = item.get("author") or item.get("creator")
        if name := _name(author):
            is_paper = letters(name) in papers or _is_organization(author) or name in stated.title
            return Answer(name, "json-ld", PAPER_AS_AUTHOR if is_paper else 0.95)
    for name in AUTHOR_META:
        text = BY.sub("", stated.first(name)).strip(" ,")
        if text and "://" not in text and len(text) <= MAX_AUTHOR:
            return Answer(
                text, f"meta {name}", PAPER_AS_AUTHOR if letters(text) in papers else 0.85
            )
    return None


def _publishers(stated: Stated) -> Iterator[str]:
    for item in articles(stated.linked_data):
        yield _name(item.get("publisher"))


def _is_organization(author: Any) -> bool:
    first = author[0] if isinstance(author, list) and author else author
    return isinstance(first, Mapping) and "Organization" in str(first.get("@type"))[:100]


def _name(value: Any) -> str:
    """The name or names in a JSON-LD author or publisher."""
    if isinstance(value, str):
        text = BY.sub("", " ".join(value.split())).partition(" | ")[0].strip(" ,")
        return "" if "://" in text or len(text) > MAX_AUTHOR else text
    if isinstance(value, Mapping):
        return _name(value.get("name"))
    if isinstance(value, list):
        names = [_name(item) for item in value[:8] if not isinstance(item, list)]
        return ", ".join(dict.fromkeys(name for name in names if name))[:MAX_AUTHOR]
    return ""


def articles(linked_data: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The objects that describe an article, the page itself after them."""
    for item in linked_data:
        if ARTICLE_TYPES.search(str(item.get("@type"))[:200]):
            yield item
    for item in linked_data:
        if "WebPage" in str(item.get("@type"))[:200]:
            yield item


def canonical(stated: Stated, url: str | None) -> str | None:
    """The page's own address for itself, else where it was fetched from."""
    for address in (stated.canonical, stated.first("og:url")):
        try:
            whole = urljoin(url or "", address)
            if address and urlsplit(whole).scheme in {"http", "https"} and urlsplit(whole).hostname:
                return whole.split("#")[0][:2_000]
        except ValueError:
            continue
    return url


def domain(url: str | None) -> str | None:
    """The host of an address without `www.`, or None."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None
