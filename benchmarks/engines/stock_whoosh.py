"""Whoosh 2.7.4 as it comes: its own codec, one process, `StemmingAnalyzer` without a stop list.

Searches run with `optimize=False`: its optimised collector returns wrong top tens for some searches
and can loop for ever on a plain OR of two words. Even so the number of results is not the number of
matches: words that cannot reach the ten best any more are dropped on the way. The exact total
therefore takes a second pass that only counts, and facets take a search without a limit.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.engine import Answer, Opened, day_number, whole_text
from benchmarks.workloads import Search

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # written before Python warned of "\s" in plain strings
    import whoosh.index
    from whoosh import fields, query, versionstring
    from whoosh.analysis import StemmingAnalyzer

VERSION = versionstring()
MEGABYTES = 512


def _schema() -> Any:
    return fields.Schema(
        number=fields.STORED(),
        text=fields.TEXT(stored=True, analyzer=StemmingAnalyzer(stoplist=None, minsize=1)),
        source=fields.ID(sortable=True),
        day=fields.NUMERIC(int, sortable=True),
        month=fields.NUMERIC(int, sortable=True),
    )


def build(folder: Path, articles: Iterable[dict[str, str]]) -> None:
    """One writer, one commit."""
    writer = whoosh.index.create_in(str(folder), _schema()).writer(limitmb=MEGABYTES)
    for article in articles:
        day = day_number(article["published"])
        writer.add_document(
            number=int(article["id"]),
            text=whole_text(article),
            source=article["source"],
            day=day,
            month=day // 100,
        )
    writer.commit()


def open_index(folder: Path) -> Opened:
    """The newest generation, BM25F."""
    return _Opened(whoosh.index.open_dir(str(folder)))


class _Opened:
    def __init__(self, index: Any) -> None:
        self._analyzer = index.schema["text"].analyzer
        self._searcher = index.searcher()

    def ask(self, search: Search) -> Answer | None:
        options: dict[str, Any] = {}
        if search.sort == "newest":
            options.update(sortedby="day", reverse=True)
        if search.facets:
            options.update(groupedby=["source", "month"])
        asked = self._query(search)
        last = search.page * search.size
        found = self._searcher.search(
            asked, limit=None if search.facets else last, optimize=False, **options
        )
        hits = found[last - search.size : last]
        if search.excerpts:
            for hit in hits:
                hit.highlights("text")
        if search.facets:
            found.groups("source")
            found.groups("month")
        total = sum(1 for _ in self._searcher.docs_for_query(asked))
        return Answer(total, tuple(hit["number"] for hit in hits))

    def _query(self, search: Search) -> Any:
        words, narrowed = self._words(search), _filter(search)
        return query.And([words, *narrowed]) if narrowed else words

    def _words(self, search: Search) -> Any:
        if search.kind == "prefix":
            return query.Prefix("text", search.words[0])
        terms = [token.text for token in self._analyzer(" ".join(search.words), mode="query")]
        if search.kind == "fuzzy":
            return query.FuzzyTerm("text", terms[0], maxdist=1, prefixlength=0)
        if len(terms) == 1:
            return query.Term("text", terms[0])
        if search.kind == "phrase":
            return query.Phrase("text", terms)
        joined = query.Or if search.kind == "any" else query.And
        return joined([query.Term("text", term) for term in terms])


def _filter(search: Search) -> list[Any]:
    """Filters as constant-score clauses: they narrow and do not rank."""
    parts: list[Any] = [query.Term("source", search.source)] if search.source else []
    if search.since and search.until:
        parts.append(query.NumericRange("day", day_number(search.since), day_number(search.until)))
    return [query.ConstantScoreQuery(part, 0.0) for part in parts]
