"""Whoosh itself as the oracle: stock matchers on a stock index give what our arrays give.

The stock index is written by Whoosh's own codec from the same stream of terms, and searched with
`optimize=False`: the short cut of Whoosh 2.7.4 gives wrong top tens for some queries.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from query_strategies import collections
from whoosh import query as whoosh
from whoosh import scoring
from whoosh.filedb.filestore import RamStorage
from whoosh.matching.binary import AndNotMatcher

from search import ranking
from search.model import Article
from search.whoosh_engine.building.build import snapshot_in_memory
from search.whoosh_engine.evaluation import fallback
from search.whoosh_engine.evaluation.clock import Clock
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.queries.kinds import KNOWN
from search.whoosh_engine.schema import schema, streams
from search.whoosh_engine.views.view import View

UTC = ZoneInfo("UTC")


class SameWeighting(scoring.WeightingModel):  # type: ignore[misc]
    """Lucene's idf, our K1 and B, and lengths as they are: Whoosh's codec rounds long ones."""

    def __init__(self, articles: Sequence[Article]) -> None:
        found = [streams(article) for article in articles]
        self.lengths = {
            name: [sum(not each.extra for each in stream[name]) for stream in found]
            for name in ("text", "title", "author", "source", "path", "language")
            if name != "language"
        }
        self.lengths["language"] = [int(article.language is not None) for article in articles]

    def scorer(self, searcher: Any, fieldname: str, text: Any, qf: float = 1) -> Any:  # noqa: ARG002 - Whoosh calls it so
        parent = searcher.get_parent()
        idf = ranking.idf(parent.doc_count(), parent.doc_frequency(fieldname, text))
        lengths = self.lengths[fieldname]
        mean = math.fsum(lengths) / len(lengths) or 1.0

        class OneTerm(scoring.BaseScorer):  # type: ignore[misc]
            def max_quality(self) -> float:
                return math.inf

            def score(self, matcher: Any) -> float:
                length = lengths[matcher.id()]
                return ranking.word_score(int(matcher.weight()), length, mean, idf)

        return OneTerm()


@pytest.fixture(autouse=True, scope="module")
def right_and_not() -> Iterator[None]:
    """Stock Whoosh without the one defect of ANDNOT that an oracle cannot have.

    `AndNotMatcher` looks at its first match only where both sides begin at the same document: of
    `a ANDNOT b` it gives the first `a` even if that has `b`, when `b` began before.
    """

    def find_first(matcher: Any) -> None:
        if matcher.a.is_active() and matcher.b.is_active():
            matcher._find_next()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AndNotMatcher, "_find_first", find_first)
        yield


def stock_searcher(articles: Sequence[Article]) -> Any:
    index = RamStorage().create_index(schema())
    writer = index.writer()
    for article in articles:
        fields: dict[str, Any] = {k: v for k, v in streams(article).items() if v}
        if article.language is not None:
            fields["language"] = article.language
        writer.add_document(**fields, id=article.id)
    writer.commit()
    return index.searcher(weighting=SameWeighting(articles))


TERMS = ["aleppo", "rebel", "war", "the", "of", "may", "us", "al", "nusra", "alnusra", "64", "zzz"]
terms = st.builds(
    whoosh.Term,
    st.sampled_from(["text", "text", "text", "title"]),
    st.sampled_from(TERMS),
    boost=st.sampled_from([1.0, 2.0, 0.1]),
)
leaves: st.SearchStrategy[Any] = st.one_of(
    terms,
    terms,
    st.just(whoosh.Every()),
    # not known to the arrays
    st.builds(whoosh.Prefix, st.just("text"), st.sampled_from(["a", "al", "n", "q"])),
    st.builds(whoosh.Wildcard, st.just("text"), st.sampled_from(["a*o", "?ar", "*e*"])),
    st.builds(whoosh.FuzzyTerm, st.just("text"), st.sampled_from(["alepo", "wra", "nusar"])),
    st.builds(whoosh.TermRange, st.just("text"), st.just("al"), st.sampled_from(["b", "s"])),
    st.builds(
        whoosh.Phrase, st.just("text"), st.lists(st.sampled_from(TERMS), min_size=1, max_size=3)
    ),
    st.builds(whoosh.Term, st.just("source"), st.sampled_from(["bbc", "xinhua"])),
    st.builds(whoosh.Term, st.just("language"), st.sampled_from(["en", "fr"])),
)


def _joined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(whoosh.And),
        several.map(whoosh.Or),
        several.map(whoosh.DisjunctionMax),
        st.builds(whoosh.AndNot, inner, inner),
        st.builds(whoosh.AndMaybe, inner, inner),
        st.builds(whoosh.Require, inner, inner),
        st.builds(whoosh.ConstantScoreQuery, inner, st.sampled_from([0.5, 2.0])),
        inner.map(whoosh.Not),
    )


trees = st.recursive(leaves, _joined, max_leaves=6)


def walked(node: Any, searcher: Any) -> dict[int, float]:
    """What Whoosh finds, one posting at a time."""
    results = searcher.search(node, limit=None, optimize=False)
    return {number: score for score, number in results.top_n}


def on_arrays(node: Any, articles: Sequence[Article], cut: int) -> dict[int, float]:
    groups = [list(articles[:cut]), list(articles[cut:])] if cut else [list(articles)]
    execution = Execution(View(snapshot_in_memory(groups, UTC)), Clock(60_000))
    docs, scores = execution.ranked(node)
    assert np.all(np.diff(docs.astype(np.int64)) > 0)
    return dict(zip(docs.tolist(), scores.tolist(), strict=True))


@given(articles=collections(), node=trees, cut=st.integers(0, 5))
@settings(max_examples=150, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_any_whoosh_query_gives_what_stock_whoosh_gives(
    articles: list[Article], node: Any, cut: int
) -> None:
    """Documents and scores; nodes that the arrays do not know are among the queries."""
    with stock_searcher(articles) as searcher:
        theirs = walked(node, searcher)
    ours = on_arrays(node, articles, cut)
    assert ours.keys() == theirs.keys()
    assert ours == pytest.approx(theirs, rel=1e-4, abs=1e-5)


slots = st.lists(
    st.lists(st.sampled_from(TERMS), min_size=1, max_size=2, unique=True).map(tuple),
    min_size=1,
    max_size=3,
).map(tuple)
counted = st.builds(
    lambda ways, within, boost: Counted("text", tuple(ways), within=within, boost=boost),
    st.lists(slots, min_size=1, max_size=2),
    st.none() | st.integers(0, 4),
    st.sampled_from([1.0, 0.1]),
)


@given(articles=collections(), node=counted, others=st.lists(terms, min_size=1, max_size=2))
@settings(max_examples=60)
def test_our_own_nodes_are_the_same_inside_a_query_that_whoosh_walks(
    articles: list[Article], node: Counted, others: list[Any]
) -> None:
    """In a DisjunctionMax, which the arrays leave to Whoosh, and in an Or, which they do not."""
    view = View(snapshot_in_memory([articles], UTC))
    execution = Execution(view, Clock(60_000))
    assert whoosh.DisjunctionMax not in KNOWN
    docs, scores = execution.ranked(whoosh.Or([node, *others]))
    walked_docs, walked_scores = fallback.walk(
        whoosh.Or([node, *others]), view, execution.ranked, lambda: None
    )
    assert docs.tolist() == walked_docs.tolist()
    assert scores.tolist() == pytest.approx(walked_scores.tolist(), rel=1e-4, abs=1e-5)
    alone, _ = execution.ranked(whoosh.DisjunctionMax([node]))
    assert alone.tolist() == execution.match(node).tolist()
