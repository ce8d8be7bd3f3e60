"""A Reading -> the reader page: marks numbered, paragraphs and provenance in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from search.model import Article, Provenance, Reading, Snippet

SURE = 0.9  # from here on a page said it for machines or in one unmistakable place
LIKELY = 0.6
NO_TITLE = ("derived", "first words")  # what the indexer says of titles that no file states


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `mark` is its number among the matches, from 1, or None."""

    text: str
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a field was found, in words."""

    found_in: str
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article as the reader shows it."""

    article: Article
    title: tuple[Piece, ...]
    paragraphs: tuple[tuple[Piece, ...], ...]
    marks: int
    origins: Mapping[str, Origin]
    """Where each field was found, by its name."""
    states_title: bool
    """False if the title was made from the beginning of the text."""


def lay_out(reading: Reading) -> Page:
    """Number the marks from the title to the last paragraph."""
    numbers = iter(range(1, reading.mark_count + 1))
    title = _numbered(reading.title, numbers)
    paragraphs = tuple(_numbered(paragraph, numbers) for paragraph in reading.paragraphs)
    origins = {field: _origin(p) for field, p in reading.article.provenance.items()}
    return Page(
        article=reading.article,
        title=title,
        paragraphs=paragraphs,
        marks=reading.mark_count,
        origins=origins,
        states_title="title" not in origins or origins["title"].found_in not in NO_TITLE,
    )


def _numbered(snippet: Snippet, numbers: Iterator[int]) -> tuple[Piece, ...]:
    return tuple(
        Piece(segment.text, next(numbers) if segment.marked else None) for segment in snippet
    )


def _origin(provenance: Provenance) -> Origin:
    certainty = (
        "certain"
        if provenance.confidence >= SURE
        else "likely"
        if provenance.confidence >= LIKELY
        else "a guess"
    )
    return Origin(provenance.found_in, certainty)
