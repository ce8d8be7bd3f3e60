"""Words that stand together are counted as a reader with a finger on each position would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.loops.lists import POS_BLOCK, Field
from search.loops.phrases import together
from search.loops.side_by_side import MARKS

TERMS = 4
Texts = list[list[int]]
"""The term at each position of each document."""


def texts() -> st.SearchStrategy[Texts]:
    return st.lists(st.lists(st.integers(0, TERMS - 1), max_size=30), min_size=1, max_size=80)


def field_of(
    texts: Texts, freq_bytes: int = 1, block_parts: int = 1, position_bytes: int = 2
) -> Field:
    """The postings of the texts in numbers of these sizes."""
    starts, docs, freqs, positions = [0], [], [], []
    for term in range(TERMS):
        for doc, text in enumerate(texts):
            places = [place for place, each in enumerate(text) if each == term]
            if places:
                docs.append(doc)
                freqs.append(len(places))
                positions += places
        starts.append(len(docs))
    blocks = [sum(freqs[:first]) for first in range(0, len(freqs), POS_BLOCK)]
    return frozen(
        np.array(starts, np.int64),
        np.array(docs, np.uint32),
        np.array(freqs, f"<u{freq_bytes}").view(np.uint8),
        freq_bytes,
        np.array(blocks, f"<u{4 * block_parts}").view(np.uint32),
        block_parts,
        np.array(positions, f"<u{position_bytes}").view(np.uint16),
        position_bytes // 2,
    )


def frozen(*parts: Any) -> Field:
    """A field of arrays that may not be written: tuples of others are another type."""
    for part in parts:
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
    return Field(*parts)


def sought(  # noqa: PLR0913 - what `together` takes
    field: Field,
    ways: list[list[int]],
    *,
    rows: tuple[list[int], list[int]] = ([], [0]),
    wanted: list[int] = [],  # noqa: B006 - it is only read
    needed: list[int] = [],  # noqa: B006
    window: int = 0,
    span: tuple[int, int] = (0, 1_000),
) -> dict[int, int]:
    """What `together` finds, as a dictionary."""
    docs, freqs = together(
        tuple(field),
        np.array(rows[0], np.uint32),
        np.array(rows[1], np.int64),
        np.array([slot for way in ways for slot in way], np.int64),
        np.cumsum([0, *map(len, ways)]),
        np.array(needed, np.int64),
        np.array(wanted, np.uint32),
        window,
        *span,
    )
    assert docs.tolist() == sorted(set(docs.tolist()))
    return dict(zip(docs.tolist(), freqs.tolist(), strict=True))


def counts(begins: list[list[int]]) -> dict[int, int]:
    return {doc: len(set(row)) for doc, row in enumerate(begins) if row}


def phrase_begins(text: list[int], way: list[set[int]]) -> list[int]:
    places = range(len(text) - len(way) + 1)
    return [at for at in places if all(text[at + i] in slot for i, slot in enumerate(way))]


ways = st.lists(st.lists(st.integers(0, TERMS - 1), min_size=1, max_size=4), min_size=1, max_size=3)


@given(texts(), ways, st.sampled_from([1, 2, 4]), st.integers(1, 2), st.sampled_from([2, 4]))
def test_phrases(
    texts: Texts, ways: list[list[int]], freq_bytes: int, block_parts: int, position_bytes: int
) -> None:
    found = sought(field_of(texts, freq_bytes, block_parts, position_bytes), ways)
    begins = [[at for way in ways for at in phrase_begins(t, [{w} for w in way])] for t in texts]
    assert found == counts(begins)


@given(texts(), st.sets(st.integers(0, 90)), st.integers(0, 80), st.integers(0, 80))
def test_only_wanted_documents_of_a_part_are_looked_at(
    texts: Texts, wanted: set[int], first: int, last: int
) -> None:
    field = field_of(texts)
    found = sought(field, [[0, 1]], wanted=sorted(wanted), span=(first, last))
    everywhere = sought(field, [[0, 1]])
    asked = wanted or range(len(texts))
    assert found == {d: n for d, n in everywhere.items() if first <= d < last and d in asked}


@given(texts(), st.sets(st.integers(0, TERMS - 1), min_size=2, max_size=3), st.integers(0, 1))
def test_a_slot_may_be_several_terms(texts: Texts, slot: set[int], at: int) -> None:
    field = field_of(texts)
    numbers = [n for term in slot for n in range(field.starts[term], field.starts[term + 1])]
    rows = sorted(numbers, key=lambda row: field.docs[row])
    way, meant = ([0, -1], [{0}, slot]) if at else ([-1, 0], [slot, {0}])
    found = sought(field, [way], rows=(rows, [0, len(rows)]))
    assert found == counts([phrase_begins(text, meant) for text in texts])


@given(texts(), st.lists(st.integers(0, TERMS - 1), min_size=1, max_size=4), st.integers(1, 9))
def test_windows(texts: Texts, words: list[int], window: int) -> None:
    needed = Counter(words)
    found = sought(field_of(texts), [[*needed]], needed=[*needed.values()], window=window)
    begins = [
        [
            at
            for at, each in enumerate(text)
            if each in needed and not needed - Counter(text[at : at + window])
        ]
        for text in texts
    ]
    assert found == counts(begins)


@given(
    st.lists(st.integers(0, 999), min_size=1, max_size=20),
    st.sampled_from(
        [range(1_000), range(0, 1_000, 3), range(700), [*range(300), *range(900, 1_000)]]
    ),
    st.integers(0, 400),
    st.integers(600, 1_000),
)
def test_a_rare_word_beside_a_frequent_one(
    rare: list[int], frequent: Collection[int], first: int, last: int
) -> None:
    texts = [[2] * (doc in frequent) + [0, 3, 1] * (doc in frequent) for doc in range(1_000)]
    for doc in rare:
        texts[doc] += [0, 3]
    field = field_of(texts)
    for way in ([0, 3], [3, 1], [3, 2], [2, 0], [2, 0, 3, 1], [0, 3, 0]):
        begins = [phrase_begins(text, [{word} for word in way]) for text in texts]
        meant = {doc: n for doc, n in counts(begins).items() if first <= doc < last}
        assert sought(field, [way], span=(first, last)) == meant


@given(
    st.lists(st.sampled_from([0, 3, MARKS - 2, MARKS - 1]), max_size=5), st.lists(st.integers(0, 6))
)
def test_phrases_far_apart_in_a_long_text(gaps: list[int], between: list[int]) -> None:
    text = [2]
    for gap in gaps:
        text += [0, 1] + [3] * gap
    for gap in between:
        text += [1, 0] + [3] * gap
    field = field_of([text, [0, 3, 1], text[::-1]], freq_bytes=2)
    for way in ([0, 1], [1, 0], [1, 3], [2, 0, 1], [0, 1, 3]):
        begins = [
            phrase_begins(each, [{word} for word in way]) for each in (text, [0, 3, 1], text[::-1])
        ]
        assert sought(field, [way]) == counts(begins)


def test_there_is_room_for_a_word_that_is_all_of_a_long_text() -> None:
    texts = [[0] * 5_000, [0, 1] * 3_000]
    field = field_of(texts, 2)
    assert sought(field, [[0]]) == {0: 5_000, 1: 3_000}
    assert sought(field, [[0, 0], [0, 1]]) == {0: 4_999, 1: 3_000}
    assert sought(field, [[0, 1]], needed=[1, 1], window=2) == {1: 5_999}


@pytest.mark.parametrize("part", ["docs", "freqs", "blocks", "positions"])
def test_a_damaged_field_is_an_error(part: str) -> None:
    field = field_of([[0, 1, 0, 1]] * 40)
    with pytest.raises(IndexError):
        sought(frozen(*field._replace(**{part: getattr(field, part)[:1].copy()})), [[0, 1]])


def test_a_frequency_that_is_far_too_high_is_an_error_and_takes_no_memory() -> None:
    field = field_of([[0, 1]] * 40, 4)
    with pytest.raises(IndexError):
        sought(frozen(*field._replace(freqs=np.full_like(field.freqs, 255))), [[0, 1]])
