"""Random articles and random queries, from few words so that they meet often."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from search.model import (
    And,
    Article,
    Dates,
    Everything,
    FieldName,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Wildcard,
    Word,
    Words,
)

BODY = [
    *("Aleppo", "Aleppo's", "rebel", "rebels", "war", "wars", "the", "of", "may", "US", "U.S."),
    *("al-Nusra", "al", "Nusra", "alNusra", "Alnusra", "64-bit", "élève", "eleves", "выборы"),
    *("generation", "general", "générale", "l'élève", "Nusra'da", "حلب", "الحلب", "中文字", "2016"),
]
SOURCES = ["BBC News", "Xinhua", "Al Jazeera"]
DATES = [None, "2015", "2016-11", "2016-11-25", "2016-11-25T10:00:00+02:00", "2017-01-03"]

words = st.sampled_from(BODY)
texts = st.lists(words, max_size=14).map(" ".join)
titles = st.lists(words, max_size=4).map(" ".join)
days = st.none() | st.integers(0, 900).map(lambda n: date(2015, 1, 1) + timedelta(days=n))


@st.composite
def articles(draw: st.DrawFn, *, number: int = 0) -> Article:
    """An article whose id and path hold its number."""
    return Article(
        id=f"{number * 7919 % 65_536:016x}",
        path=f"{draw(st.sampled_from(['bbc', 'al-jazeera']))}/{number}.txt",
        title=draw(titles),
        body=draw(texts),
        published=draw(st.sampled_from(DATES)),
        source=draw(st.sampled_from([None, *SOURCES])),
        author=draw(st.sampled_from([None, "Ann O'Brien", "Lina Haddad"])),
        language=draw(st.sampled_from(["en", "en", "en", None, "fr", "ar", "ru", "tr"])),
    )


@st.composite
def collections(draw: st.DrawFn, *, max_size: int = 14) -> list[Article]:
    """Articles with different ids."""
    count = draw(st.integers(0, max_size))
    return [draw(articles(number=number)) for number in range(count)]


fields: st.SearchStrategy[FieldName | None] = st.sampled_from(
    [None, None, None, "title", "source", "author", "path", "language"]
)
phrases = st.lists(words, min_size=1, max_size=3).map(" ".join)
fielded_words = st.builds(
    Word, st.sampled_from([*BODY, "BBC", "Haddad", "O'Brien", "en", "bbc", "zzz"]), fields
)
patterns = st.one_of(
    st.builds(Prefix, st.sampled_from(["a", "al", "alep", "re", "al-Nus", "gener", "u", "в"])),
    st.builds(Wildcard, st.sampled_from(["?ar*", "a*o", "*e*", "reb?l", "U.?", "al-n*"])),
    st.builds(
        Fuzzy, st.sampled_from(["alepo", "rebles", "wra", "nusar", "genral"]), st.integers(1, 2)
    ),
)
plain = st.builds(Word, words)
side_by_side: st.SearchStrategy[Node] = st.lists(plain | patterns, min_size=2, max_size=5).map(
    lambda parts: Words(tuple(parts))
)
with_quotations: st.SearchStrategy[Node] = st.tuples(
    st.lists(plain, min_size=1, max_size=4),
    st.lists(phrases.map(Phrase), min_size=1, max_size=2),
).map(lambda both: Words((both[0][0], *both[1], *both[0][1:])))
leaves: st.SearchStrategy[Node] = st.one_of(
    fielded_words,
    patterns,
    st.builds(
        Phrase, phrases, st.none() | st.integers(0, 4), st.sampled_from([None, None, "title"])
    ),
    st.builds(Dates, days, days),
)


def _joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    refused = st.tuples(inner, inner.map(Not))
    return st.one_of(several.map(And), several.map(Or), refused.map(And), inner.map(_negated))


def _negated(node: Node) -> Node:
    return And((Everything(), Not(node)))


nested: st.SearchStrategy[Node] = st.recursive(leaves, _joined, max_leaves=5)
trees: st.SearchStrategy[Node] = st.one_of(
    side_by_side,
    with_quotations,
    nested,
    st.tuples(side_by_side, nested).map(And),
    st.tuples(side_by_side, nested.map(Not)).map(And),
    st.just(Everything()),
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    """Any query, the whole answer on one page."""
    chosen = draw(st.lists(st.sampled_from(SOURCES), max_size=2, unique=True))
    return Query(
        text="",
        tree=draw(trees),
        match=draw(st.sampled_from(["auto", "all", "any"])),
        sort=draw(st.sampled_from(["relevance", "relevance", "newest", "oldest"])),
        sources=tuple(chosen),
        without_sources=tuple(draw(st.lists(st.sampled_from(SOURCES), max_size=1))),
        since=draw(st.none() | days),
        until=draw(st.none() | days),
        size=100,
    )
