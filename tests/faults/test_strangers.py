"""What strangers send: bytes that are no HTTP, half a request, too much at once; with nginx and without.

nginx runs with the example of `deploy/nginx.conf`, only its ports and folders are the test's.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from goals import Measured, slack
from kept import busy
from make_serve import free_port
from sample_site import fill
from served import ROOT, Served
from waiting import wait_for

from search.config import load
from search.open import open_index
from web.headers import HEADERS

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
HOST = "news.example.org"  # what the example serves
SLOW = 40
P99_MS = 200.0
LINE = b"POST /api/v1/batch HTTP/1.1\r\nHost: a\r\n"
SEARCH = b"GET / HTTP/1.1\r\nHost: a\r\n"
HEAD = f"GET /?q=dockers HTTP/1.1\r\nHost: {HOST}\r\nX: ".encode()
BODY = (
    f"POST /api/v1/batch HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    "Content-Length: 900\r\n\r\n"
).encode()
MALFORMED = {
    "two lengths": LINE + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "length and chunks": LINE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": LINE + b"Content-Length: -1\r\n\r\n",
    "signed length": LINE + b"Content-Length: +5\r\n\r\nhello",
    "length in hex": LINE + b"Content-Length: 0x5\r\n\r\nhello",
    "unknown coding": LINE + b"Transfer-Encoding: xchunked\r\n\r\n",
    "chunk without a length": LINE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "too large a body": LINE
    + b"Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n",
    "long line": b"GET /?q=" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "long header": SEARCH + b"X: " + b"a" * 20_000 + b"\r\n\r\n",
    "many headers": SEARCH + b"X: a\r\n" * 500 + b"\r\n",
    "NUL in a header": SEARCH + b"X: a\x00b\r\n\r\n",
    "folded header": SEARCH + b"X: a\r\n b\r\n\r\n",
    "bare line feed in a header": SEARCH + b"X: a\nY: b\r\n\r\n",
    "space before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "no method": b" / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a method of letters that are none": b"G\xc3\x89T / HTTP/1.1\r\nHost: a\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
    "no protocol": b"GET /\r\n\r\n",
    "unknown protocol": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "HTTP/2 without an agreement": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a strange host": b"GET / HTTP/1.1\r\nHost: a b<script>\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service as it would stand behind nginx."""
    folder = tmp_path_factory.mktemp("strangers")
    fill(open_index(load(None, {"DATELINE_INDEX_DIR": str(folder / "index")})))
    service = Served(
        folder,
        folder / "index",
        DATELINE_WEB_PROXIES="1",
        DATELINE_WEB_TRUSTED_HOSTS=f"{HOST},127.0.0.1",
    )
    yield service
    service.end()


@pytest.fixture(scope="module")
def nginx(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx before it."""
    with in_front(urlsplit(served.address).netloc, tmp_path_factory.mktemp("nginx")) as port:
        yield port


@contextlib.contextmanager
def in_front(upstream: str, folder: Path) -> Iterator[int]:
    """An nginx with the example's settings."""
    if NGINX is None:
        pytest.skip("no nginx: install it (Debian: apt install nginx-light)")
    port = free_port()
    example = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for theirs, ours in (
        ("127.0.0.1:8000", upstream),
        ("listen 80", f"listen 127.0.0.1:{port}"),
        ("/var/log/nginx/dateline.log", f"{folder}/access.log"),
    ):
        assert theirs in example
        example = example.replace(theirs, ours)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        f"events {{ worker_connections 512; }}\nhttp {{\n{temporary}\n{example}\n}}\n"
    )
    process = subprocess.Popen(
        [NGINX, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)
        if process.stderr:
            process.stderr.close()


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


def port_of(served: Served) -> int:
    return int(urlsplit(served.address).port or 0)


def raw(port: int, request: bytes, *, wait_s: float = 3.0, more: bool = False) -> bytes:
    """What is answered to these very bytes, until the other side has nothing more to say.

    `more`: say nothing of an end of ours, for nginx takes that for a client who has gone away.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=wait_s) as connection:
        received = b""
        with contextlib.suppress(TimeoutError, ConnectionError):
            connection.sendall(request)
            if not more:
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                received += part
        return received


def get(port: int, path: str) -> bytes:
    """The whole answer to a sound request."""
    request = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    return raw(port, request.encode(), wait_s=20, more=True)


def is_refused(answer: bytes) -> bool:
    """Refused, or closed without a word; never taken for a request, never a failure of ours."""
    return answer == b"" or re.match(rb"HTTP/1\.[01] (4\d\d|501|505) ", answer) is not None


@pytest.mark.goal("R9")
def test_malformed_requests_are_refused_and_harm_nobody(served: Served, measured: Measured) -> None:
    before, port = served.workers(), port_of(served)
    answers = {name: raw(port, request) for name, request in MALFORMED.items()}
    alive = served.get("/healthz") == {"status": "alive"} and served.workers() == before
    refused = [name for name, answer in answers.items() if is_refused(answer)]
    bare = [
        name
        for name, answer in answers.items()
        if answer
        and not all(f"{key}: {value}".encode() in answer for key, value in HEADERS.items())
    ]
    measured(
        f"{len(refused)} of {len(MALFORMED)} malformed requests refused, the processes unharmed"
    )
    assert sorted(set(MALFORMED) - set(refused)) == []
    assert bare == [], "answers without the headers"
    assert all(b"<script>" not in answer for answer in answers.values())
    assert alive
    assert served.complaints == [], "strangers must not fill the log"


class Slow:
    """Clients that send a request's head a byte at a time, a body never, or read nothing."""

    def __init__(self, port: int, count: int) -> None:
        self.stop = threading.Event()
        self.connections = []
        heads = (HEAD, BODY)
        for number in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=5)
            connection.sendall(heads[number % len(heads)])
            self.connections.append(connection)
        self.thread = threading.Thread(target=self._drip, daemon=True)
        self.thread.start()

    def _drip(self) -> None:
        while not self.stop.wait(0.5):
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.send(b"a")

    def end(self) -> None:
        self.stop.set()
        self.thread.join()
        for connection in self.connections:
            connection.close()


