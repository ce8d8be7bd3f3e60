"""HTML -> the lines a reader sees, where each stood in the tree, and what the head states.

The parser's events are read as they come: no tree, no recursion, so that a page nested 100,000
deep is read like any other. Nothing is judged here; menus and comments come out as lines, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from indexer.lines import Line, line_of

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "label",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
UNSEEN = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "canvas",
        "select",
        "textarea",
        "datalist",
        "map",
        "math",
        "applet",
        "noframes",
    ]
)
"""Elements whose content is no text of the page."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


class Inside:
    """What surrounds a line: elements, and families of class and id names.

    Bits of plain numbers: an IntFlag costs as much as the rest of the walk.
    """

    NOTHING = 0
    ARTICLE = 1
    MAIN = 2
    NAV = 4
    HEADER = 8
    FOOTER = 16
    ASIDE = 32
    FORM = 64
    FIGURE = 128
    LIST = 256
    TABLE = 512
    QUOTE = 1024
    HEADING = 2048
    BUTTON = 4096
    HIDDEN = 8192
    NAMED_BODY = 1 << 14
    NAMED_COMMENT = 1 << 15
    NAMED_RELATED = 1 << 16
    NAMED_SHARE = 1 << 17
    NAMED_NAVIGATION = 1 << 18
    NAMED_ADVERT = 1 << 19
    NAMED_CAPTION = 1 << 20
    NAMED_BYLINE = 1 << 21
    NAMED_SIGNUP = 1 << 22
    NAMED_TAGS = 1 << 23
    NAMED_HEADLINE = 1 << 24
    NAMED_LEAD = 1 << 25
    NAMED_SIDE = 1 << 26
    LINK = 1 << 27
    EMPHASIS = 1 << 28
    DROPPED_BY_RULE = 1 << 29
    KEPT_BY_RULE = 1 << 30


BY_ELEMENT: Mapping[str, int] = {
    "article": Inside.ARTICLE,
    "main": Inside.MAIN,
    "nav": Inside.NAV,
    "menu": Inside.NAV,
    "header": Inside.HEADER,
    "footer": Inside.FOOTER,
    "aside": Inside.ASIDE,
    "form": Inside.FORM,
    "fieldset": Inside.FORM,
    "label": Inside.FORM,
    "figure": Inside.FIGURE,
    "figcaption": Inside.FIGURE | Inside.NAMED_CAPTION,
    "caption": Inside.NAMED_CAPTION,
    "ul": Inside.LIST,
    "ol": Inside.LIST,
    "dl": Inside.LIST,
    "table": Inside.TABLE,
    "blockquote": Inside.QUOTE,
    "button": Inside.BUTTON,
    "a": Inside.LINK,
    "b": Inside.EMPHASIS,
    "strong": Inside.EMPHASIS,
    "em": Inside.EMPHASIS,
    "i": Inside.EMPHASIS,
    "dialog": Inside.HIDDEN,
    **dict.fromkeys(HEADINGS, Inside.HEADING),
}

