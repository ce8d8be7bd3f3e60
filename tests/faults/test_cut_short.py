"""A segment that somebody cuts short while a request reads it: the process ends, and nothing else."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from served import Served, clean_environment
from sized import fill
from waiting import wait_for

READ_ON = """
import os, sys
from pathlib import Path
from batches import index_in
from sized import answers, questions
directory = Path(sys.argv[1])
reader = index_in(directory).reader()
for segment in directory.glob("gen-1/*.seg"):
    os.truncate(segment, 0)
answers(reader, questions(4))
"""


def test_the_kernel_ends_whoever_reads_what_is_no_longer_there(tmp_path: Path) -> None:
    """What an answer in the middle cannot be kept from; if this changes, say so in the documents."""
    directory = tmp_path / "index"
    fill(directory, 200)
    ended = subprocess.run(
        [sys.executable, "-c", READ_ON, str(directory)],
        env=clean_environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGBUS, ended.stderr


def slowly(service: Served) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """An export of everything whose reader has only begun to read: a process is in the middle of it."""
    connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=20)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.settimeout(20)
    connection.sock.connect((connection.host, connection.port))
    connection.request("GET", "/api/v1/search?format=ndjson")
    answer = connection.getresponse()
    assert answer.read(1000)
    return connection, answer


def test_a_process_that_is_ended_so_is_replaced_and_the_older_generation_serves(
    tmp_path: Path,
) -> None:
    """The requests in it break; no answer is of 500 and above, and no other process reads the file."""
    directory = tmp_path / "index"
    fill(directory, 300)
    fill(directory, 4_000, fresh=True)
    service = Served(tmp_path, directory, DATELINE_WEB_WORKERS="2")
    try:
        before = service.workers()
        connection, answer = slowly(service)
        for segment in directory.glob("gen-2/*.seg"):
            os.truncate(segment, 4096)
        with pytest.raises((http.client.IncompleteRead, OSError)):
            answer.read()
        connection.close()
        assert {service.status("/api/v1/search?q=the") for _ in range(20)} == {200}
        assert {service.get("/readyz")["articles"] for _ in range(20)} == {300}
        wait_for(lambda: len(set(before) & set(service.workers())) == 1)
        wait_for(lambda: any("SIGBUS" in line for line in service.complaints))
    finally:
        service.end()
