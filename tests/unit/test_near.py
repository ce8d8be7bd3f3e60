"""Near spellings are those of the recurrence."""

from __future__ import annotations

import numpy as np
from brute_match import distance
from hypothesis import given
from hypothesis import strategies as st

from search.whoosh_engine.byte_rows import Bytes, joined
from search.whoosh_engine.expand import spelt_like

words = st.text("abcéж中", min_size=1, max_size=7)


@given(st.lists(words, max_size=30, unique=True), words, st.integers(1, 2))
def test_near_spellings_are_found_at_their_distance(
    forms: list[str], typed: str, edits: int
) -> None:
    forms.sort()
    blob, starts = joined([form.encode() for form in forms])
    rows, distances = spelt_like(Bytes.of(blob, starts), typed, edits)
    assert (np.diff(rows) > 0).all()
    near = {forms[row]: away for row, away in zip(rows.tolist(), distances.tolist(), strict=True)}
    wanted = {form: away for form in forms if (away := distance(typed, form)) <= edits}
    assert near == wanted
