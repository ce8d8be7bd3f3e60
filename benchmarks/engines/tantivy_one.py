"""tantivy by its official Python bindings, with one indexing thread and its own `en_stem`.

Merges are left to its default policy, and the build waits for them. Terms are given stemmed.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import Stemmer
import tantivy

from benchmarks.engine import Answer, Opened, day_number, whole_text
from benchmarks.workloads import Search

VERSION = version("tantivy")
HEAP_BYTES = 512_000_000
SHOULD, MUST = tantivy.Occur.Should, tantivy.Occur.Must


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem", index_option="position")
    builder.add_integer_field("number", fast=True)
    builder.add_text_field("source", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("day", indexed=True, fast=True)
    builder.add_integer_field("month", fast=True)
    return builder.build()


def build(folder: Path, articles: Iterable[dict[str, str]]) -> None:
    """One writer with one thread, one commit, merges finished."""
    index = tantivy.Index(_schema(), path=str(folder))
    writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
    for article in articles:
        day = day_number(article["published"])
        writer.add_document(
            tantivy.Document(
                text=whole_text(article),
                number=int(article["id"]),
                source=article["source"],
                day=day,
                month=day // 100,
            )
        )
    writer.commit()
    writer.wait_merging_threads()


def open_index(folder: Path) -> Opened:
    """The newest commit."""
    return _Opened(tantivy.Index.open(str(folder)))


class _Opened:
    def __init__(self, index: tantivy.Index) -> None:
        self._schema = index.schema
        self._searcher = index.searcher()
        self._stem = functools.cache(Stemmer.Stemmer("english").stemWord)

    def ask(self, search: Search) -> Answer | None:
        query = self._query(search)
        options: dict[str, Any] = {"order_by_field": "day"} if search.sort == "newest" else {}
        found = self._searcher.search(
            query,
            limit=search.size,
            offset=(search.page - 1) * search.size,
            count=True,
            **options,
        )
        addresses = [address for _, address in found.hits]
        if search.excerpts:
            generator = tantivy.SnippetGenerator.create(self._searcher, query, self._schema, "text")
            for address in addresses:
                generator.snippet_from_doc(self._searcher.doc(address)).to_html()
        if search.facets:
            self._searcher.aggregate(
                query,
                {
                    "sources": {"terms": {"field": "source", "size": 100}},
                    "months": {"terms": {"field": "month", "size": 1000}},
                },
            )
        numbers = self._searcher.fast_field_values("number", addresses)
        total = found.count
        return Answer(total, tuple(int(number or 0) for number in numbers))

    def _query(self, search: Search) -> tantivy.Query:
        words = self._words(search)
        if search.source is None:
            return words
        parts = [(MUST, words), (MUST, self._term("source", search.source))]
        if search.since and search.until:
            bounds = (day_number(search.since), day_number(search.until))
            parts.append(
                (
                    MUST,
                    tantivy.Query.range_query(
                        self._schema, "day", tantivy.FieldType.Integer, *bounds
                    ),
                )
            )
        return tantivy.Query.boolean_query(parts)

    def _words(self, search: Search) -> tantivy.Query:
        stems = [self._stem(word) for word in search.words]
        if search.kind == "prefix":
            return tantivy.Query.regex_query(self._schema, "text", search.words[0] + ".*")
        if search.kind == "fuzzy":
            return tantivy.Query.fuzzy_term_query(self._schema, "text", stems[0], distance=1)
        if len(stems) == 1:
            return self._term("text", stems[0])
        if search.kind == "phrase":
            return tantivy.Query.phrase_query(self._schema, "text", list(stems))
        occur = SHOULD if search.kind == "any" else MUST
        return tantivy.Query.boolean_query([(occur, self._term("text", s)) for s in stems])

    def _term(self, field: str, value: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._schema, field, value)
