"""What worker processes share: counts that outlive a process, allowances counted together."""

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from brute_force import BruteIndex
from prometheus_client.mmap_dict import MmapedDict
from sample_site import configured, fill, make_app

from web import allowance, shared
from web.allowance import SharedFile


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that processes of one service share."""
    monkeypatch.setenv(shared.VARIABLE, str(tmp_path))
    return tmp_path


def count(folder: Path, kind: str, pid: int, **values: float) -> None:
    """What a process would have counted."""
    counts = MmapedDict(str(folder / f"{kind}_{pid}.db"))  # type: ignore[no-untyped-call]
    for name, value in values.items():
        counts.write_value(f'["{name}", "{name}", {{}}, "help"]', value, 0.0)  # type: ignore[no-untyped-call]
    counts.close()  # type: ignore[no-untyped-call]


def scraped(index: BruteIndex) -> str:
    return make_app(index).test_client().get("/metrics").text


# --- counts ---------------------------------------------------------------------------------------


def test_what_a_process_counted_outlives_it_and_its_file_does_not(
    folder: Path, index: BruteIndex
) -> None:
    for pid in range(1, 6):
        count(folder, "counter", pid, seen_total=pid, **{f"only_{pid}_total": 1.0})
    before = scraped(index)
    for pid in range(1, 6):
        shared.fold(folder, pid)
        assert "seen_total 15.0" in scraped(index)
    assert [file.name for file in folder.glob("*.db")] == ["counter_0.db"]
    # What this process counts while it is asked is not in the folder, so the rest is equal.
    counts = [line for line in before.splitlines() if line.startswith(("seen", "only"))]
    after = scraped(index).splitlines()
    assert len(counts) == 6
    assert set(counts) <= set(after)


def test_a_file_that_a_killed_process_was_just_beginning_harms_nobody(
    folder: Path, index: BruteIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.metrics.BETWEEN_S", 0.0)
    count(folder, "counter", 1, seen_total=1.0)
    (folder / "counter_2.db").touch()
    assert make_app(index).test_client().get("/metrics").status_code == 500
    shared.fold(folder, 2)
    assert "seen_total 1.0" in scraped(index)


def test_what_a_stranger_makes_up_is_no_label(index: BruteIndex) -> None:
    client = make_app(index).test_client()
    for number in range(30):
        client.open(f"/made-up/{number}", method=f"VERB{number}")
    text = client.get("/metrics").text
    assert "VERB" not in text
    assert "made-up" not in text
    assert 'method="other",route="none",status="404"' in text


# --- allowances -----------------------------------------------------------------------------------


@pytest.fixture
def storage(tmp_path: Path) -> SharedFile:
    return SharedFile(allowance.address(tmp_path))


def test_windows_are_counted_and_end(storage: SharedFile) -> None:
    assert [storage.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert storage.incr("b", 60, amount=5) == 5
    assert (storage.get("a"), storage.get("b"), storage.get("c")) == (3, 5, 0)
    assert storage.incr("short", 0) == storage.incr("short", 0) == 1
    assert storage.get("short") == 0
    storage.clear("a")
    assert storage.get("a") == 0
    assert storage.reset() == 2
    assert storage.check()


def test_what_has_run_out_is_taken_out(
    storage: SharedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(allowance, "SWEEP_EVERY", 10)
    for number in range(25):
        storage.incr(f"key {number}", 0)
    assert storage.reset() < 10


COUNTING = """
import sys
from web.allowance import SharedFile
storage = SharedFile(sys.argv[1])
for _ in range(200):
    storage.incr("one", 60)
"""


def test_processes_and_threads_count_together(tmp_path: Path, storage: SharedFile) -> None:
    command = [sys.executable, "-c", COUNTING, allowance.address(tmp_path)]
    others = [subprocess.Popen(command, cwd=Path(__file__).parents[2]) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: storage.incr("one", 60), range(200)))
    assert [other.wait(timeout=60) for other in others] == [0, 0]
    assert storage.get("one") == 600


def test_the_limit_is_one_for_all_processes(folder: Path) -> None:
    """Each application is what a worker process has."""
    index = fill(BruteIndex())
    workers = [make_app(index, configured(rate_limit="6 per hour")).test_client() for _ in range(3)]
    statuses = [workers[n % 3].get("/api/v1/suggest?q=a").status_code for n in range(9)]
    assert statuses == [200] * 6 + [429] * 3
    assert (folder / "allowance.sqlite3").exists()


def test_where_nothing_can_be_shared_each_process_keeps_the_limit(
    folder: Path, index: BruteIndex
) -> None:
    """A full disk, say: the limit is counted by each process, and nobody gets a 500."""
    (folder / "allowance.sqlite3").mkdir()
    with pytest.raises(sqlite3.Error):
        SharedFile(allowance.address(folder)).incr("a", 1)
    client = make_app(index, configured(rate_limit="3 per hour")).test_client()
    statuses = [client.get("/api/v1/suggest?q=a").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_behind_a_proxy_each_client_has_its_own_allowance(index: BruteIndex) -> None:
    """And without the setting nobody can make up an address of his own."""

    def statuses(proxies: int) -> list[int]:
        config = configured(rate_limit="2 per hour", proxies=proxies)
        client = make_app(index, config).test_client()
        return [
            client.get(
                "/api/v1/suggest?q=a", headers={"X-Forwarded-For": f"{number}.0.0.9, {whom}"}
            ).status_code
            for number, whom in enumerate(["192.0.2.1"] * 3 + ["192.0.2.2"])
        ]

    assert statuses(proxies=1) == [200, 200, 429, 200]
    assert statuses(proxies=0) == [200, 200, 429, 429]


def test_the_folder_is_named_by_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(shared.VARIABLE, raising=False)
    assert shared.folder() is None
    assert allowance.address(None) == "memory://"
    monkeypatch.setenv(shared.VARIABLE, os.sep)
    assert shared.folder() == Path(os.sep)


def test_the_folder_of_a_killed_service_goes_when_the_next_one_starts(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from web import shared;"
        " print(shared.make_folder(pathlib.Path(sys.argv[1])), flush=True); sys.stdin.read()"
    )
    pipe = subprocess.PIPE
    services = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=pipe, stdout=pipe, text=True)
        for _ in range(2)
    ]
    try:
        folders = {
            Path(service.stdout.readline().strip()) for service in services if service.stdout
        }
        assert set(tmp_path.iterdir()) == folders
        services[0].kill()
        services[0].wait()
        third = shared.make_folder(tmp_path)
        left = set(tmp_path.iterdir())
        assert len(left) == 2
        assert third in left - folders
        assert len(left & folders) == 1
    finally:
        for service in services:
            service.kill()
            service.communicate()
