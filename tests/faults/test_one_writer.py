"""One writer: a lock that goes with its process and names its holder, and a web side that never writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import batch_in, hold_the_lock, index_in, put_batch, start
from goals import Measured
from sample_site import make_app
from served import clean_environment
from sized import fill
from waiting import wait_for

from search.errors import IndexLocked
from search.model import Everything, Query


@pytest.mark.goal("R14")
def test_a_second_indexer_ends_with_a_message(tmp_path: Path, measured: Measured) -> None:
    put_batch(tmp_path / "index", 0)
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "one.txt").write_text("One\n\nOne.\n")
    (tmp_path / "config.toml").write_text('[articles]\ntimezone = "UTC"\n')
    first = start(hold_the_lock, tmp_path / "index", tmp_path / "held")
    try:
        wait_for((tmp_path / "held").exists)
        second = subprocess.run(
            [sys.executable, "-m", "indexer", "update"],
            cwd=tmp_path,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        measured(
            f"a second indexer ends with exit code {second.returncode}, naming process and folder"
        )
        assert second.returncode == 2
        assert f"process {first.pid} is writing to this index" in second.stderr
        assert batch_in(tmp_path / "index") == 0, "the first one's index is as it was"
    finally:
        first.kill()
        first.join()
    index_in(tmp_path / "index").writer().cancel()


def test_a_lock_file_that_was_taken_away_stops_its_holder(tmp_path: Path) -> None:
    """Somebody has removed LOCK: a second writer may be at work, and one of the two must give way."""
    put_batch(tmp_path, 0)
    first = index_in(tmp_path).writer()
    (tmp_path / "LOCK").unlink()
    with index_in(tmp_path).writer() as second:
        first.remove("a.txt")
        with pytest.raises(IndexLocked, match="does not hold the lock any more"):
            first.commit()
        second.remove("b.txt")
        second.commit()
    first.cancel()
    assert set(index_in(tmp_path).reader().known()) == {"a.txt", "c.txt", "d.txt", "e.txt"}


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """An index on a file system that is mounted to be read, where that can be done."""
    directory = tmp_path / "index"
    fill(directory, 60)
    commands = (["mount", "--bind"], ["mount", "-o", "remount,ro,bind"])
    done = [
        subprocess.run([*command, str(directory), str(directory)], capture_output=True, check=False)
        for command in commands
    ]
    yield directory
    if done[0].returncode == 0:
        subprocess.run(["umount", "-l", str(directory)], check=True)


@pytest.mark.goal("R14")
def test_the_web_side_writes_nothing_to_the_index(read_only: Path, measured: Measured) -> None:
    """Every kind of page and answer, with each call that could change a file looked at."""
    written: list[str] = []
    watching = True

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if watching and str(arguments[:1]).find(str(read_only)) >= 0:
            writes = event == "open" and set(str(arguments[1])) & set("wax+")
            if writes or event in {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}:
                written.append(f"{event} {arguments[0]}")

    sys.addaudithook(look)
    index = index_in(read_only)
    client = make_app(index).test_client()
    name = next(index.reader().every(_everything())).id
    paths = [
        *("/", "/?q=the", "/?q=the&sort=newest&page=2", f"/articles/{name}?q=the", "/healthz"),
        *("/api/v1/search?q=the", f"/api/v1/articles/{name}", "/api/v1/suggest?q=th", "/readyz"),
        *("/api/v1/index", "/feed.atom?q=the", "/opensearch.xml", "/api/openapi.json", "/metrics"),
    ]
    statuses = {path: client.get(path).status_code for path in paths}
    watching = False
    measured(f"{len(paths)} kinds of pages and answers from a read-only index: no call that writes")
    assert written == []
    assert set(statuses.values()) == {200}, statuses


def _everything() -> Query:
    return Query(text="", tree=Everything())