BY_NAME: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (flag, re.compile(pattern))
    for flag, pattern in (
        (
            Inside.NAMED_BODY,
            (
                r"article-?_?(body|content|text|copy|main)|story-?_?(body|content|text)|articlebody"
                r"|entry-?_?content|post-?_?(body|content|text|entry)|body-?_?(text|copy|content)"
                r"|main-?_?content|news-?_?(body|text|content)|td-post-content|rich-?text|paywall"
            ),
        ),
        (Inside.NAMED_COMMENT, r"comment|disqus|discuss|respond|reply|replies|reader-?letter"),
        (
            Inside.NAMED_RELATED,
            (
                r"relat|recommend|more-?(from|on|stor|news|artic)|also|read-?(more|next)|trending|popular"
                r"|latest|most-?|top-?stor|outbrain|taboola|teaser|promo|carousel|card|upnext|onward|river"
            ),
        ),
        (Inside.NAMED_SHARE, r"shar(e|ing)|social|follow|tweet|facebook|addthis|toolbar|bookmark"),
        (
            Inside.NAMED_NAVIGATION,
            (
                r"\bnav|menu|breadcrumb|pagination|pager|masthead|skip|\bfoot(er)?|header|topbar|sitemap"
                r"|copyright|legal|search|language|login"
            ),
        ),
        (
            Inside.NAMED_ADVERT,
            r"\bad(s|vert|vertisement|slot|unit|box|-|_|\b)|sponsor|banner|dfp|affiliat|commerce",
        ),
        (
            Inside.NAMED_CAPTION,
            r"caption|credit|photo|image|media|gallery|slide|video|thumb|picture",
        ),
        (
            Inside.NAMED_BYLINE,
            r"byline|author|contribut|dateline|publish|\bdate|time|meta\b|-meta|writer|posted|source",
        ),
        (
            Inside.NAMED_SIGNUP,
            (
                r"newsletter|subscri|sign-?up|signin|register|donat|support|cookie|consent|gdpr|modal|popup"
                r"|overlay|paywall-|regwall|alert|notice"
            ),
        ),
        (Inside.NAMED_TAGS, r"\btag|tags|keyword|categor|topic|kicker|section-?(name|label)|label"),
        (Inside.NAMED_HEADLINE, r"headline|title|heading|hed\b"),
        (
            Inside.NAMED_LEAD,
            r"summary|standfirst|\blead|\blede|subtitle|sub-?head|deck|dek\b|intro|excerpt|abstract|strap",
        ),
        (
            Inside.NAMED_SIDE,
            r"side-?bar|\baside|\brail|\bwidget|secondary|complementary|infobox|factbox|\bbio",
        ),
    )
)
HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden")
NAMING = ("class", "id", "role", "itemprop", "data-testid")
UNPRINTED = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))
"""Soft hyphens and marks of no width; the joiners of Persian and Indian scripts are spelling."""
MARKED = Inside.LINK | Inside.EMPHASIS
BREAKING = frozenset({"br", "h1", "title", "script"})
STATING = frozenset({"meta", "time", "html", "link"})
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
MAX_NAME_CHARACTERS = 300
"""Of an element's class and id together: enough for every honest one."""
MAX_STATED = 200
"""Meta elements, times and headings that are remembered of one page."""
MAX_STATED_CHARACTERS = 2_000
MAX_LINKED_DATA_CHARACTERS = 1_000_000


@lru_cache(maxsize=16_384)
def named(names: str) -> int:
    """The families that an element's class, id, role and itemprop belong to."""
    lowered = names.lower()
    found = Inside.NOTHING
    for flag, pattern in BY_NAME:
        if pattern.search(lowered):
            found |= flag
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a line stood in the tree."""

    tag: str
    """The block element that holds it."""
    inside: int
    """Of all elements around it."""
    near: int
    """Of the two innermost block elements and what is inside them."""
    depth: int
    link_characters: int
    emphasis_characters: int
    block: int
    """The number of the block element; lines of one paragraph broken by `<br>` share it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a page says about itself for machines, in the order of the page."""

    title: str = ""
    language: str = ""
    canonical: str = ""
    meta: tuple[tuple[str, str], ...] = ()
    """(name or property or itemprop in lower case, content)."""
    linked_data: tuple[Mapping[str, Any], ...] = ()
    """Every object of the JSON-LD scripts, outer ones first."""
    headings: tuple[str, ...] = ()
    """The h1 elements."""
    times: tuple[tuple[str, str, int], ...] = ()
    """(datetime attribute or content, itemprop and class, number of the line that follows)."""

    def first(self, *names: str) -> str:
        """The first meta content under any of the names, tried in the order given."""
        for name in names:
            for key, content in self.meta:
                if key == name and content:
                    return content
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as lines, with the places of the lines."""

    lines: tuple[Line, ...]
    places: tuple[Place, ...]
    parents: tuple[int, ...]
    """For each block element the number of the block element around it; -1 for the outermost."""
    stated: Stated = field(default_factory=Stated)
    elements: int = 0
    deepest: int = 0
    """How many elements stand inside each other at most."""


Rule = Callable[[str], Mapping[int, int]]
"""Given the page, the bits that overrides set on its elements, by the elements' numbers in the
order in which they open, counted from 0."""


