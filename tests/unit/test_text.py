"""What a word is: examples in a table, and the laws that hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import chunks as in_chunks
from search import text as words
from search.text import Finder, Token, analyse, fold, query_terms, stem, tokens

# Pieces that real pages are made of, so that their meetings are tried and not only single letters.
PIECES = [
    *"aZé9ßİıłя中水가ガ\u0301\u00ad\u200b'’.-–— \u00a0\n\"“_`,&/",
    "U.S.", "U.S.A", "al-Nusra", "alNusra", "Syria's", "Syria’s", "64-bit", "don't", "McCain",
    "中文", "हिन्दी", "السُّورِيّة", "\ud800", "ﬁ", "½", "…", "Aleppo", "aleppo", "THE", "x" * 80, "2016-10-17",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("Aleppo, again.", "aleppo again"),
        ("the U.S. and the US", "the us and the us"),
        ("U.S.A. = USA", "usa usa"),
        ("U.S.-led", "us led"),
        ("J.K. Rowling", "jk rowling"),
        ("Syria's Syria’s rebels'", "syria syria rebels"),
        ("al-Nusra alNusra", "al nusra al nusra"),
        ("McCain MacArthur", "mccain macarthur"),
        ("Ahrar\u00adal", "ahraral"),
        ("zero\u200bwidth", "zerowidth"),
        ("Café cafe\u0301 CAFÉ", "cafe cafe cafe"),
        ("Łódź Øre Đorđe Straße æon œuvre", "lodz ore dorde strasse aeon oeuvre"),
        ("İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"),
        ("أحمد احمد إحمد", "احمد احمد احمد"),
        ("مدرسة مدرسه", "مدرسه مدرسه"),
        ("کتاب كتاب كتـــاب", "كتاب كتاب كتاب"),
        ("على علی", "علي علي"),
        ("中文搜索", "中文 文搜 搜索"),
        ("水", "水"),
        ("한국어", "한국 국어"),
        ("ｶﾞﾝ ガン", "ガン ガン"),
        ("हिन्दी", "हिन्दी"),
        ("йод и\u0306од", "йод йод"),
        ("٢٠١٦", "2016"),
        ("½ … -- ''", ""),
        ("aBcDeFgHiJ", "abcdefghij"),
        ("a_b", "a b"),
        ("www.example.com", "www example com"),
    ],
)
def test_forms(text: str, forms: str) -> None:
    assert " ".join(words.forms(text)) == forms


@pytest.mark.parametrize(
    ("text", "extras"),
    [
        ("al-Nusra", "alnusra"),
        ("alNusra", "alnusra"),
        ("Ahrar-al-Sham", "ahraralsham"),
        ("64-bit", "64bit"),
        ("O'Brien", "obrien"),
        ("U.S.-led", "usled"),
        ("2016-10-17", ""),
        ("a-b-c-d-e", ""),
        ("Syria's", ""),
        ("中文", "中 文"),
    ],
)
def test_extras_do_not_count(text: str, extras: str) -> None:
    assert " ".join(token.form for token in tokens(text) if token.extra) == extras


def test_an_extra_stands_where_the_first_part_stands() -> None:
    assert tokens("the al-Nusra Front") == [
        Token(0, 3, "the", 0),
        Token(4, 6, "al", 1),
        Token(7, 12, "nusra", 2),
        Token(4, 12, "alnusra", 1, extra=True),
        Token(13, 18, "front", 3),
    ]


@given(texts)
def test_places_are_in_the_text_and_fold_to_the_form(text: str) -> None:
    for token in tokens(text):
        assert 0 <= token.start < token.end <= len(text)
        whole = "".join(
            letter for letter in fold(text[token.start : token.end]) if letter.isalnum()
        )
        bare = "".join(letter for letter in token.form if letter.isalnum())
        assert whole.startswith(bare[:1])
        if len(token.form) < words.MAX_FORM and not token.extra:
            assert whole.removesuffix("s") == bare.removesuffix("s")


@settings(max_examples=500)
@given(st.text(st.sampled_from("aeSsB19''--.`´é"), max_size=9))
def test_names_are_cut_the_same_the_short_way_and_the_long(text: str) -> None:
    for chunk in words.chunks(text):
        assert words.analyse_chunk(chunk) == analyse(chunk.decode())


@given(texts)
def test_positions_count_the_tokens_that_count(text: str) -> None:
    found = tokens(text)
    counted = [token.position for token in found if not token.extra]
    assert counted == list(range(len(counted)))
    assert all(token.position in counted for token in found if token.extra)


@given(texts)
def test_the_fast_path_equals_the_general_path(text: str) -> None:
    """Cutting into chunks, bytes and remembered rows changes nothing: `analyse` is the reference."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    assert tokens(text) == analyse(plain)
    assert tokens(text) == tokens(text)


