"""The fields of an index as Whoosh knows them, and the stream of terms that an article gives.

`text_stream` is the readable reference: `build` must put the same terms at the same positions into
its arrays, and stock Whoosh, given `schema()` and the same articles, indexes the same stream.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from whoosh import analysis, fields, formats

from search.model import Article
from search.text import POSITION_GAP, stem, tokens

STEMMED_FIELDS = ("text", "title")
WORD_FIELDS = ("author", "source", "path")


class Occurrence(NamedTuple):
    """A term at a position; an extra does not count towards the length of the field."""

    term: str
    position: int
    extra: bool


def text_stream(title: str, body: str, language: str | None) -> Iterator[Occurrence]:
    """The field `text`: title, gap, title, gap, body."""
    start = 0
    for part in (title, title, body):
        length = 0
        for token in tokens(part):
            length += not token.extra
            yield Occurrence(stem(token.form, language), start + token.position, token.extra)
        start += length + POSITION_GAP


def title_stream(title: str, language: str | None) -> Iterator[Occurrence]:
    """The field `title`."""
    for token in tokens(title):
        yield Occurrence(stem(token.form, language), token.position, token.extra)


def word_stream(text: str) -> Iterator[Occurrence]:
    """The fields `author`, `source` and `path`: words as they are, without stems."""
    for token in tokens(text):
        yield Occurrence(token.form, token.position, token.extra)


class StreamFormat(formats.Positions):
    """Positions of the occurrences of a stream, given in place of a text.

    Stock Whoosh adds up the frequencies of a document to get its length, and scores by the
    weights: an extra has weight but no frequency. The same term twice at one position counts once.
    """

    def word_values(
        self, value: Any, analyzer: Any, **kwargs: Any
    ) -> Iterator[tuple[str, int, float, bytes]]:
        """Term, frequency, weight and encoded positions for each term of a stream (or a text)."""
        if isinstance(value, str):
            yield from super().word_values(value, analyzer, **kwargs)
            return
        positions: dict[str, dict[int, bool]] = defaultdict(dict)
        for term, position, extra in value:
            seen = positions[term].get(position, True)
            positions[term][position] = seen and extra
        for term, places in positions.items():
            counted = sum(not extra for extra in places.values())
            yield term, counted, float(len(places)), self.encode(sorted(places))


class WordsAnalyzer(analysis.Analyzer):
    """`search.text` for Whoosh's own query parser and highlighters; words of unknown language."""

    def __init__(self, *, stems: bool) -> None:
        self.stems = stems

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WordsAnalyzer) and self.stems == other.stems

    __hash__ = None  # type: ignore[assignment]

    def __call__(  # noqa: PLR0913 - Whoosh calls it like this
        self,
        value: str,
        *,
        positions: bool = False,
        chars: bool = False,
        start_pos: int = 0,
        start_char: int = 0,
        mode: str = "",
        **kwargs: Any,
    ) -> Iterator[Any]:
        """The tokens of a text that count, as Whoosh's tokens."""
        found = analysis.Token(positions, chars, removestops=True, mode=mode, **kwargs)
        for token in tokens(value):
            if token.extra:
                continue
            found.text = stem(token.form, None) if self.stems else token.form
            found.original, found.boost, found.stopped = found.text, 1.0, False
            if positions:
                found.pos = start_pos + token.position
            if chars:
                found.startchar = start_char + token.start
                found.endchar = start_char + token.end
            yield found


def schema() -> Any:
    """The Whoosh schema of every index of ours."""

    def words(*, stems: bool) -> Any:
        field = fields.TEXT(analyzer=WordsAnalyzer(stems=stems), phrase=True)
        field.format = StreamFormat()
        return field

    named: dict[str, Any] = {name: words(stems=True) for name in STEMMED_FIELDS}
    named |= {name: words(stems=False) for name in WORD_FIELDS}
    return fields.Schema(**named, language=fields.ID(), id=fields.STORED())


def streams(article: Article) -> dict[str, list[Occurrence]]:
    """What each field of an article holds: the values to give stock Whoosh's `add_document`."""
    found: dict[str, Iterable[Occurrence]] = {
        "text": text_stream(article.title, article.body, article.language),
        "title": title_stream(article.title, article.language),
        **{name: word_stream(getattr(article, name) or "") for name in WORD_FIELDS},
    }
    return {name: list(stream) for name, stream in found.items()}
