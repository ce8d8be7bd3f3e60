"""Answers beside those of brute force: random questions against every article looked at one by one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from batches import index_in
from brute_force import BruteIndex, BruteReader
from brute_match import Counted, Doc, Matcher
from sized import FINGERPRINT, fill, generated, questions

from search.model import Query, Results, SourceFile


class Remembering(Matcher):
    """The reference, which looks at each article for each question, with what it saw kept by word."""

    def __init__(self, docs: list[Doc]) -> None:
        super().__init__(docs)
        self.seen = {id(doc): _words(doc) for doc in docs}
        self._like = cache(super()._like)  # type: ignore[method-assign]

    def frequency(self, doc: Doc, counted: Counted) -> int:
        """See Matcher; no words of any way, no look at the places."""
        words = self.seen[id(doc)][counted.field]
        if len(counted.ways) == 1 and len(counted.ways[0]) == 1:
            return sum(words[term] for term in counted.ways[0][0] & words.keys())
        if not any(all(slot & words.keys() for slot in way) for way in counted.ways):
            return 0
        return super().frequency(doc, counted)


def _words(doc: Doc) -> dict[str, Counter[str]]:
    found = {}
    for field, texts in doc.fields.items():
        places = [(number, p.position, p.term) for number, t in enumerate(texts) for p in t]
        found[field] = Counter(term for _, _, term in set(places))
    return found


def reference(count: int) -> BruteReader:
    index = BruteIndex()
    with index.writer() as writer:
        for article in generated(count):
            writer.put(SourceFile(path=article.path, fingerprint=FINGERPRINT), [article])
        writer.commit()
    reader = index.reader()
    reader._matcher = Remembering(reader.docs)
    return reader


def wanted(reader: BruteReader, query: Query) -> list[tuple[str, float]]:
    """Every match in order, with its score."""
    match_all = reader._match_all(query)
    kept = [
        doc
        for doc in reader._matching(query, match_all=match_all)
        if not query.sources or doc.article.source in query.sources
    ]
    return [(doc.article.id, score) for doc, score in reader._ordered(kept, query)]


def differs(found: Results, right: list[tuple[str, float]], query: Query) -> bool:
    """Whether total, page, order or scores are not those; scores equal in six digits may swap."""
    first = (query.page - 1) * query.size
    page, scores = right[first : first + query.size], dict(right)
    if found.total != len(right) or len(found.hits) != len(page):
        return True
    for hit, (name, score) in zip(found.hits, page, strict=True):
        close = pytest.approx(score, rel=1e-4, abs=1e-5)
        if hit.score != pytest.approx(scores.get(hit.id, -1.0), rel=1e-4, abs=1e-5):
            return True
        if hit.id != name and (query.sort != "relevance" or hit.score != close):
            return True
    return False


def compare(directory: Path, articles: int, asked: int, result: Path) -> None:
    """Fill an index, ask it and brute force; how many find something and which differ, as JSON."""
    fill(directory, articles // 2)
    fill(directory, articles, first=articles // 3)  # two segments, and articles put twice
    reader, brute = index_in(directory).reader(), reference(articles)
    answer: Callable[[Query], Results] = reader.search
    found, wrong = 0, []
    for query in questions(asked):
        results = answer(query)
        found += results.total > 0
        if differs(results, wanted(brute, query), query):
            wrong.append(query.text)
    result.write_text(json.dumps([found, wrong]), encoding="utf-8")
