"""The forms of a term, as the index gives them, are those that its articles have."""

from __future__ import annotations

from collections import defaultdict
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from little_corpus import article

from search.text import stem, tokens
from search.whoosh_engine.building.build import snapshot_in_memory
from search.whoosh_engine.queries.spellings import spellings
from search.whoosh_engine.views.view import View

WORDS = [
    *("truce", "Truces", "truce's", "sky", "skies", "die", "dying", "U.S.", "us", "al-Nusra"),
    *("élève", "élèves", "выборы", "выборов", "الكتاب", "كتاب", "停战", "x", "dont", "don't"),
]
LANGUAGES = ["en", "fr", "ru", "ar", "id", None]
texts = st.lists(st.sampled_from(WORDS) | st.text("abé", min_size=1, max_size=3), max_size=8)
corpora = st.lists(st.lists(st.tuples(texts, texts, st.sampled_from(LANGUAGES)), max_size=4))


@settings(max_examples=40)  # a segment is built for each
@given(corpora)
def test_the_forms_of_every_term_are_those_of_the_articles(
    given_: list[list[tuple[list[str], list[str], str | None]]],
) -> None:
    parts = [
        [
            article(f"{s}/{n}", " ".join(body), title=" ".join(title), language=language)
            for n, (title, body, language) in enumerate(segment)
        ]
        for s, segment in enumerate(given_)
    ]
    wanted = defaultdict(set)
    for found in (found for part in parts for found in part):
        for token in [*tokens(found.title), *tokens(found.body)]:
            wanted[stem(token.form, found.language)].add(token.form)
    view = View(snapshot_in_memory(parts, ZoneInfo("UTC")))
    assert {term: set(spellings(view, term)) for term in wanted} == wanted
    assert spellings(view, "zzqzz") == ()
