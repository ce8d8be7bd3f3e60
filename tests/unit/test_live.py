"""The live generation, looked up anew only after a change: never an older one than is there."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from little_corpus import corpus, fill

from search.config import Config
from search.config import Index as IndexConfig
from search.engine import Index
from search.errors import IndexDamaged, IndexMissing
from search.open import open_index
from search.whoosh_engine.commits import live
from search.whoosh_engine.commits.generations import CURRENT, Generation, live_generation
from search.whoosh_engine.commits.live import SETTLED_NS, Live

HOUR_NS = 3_600_000_000_000


def later_ns() -> int:
    return time.time_ns() + HOUR_NS


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(directory: Path) -> Index:
    return open_index(Config(index=IndexConfig(dir=directory)))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A row that grows by every real look."""
    seen: list[Path] = []

    def look(directory: Path) -> Generation:
        seen.append(directory)
        return live_generation(directory)

    monkeypatch.setattr(live, "live_generation", look)
    return seen


def test_what_has_not_changed_is_looked_up_once(
    index: Index, directory: Path, looks: list[Path]
) -> None:
    fill(index, corpus().values())
    known = Live(directory, later_ns)
    first = known.generation()
    looks.clear()
    assert [known.generation() for _ in range(5)] == [first] * 5
    assert looks == []


def test_times_of_the_last_seconds_are_not_relied_upon(
    index: Index, directory: Path, looks: list[Path]
) -> None:
    fill(index, corpus().values())
    written_ns = max((directory / CURRENT).stat().st_ctime_ns, *_times_of_folders(directory))
    known = Live(directory, lambda: written_ns + SETTLED_NS)
    for _ in range(3):
        known.generation()
    assert len(looks) == 3


def _times_of_folders(directory: Path) -> list[int]:
    return [folder.stat().st_ctime_ns for folder in directory.glob("gen-*")]


def test_a_commit_and_a_rebuild_show_at_once(index: Index, directory: Path) -> None:
    known = Live(directory, later_ns)
    for fresh in (False, False, True, False, True, True):
        with index.writer(fresh=fresh) as writer:
            writer.commit()
        assert known.generation() == live_generation(directory)


def test_a_damaged_or_missing_current_shows_at_once(index: Index, directory: Path) -> None:
    fill(index, corpus().values())
    known = Live(directory, later_ns)
    known.generation()
    content = (directory / CURRENT).read_bytes()
    (directory / CURRENT).write_bytes(b"x" * len(content))
    with pytest.raises(IndexDamaged):
        known.generation()
    (directory / CURRENT).write_bytes(content)
    assert known.generation() == live_generation(directory)
    (directory / CURRENT).unlink()
    with pytest.raises(IndexMissing):
        known.generation()
