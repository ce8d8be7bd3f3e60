"""The service as it is run: gunicorn, several processes, an index that changes underneath."""

import contextlib
import dataclasses
import http.client
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sample_site import ARTICLES, CEASEFIRE, article, fill
from served import Served, clean_environment
from waiting import wait_for

from search.config import load
from search.engine import Index
from search.open import open_index

GRACE_S = 9.0  # gunicorn kills after 10; a busy machine needs some for the end itself


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def index(folder: Path) -> Index:
    plain = load(None, {})
    place = dataclasses.replace(plain.index, dir=folder / "index")
    return fill(open_index(dataclasses.replace(plain, index=place)))


@pytest.fixture
def own(folder: Path, index: Index) -> Iterator[Served]:  # noqa: ARG001 - the index must be there
    """A service that a test may hurt."""
    service = Served(folder, folder / "index")
    yield service
    service.end()


def start(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return subprocess.run(
        [sys.executable, "-m", "web", *arguments],
        cwd=folder,
        env=clean_environment(**settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# --- starting and ending --------------------------------------------------------------------------


def test_it_says_where_it_answers_and_ends_with_everything_it_started(own: Served) -> None:
    assert re.fullmatch(
        r"Dateline answers at http://127\.0\.0\.1:\d+ \(Ctrl-C ends it\)\n", own.announcement
    )
    assert own.get("/healthz") == {"status": "alive"}
    assert len(own.workers()) == 2
    # A worker counts once it is up; before that it may miss the signal that ends it.
    wait_for(lambda: all(metrics_folders(worker) for worker in own.workers()))
    metrics = [Path(folder) for worker in own.workers() for folder in metrics_folders(worker)]
    assert own.end() == 0
    wait_for(own.group_is_gone)
    assert not any(folder.exists() for folder in metrics)
    assert own.complaints == []


@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.2])
def test_a_service_that_is_told_to_end_while_it_starts_ends_at_once(
    folder: Path, index: Index, delay_s: float
) -> None:
    """A process between its fork and its own handlers used to miss the signal: killed after 10 s."""
    assert index.check() == ()
    service = Served(folder, folder / "index", DATELINE_WEB_WORKERS="3")
    time.sleep(delay_s)
    started = time.monotonic()
    os.kill(service.process.pid, signal.SIGTERM)
    assert service.process.wait(timeout=30) == 0
    assert time.monotonic() - started < GRACE_S
    assert service.end() == 0
    assert service.complaints == []


def test_a_worker_that_ends_is_not_ended_again(own: Served) -> None:
    """Ctrl-C reaches the workers, and so does what the master makes of it: the log told of a kill."""
    workers = own.workers()
    wait_for(lambda: all(metrics_folders(worker) for worker in workers))
    os.killpg(own.process.pid, signal.SIGINT)
    while workers:
        for worker in list(workers):
            try:
                os.kill(worker, signal.SIGQUIT)
            except ProcessLookupError:
                workers.remove(worker)
    assert own.end() == 0
    assert own.complaints == []


def test_connections_that_stay_open_are_shared_among_the_workers(own: Served) -> None:
    """One of two often had nearly all of them, and answered alone.

    A busy machine may not wake the other within the few milliseconds it is given: most rounds are even.
    """
    workers = own.workers()
    wait_for(lambda: all(map(listens, workers)))
    fewest = [min(held_of_eight(own, workers)) for _ in range(9)]
    assert statistics.median(fewest) == 4


def held_of_eight(service: Served, workers: list[int]) -> list[int]:
    """How many of eight connections each worker takes."""
    before = [sockets(worker) for worker in workers]
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            connection = http.client.HTTPConnection(service.address.rpartition("/")[2], timeout=20)
            stack.callback(connection.close)
            connection.request("GET", "/healthz")
            assert connection.getresponse().read()
        held = [sockets(worker) - held for worker, held in zip(workers, before, strict=True)]
    wait_for(lambda: [sockets(worker) for worker in workers] == before)
    assert sum(held) == 8
    return held


def listens(worker: int) -> bool:
    """Whether a worker waits for connections: for its socket and for its own threads."""
    return any(told.count("tfd:") >= 2 for told in opened(worker, "fdinfo", Path.read_text))


def sockets(worker: int) -> int:
    """How many sockets a process holds."""
    return sum(str(it).startswith("socket:") for it in opened(worker, "fd", Path.readlink))


def opened(process: int, what: str, read: Callable[[Path], Any]) -> Iterator[Any]:
    """What is told of each file that a process has open; some are closed while this is read."""
    for file in Path(f"/proc/{process}/{what}").iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield read(file)


def metrics_folders(worker: int) -> list[str]:
    """The folders in which a worker counts, as its memory maps name them."""
    maps = Path(f"/proc/{worker}/maps").read_text()
    return sorted(set(re.findall(r"(/\S*dateline-metrics-[^/\s]+)/", maps)))


def test_a_taken_port_is_a_clear_message(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = start(folder, DATELINE_WEB_PORT=str(port))
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert f"port {port} on 127.0.0.1 is taken" in refused.stderr
    assert "DATELINE_WEB_PORT=" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "settings", "message"),
    [
        (("--config", "missing.toml"), {}, "missing.toml: no such file"),
        ((), {"DATELINE_WEB_WORKERS": "none"}, "DATELINE_WEB_WORKERS"),
        ((), {"DATELINE_WEB_RATE_LIMIT": "often", "DATELINE_WEB_PORT": "0"}, "rate_limit"),
        ((), {"DATELINE_WEB_HOST": "999.0.0.1"}, "cannot listen on 999.0.0.1"),
    ],
)
def test_what_cannot_start_says_why(
    folder: Path, arguments: tuple[str, ...], settings: dict[str, str], message: str
) -> None:
    """A check refuses whatever a start would, in the same words."""
    refused = start(folder, *arguments, **settings)
    assert refused.returncode == 2
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
    checked = start(folder, "--check", *arguments, **settings)
    assert (checked.returncode, checked.stdout, checked.stderr) == (2, "", refused.stderr)


