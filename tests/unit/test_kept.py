"""What is kept takes no more room than it may, whatever it is."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from search.whoosh_engine.views.kept import Kept, private_bytes

ROOM = 100_000


@pytest.mark.parametrize(
    "made",
    [
        "ceasefire " * 50,
        tuple(f"form-{number}-of-a-term" for number in range(60)),
        np.arange(300),
        (np.arange(100), np.arange(200)),
    ],
    ids=["text", "texts", "array", "arrays"],
)
def test_what_is_kept_counts_for_no_less_than_it_takes(made: object) -> None:
    parts = made if isinstance(made, tuple) else (made,)
    taken = sum(
        part.nbytes if isinstance(part, np.ndarray) else sys.getsizeof(part) for part in parts
    )
    assert private_bytes(made) >= taken


def test_forms_of_many_terms_push_each_other_out() -> None:
    """A row of texts counted as if it were empty, and rows of any length were kept."""
    kept = Kept(ROOM)
    for number in range(1_000):
        kept.keep(number, tuple(f"{number}-{form}" for form in range(50)))
    held = [number for number in range(1_000) if kept.find(number) is not None]
    assert held == list(range(1_000 - len(held), 1_000))
    assert 0 < len(held) * 50 * sys.getsizeof("999-0") < ROOM


def test_what_was_found_last_stays_longest() -> None:
    kept = Kept(4 * (300 + sys.getsizeof("a")))
    for key in "abcd":
        kept.keep(key, "a")
    assert kept.find("a") == "a"
    kept.keep("e", "a")
    assert [key for key in "abcde" if kept.find(key)] == ["a", "c", "d", "e"]


def test_what_would_take_most_of_the_room_is_made_each_time() -> None:
    kept = Kept(ROOM)
    assert kept.get("key", lambda: "x" * ROOM) == "x" * ROOM
    assert kept.find("key") is None
