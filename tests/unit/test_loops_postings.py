"""Postings by counting and filling, against one occurrence at a time."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.whoosh_engine.building import invert
from search.whoosh_engine.building.vocabulary import Tokens

FORMS, TERMS = 5, 3
documents = st.lists(
    st.tuples(*[st.lists(st.tuples(st.integers(0, FORMS - 1), st.booleans()), max_size=6)] * 2),
    max_size=5,
)


def tokens(rows: list[list[tuple[int, bool]]]) -> Tokens:
    """An extra follows some other token."""
    codes = [
        ~form if extra and index else form
        for row in rows
        for index, (form, extra) in enumerate(row)
    ]
    ends = np.zeros((len(rows), 2), np.int64)
    ends[:, 0] = np.cumsum([len(row) for row in rows])
    ends[:, 1] = [
        sum(not (extra and index) for index, (_, extra) in enumerate(row)) for row in rows
    ]
    return Tokens(np.array(codes, np.int32), ends)


@given(documents, st.integers(0, 2), st.integers(0, 3), st.data())
def test_postings_are_those_of_each_occurrence(
    rows: list[tuple[list[tuple[int, bool]], list[tuple[int, bool]]]],
    times: int,
    gap: int,
    data: st.DataObject,
) -> None:
    tables = np.array(
        [[data.draw(st.integers(0, TERMS - 1)) for _ in range(FORMS)] for _ in range(2)], np.int32
    )
    groups = np.array([data.draw(st.integers(0, 1)) for _ in rows], np.int32)
    head, text = tokens([row[0] for row in rows]), tokens([row[1] for row in rows])
    stream = invert._Stream(text, head, times, gap)
    expected: dict[tuple[int, int], set[int]] = defaultdict(set)
    for doc, (first, second) in enumerate(rows):
        start = 0
        for part in [first] * times + [second]:
            position = start - 1
            for index, (form, extra) in enumerate(part):
                position += not (extra and index)
                expected[int(tables[groups[doc], form]), doc].add(position)
            start = position + 1 + gap
    found = stream.postings(groups, tables, TERMS)
    places = iter(np.split(found["positions"], np.cumsum(found["freqs"], dtype=np.int64)[:-1]))
    seen = {
        (term, int(doc)): next(places).tolist()
        for term in range(TERMS)
        for doc in found["docs"][found["starts"][term] : found["starts"][term + 1]]
    }
    assert seen == {key: sorted(row) for key, row in sorted(expected.items())}
    assert found["pos_starts"][-1] == len(found["positions"])
    counted = [times * len(h_) + len(t_) for h_, t_ in ((range(a), range(b)) for a, b in zip(
        head.lengths.tolist(), text.lengths.tolist(), strict=True))]  # fmt: skip
    assert stream.lengths().tolist() == counted
