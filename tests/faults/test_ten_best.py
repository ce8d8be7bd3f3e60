"""The ten best are the ten best: random questions against every article looked at one by one."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from batches import index_in
from brute_force import BruteIndex, BruteReader
from brute_match import Counted, Doc, Matcher
from goals import Measured
from sized import FINGERPRINT, TODAY, fill, generated, questions

from search.model import Hit, Query, Results, Sort, SourceFile
from search.query import parse


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


@pytest.mark.goal("R7")
def test_the_ten_best_are_those_of_brute_force(
    tmp_path: Path, *, long: bool, measured: Measured
) -> None:
    count, asked = (400, questions(500)) if long else (100, questions(50))
    fill(tmp_path, count // 2)
    fill(tmp_path, count, first=count // 3)  # two segments, and articles put twice
    reader, brute = index_in(tmp_path).reader(), reference(count)
    answer: Callable[[Query], Results] = reader.search
    wrong = [q.text for q in asked if differs(answer(q), wanted(brute, q), q)]
    pages = sum(answer(query).total > 0 for query in asked)
    measured(
        f"{len(asked)} questions with every operator ({pages} find something) over {count} "
        f"articles: {len(wrong)} differ"
    )
    assert not wrong
    assert pages > len(asked) // 2


@pytest.mark.goal("R7")
def test_the_ten_best_of_thousands_are_those_of_a_full_sort(
    sized_index: Path, *, long: bool, measured: Measured
) -> None:
    """Where the best are picked without sorting the rest: many matches, many ties of score or day."""
    reader, found, wrong = index_in(sized_index).reader(), [], []
    typed = ("the", "the OR of", "the of and to", "title:the", "*", "a* -the", "after:2018 said")
    for text in typed if long else typed[:3]:
        asked = Query(text=text, tree=parse(text, today=TODAY).tree, match="any")
        every = list(reader.every(asked))
        for sort, page in itertools.product(get_args(Sort), (1, 7)):
            query = replace(asked, sort=sort, page=page)
            every.sort(key=lambda hit, sort=sort: _place(hit, sort))  # type: ignore[misc]
            answer, first = reader.search(query), (page - 1) * query.size
            right = [hit.id for hit in every[first : first + query.size]]
            found.append(len(every))
            if answer.total != len(every) or [hit.id for hit in answer.hits] != right:
                wrong.append(f"{text} by {sort}, page {page}")
    measured(
        f"{len(found)} questions with up to {max(found):,} matches against a sort of all of them: "
        f"{len(wrong)} differ"
    )
    assert not wrong
    assert max(found) > (15_000 if long else 300)


def _place(hit: Hit, sort: Sort) -> tuple[float, int, str]:
    day = date.fromisoformat(hit.published or "0001-01-01").toordinal()
    by_score = -hit.score if sort == "relevance" else 0.0
    return by_score, day if sort == "oldest" else -day, hit.id
