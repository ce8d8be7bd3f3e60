"""HTML -> the lines a reader sees, where each stood in the tree, and what the head states.

An honest page is parsed once, into a tree that trafilatura reads as well. Of any other one the
parser's events are read as they come: no tree, no recursion, so that a page nested 100,000 deep is
read, too. Nothing is judged here; menus and comments come out as lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from lxml import etree
from lxml.html import HtmlElement

from indexer.folder.files import Unreadable
from indexer.lines.lines import MAX_LINES, Line, said_by, too_many_lines
from indexer.lines.page import (
    BLOCKS,
    BY_ELEMENT,
    HEADINGS,
    UNSEEN,
    Inside,
    Names,
    Page,
    Place,
    Stated,
    surroundings,
)

UNPRINTED = "\u00ad\u200b\u2060\ufeff"
"""Soft hyphens and marks of no width; the joiners of Persian and Indian scripts are spelling."""
MARKED = Inside.LINK | Inside.EMPHASIS
BREAKING = frozenset({"br", "h1", "title", "script"})
STATING = frozenset({"meta", "time", "html", "link"})
TELLING = BREAKING | STATING | UNSEEN
"""Elements that are more than a place for text."""
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
MAX_ELEMENTS = 200_000
"""Forty times what the fullest of 344 pages has. More would take as long as a thousand others."""
MAX_TREE_CHARACTERS, MAX_TREE_ELEMENTS = 3_000_000, 50_000
"""Beyond these, and nested deeper than libxml2 follows (256), a page is no honest one."""
MAX_STATED = 200
"""Meta elements, times and headings that are remembered of one page."""
MAX_STATED_CHARACTERS = 2_000
MAX_LINKED_DATA_CHARACTERS = 1_000_000


Rule = Callable[[str], Mapping[int, int]]
"""Given the page, the bits that overrides set on its elements, by the elements' numbers in the
order in which they open, counted from 0."""


def read_page(html: str, *, rule: Rule | None = None) -> Page:
    """Read a page, whatever the input is; broken markup is repaired by libxml2.

    Raises Unreadable for more than MAX_LINES lines or MAX_ELEMENTS elements.
    """
    walk = _Walk(rule(html) if rule else {})
    text = html.replace("\x00", "")
    text = XML_DECLARATION.sub("", text[:200]) + text[200:]
    tree = _tree(text)
    if tree is not None:
        _walk_through(tree, walk)
    elif text.strip():
        parser = etree.HTMLParser(target=cast("Any", walk), huge_tree=True)
        parser.feed(text)
        parser.close()
    return walk.page(tree if walk.opened <= MAX_TREE_ELEMENTS else None)


TREES = etree.HTMLParser(collect_ids=False, remove_comments=True, remove_pis=True)
"""As trafilatura has them: it says the same of a tree as of the page."""
TREES.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))


def _tree(html: str) -> HtmlElement | None:
    """The root of a page's tree; None for a page without elements or one that is not honest."""
    if len(html) > MAX_TREE_CHARACTERS or html.count("<") > MAX_ELEMENTS:
        return None
    try:
        tree = etree.fromstring(html, TREES)
    except (etree.XMLSyntaxError, ValueError):  # ValueError: an XML declaration is left
        return None
    last = TREES.error_log.last_error
    return None if last and last.level == etree.ErrorLevels.FATAL else tree


def _walk_through(tree: HtmlElement, walk: _Walk) -> None:
    for root in (tree, *tree.itersiblings()):  # what follows the end of a page has roots of its own
        for event, element in etree.iterwalk(root, events=("start", "end")):
            if event == "start":
                walk.start(element.tag, dict(element.items()))
                text = element.text
            else:
                walk.end(element.tag)
                text = element.tail
            if text:
                walk.data(text)
    walk.close()


class _Open(NamedTuple):
    """An element whose end has not been reached."""

    inside: int
    near: int
    block: int
    name: str
    """Of the block element."""
    own: int
    """What the block element itself adds."""


