"""An HTTP load on the real gunicorn: loopback only, a few connections, a few seconds each.

The server runs with the product's own settings and two workers; the client is one process with
eight kept-alive connections, each asking again as soon as it has its answer. On a machine with two
cores the client takes its share of them, so that rates are lower than a client elsewhere would see;
the ratio to the empty route, asked in the same way, is what counts. So is the processors' time of
the workers for each request, which other programs on the machine do not lengthen much.

What was asked before is answered from memory (docs/design/web.md, W4). So three loads are measured:
searches that nobody has asked before, each another one (`api`, `page`); such searches of which a
third come again, as people look for what they found before (`api_mixed`); and the same few asked
again and again (`api_again`, `page_again`). Each takes turns with the empty route, in rounds; a
figure is the median of its rounds, and p50 and p99 are over all requests. `own_mb` is what the
largest worker holds by itself at the end: mapped files do not count, nor does what it shares with
the master, which has read the machine code of all loops before it forked.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import random
import selectors
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.compare import ROOT
from benchmarks.fresh import fresh
from benchmarks.measure import nearest_rank
from benchmarks.workloads import Search, Workload

WORKERS = 2
CONNECTIONS = 8
WARM_UP_SECONDS = 1.5
START_SECONDS = 30.0
MAX_SECONDS = 60.0  # the load is bounded whatever the command line says
WORKLOADS = ("or_1_4", "and_1_4", "phrase_1_4", "or_common")
EMPTY = "/benchmarks/empty"
TARGETS = ("empty", "api", "page", "api_mixed", "api_again", "page_again")
REPEATED = 1 / 3  # of people's searches are some that they have made before
ROUNDS = 5


def run(
    articles: Path, folder: Path, workloads: Iterable[Workload], *, seconds: float
) -> dict[str, Any]:
    """Index the articles, serve them, and load each target: rate, p50, p99, errors."""
    _build(articles, folder)
    drawn = [w for w in workloads if w.name in WORKLOADS]
    known = [search for workload in drawn for search in workload.searches]
    empty = itertools.repeat(EMPTY)
    targets = {
        "api": map(_api, fresh(drawn, articles)),
        "page": map(_page, fresh(drawn, articles, seed=2)),
        "api_mixed": mixed(map(_api, fresh(drawn, articles, seed=3))),
        "api_again": itertools.cycle(map(_api, known)),
        "page_again": itertools.cycle(map(_page, known)),
    }
    bounded = min(seconds, MAX_SECONDS) / ROUNDS
    empties: list[Load] = []
    report: dict[str, Any] = {"workers": WORKERS, "connections": CONNECTIONS}
    with served(folder / "index", folder) as (port, server):
        _load(port, server, empty, min(WARM_UP_SECONDS, seconds))
        for name, paths in targets.items():
            _load(port, server, paths, min(WARM_UP_SECONDS, seconds))
            if name.endswith("_again"):
                _load(port, server, itertools.islice(paths, WORKERS * len(known)), MAX_SECONDS)
            beside: list[Load] = []
            rounds: list[Load] = []
            for _ in range(ROUNDS):
                beside.append(_load(port, server, empty, bounded))
                rounds.append(_load(port, server, paths, bounded))
            report[name] = _summed(rounds, beside)
            empties += beside
        report["own_mb"] = _own_mb(server)
    return report | {"empty": _summed(empties, empties)}


def mixed(new: Iterable[str], *, seed: int = 1) -> Iterator[str]:
    """New ones, between which some come again: what was asked often is the likeliest to."""
    chance = random.Random(seed)
    asked: list[str] = []
    for path in new:
        while asked and chance.random() < REPEATED:
            asked.append(chance.choice(asked))
            yield asked[-1]
        asked.append(path)
        yield path


def _api(search: Search) -> str:
    return f"/api/v1/search?{arguments(search)}"


def _page(search: Search) -> str:
    return f"/?{arguments(search)}"


def arguments(search: Search) -> str:
    """The search as a person would send it."""
    words = " ".join(search.words)
    text = f'"{words}"' if search.kind == "phrase" else words
    return urlencode({"q": text, "match": "all" if search.kind == "all" else "any"})


def table(report: Mapping[str, Any]) -> str:
    """The report for people."""
    own_mb = f"{report['own_mb']:.0f} MB of its own in the largest worker"
    lines = [
        f"HTTP, {report['workers']} workers, {report['connections']} connections, {own_mb}",
        "",
        "| target | requests/s | of the empty route | p50, ms | p99, ms | workers' CPU, ms | errors |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name in TARGETS:
        found = report[name]
        lines.append(
            f"| {name} | {found['requests_per_s']:,.0f} | {found['of_empty']:.2f}"
            f" | {found['p50_ms']:.1f} | {found['p99_ms']:.1f} | {found['cpu_ms']:.2f}"
            f" | {found['errors']} |"
        )
    return "\n".join(lines)


def _build(articles: Path, folder: Path) -> None:
    index = folder / "index"
    index.mkdir(parents=True)
    with articles.open("rb") as file:
        docs = sum(1 for _ in file)
    job = {"module": "dateline", "what": "build", "articles": str(articles), "docs": docs}
    job["clock"] = "wall"
    file_of_job = folder / "build.json"
    file_of_job.write_text(json.dumps({**job, "folder": str(index)}), encoding="utf-8")
    command = [sys.executable, "-m", "benchmarks.measure", str(file_of_job)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def served(index_dir: Path, logs: Path) -> Iterator[tuple[int, int]]:
    """Gunicorn with the real settings on a free port of the loopback address: port and process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    environment = {
        **os.environ,
        "DATELINE_INDEX_DIR": str(index_dir),
        "DATELINE_WEB_HOST": "127.0.0.1",
        "DATELINE_WEB_PORT": str(port),
        "DATELINE_WEB_WORKERS": str(WORKERS),
    }
    settings = ROOT / "web" / "gunicorn.conf.py"
    command = [sys.executable, "-m", "gunicorn", "-c", str(settings), "--max-requests", "0"]
    command.append("benchmarks.baseline:app")
    log = logs / "gunicorn.log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            _wait_for(port, server, log)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    last = time.monotonic() + START_SECONDS
    while time.monotonic() < last and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(_request("/readyz", keep=False))
                if connection.recv(64).split(b" ", 2)[1] == b"200":
                    return
        except (OSError, IndexError):
            pass
        time.sleep(0.05)
    raise RuntimeError(f"gunicorn did not answer on port {port}:\n{log.read_text('utf-8')}")