def read_page(html: str, *, rule: Rule | None = None) -> Page:
    """Read a page, whatever the input is; broken markup is repaired by libxml2."""
    walk = _Walk(rule(html) if rule else {})
    parser = etree.HTMLParser(target=cast("Any", walk), huge_tree=True, recover=True)
    text = html.replace("\x00", "")
    if text.strip():
        parser.feed(XML_DECLARATION.sub("", text[:200]) + text[200:])
        parser.close()
    return walk.page()


class _Walk:
    """Takes the parser's events and makes lines of them; no tree is built.

    lxml calls `start`, `end`, `data`, `comment`, `pi` and `close`.
    """

    def __init__(self, ruled: Mapping[int, int]) -> None:
        self.ruled = ruled
        self.opened = 0
        self.unseen_depth = self.deepest = 0
        self.open: list[_Open] = [_Open("", Inside.NOTHING, Inside.NOTHING, -1, "body")]
        self.captured: list[str] | None = None
        self.heading: list[str] | None = None
        self.lines: list[Line] = []
        self.places: list[Place] = []
        self.parents: list[int] = []
        self.meta: list[tuple[str, str]] = []
        self.times: list[tuple[str, str, int]] = []
        self.headings: list[str] = []
        self.linked_data: list[Mapping[str, Any]] = []
        self.title = self.language = self.canonical = ""
        self.pieces: list[str] = []
        self.link_characters = self.emphasis_characters = 0
        self.place: tuple[_Open, int] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        number = self.opened
        self.opened += 1
        if self.unseen_depth:
            self.unseen_depth += 1
            return
        if tag in STATING or "itemprop" in attributes:
            self.state(tag, attributes)
        if tag in UNSEEN:
            self.unseen_depth = 1
        if tag in BREAKING:
            self.begin(tag, attributes)
        own = BY_ELEMENT.get(tag, Inside.NOTHING)
        if attributes:
            own |= surroundings(attributes)
        if self.ruled:
            own |= self.ruled.get(number, Inside.NOTHING)
        if not self.unseen_depth:
            self.enter(tag, own)

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Elements that do something beside surrounding text."""
        if tag == "br":
            self.pieces.append(" ")
            if self.open[-1].name not in HEADINGS:
                self.end_line()
        elif tag == "h1":
            self.heading = []
        elif tag == "title" or "ld+json" in attributes.get("type", "").lower():
            self.captured = []

    def enter(self, tag: str, own: int) -> None:
        """Put an element on the stack; a block ends the line before it."""
        outer = self.open[-1]
        inside, near = outer.inside | own, outer.near | own
        if tag in BLOCKS:
            self.end_line()
            self.parents.append(outer.block)
            near = own | (outer.own if outer.block >= 0 else Inside.NOTHING)
            self.open.append(_Open(tag, inside, near, len(self.parents) - 1, tag, own))
        else:
            self.open.append(_Open(tag, inside, near, outer.block, outer.name))
        self.deepest = max(self.deepest, len(self.open))

    def end(self, tag: str) -> None:
        """An element closes."""
        if self.unseen_depth:
            self.unseen_depth -= 1
            if not self.unseen_depth and self.captured is not None:
                self.linked_data += linked_data("".join(self.captured))
                self.captured = None
            return
        if len(self.open) > 1:
            self.open.pop()
        if tag in BLOCKS:
            self.end_line()
        if tag == "title" and self.captured is not None:
            self.title = self.title or shortened(" ".join(self.captured))
            self.captured = None
        elif tag == "h1" and self.heading is not None:
            text = shortened("".join(self.heading))
            if text and len(self.headings) < MAX_STATED:
                self.headings.append(text)
            self.heading = None

    def data(self, text: str) -> None:
        """A run of text."""
        if self.captured is not None:
            self.captured.append(text)
            return
        if self.unseen_depth:
            return
        self.pieces.append(text)
        if self.heading is not None:
            self.heading.append(text)
        if text.isspace():
            return
        here = self.open[-1]
        if self.place is None:
            self.place = (here, len(self.open))
        if here.inside & MARKED:
            size = len(text.strip())
            if here.inside & Inside.LINK:
                self.link_characters += size
            if here.inside & Inside.EMPHASIS:
                self.emphasis_characters += size

    def comment(self, text: str) -> None:
        """A comment says nothing to a reader."""

    def pi(self, target: str, text: str) -> None:
        """Nor does a processing instruction."""

    def close(self) -> None:
        """The page is at its end."""
        self.end_line()

    def end_line(self) -> None:
        """Close the line that is being read, if there is anything on it."""
        if self.place is not None:
            here, depth = self.place
            text = " ".join("".join(self.pieces).translate(UNPRINTED).split())
            self.lines.append(line_of(len(self.lines) + 1, text))
            self.places.append(
                Place(
                    tag=here.name,
                    inside=here.inside,
                    near=here.near,
                    depth=depth,
                    link_characters=self.link_characters,
                    emphasis_characters=self.emphasis_characters,
                    block=here.block,
                )
            )
            self.place = None
        self.pieces.clear()
        self.link_characters = self.emphasis_characters = 0

    def state(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Remember what an element says for machines."""
        if tag == "meta":
            content = shortened(attributes.get("content", ""))
            if content and len(self.meta) < MAX_STATED:
                keys = [
                    attributes[key] for key in ("property", "name", "itemprop") if key in attributes
                ]
                self.meta += [(key.lower(), content) for key in keys]
        elif tag == "time" or attributes.get("itemprop") == "datePublished":
            stated = attributes.get("datetime") or attributes.get("content") or ""
            if stated and len(self.times) < MAX_STATED:
                kind = " ".join(
                    [
                        attributes.get("itemprop", ""),
                        attributes.get("class", ""),
                        "pubdate" * ("pubdate" in attributes),
                    ]
                )
                self.times.append((stated[:100], kind.lower(), len(self.lines) + 1))
        elif tag == "html":
            self.language = (
                self.language or attributes.get("lang", "") or attributes.get("xml:lang", "")
            )
        elif tag == "link" and attributes.get("rel", "").lower() == "canonical":
            self.canonical = self.canonical or attributes.get("href", "").strip()

    def page(self) -> Page:
        """What the walk has found."""
        return Page(
            lines=tuple(self.lines),
            places=tuple(self.places),
            parents=tuple(self.parents),
            elements=self.opened,
            deepest=self.deepest,
            stated=Stated(
                title=self.title,
                language=self.language,
                canonical=self.canonical,
                meta=tuple(self.meta),
                linked_data=tuple(self.linked_data[:MAX_STATED]),
                headings=tuple(self.headings),
                times=tuple(self.times),
            ),
        )