class _Walk:
    """Takes elements and texts in the order of the page and makes lines of them.

    `start`, `end` and `data` are called thousands of times a page, by `_walk_through` or by lxml:
    what is short there is written out instead of called.
    """

    def __init__(self, ruled: Mapping[int, int]) -> None:
        self.ruled = ruled
        self.names = Names()
        self.opened = 0
        self.unseen_depth = 0
        self.open: list[_Open] = [_Open(0, 0, -1, "body", 0)]
        self.captured: list[str] | None = None
        self.heading: list[str] | None = None
        self.texts: list[str] = []
        self.places: list[Place] = []
        self.parents: list[int] = []
        self.meta: list[tuple[str, str]] = []
        self.times: list[tuple[str, str, int]] = []
        self.headings: list[str] = []
        self.linked_data: list[Mapping[str, Any]] = []
        self.title = self.language = self.canonical = ""
        self.pieces: list[str] = []
        self.link_characters = self.emphasis_characters = 0
        """Of the line that is being read; it begins with its first letter."""
        self.place = (self.open[0], 1)
        """Where it stands, and how deep."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        number = self.opened
        self.opened += 1
        if number == MAX_ELEMENTS:
            raise Unreadable(
                f"holds more than {MAX_ELEMENTS:,} elements, which no article does; leave it out"
                " with [articles] exclude"
            )
        if self.unseen_depth:
            self.unseen_depth += 1
            return
        if tag in TELLING or "itemprop" in attributes:
            self.tell(tag, attributes)
        own = BY_ELEMENT.get(tag, Inside.NOTHING)
        if attributes:
            own |= surroundings(attributes, self.names)
        if self.ruled:
            own |= self.ruled.get(number, Inside.NOTHING)
        if not self.unseen_depth:
            self.enter(tag, own)

    def tell(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Elements that say something by themselves, or of which nobody sees the text."""
        if tag in STATING or "itemprop" in attributes:
            self.state(tag, attributes)
        if tag in UNSEEN:
            self.unseen_depth = 1
        if tag in BREAKING:
            self.begin(tag, attributes)

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Elements that do something beside surrounding text."""
        if tag == "br":
            self.data(" ")
            if self.pieces and self.open[-1].name not in HEADINGS:
                self.end_line()
        elif tag == "h1":
            self.heading = []
        elif tag == "title" or "ld+json" in attributes.get("type", "").lower():
            self.captured = []

    def enter(self, tag: str, own: int) -> None:
        """Put an element on the stack; a block ends the line before it."""
        outer = self.open[-1]
        if tag in BLOCKS:
            if self.pieces:
                self.end_line()
            self.parents.append(outer.block)
            near = own | (outer.own if outer.block >= 0 else Inside.NOTHING)
            inner = _Open(outer.inside | own, near, len(self.parents) - 1, tag, own)
        elif own or outer.own:
            inner = _Open(outer.inside | own, outer.near | own, outer.block, outer.name, 0)
        else:
            inner = outer  # it changes nothing
        self.open.append(inner)

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
        if self.pieces and tag in BLOCKS:
            self.end_line()
        if tag == "title" and self.captured is not None:
            self.title = self.title or shortened("".join(self.captured))
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
        if self.heading is not None:
            self.heading.append(text)
        if text.isspace():
            if self.pieces:
                self.pieces.append(text)
            return
        here = self.open[-1]
        if not self.pieces:
            self.place = (here, len(self.open))
        self.pieces.append(text)
        if here.inside & MARKED:
            size = len(text.strip())
            if here.inside & Inside.LINK:
                self.link_characters += size
            if here.inside & Inside.EMPHASIS:
                self.emphasis_characters += size

    def close(self) -> None:
        """The page is at its end."""
        if self.pieces:
            self.end_line()

    def end_line(self) -> None:
        """Close the line that is being read."""
        if len(self.texts) >= MAX_LINES:
            raise too_many_lines()
        here, depth = self.place
        text = "".join(self.pieces)
        if not text.isascii():
            for mark in UNPRINTED:
                text = text.replace(mark, "")
        self.texts.append(" ".join(text.split()))
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
                self.times.append((stated[:100], kind.lower(), len(self.texts) + 1))
        elif tag == "html":
            self.language = (
                self.language or attributes.get("lang", "") or attributes.get("xml:lang", "")
            )
        elif tag == "link" and attributes.get("rel", "").lower() == "canonical":
            self.canonical = self.canonical or attributes.get("href", "").strip()

    def page(self, tree: HtmlElement | None) -> Page:
        """What the walk has found."""
        said = enumerate(zip(self.texts, said_by(self.texts), strict=True), start=1)
        return Page(
            lines=tuple(Line(number, text, *own) for number, (text, own) in said),
            places=tuple(self.places),
            parents=tuple(self.parents),
            tree=tree,
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
