"""Xapian by its own bindings (Debian: python3-xapian), glass backend, English stems of every word.

The exact total is had by checking every match (`checkatleast`). Its 1.4 has no fuzzy words. The
bindings are no package of the Python registry, so this may run in another Python than ours: here is
nothing but the standard library and `xapian`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import xapian  # type: ignore[import-not-found]  # bindings without types, outside our environment

from benchmarks.engine import Answer, Opened, day_number, whole_text
from benchmarks.workloads import Search

VERSION = xapian.version_string()
DAY, SOURCE, MONTH = range(3)
SOURCE_PREFIX = "XS"


def build(folder: Path, articles: Iterable[dict[str, str]]) -> None:
    """One transaction, one commit."""
    database = xapian.WritableDatabase(str(folder), xapian.DB_CREATE_OR_OVERWRITE)
    generator = xapian.TermGenerator()
    generator.set_stemmer(xapian.Stem("english"))
    generator.set_stemming_strategy(xapian.TermGenerator.STEM_ALL)
    for article in articles:
        document = xapian.Document()
        generator.set_document(document)
        generator.set_termpos(0)
        text = whole_text(article)
        generator.index_text(text)
        document.set_data(text)
        document.add_boolean_term(SOURCE_PREFIX + article["source"])
        day = day_number(article["published"])
        document.add_value(DAY, xapian.sortable_serialise(day))
        document.add_value(SOURCE, article["source"])
        document.add_value(MONTH, str(day // 100))
        database.replace_document(int(article["id"]) + 1, document)  # 0 is no number there
    database.commit()
    database.close()


def open_index(folder: Path) -> Opened:
    """The newest commit, BM25."""
    return _Opened(xapian.Database(str(folder)))


class _Opened:
    def __init__(self, database: xapian.Database) -> None:
        self._database = database
        self._count = database.get_doccount()
        self._stem = xapian.Stem("english")

    def ask(self, search: Search) -> Answer | None:
        if search.kind == "fuzzy":
            return None
        enquire = xapian.Enquire(self._database)
        enquire.set_query(self._query(search))
        if search.sort == "newest":
            enquire.set_sort_by_value(DAY, True)
        spies = [xapian.ValueCountMatchSpy(slot) for slot in (SOURCE, MONTH) if search.facets]
        for spy in spies:
            enquire.add_matchspy(spy)
        page = enquire.get_mset((search.page - 1) * search.size, search.size, self._count)
        for spy in spies:
            dict((item.term, item.termfreq) for item in spy.values())  # noqa: C402 - only read
        if search.excerpts:
            for match in page:
                page.snippet(match.document.get_data().decode("utf-8"), 300, self._stem)
        return Answer(page.get_matches_estimated(), tuple(match.docid - 1 for match in page))

    def _query(self, search: Search) -> xapian.Query:
        words = self._words(search)
        if search.source:
            source = xapian.Query(SOURCE_PREFIX + search.source)
            words = xapian.Query(xapian.Query.OP_FILTER, words, source)
        if search.since and search.until:
            bounds = [
                xapian.sortable_serialise(day_number(day)) for day in (search.since, search.until)
            ]
            days = xapian.Query(xapian.Query.OP_VALUE_RANGE, DAY, *bounds)
            words = xapian.Query(xapian.Query.OP_FILTER, words, days)
        return words

    def _words(self, search: Search) -> xapian.Query:
        if search.kind == "prefix":
            return xapian.Query(xapian.Query.OP_WILDCARD, search.words[0], 0, 0)
        stems = [self._stem(word) for word in search.words]
        if search.kind == "phrase":
            return xapian.Query(xapian.Query.OP_PHRASE, stems, len(stems))
        joined = xapian.Query.OP_OR if search.kind == "any" else xapian.Query.OP_AND
        return xapian.Query(joined, stems)
