"""Snapshots: whole or not there at all, checked before anything is switched, taken while all runs."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from indexer import run, snapshots
from indexer.folder.sight import CannotRun
from indexer.settings import Settings
from indexer.workers import Workers
from search import durable
from search.config import Articles, Cleaning, Config, load
from search.config import Index as IndexSettings
from search.errors import DatelineError, IndexLocked, IndexMissing, IndexOutdated
from search.model import Article, Fingerprint, SourceFile
from search.open import open_index

ROOT = Path(__file__).parents[2]
STORY = (
    "{place} opens its new market hall\n\nThe market hall of {place} was opened on Friday by the "
    "mayor, who bought the first loaf of bread. Forty traders have taken a stall.\n"
)


def config_in(folder: Path) -> Config:
    (folder / "articles").mkdir(exist_ok=True)
    return Config(
        articles=Articles(roots=(folder / "articles",)),
        cleaning=Cleaning(overrides=folder / "overrides.toml"),
        index=IndexSettings(dir=folder / "index"),
    )


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """An index of two commits."""
    config = config_in(tmp_path)
    for number in (1, 2):
        put(config, number)
    return config


def put(config: Config, number: int) -> None:
    """A commit with one more article."""
    state = Fingerprint(size_bytes=1, mtime_ns=1, ctime_ns=1, inode=number, sha256="00" * 32)
    article = Article(
        id=f"{number:016x}", path=f"{number}.txt", title=f"No {number}", body=f"word{number} all"
    )
    with open_index(config).writer() as writer:
        writer.put(SourceFile(path=article.path, fingerprint=state), (article,))
        writer.commit()


def count(config: Config) -> int:
    return open_index(config).reader().status().articles


def test_a_snapshot_can_be_served_and_brought_back(config: Config, tmp_path: Path) -> None:
    taken = snapshots.take(config, tmp_path / "copy")
    assert (taken.articles, taken.generation) == (2, open_index(config).reader().generation)
    put(config, 3)
    served = replace(config, index=replace(config.index, dir=tmp_path / "copy"))
    assert count(served) == 2
    snapshots.restore(config, tmp_path / "copy")
    assert count(config) == 2
    assert open_index(config).check() == ()
    put(config, 4)
    assert count(config) == 3


def test_a_lost_index_can_be_brought_back(config: Config, tmp_path: Path) -> None:
    snapshots.take(config, tmp_path / "copy")
    shutil.rmtree(config.index.dir)
    snapshots.restore(config, tmp_path / "copy")
    assert count(config) == 2


def test_after_a_restore_only_what_changed_since_is_read_again(tmp_path: Path) -> None:
    config = config_in(tmp_path)
    folder = config.articles.roots[0]
    for place in ("Aldham", "Brack", "Corvel"):
        (folder / f"{place}.txt").write_text(STORY.format(place=place), encoding="utf-8")
    with Workers(Settings.of(config), max_file_seconds=10.0, count=1) as workers:
        run.carry_out(config, open_index(config), workers)
        assert snapshots.take(config, tmp_path / "copy").has_counts
        (folder / "Aldham.txt").unlink()
        (folder / "Delm.txt").write_text(STORY.format(place="Delm"), encoding="utf-8")
        run.carry_out(config, open_index(config), workers)
        snapshots.restore(config, tmp_path / "copy")
        report = run.carry_out(config, open_index(config), workers)
    assert (report.added, report.changed, report.removed, report.kept) == (1, 0, 1, 2)


def test_every_damaged_file_of_a_snapshot_is_refused_and_named(
    config: Config, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    snapshots.take(config, copy)
    put(config, 3)
    files = [file for file in copy.rglob("*") if file.is_file()]
    assert len(files) >= 6
    for file in files:
        sound = file.read_bytes()
        for damaged in (sound[:-1], sound[:1] + bytes([sound[1] ^ 1]) + sound[2:], None):
            file.unlink()
            if damaged is not None:
                file.write_bytes(damaged)
            with pytest.raises(CannotRun, match=r"is not what was|No such file|is no snapshot"):
                snapshots.restore(config, copy)
            assert count(config) == 3
            file.write_bytes(sound)
    snapshots.restore(config, copy)
    assert count(config) == 2


def test_what_is_no_snapshot_or_in_the_way_is_told(config: Config, tmp_path: Path) -> None:
    snapshots.take(config, tmp_path / "copy")
    with pytest.raises(CannotRun, match="copy: exists already; name a folder that does not"):
        snapshots.take(config, tmp_path / "copy")
    with pytest.raises(CannotRun, match="lies in the index itself"):
        snapshots.take(config, config.index.dir / "copy")
    with pytest.raises(CannotRun, match="is no snapshot: it holds no file SNAPSHOT"):
        snapshots.restore(config, config.index.dir)
    empty = config_in(tmp_path / "copy")
    with pytest.raises(IndexMissing):
        snapshots.take(empty, tmp_path / "other")
    assert not list(tmp_path.glob("*other*"))


def test_a_snapshot_of_another_version_or_zone_is_refused(config: Config, tmp_path: Path) -> None:
    snapshots.take(config, tmp_path / "copy")
    generation = open_index(config).reader().generation
    elsewhere = replace(config, articles=replace(config.articles, timezone=ZoneInfo("Asia/Tokyo")))
    with pytest.raises(IndexOutdated, match="timezone"):
        snapshots.restore(elsewhere, tmp_path / "copy")
    assert open_index(config).reader().generation == generation


def test_nobody_restores_into_an_index_that_is_being_written(
    config: Config, tmp_path: Path
) -> None:
    snapshots.take(config, tmp_path / "copy")
    with open_index(config).writer(), pytest.raises(IndexLocked):
        snapshots.restore(config, tmp_path / "copy")
    assert count(config) == 2


def test_a_restore_that_fails_before_the_switch_changes_nothing(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots.take(config, tmp_path / "copy")
    put(config, 3)
    before = sorted(config.index.dir.rglob("*"))

    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device", "a-file")

    with monkeypatch.context() as patched:
        patched.setattr(durable, "sync", full)
        with pytest.raises(CannotRun, match="a-file: No space left on device; the index is what"):
            snapshots.restore(config, tmp_path / "copy")
    assert sorted(config.index.dir.rglob("*")) == before
    assert count(config) == 3


def test_snapshots_taken_during_commits_are_each_one_commit(config: Config, tmp_path: Path) -> None:
    done = threading.Event()

    def commit() -> None:
        number = 2
        while not done.is_set():
            number += 1
            put(config, number)

    writer = threading.Thread(target=commit)
    writer.start()
    try:
        for number in range(8):
            copy = tmp_path / f"copy{number}"
            taken = snapshots.take(config, copy)
            assert snapshots.check(copy) == taken
            served = replace(config, index=replace(config.index, dir=copy))
            assert open_index(served).check() == ()
            # Commit n holds n articles: anything else would be a mixture of two.
            assert taken.articles == int(taken.generation.partition(".")[2])
    finally:
        done.set()
        writer.join()


@pytest.mark.parametrize("verb", ["snapshot", "restore"])
def test_a_killed_copy_leaves_nothing_that_could_be_taken_for_whole(
    config: Config, tmp_path: Path, verb: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("", encoding="utf-8")
    assert load(file).index.dir == config.index.dir
    snapshots.take(config, tmp_path / "sound")
    kills = 0
    for number in range(4):
        target = tmp_path / (f"copy{number}" if verb == "snapshot" else "sound")
        process = subprocess.Popen(
            [sys.executable, "-m", "indexer", verb, "--config", str(file), str(target)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        wait_for_work(process, tmp_path)
        time.sleep(0.003 * number)  # not a wait for something: the kill is to fall anywhere
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        assert count(config) == 2
        if verb == "snapshot" and target.exists():
            assert snapshots.check(target).articles == 2
    assert kills
    snapshots.take(config, tmp_path / "copy0-again")
    put(config, 3)
    assert count(config) == 3
    assert len(list(config.index.dir.glob("gen-*"))) <= config.index.keep_generations


def wait_for_work(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until the command has begun to write, or has ended."""
    before = names(folder)
    while process.poll() is None and names(folder) == before:
        time.sleep(0.001)


def names(folder: Path) -> set[str]:
    found: set[str] = set()
    with contextlib.suppress(FileNotFoundError, DatelineError):
        found = {str(path) for path in folder.rglob("*")}
    return found