def _request(path: str, *, keep: bool = True) -> bytes:
    kept = "keep-alive" if keep else "close"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: {kept}\r\n\r\n".encode("ascii")


class _Connection:
    """One kept-alive connection: asks, gathers the answer by its Content-Length, asks again."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.port = port
        self.requests = requests
        self.reconnects = -1
        self.connect()

    def connect(self) -> None:
        self.reconnects += 1
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ask()

    def ask(self) -> None:
        self.gathered = b""
        self.wanted = -1
        self.sent_at = time.perf_counter()
        self.socket.sendall(next(self.requests))

    def receive(self) -> int | None:
        """The status when the answer is whole, None while it is not, 0 when it was cut off."""
        piece = self.socket.recv(262_144)
        if not piece:
            return 0
        self.gathered += piece
        if self.wanted < 0:
            head, found, _ = self.gathered.partition(b"\r\n\r\n")
            if not found:
                return None
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            self.wanted = len(head) + 4 + int(length)
        return int(self.gathered[9:12]) if len(self.gathered) >= self.wanted else None


@dataclass(frozen=True, slots=True)
class Load:
    """What came of asking for some seconds."""

    seconds: float
    cpu_s: float
    """Processors' time of the workers."""
    taken_ms: list[float]
    errors: int
    reconnects: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.taken_ms) / self.seconds


def _load(port: int, server: int, paths: Iterator[str], seconds: float) -> Load:
    """Ask for the paths, one after the other, on all connections, until the time is up or they end.

    There is always an answer to measure: on a busy machine the first may come after the time.
    """
    requests = map(_request, paths)
    taken_ms: list[float] = []
    errors = 0
    with selectors.DefaultSelector() as ready:
        began, cpu_before_s = time.perf_counter(), _cpu_s(server)
        connections: list[_Connection] = []
        with suppress(StopIteration):
            for _ in range(CONNECTIONS):
                connection = _Connection(port, requests)
                connections.append(connection)
                ready.register(connection.socket, selectors.EVENT_READ, connection)
            while (passed_s := time.perf_counter() - began) < seconds or not taken_ms:
                if passed_s > MAX_SECONDS:
                    raise RuntimeError(f"no answer in {passed_s:.0f} s")
                for key, _ in ready.select(timeout=1):
                    connection = key.data
                    status = connection.receive()
                    if status is None:
                        continue
                    if status == 0:
                        ready.unregister(connection.socket)
                        connection.socket.close()
                        connection.connect()
                        ready.register(connection.socket, selectors.EVENT_READ, connection)
                        continue
                    taken_ms.append((time.perf_counter() - connection.sent_at) * 1e3)
                    errors += status != 200
                    connection.ask()
        elapsed, cpu_s = time.perf_counter() - began, _cpu_s(server) - cpu_before_s
    for connection in connections:
        connection.socket.close()
    reconnects = sum(connection.reconnects for connection in connections)
    return Load(elapsed, cpu_s, taken_ms, errors, reconnects)


def _summed(rounds: Sequence[Load], empty: Sequence[Load]) -> dict[str, float]:
    """The figures of all rounds of a target, beside those of the empty route."""
    taken_ms = sorted(ms for load in rounds for ms in load.taken_ms)
    ratios = [load.rate / other.rate for load, other in zip(rounds, empty, strict=True)]
    return {
        "requests_per_s": statistics.median(load.rate for load in rounds),
        "of_empty": statistics.median(ratios),
        "p50_ms": statistics.median(taken_ms),
        "p99_ms": nearest_rank(taken_ms, 0.99),
        "cpu_ms": 1e3 * sum(load.cpu_s for load in rounds) / len(taken_ms),
        "errors": sum(load.errors for load in rounds),
        "reconnects": sum(load.reconnects for load in rounds),
    }


def _of_workers(server: int, name: str) -> list[str]:
    """What /proc says of each worker."""
    tasks = Path(f"/proc/{server}/task/{server}/children").read_text("ascii").split()
    return [Path(f"/proc/{task}/{name}").read_text("ascii") for task in tasks]


def _own_mb(server: int) -> float:
    """What the largest worker holds by itself; NaN where there is no /proc."""
    try:
        told = _of_workers(server, "smaps_rollup")
    except OSError:
        return math.nan
    return max(int(each.partition("Private_Dirty:")[2].split()[0]) for each in told) / 1e3


def _cpu_s(server: int) -> float:
    """The processors' time that the server's workers have taken; NaN where there is no /proc."""
    try:
        rows = _of_workers(server, "stat")
    except OSError:
        return math.nan
    ticks = sum(sum(map(int, row.rpartition(")")[2].split()[11:13])) for row in rows)
    return ticks / os.sysconf("SC_CLK_TCK")
