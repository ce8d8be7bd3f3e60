"""The real service for tests: `python -m web` over an index in a temporary folder."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from waiting import wait_for

ROOT = Path(__file__).parents[1]
START_WITHIN_S = 60.0  # a busy machine imports NumPy four times over


def clean_environment(**settings: str) -> dict[str, str]:
    """The environment without anybody's settings but these."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATELINE_", "PROMETHEUS_"))}
    return kept | settings | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


class Served:
    """A running service, in a process group of its own."""

    def __init__(
        self, folder: Path, index_dir: Path, *, by: Sequence[str] = ("-m", "web"), **settings: str
    ) -> None:
        self.worker_count = int(settings.get("DATELINE_WEB_WORKERS", "2"))
        self.process = subprocess.Popen(
            [sys.executable, *by],
            cwd=folder,
            env=clean_environment(
                DATELINE_INDEX_DIR=str(index_dir),
                **{"DATELINE_WEB_PORT": "0", "DATELINE_WEB_WORKERS": str(self.worker_count)}
                | settings,
            ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.printed: queue.Queue[str] = queue.Queue()
        self.complaints: list[str] = []
        assert self.process.stdout
        assert self.process.stderr
        self._follow(self.process.stdout, self.printed.put)
        self._follow(self.process.stderr, self.complaints.append)
        self.announcement = self.printed.get(timeout=START_WITHIN_S)
        self.address = self.announcement.split()[3]

    @staticmethod
    def _follow(stream: IO[str], take: Callable[[str], None]) -> None:
        def read() -> None:
            for line in stream:
                take(line)

        threading.Thread(target=read, daemon=True).start()

    def get(self, path: str, **arguments: object) -> Any:
        """The JSON at an address."""
        query = f"?{urllib.parse.urlencode(arguments)}" if arguments else ""
        with urllib.request.urlopen(f"{self.address}{path}{query}", timeout=20) as answer:
            return json.load(answer)

    def status(self, path: str) -> int:
        """The status of an answer, whatever it is."""
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    def workers(self) -> list[int]:
        """The processes that answer, once all are there."""
        wait_for(lambda: len(self._children()) == self.worker_count)
        return self._children()

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; the exit code."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, how)
        try:
            return self.process.wait(timeout=30)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            for stream in (self.process.stdout, self.process.stderr):
                if stream:
                    stream.close()

    def group_is_gone(self) -> bool:
        """Whether no process of its group is left."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False
