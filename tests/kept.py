"""An indexer and a web service over one folder, each started again whenever it ends, as systemd would."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from make_serve import free_port
from served import clean_environment
from waiting import wait_for

RESTART_S = 0.2


class Kept:
    """One process that is to run: `python -m MODULE ARGUMENTS`, in a group of its own."""

    def __init__(self, folder: Path, *command: str, **settings: str) -> None:
        self.folder = folder
        self.command = [sys.executable, "-m", *command]
        self.environment = clean_environment(**settings)
        self.log = folder / f"{command[0]}.log"
        self.starts = 0
        self._ended = threading.Event()
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while True:
            self.process.wait()
            if self._ended.wait(RESTART_S):
                return
            self.process = self._start()

    def children(self) -> list[int]:
        """The processes that it has started."""
        pid = self.process.pid
        with contextlib.suppress(OSError):
            listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
            return [int(child) for child in listed.split()]
        return []

    def end(self) -> None:
        """Let it end, and do not start it again."""
        self._ended.set()
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self._keeper.join()


class Pair:
    """`python -m indexer watch` and `python -m web` in a folder with `articles/`."""

    def __init__(self, folder: Path, *, workers: int = 3, **settings: str) -> None:
        self.folder = folder
        self.articles = folder / "articles"
        self.articles.mkdir(exist_ok=True)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        given = {"DATELINE_WEB_PORT": str(self.port), "DATELINE_WEB_WORKERS": str(workers)}
        self.worker_count = workers
        self.settings = given | settings
        self.web = Kept(folder, "web", **self.settings)
        self.indexer: Kept | None = None

    def index(self) -> Kept:
        """Start the indexer."""
        self.indexer = Kept(self.folder, "indexer", "watch", **self.settings)
        return self.indexer

    def web_workers(self) -> list[int]:
        """The processes that answer, once all are there."""
        wait_for(lambda: len(self.web.children()) == self.worker_count)
        return self.web.children()

    def logs(self) -> str:
        """What both have said."""
        files = [self.folder / "web.log", self.folder / "indexer.log"]
        return "\n".join(file.read_text(errors="replace") for file in files if file.exists())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for kept in (self.indexer, self.web):
            if kept:
                kept.end()


def is_there(pid: int) -> bool:
    """Whether a process lives (one that only waits to be reaped does not)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def busy() -> float:
    """How many times longer things take here: the load for each core, at least 1."""
    return max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))
