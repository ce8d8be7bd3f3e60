"""What every engine promises. The docstrings here are what `tests/contract/` checks.

An Index is a directory. Its Writer turns files into a new generation; its Readers answer from
the generation that they opened, however many have been committed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self

from search.model import (
    Article,
    Completion,
    Fingerprint,
    Hit,
    Query,
    Reading,
    Rejection,
    Results,
    SourceFile,
    Status,
)


class Reader(Protocol):
    """One generation, as it was committed. Many threads may use one Reader at once."""

    @property
    def generation(self) -> str:
        """The name of the generation that answers; it changes with every commit."""
        ...

    @property
    def committed_at(self) -> str:
        """When it was committed, as in its status: an index built anew may use a name again."""
        ...

    def search(self, query: Query) -> Results:
        """The page of hits that the query asks for, with exact totals, facets and excerpts.

        Hits are ordered by `query.sort`; exact ties by date (newest first), then by id, so that
        two pages never share a hit. Raises OverBudget when the time is used up.
        """
        ...

    def every(self, query: Query) -> Iterator[Hit]:
        """Every match in the query's order, without excerpts: for exports. `page` is ignored."""
        ...

    def article(self, article_id: str) -> Article:
        """The article with everything that was removed from it. Raises UnknownArticle."""
        ...

    def read(self, article_id: str, query: Query) -> Reading:
        """The article with the query's words marked as they matched.

        Raises UnknownArticle, and OverBudget when the time is used up.
        """
        ...

    def similar(self, article_id: str, *, size: int = 5) -> tuple[Hit, ...]:
        """The articles that share the most telling words with this one, best first."""
        ...

    def suggest(self, text: str, *, size: int = 8) -> tuple[Completion, ...]:
        """What the last word of `text` may become, and titles that hold all its words."""
        ...

    def explain(self, article_id: str, query: Query) -> str:
        """Why the article has its score, in words and figures. Raises UnknownArticle."""
        ...

    def status(self) -> Status:
        """Counts, dates, sources, size, and the files that gave no article."""
        ...

    def known(self) -> Mapping[str, Fingerprint]:
        """Path of every file that this generation holds or has rejected -> its fingerprint."""
        ...


class Writer(Protocol):
    """The one writer of an index. Used as a context manager: leaving it with an error cancels."""

    def known(self) -> Mapping[str, Fingerprint]:
        """What this writer started from, as in Reader.known()."""
        ...

    def put(self, file: SourceFile, articles: Iterable[Article]) -> int:
        """Replace all that came from this file by these articles; returns how many there are.

        Whole or not at all: if `articles` raises, the file stays as it was before the call.
        The same path may be put again and again; the last one counts.
        """
        ...

    def reject(self, rejection: Rejection) -> None:
        """List a file that gave no article. What the index holds of it stays as it is."""
        ...

    def remove(self, path: str) -> None:
        """Take out all that came from this file, and its rejection. An unknown path is no error."""
        ...

    def commit(self) -> str:
        """Make everything visible at once and durable; returns the generation.

        When it returns, the commit survives kill -9 and a power cut. When it raises, readers see
        what they saw before.
        """
        ...

    def cancel(self) -> None:
        """Forget everything since the last commit and release the lock."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Index(Protocol):
    """An index directory."""

    def reader(self) -> Reader:
        """A Reader of the newest generation that is sound and that this version can read.

        Cheap enough to be asked for each request. Raises IndexMissing, or IndexOutdated or
        IndexDamaged when there is none.
        """
        ...

    def writer(self, *, fresh: bool = False) -> Writer:
        """The Writer. `fresh` starts an empty index beside the live one, switched to at commit.

        Raises IndexLocked at once when another process is writing, IndexOutdated when the index
        was made by another version (a fresh one can always be written).
        """
        ...

    def check(self) -> tuple[str, ...]:
        """Read every byte of the live generation; each damage found, in words. Empty: sound."""
        ...

    def damage(self) -> str | None:
        """Why an older generation answers, or none can; None where the live one does. Quick.

        Raises IndexMissing; IndexOutdated where another version has made the live one, even if an
        older one answers.
        """
        ...
