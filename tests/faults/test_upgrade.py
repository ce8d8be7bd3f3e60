"""An upgrade that keeps the index in another way: the old processes serve until the new ones can."""

from __future__ import annotations

import http.client
import os
import signal
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import batch_in, index_in, put_batch
from indexer_desk import Desk, ended
from served import Served
from waiting import wait_for

from search import runs, text
from search.errors import IndexOutdated
from search.whoosh_engine import WhooshIndex
from search.whoosh_engine.commits.generations import current_folder
from search.whoosh_engine.commits.manifest import checksum

BROKEN = 0

# The next version cuts words in another way. What it does is shown at once, if that is allowed.
NEXT = """
import sys
from search import text
from indexer import steps
text.ANALYSIS_VERSION += 1
steps.COMMIT_EVERY_S = 0.0
from {module} import main
sys.exit(main())
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path)
    for number in range(5):
        desk.write(f"{number}.txt", f"Place {number}")
    desk.run("build")
    return desk


@pytest.fixture
def old(desk: Desk) -> Iterator[Served]:
    """The service of the old version, asked all the time."""
    service = Served(desk.base, desk.index_dir)
    yield service
    service.end()


def metric(service: Served, name: str) -> float:
    with urllib.request.urlopen(f"{service.address}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"{name} "))


def test_the_old_version_serves_until_the_new_one_has_built(desk: Desk, old: Served) -> None:
    """The way of docs/operating.md: the indexer first, the service when that has built."""
    statuses: Counter[int] = Counter()
    done = threading.Event()

    def ask() -> None:
        while not done.wait(0.01):
            try:
                statuses[old.status("/api/v1/search?q=library")] += 1
            except (OSError, http.client.HTTPException):
                statuses[BROKEN] += 1

    asking = threading.Thread(target=ask)
    asking.start()
    by = [sys.executable, "-c", NEXT.format(module="indexer.cli")]
    try:
        with ended(desk.start("watch", "--rebuild", by=by)) as indexer:
            assert indexer.stderr
            assert "building anew, since the index was made with analysis" in (
                indexer.stderr.readline()
            )
            assert indexer.stdout
            assert "5 new" in indexer.stdout.readline()
            assert old.get("/readyz")["generation"] == "1.1"
            assert metric(old, "dateline_fallen") == 1
            victim = old.workers()[0]
            os.kill(victim, signal.SIGKILL)
            wait_for(lambda: victim not in old.workers())
            assert {old.get("/readyz")["generation"] for _ in range(12)} == {"1.1"}
            new = Served(desk.base, desk.index_dir, by=("-c", NEXT.format(module="web.__main__")))
            try:
                # One commit: what was built showed as a whole.
                assert new.get("/readyz") == {
                    "status": "ready",
                    "generation": "2.1",
                    "articles": 5,
                }
                assert metric(new, "dateline_fallen") == 0
                desk.write("new.txt", "Newham")
                wait_for(lambda: new.get("/api/v1/search", q="newham")["total"] == 1, indexer)
            finally:
                new.end()
    finally:
        done.set()
        asking.join()
    assert set(statuses) <= {200, BROKEN}
    assert statuses[BROKEN] <= 1  # what the killed process was answering


def test_an_old_indexer_takes_nothing_back_from_a_new_one(desk: Desk) -> None:
    """Started once more by mistake, it says what it needs, though it could read the older one."""
    by = [sys.executable, "-c", NEXT.format(module="indexer.cli")]
    with desk.start("build", by=by) as process:
        assert process.communicate(timeout=60)[0]
    assert current_folder(desk.index_dir) == 2
    said = desk.run("update", code=2)
    assert "the index was made with analysis" in said
    assert "give --rebuild" in said
    assert "the index was made with analysis" in desk.run("verify", code=1)
    audit = runs.last_audit(desk.index_dir)
    assert audit
    assert "the index was made with analysis" in str(audit.problem)
    assert current_folder(desk.index_dir) == 2


def commit_as_the_next_version(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(text, "ANALYSIS_VERSION", text.ANALYSIS_VERSION + 1)
        put_batch(directory, 2, fresh=True)


def test_an_index_of_the_next_version_alone_is_read_by_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "index"
    put_batch(directory, 1)
    reading = index_in(directory)
    assert reading.reader().generation == "1.1"
    commit_as_the_next_version(directory, monkeypatch)
    assert reading.reader().generation == "1.1"
    assert batch_in(directory) == 1
    with pytest.raises(IndexOutdated, match="analysis"):
        reading.damage()
    with pytest.raises(IndexOutdated):
        reading.writer()
    commit_as_the_next_version(directory, monkeypatch)
    for index in (reading, index_in(directory)):
        with pytest.raises(IndexOutdated, match="analysis"):
            index.reader()


def test_a_manifest_that_another_version_wrote_in_its_own_way_is_outdated(tmp_path: Path) -> None:
    """Whole by its checksum, but not as this program writes it: no damage, and no crash."""
    directory = tmp_path / "index"
    put_batch(directory, 1)
    put_batch(directory, 2, fresh=True)
    manifest = directory / "gen-2" / "manifest-1.json"
    content = manifest.read_bytes().partition(b"\n")[2].replace(b'"feature"', b'"features"')
    manifest.write_bytes(checksum(content) + b"\n" + content)
    index: WhooshIndex = index_in(directory)
    assert index.reader().generation == "1.1"
    with pytest.raises(IndexOutdated, match="made by another version of this program"):
        index.damage()
    put_batch(directory, 3, fresh=True)
    assert batch_in(directory) == 3
