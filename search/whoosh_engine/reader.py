"""The Reader: queries in, answers out, from one generation. See `search.engine.Reader`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from whoosh import query as whoosh

from search.compiled import clock_s
from search.highlight import MAX_ANCHORS, cut_hits, mark_count, paragraphs, segments
from search.marking import Marker
from search.model import (
    Article,
    Completion,
    Fingerprint,
    Hit,
    Node,
    Query,
    Reading,
    Results,
    Segment,
    Snippet,
    Status,
    Word,
)
from search.query import read_as
from search.stop_words import STOP_WORDS
from search.suggest import complete, titles_query, unfinished
from search.text import stem, tokens
from search.whoosh_engine.evaluation import facets, receipt
from search.whoosh_engine.evaluation.clock import Clock
from search.whoosh_engine.evaluation.execute import Execution
from search.whoosh_engine.evaluation.explain import explain
from search.whoosh_engine.evaluation.plan import Plan, all_words, find, plan
from search.whoosh_engine.nodes import Counted
from search.whoosh_engine.queries import words
from search.whoosh_engine.queries.row import TEXT
from search.whoosh_engine.queries.spellings import spellings
from search.whoosh_engine.segments.arrays import NO_TIME
from search.whoosh_engine.segments.known import Known
from search.whoosh_engine.segments.snapshot import Snapshot
from search.whoosh_engine.views.view import View

TELLING_WORDS = 25  # of an article, by which others are found similar; more add time, not likeness
MIN_SHARED = 2  # articles that must have a word for it to make others similar
MAX_TITLES = 3  # among the completions


class WhooshReader:
    """One generation. Many threads may use it at once."""

    def __init__(self, snapshot: Snapshot, *, timezone: ZoneInfo, budget_ms: float) -> None:
        self._snapshot = snapshot
        self._view = View(snapshot)
        self._budget_ms = budget_ms
        self.timezone = timezone
        """The zone whose days the index counts in."""

    @property
    def generation(self) -> str:
        """See `search.engine.Reader.generation`."""
        return self._snapshot.generation

    @property
    def committed_at(self) -> str:
        """See `search.engine.Reader.committed_at`."""
        return self._snapshot.committed_at

    # --- searching -----------------------------------------------------------

    def search(self, query: Query) -> Results:
        """See `search.engine.Reader.search`."""
        start_s = clock_s()
        execution = self._execution()
        made = plan(query, execution)
        found = find(query, made, execution)
        docs, scores = found.first(query.page * query.size)
        total = found.total
        skipped = (query.page - 1) * query.size
        marker = self._marker(made, execution)
        hits = self._hits(docs[skipped:].tolist(), scores[skipped:].tolist(), marker, execution)
        parts = receipt.parts_of(query.tree, execution)
        advice = receipt.advise(query, total, parts, execution)
        too_few = made.too_few if total else ()
        sources, published = self._facets.of(found)
        return Results(
            query=query,
            read_as=read_as(query.tree, made.match),
            match=made.match,
            total=total,
            hits=hits,
            generation=self.generation,
            clauses=parts,
            sources=sources,
            published=published,
            suggestion=advice.suggestion,
            nearest=advice.nearest,
            warnings=(*query.warnings, *made.compiled.told, *too_few, *advice.remarks),
            took_ms=1000 * (clock_s() - start_s),
        )

    @cached_property
    def _facets(self) -> facets.Facets:
        return facets.Facets(self._view)

    def page(self, query: Query) -> tuple[int, tuple[int, ...]]:
        """The total, and the ids (as numbers) of the page's hits: `search` without what is shown."""
        execution = self._execution()
        found = find(query, plan(query, execution), execution)
        docs = found.order(query.page * query.size)
        ids = self._view.column("id")[docs[(query.page - 1) * query.size :]]
        return found.total, tuple(ids.tolist())

    def every(self, query: Query) -> Iterator[Hit]:
        """See `search.engine.Reader.every`."""
        execution = self._execution()
        asked = all_words(query)
        made = plan(asked, execution)
        docs, scores = find(asked, made, execution).first(self._view.doc_count_all)
        for doc, score in zip(docs.tolist(), scores.tolist(), strict=True):
            fields, _ = self._view.opened(doc)
            yield _hit(fields, score)

    def count(self, tree: Node) -> int:
        """How many articles a query matches, words beside each other all required."""
        return receipt.count(tree, self._execution())

    def _execution(self) -> Execution:
        return Execution(self._view, Clock(self._budget_ms))

    def _hits(
        self, docs: Sequence[int], scores: Sequence[float], marker: Marker, execution: Execution
    ) -> tuple[Hit, ...]:
        """The hits with their marks and excerpts."""
        heads: list[Mapping[str, Any]] = []

        def articles() -> Iterator[tuple[str, str, str | None]]:
            for doc in docs:
                fields, body = self._view.opened(doc)
                heads.append(fields)
                yield fields["title"], body, fields.get("language")

        found: list[Hit] = []
        for shown in marker.shown(articles(), enough=MAX_ANCHORS):
            execution.clock.check()  # the marks of a hundred windows take as long as finding them
            for title, cut in cut_hits(shown):
                number = len(found)
                found.append(_hit(heads[number], scores[number], title, cut))
        return tuple(found)

    def _marker(self, made: Plan, execution: Execution) -> Marker:
        check = execution.clock.check

        def forms(term: str) -> tuple[str, ...]:
            check()  # a beginning of a word may stand for thousands of terms
            return spellings(self._view, term)

        compiled = made.compiled
        return Marker(compiled.patterns, compiled.title_patterns, spellings=forms, check=check)

    # --- one article ---------------------------------------------------------

    def article(self, article_id: str) -> Article:
        """See `search.engine.Reader.article`."""
        return self._view.article(self._snapshot.find(article_id))

    def read(self, article_id: str, query: Query) -> Reading:
        """See `search.engine.Reader.read`."""
        article = self.article(article_id)
        execution = self._execution()
        marker = self._marker(plan(query, execution), execution)
        title = segments(article.title, marker.title_spans(article.title, article.language))
        marked = paragraphs(article.body, marker.spans(article.body, article.language))
        return Reading(
            article=article,
            title=title,
            paragraphs=marked,
            mark_count=mark_count([title, *marked]),
        )

    def similar(self, article_id: str, *, size: int = 5) -> tuple[Hit, ...]:
        """See `search.engine.Reader.similar`."""
        view = self._view
        own = self._snapshot.find(article_id)
        telling = self._telling(view.article(own))
        if not telling or size < 1:
            return ()
        _, docs, scores = self._execution().best(whoosh.Or(telling), size + 1)
        hits = zip(docs.tolist(), scores.tolist(), strict=True)
        others = [(doc, score) for doc, score in hits if doc != own]
        return tuple(_hit(view.opened(doc)[0], score) for doc, score in others[:size])

    def _telling(self, article: Article) -> list[Counted]:
        """The words that tell an article from others, each worth the logarithm of its count."""
        forms = Counter(
            stem(token.form, article.language)
            for token in chain(tokens(article.title), tokens(article.title), tokens(article.body))
            if not token.extra and token.form not in STOP_WORDS and len(token.form) > 1
        )
        worth: list[tuple[float, str, float]] = []
        for term, frequency in forms.items():
            holding = self._view.live_frequency(TEXT, term)
            if holding >= MIN_SHARED:
                weight = float(np.log1p(frequency))
                worth.append((weight * self._view.idf(holding), term, weight))
        worth.sort(key=lambda each: (-each[0], each[1]))
        return [
            Counted(TEXT, (((term,),),), boost=weight) for _, term, weight in worth[:TELLING_WORDS]
        ]

    def explain(self, article_id: str, query: Query) -> str:
        """See `search.engine.Reader.explain`."""
        execution = self._execution()
        made = plan(query, execution)
        joined = read_as(query.tree, made.match)
        reason = explain(self._snapshot.find(article_id), query.tree, made, execution)
        return f"Read as {joined}\n{reason}"

    # --- words and figures ---------------------------------------------------

    def suggest(self, text: str, *, size: int = 8) -> tuple[Completion, ...]:
        """See `search.engine.Reader.suggest`."""
        begun = unfinished(text)
        execution = self._execution()
        check = execution.clock.check
        candidates = words.with_prefix(self._view, TEXT, begun.form, check) if begun else ()
        whole = complete(text, candidates, size=size)
        if begun and begun.run < begun.start:  # `8月10日`: they are sought as a phrase
            written = ((each, Word(each.text[begun.run :])) for each in whole)
            whole = tuple([each for each, word in written if receipt.count(word, execution)])
        room = max(min(MAX_TITLES, size // 2), size - len(whole))
        titles = self._titles(text, min(room, MAX_TITLES))
        return (*whole[: size - len(titles)], *titles)

    def _titles(self, text: str, size: int) -> list[Completion]:
        """The newest titles that hold all the words."""
        tree = titles_query(text)
        if tree is None or size < 1:
            return []
        query = Query(text=text, tree=tree, match="all", sort="newest")
        execution = self._execution()
        made = plan(query, execution)
        docs = find(query, made, execution).order(2 * size)
        titles = Counter(self._view.opened(doc)[0]["title"] for doc in docs.tolist())
        return [Completion(title, "title", count) for title, count in titles.items()][:size]

    def status(self) -> Status:
        """See `search.engine.Reader.status`."""
        return self._status

    @cached_property
    def _status(self) -> Status:
        view = self._view
        seconds = view.column("published_s")[view.everything]
        dated = view.everything[seconds != NO_TIME]
        by_date = dated[np.argsort(view.column("published_s")[dated], kind="stable")]
        return Status(
            generation=self.generation,
            committed_at=self.committed_at,
            articles=view.article_count,
            undated=view.article_count - len(dated),
            first_published=view.article(int(by_date[0])).published if len(dated) else None,
            last_published=view.article(int(by_date[-1])).published if len(dated) else None,
            sources=facets.Values(*view.sources).counted(view.everything),
            languages=facets.Values(*view.languages).counted(view.everything),
            size_bytes=self._snapshot.size_bytes,
            rejections=self._snapshot.rejections,
        )

    def known(self) -> Mapping[str, Fingerprint]:
        """See `search.engine.Reader.known`."""
        return Known(self._snapshot)


def _hit(
    fields: Mapping[str, Any],
    score: float,
    title: Snippet | None = None,
    cut: tuple[Snippet, ...] = (),
) -> Hit:
    """A hit of an article's stored fields; without marks and excerpts unless they are given."""
    known = fields.get
    return Hit(
        id=fields["id"],
        path=fields["path"],
        title=(Segment(fields["title"]),) if title is None else title,
        source=known("source"),
        published=known("published"),
        author=known("author"),
        language=known("language"),
        url=known("url"),
        score=score,
        excerpts=cut,
    )
