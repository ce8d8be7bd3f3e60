"""HTML -> the lines a reader sees, where each stood in the tree, and what the head states.

One parse (BeautifulSoup on lxml), one walk, no recursion: a page nested 100,000 deep is read like
any other. Nothing is judged here; menus and comments come out as lines, too.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, XMLParsedAsHTMLWarning
from bs4.element import NavigableString, Tag

from indexer.lines import Line, words_of

BLOCKS = frozenset(
    "address article aside blockquote body button caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html label "
    "legend li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
UNSEEN = frozenset(
    "script style noscript template svg iframe object embed audio video canvas select textarea "
    "datalist map math applet noframes".split()
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
            r"article-?_?(body|content|text|copy|main)|story-?_?(body|content|text)|articlebody"
            r"|entry-?_?content|post-?_?(body|content|text|entry)|body-?_?(text|copy|content)"
            r"|main-?_?content|news-?_?(body|text|content)|td-post-content|rich-?text|paywall",
        ),
        (Inside.NAMED_COMMENT, r"comment|disqus|discuss|respond|reply|replies|reader-?letter"),
        (
            Inside.NAMED_RELATED,
            r"relat|recommend|more-?(from|on|stor|news|artic)|also|read-?(more|next)|trending|popular"
            r"|latest|most-?|top-?stor|outbrain|taboola|teaser|promo|carousel|card|upnext|onward|river",
        ),
        (Inside.NAMED_SHARE, r"shar(e|ing)|social|follow|tweet|facebook|addthis|toolbar|bookmark"),
        (
            Inside.NAMED_NAVIGATION,
            r"\bnav|menu|breadcrumb|pagination|pager|masthead|skip|\bfoot(er)?|header|topbar|sitemap"
            r"|copyright|legal|search|language|login",
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
            r"newsletter|subscri|sign-?up|signin|register|donat|support|cookie|consent|gdpr|modal|popup"
            r"|overlay|paywall-|regwall|alert|notice",
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


Rule = Callable[[BeautifulSoup], tuple[list[Tag], list[Tag]]]
"""Given the tree, the elements that overrides drop and keep."""


def parse(html: str) -> BeautifulSoup:
    """The tree, whatever the input is; broken markup is repaired as browsers do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        return BeautifulSoup(html.replace("\x00", ""), "lxml", multi_valued_attributes=None)


def read_page(html: str, *, rule: Rule | None = None) -> Page:
    """Parse and walk a page."""
    soup = parse(html)
    dropped, kept = rule(soup) if rule else ([], [])
    ruled = {id(tag): Inside.DROPPED_BY_RULE for tag in dropped}
    ruled |= {id(tag): Inside.KEPT_BY_RULE for tag in kept}
    walk = _Walk(ruled)
    walk.through(soup)
    return walk.page()


@dataclass(slots=True)
class _Open:
    """An element whose end has not been reached."""

    tag: Tag
    inside: int
    near: int
    block: int
    name: str


class _Walk:
    """The state of one walk through a tree."""

    def __init__(self, ruled: Mapping[int, int]) -> None:
        self.ruled = ruled
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

    def through(self, soup: BeautifulSoup) -> None:
        """Visit every node once, in document order."""
        outermost = _Open(soup, Inside.NOTHING, Inside.NOTHING, -1, "body")
        stack = [outermost]
        node: Any = soup.contents[0] if soup.contents else None
        while node is not None:
            parent = node.parent
            while stack[-1].tag is not parent and len(stack) > 1:
                if stack.pop().name in BLOCKS:
                    self.end_line()
            if isinstance(node, Tag):
                self.state(node)
                name = node.name
                if name in UNSEEN:
                    node = _after(node)
                    continue
                if name == "br":
                    self.pieces.append(" ")
                    if stack[-1].name not in HEADINGS:
                        self.end_line()
                elif name == "title":
                    self.title = self.title or shortened(node.get_text(" "))
                    node = _after(node)
                    continue
                else:
                    stack.append(self.enter(node, stack[-1]))
            elif type(node) is NavigableString:
                self.text(node, stack)
            node = node.next_element
        self.end_line()

    def enter(self, node: Tag, outer: _Open) -> _Open:
        """Open an element: what it adds to what is around it."""
        name = node.name
        own = BY_ELEMENT.get(name, Inside.NOTHING)
        attributes = node.attrs
        if attributes:
            names = " ".join(
                str(attributes[key])
                for key in ("class", "id", "role", "itemprop", "data-testid")
                if key in attributes
            )
            if names:
                own |= named(names[:MAX_NAME_CHARACTERS])
            if "hidden" in attributes or HIDDEN_STYLE.search(
                str(attributes.get("style", ""))[:500]
            ):
                own |= Inside.HIDDEN
        if self.ruled:
            own |= self.ruled.get(id(node), Inside.NOTHING)
        if name not in BLOCKS:
            return _Open(node, outer.inside | own, outer.near | own, outer.block, outer.name)
        self.end_line()
        self.parents.append(outer.block)
        outer_own = outer.near if outer.block >= 0 else Inside.NOTHING
        return _Open(node, outer.inside | own, own | outer_own, len(self.parents) - 1, name)

    def text(self, node: NavigableString, stack: list[_Open]) -> None:
        """Add a run of text to the line that is being read."""
        here = stack[-1]
        self.pieces.append(node)
        if node.isspace():
            return
        if self.place is None:
            self.place = (here, len(stack))
        if here.inside & Inside.LINK:
            self.link_characters += len(node.strip())
        if here.inside & Inside.EMPHASIS:
            self.emphasis_characters += len(node.strip())

    def end_line(self) -> None:
        """Close the line that is being read, if there is anything on it."""
        if self.place is not None:
            here, depth = self.place
            text = " ".join("".join(self.pieces).split())
            self.lines.append(Line(len(self.lines) + 1, text, words_of(text)))
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

    def state(self, node: Tag) -> None:
        """Remember what an element says for machines."""
        name = node.name
        if name == "meta":
            keys = [node.get(key) for key in ("property", "name", "itemprop")]
            content = shortened(str(node.get("content") or ""))
            if content and len(self.meta) < MAX_STATED:
                self.meta += [(str(key).lower(), content) for key in keys if key]
        elif name == "script":
            if "ld+json" in str(node.get("type") or "").lower():
                self.linked_data += linked_data(node.get_text())
        elif name == "h1":
            text = " ".join(node.get_text(" ")[:MAX_STATED_CHARACTERS].split())
            if text and len(self.headings) < MAX_STATED:
                self.headings.append(text)
        elif name == "time" or node.get("itemprop") == "datePublished":
            stated = str(node.get("datetime") or node.get("content") or "")
            if stated and len(self.times) < MAX_STATED:
                kind = (
                    f"{node.get('itemprop') or ''} {node.get('class') or ''} {node.get('pubdate')}"
                )
                self.times.append((stated[:100], kind.lower(), len(self.lines) + 1))
        elif name == "html":
            self.language = self.language or str(node.get("lang") or node.get("xml:lang") or "")
        elif name == "link" and str(node.get("rel") or "").lower() == "canonical":
            self.canonical = self.canonical or str(node.get("href") or "").strip()

    def page(self) -> Page:
        """What the walk has found."""
        return Page(
            lines=tuple(self.lines),
            places=tuple(self.places),
            parents=tuple(self.parents),
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


def _after(tag: Tag) -> Any:
    """The first node behind an element and all that is in it."""
    last: Any = tag
    while isinstance(last, Tag) and last.contents:
        last = last.contents[-1]
    return last.next_element


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
