"""Strings in sorted rows are found as Python's own bisection finds them, and near ones as by a table."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter

import numpy as np
import pytest
from brute_match import distance
from hypothesis import given
from hypothesis import strategies as st

from search.loops.patterns import ANY, ANY_NUMBER, fitting, heads_of, near, place_of, terms_of
from search.whoosh_engine.segments.byte_rows import joined

texts = st.lists(st.text("abcéж中\U0001f600", max_size=6))


def octets(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    return np.frombuffer(text.encode(), np.uint8)


@given(texts, st.text("abcéж中\U0001f600", max_size=6))
def test_a_string_is_found_where_it_stands_or_would(row: list[str], sought: str) -> None:
    row.sort()
    place = place_of(*joined([text.encode() for text in row]), octets(sought))
    wanted = bisect_left(row, sought)
    assert place == (wanted if sought in row else -1 - wanted)


def _swapped(text: str) -> str:
    return text[1:2] + text[:1] + text[2:]


def near_rows(row: list[bytes], sought: str, edits: int) -> tuple[list[int], list[int]]:
    blob, starts = joined(row)
    rows, distances = near(heads_of(blob, starts), blob, starts, octets(sought), edits)
    return rows.tolist(), distances.tolist()


@given(st.lists(st.text("abcéж中\U0001f600", max_size=12)), st.data(), st.integers(0, 3))
def test_near_strings_are_those_of_the_recurrence(
    row: list[str], data: st.DataObject, edits: int
) -> None:
    row.sort()
    strings = st.text("abcéж中\U0001f600", max_size=12)
    sought = data.draw(strings | st.sampled_from(row or [""]).map(_swapped))
    row = sorted([*row, sought])
    rows, distances = near_rows([text.encode() for text in row], sought, edits)
    away = [distance(sought, text) for text in row]
    assert rows == [at for at, each in enumerate(away) if each <= edits]
    assert distances == [away[at] for at in rows]


def test_there_is_room_for_many_near_strings() -> None:
    row = sorted(f"a{chr(0x4E00 + number)}" for number in range(3_000))
    rows, distances = near_rows([text.encode() for text in row], "a", 1)
    assert rows == list(range(3_000))
    assert set(distances) == {1}


@pytest.mark.parametrize(
    "broken", [b"\xff\xfe", b"\x80\x80", b"\xe4\xb8", b"\xf0\x9f\x98", b"\xff" * 9]
)
def test_what_is_no_text_ends_in_no_endless_loop(broken: bytes) -> None:
    row = sorted([b"ab", b"abc", broken, broken + b"a", b"a" + broken])
    assert row.index(b"ab") in near_rows(row, "ab", 2)[0]


def test_a_row_that_is_cut_off_is_an_error() -> None:
    blob, starts = joined([b"abcdefghij", b"abcdefghik", b"ad"])
    heads = heads_of(blob, starts)
    with pytest.raises(IndexError):
        near(heads, blob[:4], starts, octets("abcdefghi"), 1)
    with pytest.raises(IndexError):
        heads_of(blob[:4], starts)
    with pytest.raises(IndexError):
        place_of(blob[:4], starts, octets("ad"))


signs = {"?": ANY, "*": ANY_NUMBER}


@given(texts, st.text("ab中?*", max_size=7), st.integers(0, 3))
def test_patterns_fit_as_an_expression_would(row: list[str], pattern: str, first: int) -> None:
    row.sort()
    first = min(first, len(row))
    letters = np.array([signs.get(letter, ord(letter)) for letter in pattern], np.uint32)
    found = fitting(*joined([text.encode() for text in row]), letters, first, len(row))
    expression = re.compile(pattern.replace("?", ".").replace("*", ".*"))
    assert found.tolist() == [
        at for at, text in enumerate(row) if at >= first and expression.fullmatch(text)
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2**32 - 1)), max_size=20))
def test_terms_come_by_how_often_their_forms_occur(forms: list[tuple[int, int]]) -> None:
    terms, counts = (np.array([form[i] for form in forms], np.uint32) for i in range(2))
    numbers, totals = terms_of(np.arange(len(forms)), terms, counts)
    wanted: Counter[int] = Counter()
    for term, count in forms:
        wanted[term] += count
    assert dict(zip(numbers.tolist(), totals.tolist(), strict=True)) == wanted
    most = [min(total, 2**31 - 1) for total in totals.tolist()]
    keys = list(zip([-total for total in most], numbers.tolist(), strict=True))
    assert keys == sorted(keys)
