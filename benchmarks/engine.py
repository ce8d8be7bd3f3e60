"""What `benchmarks.measure` wants of an engine. Only the standard library."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.workloads import Search

APART = "zzqzz"  # between title and body where an engine has one field: no phrase crosses


@dataclass(frozen=True, slots=True)
class Answer:
    """The exact number of matches, and the hits of the page, best first."""

    total: int
    numbers: tuple[int, ...]
    """The articles' ids as whole numbers: every engine has them at hand without its stored text."""


class Opened(Protocol):
    """An index that can be asked."""

    def ask(self, search: Search) -> Answer | None:
        """The answer, or None where the engine has no such search."""
        ...


class Engine(Protocol):
    """A module of `benchmarks.engines`."""

    @property
    def VERSION(self) -> str:  # noqa: N802 - a constant of the module
        """Which release answers."""
        ...

    def build(self, folder: Path, articles: Iterable[dict[str, str]]) -> None:
        """Index the articles into the empty folder, committed and durable when it returns."""
        ...

    def open_index(self, folder: Path) -> Opened:
        """The index that `build` made."""
        ...


def whole_text(article: dict[str, str]) -> str:
    """Title and body as the one text that the other engines index."""
    return f"{article['title']} {APART} {article['text']}"


def day_number(published: str) -> int:
    """`2017-10-05` as 20171005: sorts and compares as dates do."""
    return int(published.replace("-", ""))
