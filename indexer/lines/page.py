"""A page as lines with their places, and the words by which markup tells what surrounds a line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from indexer.lines.lines import Line

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
SURROUNDING = frozenset({*NAMING, "hidden", "style"})
"""Attributes that say something of all that is inside an element."""
MAX_NAME_CHARACTERS = 300
"""Of an element's class and id together: enough for every honest one."""
MAX_NAMES = 10_000
"""Different ones on one page; further ones say nothing."""


@lru_cache(maxsize=16_384)
def named(name: str) -> int:
    """The families that one name (of a class, an id, a role) belongs to."""
    lowered = name.lower()
    found = Inside.NOTHING
    for flag, pattern in BY_NAME:
        if pattern.search(lowered):
            found |= flag
    return found


class Names(dict[str, int]):
    """What an element is called, by class, id and role together -> the families of that.

    Of one page; one that has no end of them is not asked further.
    """

    def __missing__(self, names: str) -> int:
        found = Inside.NOTHING
        if len(self) < MAX_NAMES:
            for name in names.split():
                found |= named(name)
            self[names] = found
        return found


class Place(NamedTuple):
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
        if not self.meta:
            return ""
        for name in names:
            for key, content in self.meta:
                if key == name and content:
                    return content
        return ""


NOTHING_STATED = Stated()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as lines, with the places of the lines."""

    lines: tuple[Line, ...]
    places: tuple[Place, ...]
    parents: tuple[int, ...]
    """For each block element the number of the block element around it; -1 for the outermost."""
    stated: Stated = NOTHING_STATED
    tree: HtmlElement | None = None
    """The whole of an honest page, for the extractors."""


def surroundings(attributes: Mapping[str, str], names: Names) -> int:
    """What an element's attributes say of all that is inside it."""
    if SURROUNDING.isdisjoint(attributes):
        return Inside.NOTHING
    called = " ".join([attributes[key] for key in NAMING if key in attributes])
    own = names[called[:MAX_NAME_CHARACTERS]] if called else Inside.NOTHING
    style = attributes.get("style")
    if "hidden" in attributes or (style and HIDDEN_STYLE.search(style[:500])):
        own |= Inside.HIDDEN
    return own
