"""The reference engine: an Index in plain lists and dicts, slow and obviously right.

It looks at every article for every query and keeps nothing on disk. Other engines are held to the
same contract tests, and where a test compares two answers, this one is right. What matches and
what it is worth is in `brute_match`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta, tzinfo
from types import TracebackType
from typing import Self

from brute_match import Doc, Matcher, distance, doc_of

from search import ranking
from search.errors import IndexLocked, IndexMissing, UnknownArticle
from search.highlight import excerpts, mark_count, paragraphs, segments
from search.marking import Marker
from search.model import (
    Article,
    Bucket,
    Clause,
    Completion,
    FacetValue,
    FieldName,
    Fingerprint,
    Hit,
    Match,
    Node,
    Phrase,
    Query,
    Reading,
    Rejection,
    Results,
    SourceFile,
    Status,
    Word,
    Words,
)
from search.query import clauses, read_as, render
from search.suggest import (
    Near,
    apart,
    complete,
    correction,
    did_you_mean,
    max_edits,
    repaired,
    splits,
    titles_query,
    unfinished,
)

ENOUGH_WITH_ALL = 10
TELLING_WORDS = 25


@dataclass(frozen=True, slots=True)
class Generation:
    """What one commit made visible."""

    number: int = 0
    files: Mapping[str, tuple[Fingerprint, tuple[Article, ...]]] = field(default_factory=dict)
    rejections: Mapping[str, Rejection] = field(default_factory=dict)
    committed_at: str = "1970-01-01T00:00:00Z"

    def known(self) -> dict[str, Fingerprint]:
        known = {path: fingerprint for path, (fingerprint, _) in self.files.items()}
        rejected = {path: each.fingerprint for path, each in self.rejections.items()}
        return known | {path: print_ for path, print_ in rejected.items() if print_}


class BruteIndex:
    """See `search.engine.Index`."""

    def __init__(self, timezone: tzinfo = UTC) -> None:
        self.timezone = timezone
        self.live: Generation | None = None
        self.locked = False

    def reader(self) -> BruteReader:
        if self.live is None:
            raise IndexMissing("nothing was committed yet: commit a writer")
        return BruteReader(self.live, self.timezone)

    def writer(self, *, fresh: bool = False) -> BruteWriter:
        if self.locked:
            raise IndexLocked("another writer is at work: wait for it to commit or to be cancelled")
        return BruteWriter(self, fresh=fresh)

    def check(self) -> tuple[str, ...]:
        return ()

    def damage(self) -> str | None:
        return None


class BruteWriter:
    """See `search.engine.Writer`."""

    def __init__(self, index: BruteIndex, *, fresh: bool) -> None:
        self.index = index
        index.locked = True
        self._start(Generation() if fresh else index.live or Generation())

    def _start(self, base: Generation) -> None:
        self.base = base
        self.files = dict(self.base.files)
        self.rejections = dict(self.base.rejections)

    def known(self) -> Mapping[str, Fingerprint]:
        return self.base.known()

    def put(self, file: SourceFile, articles: Iterable[Article]) -> int:
        whole = tuple(articles)
        self.files[file.path] = (file.fingerprint, whole)
        self.rejections.pop(file.path, None)
        return len(whole)

    def reject(self, rejection: Rejection) -> None:
        self.rejections[rejection.path] = rejection

    def remove(self, path: str) -> None:
        self.files.pop(path, None)
        self.rejections.pop(path, None)

    def commit(self) -> str:
        number = (self.index.live.number if self.index.live else 0) + 1
        self.index.live = Generation(number, dict(self.files), dict(self.rejections))
        self.base = self.index.live
        return str(number)

    def cancel(self) -> None:
        self._start(self.index.live or Generation())
        self.index.locked = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()


class BruteReader:
    """See `search.engine.Reader`."""

    def __init__(self, generation: Generation, zone: tzinfo) -> None:
        self._generation = generation
        self.docs = [
            doc_of(article, path, zone)
            for path, (_, articles) in generation.files.items()
            for article in articles
        ]
        self._by_id = {doc.article.id: doc for doc in self.docs}
        self._matcher = Matcher(self.docs)

    @property
    def generation(self) -> str:
        return str(self._generation.number)

    @property
    def committed_at(self) -> str:
        return self._generation.committed_at

    # --- searching -------------------------------------------------------------------------------

    def search(self, query: Query) -> Results:
        match_all = self._match_all(query)
        match: Match = "all" if match_all else "any"
        before_sources = self._matching(query, match_all=match_all)
        docs = [doc for doc in before_sources if _wanted_source(doc, query)]
        ordered = self._ordered(docs, query)
        page = ordered[(query.page - 1) * query.size : query.page * query.size]
        return Results(
            query=query,
            read_as=read_as(query.tree, match),
            match=match,
            total=len(docs),
            hits=tuple(self._hit(doc, score, query) for doc, score in page),
            generation=self.generation,
            took_ms=0.0,
            clauses=tuple(
                Clause(typed, len(self._all(node, match_all=match_all)))
                for typed, node in clauses(query.tree)
            ),
            sources=_counted(doc.article.source for doc in before_sources),
            published=_months(docs),
            suggestion=self._suggestion(query),
            warnings=query.warnings,
        )

    def every(self, query: Query) -> Iterator[Hit]:
        if query.match == "auto":
            query = replace(query, match="all")
        docs = self._matching(query, match_all=self._match_all(query))
        kept = [doc for doc in docs if _wanted_source(doc, query)]
        for doc, score in self._ordered(kept, query):
            yield _bare_hit(doc, score)

    def _match_all(self, query: Query) -> bool:
        if query.match != "auto":
            return query.match == "all"
        words = [node for node in _top(query.tree) if isinstance(node, Words)]
        if query.sort != "relevance" or not words:
            return True
        return len(self._all(words[0], match_all=True)) >= ENOUGH_WITH_ALL

    def _all(self, node: Node, *, match_all: bool) -> list[Doc]:
        return [doc for doc in self.docs if self._matcher.matches(doc, node, match_all=match_all)]

    def _matching(self, query: Query, *, match_all: bool) -> list[Doc]:
        """Before sources are chosen."""
        return [
            doc
            for doc in self._all(query.tree, match_all=match_all)
            if (query.since is None or (doc.days is not None and doc.days[1] >= query.since))
            and (query.until is None or (doc.days is not None and doc.days[0] <= query.until))
        ]

    def _ordered(self, docs: Sequence[Doc], query: Query) -> list[tuple[Doc, float]]:
        """By score or date; ties by date, newest first, then by id. The undated come last."""
        scored = [(doc, self._matcher.score(doc, query.tree)) for doc in docs]

        def newest(doc: Doc) -> tuple[bool, float, str]:
            return doc.moment is None, -(doc.moment or 0.0), doc.article.id

        def place(each: tuple[Doc, float]) -> tuple[float, bool, float, str]:
            doc, score = each
            undated, age, name = newest(doc)
            match query.sort:
                case "relevance":
                    return -round(score, 6), undated, age, name
                case "newest":
                    return 0, undated, age, name
                case "oldest":
                    return 0, undated, -age, name

        return sorted(scored, key=place)

    def _hit(self, doc: Doc, score: float, query: Query) -> Hit:
        title, body = self._markers(query)
        article = doc.article
        spans = body.spans(article.body, article.language)
        return _bare_hit(doc, score)._replace(
            title=segments(article.title, title.spans(article.title, article.language)),
            excerpts=excerpts(article.body, spans),
        )

    def _markers(self, query: Query) -> tuple[Marker, Marker]:
        match_all = self._match_all(query)
        body = self._matcher.patterns(query.tree, "text", match_all=match_all)
        title = self._matcher.patterns(query.tree, "title", match_all=match_all)
        return Marker([*body, *title]), Marker(body)

    # --- did you mean, completion ----------------------------------------------------------------

    def _suggestion(self, query: Query) -> str | None:
        better = did_you_mean(query.tree, self._repair)
        if better is None:
            return None
        asked = replace(query, tree=better)
        found = self._matching(asked, match_all=self._match_all(asked))
        return render(better) if any(_wanted_source(doc, asked) for doc in found) else None

    def _repair(self, text: str, name: FieldName | None) -> str | None:
        where = name or "text"
        counts = self._forms(where)

        def repair(form: str) -> str | None:
            if self._all(Word(form, name), match_all=True) or not max_edits(form):
                return None
            near = [Near(other, distance(form, other), counts[other]) for other in counts]
            if name in {None, "title"}:
                pairs = (
                    (a, b, len(self._all(Phrase(f"{a} {b}"), match_all=True)))
                    for a, b in splits(form)
                )
                near += [apart(*pair) for pair in pairs if pair[2]]
            return correction(form, near)

        return repaired(text, repair)

    def _forms(self, where: str) -> Counter[str]:
        return Counter(place.form for doc in self.docs for place in doc.forms(where))

    def suggest(self, text: str, *, size: int = 8) -> tuple[Completion, ...]:
        begun = unfinished(text)
        forms = self._forms("text")
        fitting = [each for each in forms.items() if begun and each[0].startswith(begun.form)]
        words = complete(text, fitting, size=size)
        if begun and begun.run < begun.start:
            words = tuple(
                each for each in words if self._all(Word(each.text[begun.run :]), match_all=True)
            )
        wanted = titles_query(text)
        found = self._all(wanted, match_all=True) if wanted else []
        titles = [Completion(doc.article.title, "title", 1) for doc in found]
        return (*words, *titles)[:size]

    # --- single articles -------------------------------------------------------------------------

    def _doc(self, article_id: str) -> Doc:
        doc = self._by_id.get(article_id)
        if doc is None:
            raise UnknownArticle(f"no article has the id {article_id} in this generation")
        return doc

    def article(self, article_id: str) -> Article:
        return self._doc(article_id).article

    def read(self, article_id: str, query: Query) -> Reading:
        article = self._doc(article_id).article
        title_marker, body_marker = self._markers(query)
        title = segments(article.title, title_marker.spans(article.title, article.language))
        body = paragraphs(article.body, body_marker.spans(article.body, article.language))
        return Reading(
            article=article, title=title, paragraphs=body, mark_count=mark_count([title, *body])
        )

    def similar(self, article_id: str, *, size: int = 5) -> tuple[Hit, ...]:
        doc = self._doc(article_id)
        counts = Counter(place.form for place in doc.forms("text") if not place.extra)
        telling = ranking.telling(list(counts))
        holding = {form: len(self._all(Word(form), match_all=True)) for form in telling}
        best = sorted(
            telling,
            key=lambda form: (-counts[form] * ranking.idf(len(self.docs), holding[form]), form),
        )[:TELLING_WORDS]
        tree = Words(tuple(map(Word, best)))
        others = [each for each in self._all(tree, match_all=False) if each is not doc]
        query = Query(text="", tree=tree, match="any")
        return tuple(_bare_hit(each, score) for each, score in self._ordered(others, query)[:size])

    def explain(self, article_id: str, query: Query) -> str:
        doc = self._doc(article_id)
        if doc not in self._matching(query, match_all=self._match_all(query)):
            return "the article does not match"
        return f"score {self._matcher.score(doc, query.tree):.3f}"

    # --- the whole -------------------------------------------------------------------------------

    def status(self) -> Status:
        dated = sorted(
            (doc.moment, doc.article.published) for doc in self.docs if doc.moment is not None
        )
        return Status(
            generation=self.generation,
            committed_at=self.committed_at,
            articles=len(self.docs),
            undated=len(self.docs) - len(dated),
            first_published=dated[0][1] if dated else None,
            last_published=dated[-1][1] if dated else None,
            sources=_counted(doc.article.source for doc in self.docs),
            languages=_counted(doc.article.language for doc in self.docs),
            size_bytes=0,
            rejections=tuple(self._generation.rejections.values()),
        )

    def known(self) -> Mapping[str, Fingerprint]:
        return self._generation.known()


def _top(tree: Node) -> tuple[Node, ...]:
    return getattr(tree, "clauses", ()) if not isinstance(tree, Words) else (tree,)


def _wanted_source(doc: Doc, query: Query) -> bool:
    source = doc.article.source
    return (not query.sources or source in query.sources) and source not in query.without_sources


def _bare_hit(doc: Doc, score: float) -> Hit:
    article = doc.article
    return Hit(
        id=article.id,
        path=article.path,
        title=segments(article.title, ()),
        source=article.source,
        published=article.published,
        author=article.author,
        language=article.language,
        url=article.url,
        score=score,
    )


def _counted(values: Iterable[str | None]) -> tuple[FacetValue, ...]:
    counts = Counter(value for value in values if value is not None)
    return tuple(FacetValue(value, count) for value, count in sorted(counts.items(), key=_largest))


def _largest(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _months(docs: Iterable[Doc]) -> tuple[Bucket, ...]:
    """One bucket for each month in which something was published, then the undated."""
    firsts = Counter(doc.days[0].replace(day=1) if doc.days else None for doc in docs)
    undated = firsts.pop(None, 0)
    buckets = [
        Bucket(month, _last_of(month), count)
        for month, count in sorted((key, count) for key, count in firsts.items() if key)
    ]
    return (*buckets, Bucket(None, None, undated)) if undated else tuple(buckets)


def _last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
