"""Marks and excerpts: what matched is marked as it matched, and a hit is never without an excerpt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.highlight import (
    EXCERPT_LENGTH,
    excerpts,
    mark_count,
    paragraphs,
    segments,
)
from search.marking import Marker, Pattern, Span
from search.model import Snippet
from search.text import query_terms


def pattern(typed: str, within: int | None = None) -> Pattern:
    return Pattern(tuple(map(frozenset, query_terms(typed, ["en"]).parts)), within)


def marked(text: str, *patterns: Pattern, language: str | None = "en") -> list[str]:
    spans = Marker(patterns).spans(text, language)
    return [segment.text for segment in segments(text, spans) if segment.marked]


def shown(snippet: Snippet) -> str:
    return "".join(segment.text for segment in snippet)


def test_a_word_is_marked_in_every_form_of_its_stem() -> None:
    text = "Rebels rebelled; a rebel's RÉBEL. Rebellion is another word"
    assert marked(text, pattern("rebel")) == ["Rebels", "rebelled", "rebel", "RÉBEL"]


def test_acronyms_and_compounds_are_marked_whole() -> None:
    assert marked("The U.S. and us", pattern("US")) == ["U.S.", "us"]
    assert marked("al-Nusra, alNusra, al Nusra", pattern("al-Nusra")) == [
        *("al-Nusra", "alNusra", "al Nusra"),
    ]


def test_a_phrase_is_marked_only_as_a_phrase() -> None:
    text = "White House. A house that is white. The white, house"
    assert marked(text, pattern("white house")) == ["White House", "white, house"]


def test_words_near_each_other_are_marked_in_any_order() -> None:
    text = "the truce of Aleppo; Aleppo's long truce; truce a b c d e f g Aleppo"
    assert marked(text, pattern("aleppo truce", within=1)) == [
        "truce",
        "Aleppo",
        "Aleppo",
        "truce",
    ]


def test_a_word_asked_for_twice_has_to_be_near_twice() -> None:
    twice = pattern("war war", within=3)
    assert marked("war and peace", twice) == []
    assert marked("war on war", twice) == ["war", "war"]


def test_patterns_of_titles_are_not_marked_in_bodies() -> None:
    marker = Marker([pattern("war")], [pattern("peace")])
    assert [span.start for span in marker.title_spans("war peace", "en")] == [0, 4]
    assert [span.start for span in marker.spans("war peace", "en")] == [0]


def test_overlapping_marks_become_one_and_touching_marks_stay_two() -> None:
    text = "abcdef"
    spans = [Span(0, 3, 0), Span(2, 4, 1), Span(4, 6, 0)]
    assert [part.text for part in segments(text, spans)] == ["abcd", "ef"]


def test_a_needle_at_the_end_of_a_long_text_is_shown() -> None:
    text = "Hay grows, stem by stem. " * 200_000 + "And there lay the needle, he said."
    found = excerpts(text, Marker([pattern("needle")]).spans(text, "en"))
    assert shown(found[0]).endswith("And there lay the needle, he said.")
    assert mark_count(found) == 1


def test_an_excerpt_begins_with_its_sentence_and_says_where_it_was_cut() -> None:
    text = (
        f"{'Nothing here. ' * 40}The truce holds in the east. {'More words without an end ' * 40}"
    )
    snippet = excerpts(text, Marker([pattern("truce")]).spans(text, "en"))[0]
    assert shown(snippet).startswith("The truce holds in the east. More")
    assert shown(snippet).endswith("…")


def test_a_second_excerpt_shows_what_the_first_could_not() -> None:
    text = f"Aleppo fell. {'Words in between. ' * 60}Homs held."
    found = excerpts(text, Marker([pattern("aleppo"), pattern("homs")]).spans(text, "en"))
    assert ["Aleppo" in shown(found[0]), "Homs" in shown(found[1])] == [True, True]


def test_a_hit_without_a_mark_in_its_text_shows_how_it_begins() -> None:
    text = "First of all. And then more."
    assert [shown(each) for each in excerpts(text, [])] == [text]
    assert excerpts(" \n", []) == ()


letters = st.text("ab .\n'é-“”中", max_size=400)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(letters)
    places = st.integers(0, len(text))
    pairs = draw(st.lists(st.tuples(places, places, st.integers(0, 2)), max_size=20))
    return text, sorted(Span(min(a, z), max(a, z), n) for a, z, n in pairs if a != z)


@given(texts_with_spans())
def test_segments_joined_are_the_text(given_: tuple[str, list[Span]]) -> None:
    text, spans = given_
    assert shown(segments(text, spans)) == text
    covered = {place for start, end, _ in spans for place in range(start, end)}
    count = sum(len(part.text) for part in segments(text, spans) if part.marked)
    assert count == len(covered)


@given(texts_with_spans(), st.integers(10, 60))
def test_excerpts_are_pieces_of_the_text_in_order(
    given_: tuple[str, list[Span]], length: int
) -> None:
    text, spans = given_
    found = excerpts(text, spans, length=length)
    assert bool(found) == bool(text.strip())
    after = 0
    for snippet in found:
        plain = shown(snippet).removeprefix("…").removesuffix("…")
        assert len(plain) <= 2 * length
        after = text.index(plain, after) + len(plain)


@given(texts_with_spans())
def test_paragraphs_hold_all_that_is_no_space(given_: tuple[str, list[Span]]) -> None:
    text, spans = given_
    joined = "".join(shown(each) for each in paragraphs(text, spans))
    assert "".join(joined.split()) == "".join(text.split())


def test_an_excerpt_is_about_as_long_as_asked() -> None:
    text = "The war went on and on in the old town. " * 100
    for snippet in excerpts(text, Marker([pattern("war")]).spans(text, "en")):
        assert EXCERPT_LENGTH / 2 < len(shown(snippet)) <= EXCERPT_LENGTH + 2
