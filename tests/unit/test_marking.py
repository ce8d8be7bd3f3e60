"""Marks found by letters are those that the analysis of the whole text finds, in every script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.highlight import MAX_ANCHORS, excerpts
from search.marking import Marker, Pattern, Shown, Span
from search.sought import MAX_TERMS
from search.text import query_terms, stem, tokens

LANGUAGES = ["en", "fr", "tr", "de", "ru", "ar", "el", "hi", "zh", None]
WORDS = [
    "truce",
    "truces",
    "Truce's",
    "TRUCE",
    "trucé",
    "al-Nusra",
    "alNusra",
    "AlNusra",
    "al",
    "Nusra",
    "nusra's",
    "U.S.",
    "US",
    "us",
    "U.S.-led",
    "U.S.A.",
    "usa",
    "O'Brien",
    "o’brien",
    "McCain",
    "Mc",
    "Cain",
    "64-bit",
    "64",
    "bit",
    "rock-'n'-roll",
    "don't",
    "dont",
    "'tis",
    "“quoted”",
    "e-mail",
    "email",
    "snake_case",
    "snake-case",
    "hello.World",
    "a.b.c.",
    "0001.txt",
    "dying",
    "die",
    "dies",
    "skies",
    "sky",
    "résumé",
    "resume",
    "RÉSUMÉ",
    "élan",
    "élan",
    "soft\xadhyphen",
    "zero\u200bwidth",
    "ﬁne",
    "fine",
    "ﬁnal",
    "İstanbul",
    "istanbul",
    "ISTANBUL",
    "ıssız",
    "straße",
    "STRASSE",
    "ΟΔΟΣ",
    "οδός",
    "οδος",
    "ёлка",
    "елка",
    "Йод",
    "йод",
    "йод",
    "йод",
    "Москвы",
    "Москва",
    "مُحَمَّد",
    "محمد",
    "كتاب",
    "کتاب",
    "الكتاب",
    "ـكتابـ",
    "हिन्दी",
    "हिंदी",
    "停战",
    "停战协议",
    "停",
    "阿勒颇停战",
    "ｶﾞｽ",
    "ガス",
    "ガス",
    "서울",
    "서울에서",
    "8月10日晚",
    "17세.",
    "กรุงเทพ",
    "½",
    "ﷺ",
    "１２３",
    "123",
    "١٢٣",
    "aleppo´s",
    "‘single’",
    "back`tick",
    "ok-'",
    "--",
    ".",
    "'",
    "—",
    "…",
    "🙂",
    "x",
    "y",
]
SEPARATORS = [" ", " ", " ", "\n", ", ", ". ", "—", "/", "", "\u00a0", "_", "-", "。", '"']

words = st.sampled_from(WORDS) | st.text("aàAб中'-.s ", min_size=1, max_size=4)
texts = st.lists(st.tuples(words, st.sampled_from(SEPARATORS)), max_size=40).map(
    lambda row: "".join(word + separator for word, separator in row)
)
typed = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
patterns = st.lists(
    st.tuples(typed, st.sampled_from([None, None, 0, 1, 4])), min_size=1, max_size=4
)


def pattern(text: str, within: int | None, language: str | None) -> Pattern | None:
    parts = query_terms(text, [language, "en"]).parts
    return (
        Pattern(tuple(map(frozenset, parts)), within if len(parts) > 1 else None) if parts else None
    )


def joined(text: str, language: str | None) -> list[Pattern]:
    found = query_terms(text, [language, "en"]).joined
    return [Pattern((frozenset(found),))] if found else []


def forms_in(texts: Iterable[str], language: str | None) -> Callable[[str], list[str]]:
    """What an index of these texts knows of its forms."""
    forms = {token.form for text in texts for token in tokens(text)}
    return lambda term: [form for form in forms if stem(form, language) == term]


def both_ways(
    text: str, sought: list[Pattern], language: str | None
) -> tuple[list[Span], list[Span]]:
    by_letters = Marker(sought, spellings=forms_in([text], language))
    return by_letters.spans(text, language), Marker(sought).spans(text, language)


@given(texts, patterns, st.sampled_from(LANGUAGES))
@example("U.S. troops, us", [("US", None)], "en")
@example("the truce of Aleppo and " + "so on " * 30 + "truce", [("truce aleppo", 1)], "en")
@example("x truce " + "a truce " * 5 + "truce b c truce", [("truce truce", 4)], "en")
@example("us a US b c d e us", [("US us", 4), ("b", None)], "en")
@example("カ\u3099ス", [("ガス", None)], "en")
@example("truce-Aleppo truce", [("truce truce", 4)], "en")
def test_marks_found_by_letters_are_those_of_the_whole_analysis(
    text: str, asked: list[tuple[str, int | None]], language: str | None
) -> None:
    sought = [found for each in asked if (found := pattern(*each, language))]
    sought += [one for typed_text, _ in asked for one in joined(typed_text, language)]
    by_letters, whole = both_ways(text, sought, language)
    assert by_letters == whole


@given(st.text(max_size=60), st.sampled_from(LANGUAGES))
@example("ŉMacDonald", None)
def test_every_word_of_any_text_is_found_by_its_letters(text: str, language: str | None) -> None:
    row = tokens(text)
    sought = list(dict.fromkeys(Pattern((frozenset({stem(t.form, language)}),)) for t in row))
    by_letters, whole = both_ways(text, sought, language)
    assert by_letters == whole
    assert len({(span.start, span.end) for span in whole}) >= bool(row)


@given(texts, st.sampled_from(LANGUAGES))
@example("aNusra", None)
@example("an a", None)
@example("ガ and б", None)
@example("“a”", "en")
@example("s\u00adtoop", None)
@example("中中", None)
def test_a_word_that_is_sought_alone_is_found(text: str, language: str | None) -> None:
    """The letters that words begin with decide where a text is looked into."""
    for term in dict.fromkeys(stem(token.form, language) for token in tokens(text)):
        by_letters, whole = both_ways(text, [Pattern((frozenset({term}),))], language)
        assert by_letters == whole != []


def test_a_word_joined_without_its_inner_possessive_is_found_before_a_single_letter() -> None:
    """`Sana'sB` is Sana, B and, together, sanab: sought alone, that was missed."""
    by_letters, whole = both_ways("the Sana'sB plan", [Pattern((frozenset(["sanab"]),))], None)
    assert by_letters == whole == [Span(4, 11, 0)]


def first_spans(marker: Marker, text: str, *, enough: int = MAX_ANCHORS) -> tuple[list[Span], int]:
    (shown,) = marker.shown([("", text, "en")], enough=enough)
    return spans_of(shown, 1), int(shown.untils[1])


def spans_of(shown: Shown, place: int) -> list[Span]:
    """The matches in one of the texts, by their places in it."""
    start, end = shown.starts[place : place + 2].tolist()
    rows = [row[:3] for row in shown.rows.tolist() if start <= row[0] < end]
    return [Span(first - start, last - start, number) for first, last, number in rows]


def test_many_terms_are_sought_without_their_forms() -> None:
    """Looking up the forms of hundreds of terms would take longer than the texts do."""
    many = frozenset(f"truce{number}" for number in range(MAX_TERMS + 1))
    marker = Marker([Pattern((many,))], spellings=lambda _term: pytest.fail("looked up"))
    assert marker.spans("a truce8 b Truce70", "en") == [Span(2, 8, 0)]


def test_a_needle_at_the_end_of_a_very_long_text_costs_little() -> None:
    text = "Hay grows, stem by stem. " * 200_000 + "And there lay the needle, he said."
    marker = Marker([Pattern((frozenset({"needl"}),))], spellings=lambda _term: ["needle"])
    assert [text[a:z] for a, z, _ in marker.spans(text, "en")] == ["needle"]


@pytest.mark.parametrize("sign", "-.'`")
@pytest.mark.timeout(60)
def test_a_long_row_of_signs_inside_a_word_costs_little(sign: str) -> None:
    """From each sign on to the next letter it would be a minute, in which nobody else is served."""
    text = f"a{sign * 200_000}b and the needle"
    marker = Marker([Pattern((frozenset({"needl"}),))], spellings=lambda _term: ["needle"])
    assert [text[start:end] for start, end, _ in marker.spans(text, "en")] == ["needle"]


def test_of_a_frequent_pattern_the_first_matches_are_enough_for_excerpts() -> None:
    text = "Sand and stones lay where the sea had been. " * 20_000
    marker = Marker([Pattern((frozenset({"sand", "stone", "sea"}),))])
    found, until = first_spans(marker, text)
    whole = marker.spans(text, "en")
    assert MAX_ANCHORS < len(found) < len(whole) // 50
    assert found == whole[: len(found)]
    assert until < found[-1].start
    assert excerpts(text, found, until=until) == excerpts(text, whole)


def test_of_a_frequent_word_every_match_of_a_very_long_text_is_found() -> None:
    """A million letters are looked through at a time, and some hundreds of words."""
    text = "Rain, U.S. rain and rain again. " * 40_000
    marker = Marker([Pattern((frozenset({"rain"}),))], spellings=lambda _term: ["rain"])
    found, until = first_spans(marker, text)
    assert (len(found), until) == (120_000, len(text))
    assert {text[start:end] for start, end, _ in found} == {"Rain", "rain"}
    assert len(excerpts(text, found)) == 1


@pytest.mark.parametrize("text", ["사실을 말했다. " * 2_000, "사실을" * 2_000, "그" * 2_000])
def test_of_a_text_without_spaces_every_match_is_found(text: str) -> None:
    """Some hundreds of words are found at a time; a stretch may hold more of them than that."""
    sought = [
        found for word in ("사실을", "말했다", "그그그") if (found := pattern(word, None, "ko"))
    ]
    by_letters, whole = both_ways(text, sought, "ko")
    assert by_letters == whole
    assert len(whole) >= 1_998


@given(st.lists(typed, min_size=1, max_size=6), st.sampled_from(LANGUAGES), patterns)
def test_articles_looked_through_together_show_what_each_shows_alone(
    row: list[str], language: str | None, asked: list[tuple[str, int | None]]
) -> None:
    sought = [found for each in asked if (found := pattern(*each, "en"))]
    marker = Marker(sought[1:], sought[:1], spellings=forms_in(row, "en"))
    articles = [(text, text * 3, "en" if place % 3 else language) for place, text in enumerate(row)]
    spoken = [said for _, _, said in articles for _ in range(2)]
    looked = [
        (text, spans_of(shown, place))
        for shown in marker.shown(articles, enough=9)
        for place, text in enumerate(shown.texts)
    ]
    assert [text for text, _ in looked] == [text for article in articles for text in article[:2]]
    for number, (text, spans) in enumerate(looked):
        alone = marker.spans if number % 2 else marker.title_spans
        assert spans == alone(text, spoken[number])


@given(
    st.lists(st.sampled_from(["truce", "Truce's", "al-Nusra", "a" * 60, "x. ", "\n"]), max_size=9)
)
def test_a_rare_match_beside_frequent_ones_is_found_at_the_end(row: list[str]) -> None:
    text = " ".join(row * 400 + ["U.S."])
    patterns = [Pattern((frozenset({"us"}),)), Pattern((frozenset({"truce", "nusra"}),))]
    marker = Marker(patterns)
    assert first_spans(marker, text, enough=3) == (marker.spans(text, "en"), len(text))


@given(
    st.lists(st.sampled_from(["the", "of", "sea", "U.S.", "al-Nusra", "and then,"]), max_size=60),
    st.lists(st.sampled_from(["the", "of", "sea"]), min_size=2, max_size=4),
    st.sampled_from([0, 3, 20]),
)
def test_a_window_marks_every_word_of_all_places_that_hold_it_whole(
    row: list[str], asked: list[str], within: int
) -> None:
    text = " ".join(row)
    places = [token for token in tokens(text) if not token.extra]
    width, needed = len(asked) + within, Counter(asked)
    members: set[tuple[int, int]] = set()
    for start in range(len(places)):
        window = places[start : start + width]
        if not needed - Counter(token.form for token in window):
            members |= {(token.start, token.end) for token in window if token.form in needed}
    wanted = [Span(*member, 0) for member in sorted(members)]
    sought = [Pattern(tuple(frozenset({word}) for word in asked), within)]
    assert both_ways(text, sought, "en") == (wanted, wanted)
