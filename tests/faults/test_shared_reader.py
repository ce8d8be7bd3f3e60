"""Eight threads on one reader, taking turns as often as Python lets them."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from batches import index_in
from goals import Measured
from sized import questions, what_counts

from search.engine import Reader
from search.model import Query

THREADS = 8


@pytest.fixture
def quick_switches() -> Iterator[None]:
    """Threads that take turns five hundred times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.goal("R15")
@pytest.mark.usefixtures("quick_switches")
def test_eight_threads_share_a_reader(sized_index: Path, *, long: bool, measured: Measured) -> None:
    asked = questions(300 if long else 40, seed=15)
    alone = index_in(sized_index).reader()
    wanted = [what_counts(alone.search(query)) for query in asked]
    shared = index_in(sized_index).reader()  # nothing is remembered in it yet
    until_s = time.monotonic() + (10 if long else 1.5)

    def ask(seed: int) -> tuple[int, list[str]]:
        dice, wrong, count = random.Random(seed), [], 0
        while time.monotonic() < until_s:
            number = dice.randrange(len(asked))
            wrong += _wrong(shared, asked[number], wanted[number])
            count += 1
        return count, wrong

    with ThreadPoolExecutor(THREADS) as pool:
        done = list(pool.map(ask, range(THREADS)))
    count, wrong = sum(each for each, _ in done), [text for _, texts in done for text in texts]
    measured(f"{count:,} searches by {THREADS} threads: {len(wrong)} errors or wrong answers")
    assert not wrong
    assert count > (200 if long else 40)


def _wrong(reader: Reader, query: Query, wanted: object) -> list[str]:
    try:
        same = what_counts(reader.search(query)) == wanted
    except Exception as error:  # noqa: BLE001 - whatever threads do to each other
        return [f"{query.text}: {error!r}"]
    return [] if same else [query.text]
