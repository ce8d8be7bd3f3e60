"""The nouns of the search side: frozen values, and nothing that acts.

Three groups: what an article is, what a query is, what an answer is. Times are ISO 8601 strings
or `datetime.date`, sizes are bytes, durations are milliseconds; the name of a field says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

# --- articles ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What the file system and the bytes said when a file was read.

    Equal `size_bytes`, `mtime_ns`, `ctime_ns` and `inode` mean "not touched"; an equal `sha256`
    means "touched but the same". `ctime_ns` catches `cp -p` and `rsync -t`, which keep the mtime.
    """

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    sha256: str
    """Hex digest of the bytes; empty for a file that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file below a root: its path relative to that root, with `/`, and its fingerprint."""

    path: str
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a field of an article was found (`json-ld`, `h1`, `byline`…) and how sure that is."""

    found_in: str
    confidence: float
    """From 0 (a guess) to 1 (stated by the page for machines)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A line that cleaning took out of the body, and why. Nothing is thrown away."""

    line: int
    """Counted from 1, in the file's own lines (text) or in the order of its blocks (HTML)."""
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One clean article.

    `body` is plain text, an empty line between paragraphs, and does not repeat the title. `published`
    is ISO 8601 in the precision that was stated (`2016`, `2016-11`, `2016-11-25` or with a time, its
    offset too if that was stated) or None: undated is a legal state, a guess is not.
    """

    id: str
    """16 hex digits, a digest of `path`: stable over edits and rebuilds."""
    path: str
    """Relative to the root, with `/`; `FILE.jsonl#ID` for a line of a JSON Lines file."""
    title: str
    body: str
    published: str | None = None
    source: str | None = None
    author: str | None = None
    language: str | None = None
    """ISO 639-1 code, lower case."""
    url: str | None = None
    agency: str | None = None
    """The wire service that is credited, where one is."""
    removed: tuple[Removal, ...] = ()
    provenance: Mapping[str, Provenance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A file (or a line of a JSON Lines file) that gave no article, and the reason in words."""

    path: str
    reason: str
    fingerprint: Fingerprint | None = None
    """None where the file could not even be looked at."""


# --- queries -------------------------------------------------------------------------------------

Match = Literal["auto", "all", "any"]
Sort = Literal["relevance", "newest", "oldest"]
FieldName = Literal["title", "source", "author", "path", "language"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word as typed (`Aleppo`, `U.S.`, `al-Nusra`); `search.text` says which terms it means."""

    text: str
    field: FieldName | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words side by side in this order; with `within`, that near to each other in any order."""

    text: str
    """What stood between the quotes."""
    within: int | None = None
    """`"a b"~5`: all the words inside a window of that many words beyond their own number."""
    field: FieldName | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """`word*`."""

    text: str
    field: FieldName | None = None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`w?rd`, `w*d`: `?` is one letter, `*` any number."""

    pattern: str
    field: FieldName | None = None


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """`word~` (one edit) or `word~2` (two): words spelt nearly like this."""

    text: str
    edits: int
    field: FieldName | None = None


@dataclass(frozen=True, slots=True)
class Dates:
    """Articles published on these days, both ends included; None leaves an end open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article: the empty query, and what stands before a lone `-word`."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words side by side without an operator: ranked, and joined as `Query.match` says."""

    clauses: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class And:
    """Every clause must match."""

    clauses: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one clause must match."""

    clauses: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The clause must not match. It never adds to a score."""

    clause: Node


Node = Word | Phrase | Prefix | Wildcard | Fuzzy | Dates | Everything | Words | And | Or | Not


@dataclass(frozen=True, slots=True)
class QueryWarning:
    """Something the reader of an answer should know: a character read as text, a limit that bit."""

    message: str
    position: int | None = None
    """Where in the query's text, counted in characters from 0; None if it is not about one place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Everything a search asks. The same value gives the same answer on the same generation."""

    text: str
    tree: Node
    match: Match = "auto"
    sort: Sort = "relevance"
    sources: tuple[str, ...] = ()
    """Only these sources (any of them); empty means all. A facet that was clicked."""
    without_sources: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    """Both days included, in the configured time zone."""
    page: int = 1
    size: int = 10
    warnings: tuple[QueryWarning, ...] = ()


# --- answers -------------------------------------------------------------------------------------


class Segment(NamedTuple):
    """A run of text that is marked as a match, or not. Joined, the segments are the text."""

    text: str
    marked: bool = False


Snippet = tuple[Segment, ...]


class Hit(NamedTuple):
    """One article in an answer."""

    id: str
    path: str
    title: Snippet
    source: str | None
    published: str | None
    author: str | None
    language: str | None
    url: str | None
    score: float
    excerpts: tuple[Snippet, ...] = ()

    @property
    def title_text(self) -> str:
        """The title without its marks."""
        return "".join([text for text, _ in self.title])


# An answer has dozens of the next two: tuples are made in a third of the time of frozen classes.
# They have no use for a tuple's own `count`.


class FacetValue(NamedTuple):
    """How many matches have this value."""

    value: str
    count: int  # type: ignore[assignment]


class Bucket(NamedTuple):
    """How many matches were published from `first` to `last`, both days included."""

    first: date | None
    last: date | None
    """Both None: the undated ones."""
    count: int  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of the query, as the reader typed it, and how many articles it matches by itself."""

    text: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The answer to a query, with the receipt of how it came about."""

    query: Query
    read_as: str
    """How the query was read, in words."""
    match: Match
    """How words side by side were joined: all or any, whatever `auto` came to."""
    total: int
    """Exact, at any depth."""
    hits: tuple[Hit, ...]
    generation: str
    took_ms: float
    clauses: tuple[Clause, ...] = ()
    sources: tuple[FacetValue, ...] = ()
    """Counted as if no source had been chosen, so that another can be."""
    published: tuple[Bucket, ...] = ()
    suggestion: str | None = None
    """The query with the words that occur nowhere repaired, if that finds something."""
    nearest: str | None = None
    """Where nothing is found and no spelling is to blame: the query with as little left out as finds
    something."""
    warnings: tuple[QueryWarning, ...] = ()
    """The query's own, and those of the search: limits that bit, words that were repaired."""

    @property
    def page_count(self) -> int:
        """How many pages the answer has; at least one."""
        return max(1, -(-self.total // self.query.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """An article to be read, with a query's words marked as they matched."""

    article: Article
    title: Snippet
    paragraphs: tuple[Snippet, ...]
    mark_count: int


@dataclass(frozen=True, slots=True)
class Completion:
    """What the words typed so far may become."""

    text: str
    kind: Literal["word", "title"]
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What an index holds, for people and monitors."""

    generation: str
    committed_at: str
    """ISO 8601, UTC."""
    articles: int
    undated: int
    first_published: str | None
    last_published: str | None
    sources: tuple[FacetValue, ...]
    languages: tuple[FacetValue, ...]
    size_bytes: int
    rejections: tuple[Rejection, ...]
