"""The loops that cut texts and number words, against the readable definition and a dictionary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.text import analyse
from search.whoosh_engine.names import Names
from search.whoosh_engine.vocabulary import Tokens, Vocabulary

LETTERS = (
    "aaeSsB19''--..`´’‘“”—\u00a0 \n_:中国水〇カガｶﾞйИ\u0306и\u0301\u0301MCcmacßæİıŁ½\u00ad\u200bЖž№ﷺŉǆ㍿"
    "हिन्दीกاأىک٢²ⓐªΣς😀𠀀한\u1100\u1161\0\ud800"
)
WORDS = (
    "Aleppo McCain MacArthur al-Nusra alNusra U.S. U.S.-led a.b.cd O'Brien Syria's Syria’s 's "
    "2016-10-17 64-bit aBcDeFgHiJ .aBcDeFgHiJ a-b-c-d-e élève ÉCOLE AÉ выборы йод مدرسة 中文搜索 "
    "www.example.com 0001.txt iPhone NATO's rock‘n‘roll -- ... x" + " " + "long" * 20
).split()
texts = st.text(st.sampled_from(LETTERS), max_size=12) | st.lists(
    st.sampled_from(WORDS) | st.text(st.sampled_from(LETTERS), max_size=5), max_size=9
).map(" ".join)


def read(vocabulary: Vocabulary, tokens: Tokens) -> list[list[tuple[int, str, bool]]]:
    """Position, form and whether it is an extra, for each token of each document."""
    forms = vocabulary.forms.texts(tokens.forms)
    found, begin = [], 0
    for end, length in tokens.ends.tolist():
        row, position = [], -1
        for index in range(begin, end):
            extra = bool(tokens.codes[index] < 0)
            position += not extra
            row.append((position, forms[index], extra))
        assert length == position + 1
        found.append(row)
        begin = end
    return found


def reference(text: str) -> list[tuple[int, str, bool]]:
    whole = text.encode("utf-8", "replace").decode("utf-8")
    row = [(token.position, token.form, token.extra) for token in analyse(whole)]
    return sorted(row, key=lambda token: token[0])


vocabulary = Vocabulary()  # remembers from example to example, as a build does from text to text


@settings(deadline=None, max_examples=600)
@given(st.lists(texts, max_size=4))
@example([".aBcDeFgHiJ", "AÉ McCain", "中" * 50 + "㍿" * 9])
def test_texts_are_cut_as_the_definition_says(found: list[str]) -> None:
    tokens = vocabulary.cut([text.encode("utf-8", "replace") for text in found])
    assert read(vocabulary, tokens) == [reference(text) for text in found]


@pytest.mark.parametrize("joint", ["", "-", "'", ".", "B"])
@pytest.mark.parametrize("letter", ["a", "é", "中"])
def test_long_chunks_and_many_words_find_room(letter: str, joint: str) -> None:
    """Tables grow while a text is being cut; what was begun is begun anew."""
    long = joint.join([letter] * 3000)
    many = " ".join(f"{letter}{number}{joint}x" for number in range(3000))
    own = Vocabulary()
    tokens = own.cut([text.encode() for text in (many, long, many)])
    assert read(own, tokens) == [reference(text) for text in (many, long, many)]


@settings(deadline=None)
@given(st.lists(st.lists(texts, max_size=3), max_size=4))
def test_documents_that_came_in_parts_are_chained(parts: list[list[str]]) -> None:
    cut = [vocabulary.cut([text.encode("utf-8", "replace") for text in part]) for part in parts]
    whole = Tokens.chained([vocabulary.cut([]), *cut])
    assert read(vocabulary, whole) == [row for each in cut for row in read(vocabulary, each)]


strings = st.lists(
    st.text(st.sampled_from("abé中"), min_size=1, max_size=4).map(lambda part: (part * 9).encode())
    | st.text("ab", min_size=1, max_size=18).map(str.encode),
    max_size=40,
)


@settings(deadline=None)
@given(strings)
def test_names_are_numbered_as_by_a_dictionary(found: list[bytes]) -> None:
    names = Names()
    numbers: dict[bytes, int] = {}
    for half in (found[: len(found) // 2], found):
        expected = [numbers.setdefault(each, len(numbers)) for each in half]
        assert names.add(half).tolist() == expected
    assert len(names) == len(numbers)
    every = np.arange(len(names), dtype=np.int32)
    assert names.texts(every) == [each.decode() for each in numbers]
    blob, starts = names.joined(every[::-1])
    assert blob.tobytes() == b"".join(reversed(numbers))
    assert np.diff(starts).tolist() == [len(each) for each in reversed(numbers)]
    assert [names.texts(names.sorted(every))] == [sorted(each.decode() for each in numbers)]


def test_thousands_of_names_keep_their_numbers() -> None:
    names = Names()
    some = [f"{'same-beginning-' * (number % 3)}{number}".encode() for number in range(20_000)]
    assert names.add(some).tolist() == names.add(some).tolist() == list(range(20_000))