def test_a_check_lets_nobody_wait_for_an_answer(folder: Path) -> None:
    """The port is tried and let go at once, not held while the program loads."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    checking = subprocess.Popen(
        [sys.executable, "-m", "web", "--check"],
        cwd=folder,
        env=clean_environment(DATELINE_WEB_PORT=str(port)),
    )
    asked = accepted = 0
    while checking.poll() is None:
        asked += 1
        with socket.socket() as client:
            accepted += client.connect_ex(("127.0.0.1", port)) == 0
        time.sleep(0.01)
    assert checking.returncode == 0
    assert accepted < asked / 4


def test_a_configuration_file_is_named_on_the_command_line(folder: Path, index: Index) -> None:
    """Paths in it are relative to it, wherever the command was typed."""
    assert index.reader().status().articles
    place = folder / "conf"
    place.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (place / "own.toml").write_text(
        f'[index]\ndir = "../index"\n[web]\nport = {port}\nworkers = 1\npage_size = 3\n'
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "web", "--config", "conf/own.toml"],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        assert f"http://127.0.0.1:{port} " in process.stdout.readline()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/?q=dockers")
        page = connection.getresponse().read().decode()
        connection.close()
        assert page.count('class="hit"') == 3
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        if process.stdout:
            process.stdout.close()


def test_without_an_index_it_serves_and_says_what_to_do(folder: Path, index: Index) -> None:
    """A service that was started first answers as soon as the index is there."""
    (folder / "index").rename(folder / "elsewhere")
    service = Served(folder, folder / "index", DATELINE_WEB_WORKERS="1")
    try:
        assert service.get("/healthz") == {"status": "alive"}
        assert service.status("/readyz") == 503
        with pytest.raises(urllib.error.HTTPError) as refused:
            service.get("/api/v1/search", q="dockers")
        with refused.value as answer:
            assert b"python -m indexer build" in answer.read()
        (folder / "elsewhere").rename(folder / "index")
        wait_for(lambda: service.status("/readyz") == 200)
        assert service.get("/api/v1/search", q="dockers")["total"] == 40
    finally:
        service.end()
    assert index.check() == ()


# --- while the index changes ----------------------------------------------------------------------


def test_every_process_sees_a_commit_at_once(own: Served, index: Index) -> None:
    generation = own.get("/api/v1/index")["generation"]
    fill(index, [article("new/quokka.txt", "A quokka", "The quokka was seen at the pier.")])
    for _ in range(12):  # more requests than processes
        answer = own.get("/api/v1/search", q="quokka")
        assert answer["total"] == 1
        assert answer["generation"] != generation


def test_searching_goes_on_while_the_index_is_written(own: Served, index: Index) -> None:
    """No error, and each article is found exactly once, whatever is committed meanwhile."""
    wrong: list[object] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                answer = own.get("/api/v1/search", q="ceasefire source:harbour", size=100)
            except OSError as error:
                wrong.append(error)
                continue
            ids = [hit["id"] for hit in answer["hits"]]
            if ids.count(CEASEFIRE.id) != 1 or len(ids) != len(set(ids)):
                wrong.append(ids)

    with ThreadPoolExecutor(3) as pool:
        for _ in range(3):
            pool.submit(search)
        for number in range(15):
            edited = dataclasses.replace(CEASEFIRE, body=f"{CEASEFIRE.body}\n\nEdit {number}.")
            fill(index, [edited, article(f"new/{number}.txt", "New", f"The number {number}.")])
        done.set()
    assert wrong == []


def is_replaced(served: Served, worker: int) -> bool:
    return worker not in served.workers()


def test_a_killed_process_is_replaced_and_nobody_is_refused(own: Served) -> None:
    """At most the request that the process was answering breaks; no answer is a 5xx."""
    for _ in range(3):
        victim = own.workers()[0]
        os.kill(victim, signal.SIGKILL)
        broken = 0
        for _ in range(10):
            try:
                assert own.status("/?q=dockers") == 200
            except (OSError, http.client.HTTPException):
                broken += 1
        assert broken <= 1
        wait_for(partial(is_replaced, own, victim))


# --- all processes together -------------------------------------------------------------------------


def test_figures_are_added_up_over_all_processes(own: Served) -> None:
    def counted() -> float:
        with urllib.request.urlopen(f"{own.address}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        found = re.search(
            r'dateline_request_seconds_count\{method="GET",route="/help",status="200"\} (\S+)', text
        )
        return float(found[1]) if found else 0.0

    for _ in range(20):
        assert own.status("/help") == 200
    assert [counted() for _ in range(4)] == [20.0] * 4
    assert (
        f"dateline_articles {float(len(ARTICLES))}"
        in urllib.request.urlopen(f"{own.address}/metrics", timeout=20).read().decode()
    )


def test_a_process_that_ended_is_still_counted(own: Served) -> None:
    """And its file is folded into one, so that the folder does not grow."""
    for _ in range(6):
        assert own.status("/help") == 200
    before = own.workers()
    folder = Path(metrics_folders(before[0])[0])
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    wait_for(lambda: not set(before) & set(own.workers()))
    text = urllib.request.urlopen(f"{own.address}/metrics", timeout=20).read().decode()
    assert re.search(r'seconds_count\{method="GET",route="/help",status="200"\} 6\.0', text)
    assert not [file for file in folder.iterdir() if any(str(pid) in file.name for pid in before)]


def test_a_limit_is_counted_over_all_processes(folder: Path, index: Index) -> None:
    assert index.check() == ()
    service = Served(
        folder, folder / "index", DATELINE_WEB_WORKERS="3", DATELINE_WEB_RATE_LIMIT="20 per hour"
    )
    try:
        with ThreadPoolExecutor(4) as pool:  # connections of their own, so every process is asked
            asked = pool.map(lambda _: service.status("/api/v1/suggest?q=do"), range(40))
            statuses = sorted(asked)
        assert statuses == [200] * 20 + [429] * 20
        assert service.status("/healthz") == 200
    finally:
        service.end()


def test_what_happens_is_logged_as_json_with_the_ids_of_requests(
    folder: Path, index: Index
) -> None:
    assert index.check() == ()
    service = Served(
        folder, folder / "index", DATELINE_WEB_LOG_LEVEL="info", DATELINE_WEB_SLOW_QUERY_MS="0"
    )
    try:
        request = urllib.request.Request(
            f"{service.address}/api/v1/search?q=quokka", headers={"X-Request-ID": "mine-1"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.headers["X-Request-ID"] == "mine-1"
        wait_for(lambda: sum("mine-1" in line for line in service.complaints) == 2)
    finally:
        service.end()
    lines = [json.loads(line) for line in service.complaints]
    search, asked = (line for line in lines if line.get("request_id") == "mine-1")
    assert (search["level"], search["total"], search["characters"]) == ("warning", 0, 6)
    assert (asked["level"], asked["message"]) == ("info", "GET /api/v1/search 200")
    assert any(line["logger"] == "gunicorn.error" for line in lines)
    assert "quokka" not in "".join(service.complaints)
