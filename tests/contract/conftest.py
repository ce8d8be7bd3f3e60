"""Every engine that there is, for the tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from brute_force import BruteIndex
from little_corpus import NEW_YORK, corpus, fill

from search.engine import Index
from search.model import Article
from search.whoosh_engine import WhooshIndex

ENGINES: dict[str, Callable[[Path], Index]] = {
    "reference": lambda _directory: BruteIndex(NEW_YORK),
    "whoosh": lambda directory: WhooshIndex(directory, timezone=NEW_YORK, budget_ms=60_000),
}


@pytest.fixture(params=ENGINES)
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Index:
    """An index that nothing was committed to."""
    return ENGINES[request.param](tmp_path / "index")


@pytest.fixture(scope="session")
def articles() -> dict[str, Article]:
    """The little corpus, by name."""
    return corpus()


@pytest.fixture(scope="session", params=ENGINES)
def filled(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    articles: dict[str, Article],
) -> Index:
    """An index that holds the little corpus. Tests only read it."""
    index = ENGINES[request.param](tmp_path_factory.mktemp("filled") / "index")
    fill(index, articles.values())
    return index
