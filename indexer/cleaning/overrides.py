"""`overrides.toml`: one line keeps or drops a line, or what a selector finds, against the cleaner.

[[override]]
source = "Arab Today"              # or a domain; left out: every source
drop = "Maintained and developed"  # a line that says this, however it is spaced or cased

[[override]]
keep = "/^Fighters (not )?to/"     # between slashes: a regular expression, anywhere in the line

[[override]]
source = "example.org"
drop = "css:div.story > aside"     # HTML only: whatever the selector finds
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soupsieve
from bs4 import BeautifulSoup

from indexer.lines.lines import Line, words_of
from indexer.lines.page import Inside
from search.config import read_toml
from search.errors import BadConfig

KEYS = ("source", "keep", "drop")
SELECTOR = "css:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One entry of the file."""

    keep: bool
    source: str | None = None
    words: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    selector: str | None = None

    def names(self, line: Line) -> bool:
        """Whether the entry is about this line."""
        if self.pattern is not None:
            return self.pattern.search(line.text) is not None
        return bool(self.words) and self.words == line.words


@dataclass(frozen=True, slots=True)
class Overrides:
    """All entries; where several name a line, the last one in the file counts."""

    entries: tuple[Override, ...] = ()

    def of(self, *sources: str | None) -> Overrides:
        """The entries for an article known under any of these names or domains."""
        known = {source.casefold() for source in sources if source}
        return Overrides(
            tuple(e for e in self.entries if e.source is None or e.source.casefold() in known)
        )

    def verdict(self, line: Line) -> bool | None:
        """True: keep it, False: drop it, None: nothing is said about it."""
        for entry in reversed(self.entries):
            if entry.names(line):
                return entry.keep
        return None

    def selection(self) -> Callable[[str], Mapping[int, int]] | None:
        """What finds the elements to drop and to keep in a page; None without selectors."""
        selecting = [entry for entry in self.entries if entry.selector]
        if not selecting:
            return None

        def find(html: str) -> Mapping[int, int]:
            soup = BeautifulSoup(html.replace("\x00", ""), "lxml")
            number = {id(tag): i for i, tag in enumerate(soup.find_all(True))}
            ruled: dict[int, int] = {}
            for entry in selecting:
                bit = Inside.KEPT_BY_RULE if entry.keep else Inside.DROPPED_BY_RULE
                ruled.update((number[id(tag)], bit) for tag in soup.select(entry.selector or ""))
            return ruled

        return find


NO_OVERRIDES = Overrides()


def load_overrides(file: Path) -> Overrides:
    """Read the file; one that does not exist says nothing. Raises BadConfig."""
    try:
        given = read_toml(file)
    except FileNotFoundError:
        return NO_OVERRIDES
    for name in given:
        if name != "override":
            raise BadConfig(f"{file}: {name}: want [[override]] tables and nothing else")
    entries = given.get("override", [])
    if not isinstance(entries, list):
        raise BadConfig(f"{file}: write [[override]] with two pairs of brackets")
    return Overrides(tuple(_entries(entries, file)))


def _entries(entries: Iterable[Any], file: Path) -> Iterable[Override]:
    for number, entry in enumerate(entries, start=1):
        where = f"{file}: override {number}"
        if not isinstance(entry, dict):
            raise BadConfig(f"{where}: want a table with {', '.join(KEYS)}")
        for key, value in entry.items():
            if key not in KEYS:
                raise BadConfig(f"{where}: {key} is not a key: want one of {', '.join(KEYS)}")
            if not isinstance(value, str) or not value.strip():
                raise BadConfig(f"{where}: {key} = {value!r}: want a text")
        if ("keep" in entry) == ("drop" in entry):
            raise BadConfig(f"{where}: want either keep or drop, and one of them")
        yield _override(entry, where)


def _override(entry: dict[str, str], where: str) -> Override:
    keep = "keep" in entry
    key = "keep" if keep else "drop"
    text = entry[key].strip()
    source = entry["source"].strip() if "source" in entry else None
    if text.startswith(SELECTOR):
        selector = text.removeprefix(SELECTOR).strip()
        try:
            soupsieve.compile(selector)
        except (soupsieve.SelectorSyntaxError, RecursionError) as error:
            raise BadConfig(
                f"{where}: {key} = {text!r}: not a CSS selector: {str(error).splitlines()[0]}"
            ) from error
        return Override(keep=keep, source=source, selector=selector)
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        try:
            return Override(keep=keep, source=source, pattern=re.compile(text[1:-1]))
        except (re.error, OverflowError, RecursionError) as error:
            raise BadConfig(
                f"{where}: {key} = {text!r}: not a regular expression: {error}"
            ) from error
    if not words_of(text):
        raise BadConfig(f"{where}: {key} = {text!r}: there is no word in it")
    return Override(keep=keep, source=source, words=words_of(text))
