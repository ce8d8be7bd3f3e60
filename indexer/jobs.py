"""What a worker is asked to do with a file. Light: what does it is imported where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.counts import Recurs
from indexer.folder.files import Found, Looked
from indexer.settings import Settings
from search.model import Article


@dataclass(frozen=True, slots=True)
class Look:
    """A job: a file's state and the keys of its lines."""

    found: Found

    def do(self, settings: Settings) -> Looked:
        """Look. Raises Unreadable with the reason."""
        from indexer.read import look  # noqa: PLC0415 - heavy, and of no use to the parent

        return look(self.found, settings)


@dataclass(frozen=True, slots=True)
class Read:
    """A job: the article of a file that was looked at."""

    found: Found
    sha256: str
    recurs: Recurs

    def do(self, settings: Settings) -> Article:
        """Read and clean. Raises Unreadable with the reason."""
        from indexer.read import read_again  # noqa: PLC0415 - heavy, and of no use to the parent

        return read_again(self.found, settings, sha256=self.sha256, recurs=self.recurs)