@dataclass(slots=True)
class _Open:
    """An element whose end has not been reached."""

    tag: str
    inside: int
    near: int
    block: int
    name: str
    """Of the block element."""
    own: int = 0
    """What the block element itself adds."""


def surroundings(attributes: Mapping[str, str]) -> int:
    """What an element's attributes say of all that is inside it."""
    names = " ".join([attributes[key] for key in NAMING if key in attributes])
    own = named(names[:MAX_NAME_CHARACTERS]) if names else Inside.NOTHING
    style = attributes.get("style")
    if "hidden" in attributes or (style and HIDDEN_STYLE.search(style[:500])):
        own |= Inside.HIDDEN
    return own


def shortened(text: str) -> str:
    """One line of at most MAX_STATED_CHARACTERS."""
    return " ".join(text[: 2 * MAX_STATED_CHARACTERS].split())[:MAX_STATED_CHARACTERS]


TRAILING_COMMA = re.compile(r",\s*([}\]])")


def linked_data(script: str) -> list[Mapping[str, Any]]:
    """All objects in a JSON-LD script, outer ones first; nothing if it is not JSON at all."""
    if len(script) > MAX_LINKED_DATA_CHARACTERS:
        return []
    text = script.strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    for candidate in (text, TRAILING_COMMA.sub(r"\1", text)):
        try:
            return list(_objects(json.loads(candidate, strict=False)))
        except (ValueError, RecursionError):
            continue
    return []


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    waiting = [value]
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, dict):
            yield item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
