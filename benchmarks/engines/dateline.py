"""Ours. Where facets or excerpts are asked for, the whole answer of the product's Reader is measured.

That is the exact total, facets by source, a histogram, marked titles and excerpts, and the receipt
of each clause. Where the others give the total and ten numbers, so does ours, by the Reader's `page`,
with which its search begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.engine import Answer, Opened
from benchmarks.workloads import Search
from search.model import (
    Article,
    Fingerprint,
    Fuzzy,
    Match,
    Node,
    Phrase,
    Prefix,
    Query,
    Sort,
    SourceFile,
    Word,
    Words,
)
from search.whoosh_engine.index import WhooshIndex
from search.whoosh_engine.reader import WhooshReader

try:
    VERSION = version("dateline")
except PackageNotFoundError:
    VERSION = "this checkout"
BUDGET_MS = 60_000


def _index(folder: Path) -> WhooshIndex:
    return WhooshIndex(folder, timezone=ZoneInfo("UTC"), budget_ms=BUDGET_MS)


def build(folder: Path, articles: Iterable[dict[str, str]]) -> None:
    """A fresh generation, one file for each article, one commit."""
    with _index(folder).writer(fresh=True) as writer:
        for article in articles:
            path = f"{article['id'][:4]}/{article['id']}.txt"
            stamp = Fingerprint(
                size_bytes=len(article["text"]), mtime_ns=0, ctime_ns=0, inode=0, sha256=""
            )
            writer.put(SourceFile(path=path, fingerprint=stamp), [_article(path, article)])
        writer.commit()


def open_index(folder: Path) -> Opened:
    """The newest generation."""
    return _Opened(_index(folder).reader())


def _article(path: str, article: dict[str, str]) -> Article:
    return Article(
        id=f"{int(article['id']):016x}",
        path=path,
        title=article["title"],
        body=article["text"],
        published=article["published"],
        source=article["source"],
        language=article["language"],
    )


class _Opened:
    def __init__(self, reader: WhooshReader) -> None:
        self._reader = reader

    def ask(self, search: Search) -> Answer | None:
        query = _query(search)
        if search.facets or search.excerpts:
            results = self._reader.search(query)
            return Answer(results.total, tuple(int(hit.id, 16) for hit in results.hits))
        return Answer(*self._reader.page(query))


def _query(search: Search) -> Query:
    match: Match = "all" if search.kind == "all" else "any"
    sort: Sort = "newest" if search.sort == "newest" else "relevance"
    return Query(
        text=" ".join(search.words),
        tree=_tree(search),
        match=match,
        sort=sort,
        sources=(search.source,) if search.source else (),
        since=date.fromisoformat(search.since) if search.since else None,
        until=date.fromisoformat(search.until) if search.until else None,
        page=search.page,
        size=search.size,
    )


def _tree(search: Search) -> Node:
    if search.kind == "phrase":
        return Phrase(" ".join(search.words))
    if search.kind == "prefix":
        return Words((Prefix(search.words[0]),))
    if search.kind == "fuzzy":
        return Words((Fuzzy(search.words[0], 1),))
    return Words(tuple(Word(word) for word in search.words))