@given(texts, st.sets(st.sampled_from(["aleppo", "us", "nusra", "alnusra", "a", "中"])))
def test_a_finder_finds_what_is_wanted_and_nothing_else(text: str, wanted: set[str]) -> None:
    expected = [token for token in tokens(text) if token.form in wanted]
    assert Finder(wanted.__contains__).find(text) == expected


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(texts)
def test_a_form_is_one_token_of_itself(text: str) -> None:
    """What a facet, a completion or a wildcard gives back can be searched as it is."""
    for token in tokens(text):
        again = [other.form for other in tokens(token.form) if not other.extra]
        assert "".join(again)[: words.MAX_FORM].startswith(token.form[:1])
        if len(token.form) < words.MAX_FORM:
            assert again == [token.form] or token.extra


@pytest.mark.parametrize(
    ("form", "language", "term"),
    [
        ("running", "en", "run"),
        ("running", None, "run"),
        ("running", "ar", "run"),
        ("running", "pl", stem("running", "pl")),
        ("elections", "fr", "elect|fr"),
        ("выборы", "ru", "выбор|ru"),
        ("выборы", None, "выборы"),
        ("والكتاب", "ar", "كتاب|ar"),
        ("المدرسه", "ar", "مدرس|ar"),
        ("وزير", "ar", "زير|ar"),
        ("ال", "ar", "ال|ar"),
        ("2016", "en", "2016"),
        ("running", "xx", "running"),
        ("us", "en", "us"),
    ],
)
def test_stems(form: str, language: str | None, term: str) -> None:
    assert stem(form, language) == term


@given(st.lists(texts, max_size=5), st.sampled_from([None, "en", "fr", "ar", "pl", "xx"]))
def test_many_stems_at_once_are_the_same_stems(some: list[str], language: str | None) -> None:
    forms = [form for text in some for form in words.forms(text)]
    assert words.stem_all(forms, language) == [stem(form, language) for form in forms]


@given(texts)
def test_a_plain_form_is_the_one_token_of_its_chunk(text: str) -> None:
    for chunk in words.chunks(text):
        form = words.plain_form(chunk)
        if form is not None:
            row = [(token.form, token.position, token.extra) for token in analyse(chunk.decode())]
            assert row == [(form, 0, False)]


@given(st.text(st.characters(max_codepoint=127)) | texts)
def test_ascii_is_spelt_the_same_the_short_way_and_the_long(text: str) -> None:
    if text.isascii():
        assert in_chunks._spell_ascii(text) == in_chunks._spell(text)


def test_a_word_means_its_stems_in_every_language_asked() -> None:
    assert query_terms("Running", ["en", "xx"]).parts == (("run", "running"),)


def test_a_compound_means_its_parts_in_a_row_or_its_joined_form() -> None:
    terms = query_terms("al-Nusra", ["en"])
    assert terms.parts == (("al",), ("nusra",))
    assert terms.joined == ("alnusra",)
    assert query_terms("中文搜索", ["zh"]).joined == ()


def test_signs_alone_mean_nothing() -> None:
    assert query_terms("--", ["en"]).parts == ()


@given(texts)
def test_what_is_typed_as_written_finds_the_text(text: str) -> None:
    """Every term of a text is among the query terms of that same text."""
    meant = query_terms(text, ["en"])
    assert [part[0] for part in meant.parts] == [stem(form, "en") for form in words.forms(text)]


def test_the_digest_names_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    before = words.analysis_digest()
    assert len(before) == 16
    monkeypatch.setattr(words, "ANALYSIS_VERSION", words.ANALYSIS_VERSION + 1)
    assert words.analysis_digest() != before