def health_ms(port: int, seconds: float) -> list[float]:
    """How long `/healthz` takes, again and again."""
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.perf_counter()
        assert b'"alive"' in get(port, "/healthz")
        took.append((time.perf_counter() - started) * 1e3)
        time.sleep(0.02)
    return sorted(took)


@pytest.mark.goal("R9")
@pytest.mark.parametrize("behind", [True, False], ids=["behind nginx", "alone"])
def test_slow_connections_stop_nobody(
    request: pytest.FixtureRequest, served: Served, *, behind: bool, long: bool, measured: Measured
) -> None:
    port = request.getfixturevalue("nginx") if behind else port_of(served)
    # Alone, the bodies that never come hold a thread each until they stall: heads only.
    slow = Slow(port, SLOW) if behind else SlowHeads(port, SLOW)
    try:
        took = health_ms(port, 8 if long else 1.5)
    finally:
        slow.end()
    p99 = took[int(len(took) * 0.99)]
    where = "behind nginx" if behind else "alone"
    load = busy()
    measured(
        f"{SLOW} slow connections {where}: `/healthz` {len(took)} times, p99 {p99:.0f} ms"
        f" (load {load:.1f} a core)"
    )
    assert p99 < P99_MS * load * slack(long=long)


class SlowHeads(Slow):
    """Clients that never end the head of their request."""

    def __init__(self, port: int, count: int) -> None:
        super().__init__(port, 0)
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=5)
            connection.sendall(HEAD)
            self.connections.append(connection)


@pytest.mark.goal("R9")
def test_a_burst_is_refused_and_the_others_are_not(nginx: int, measured: Measured) -> None:
    statuses = [get(nginx, "/api/v1/suggest?q=do")[9:12] for _ in range(150)]
    refused = get(nginx, "/api/v1/suggest?q=do")
    measured(f"a burst of 150: {statuses.count(b'200')} answered, {statuses.count(b'429')} of 429")
    assert set(statuses) == {b"200", b"429"}
    assert b" 429 " in refused.splitlines()[0]
    assert b"Retry-After: 2" in refused
    assert b"application/problem+json" in refused
    assert b"default-src 'none'" in refused
    assert b'"alive"' in get(nginx, "/healthz"), "monitors are not counted"


@pytest.mark.goal("R9")
def test_behind_nginx_the_service_is_what_it_is_alone(nginx: int, served: Served) -> None:
    answer = get(nginx, "/?q=dockers")
    for name, value in HEADERS.items():
        assert answer.count(f"{name}: {value}".encode()) == 1
    assert re.search(rb"X-Request-ID: [0-9a-f]{32}\r\n", answer)
    assert raw(nginx, b"GET / HTTP/1.1\r\nHost: attacker.example\r\n\r\n") == b""
    with urllib.request.urlopen(f"{served.address}/healthz") as alone:
        assert alone.status == 200


def test_a_request_whose_process_was_killed_is_asked_again_by_nginx(tmp_path: Path) -> None:
    """What a kill looks like from nginx: the connection ends without an answer."""
    asked: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    asked.append(connection.recv(65_536).partition(b"\r\n")[0])
                    if len(asked) > 1:
                        body = (
                            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwell"
                        )
                        connection.sendall(body)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        with in_front(f"127.0.0.1:{listener.getsockname()[1]}", tmp_path) as port:
            assert get(port, "/?q=a").endswith(b"well")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert asked == [b"GET /?q=a HTTP/1.1"] * 2
