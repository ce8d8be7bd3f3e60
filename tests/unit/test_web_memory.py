"""One heap for all threads: what they leave goes back to the system."""

from __future__ import annotations

import gc
import platform
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from brute_force import BruteIndex
from flask import Flask
from sample_site import make_app

from search.config import Config
from web import shared

# The threads take turns, as they do under the interpreter's lock; each frees what it worked with and
# keeps a small piece that lies behind it.
TURNS = """
import sys, threading
from web import memory

if sys.argv[1] == "shared":
    assert memory.share_heap()
turn, ended, kept = threading.Lock(), threading.Barrier(9), []

def work():
    for _ in range(3):
        with turn:
            large = [bytes(1_500_000) for _ in range(6)]
            kept.append(bytearray(3_000))
            del large
    ended.wait()
    ended.wait()

threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
ended.wait()
with open("/proc/self/status") as status:
    print(status.read().partition("RssAnon:")[2].split()[0])
ended.wait()
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread a heap of its own"
)
def test_threads_that_have_worked_leave_no_heaps_behind() -> None:
    def own_kb(how: str) -> int:
        command = [sys.executable, "-c", TURNS, how]
        found = subprocess.run(command, check=True, capture_output=True, text=True)
        return int(found.stdout)

    apart, shared = own_kb("apart"), own_kb("shared")
    assert shared < apart / 2
    assert shared < 35_000


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Flask], None]]:
    """What a worker does with its application before it takes its first request."""
    monkeypatch.setenv(shared.VARIABLE, str(tmp_path))  # else it makes a folder for the counts
    root = Path(__file__).parents[2]
    hooks = runpy.run_path(str(root / "web/gunicorn.conf.py"), {"configuration": Config()})
    yield lambda app: hooks["post_worker_init"](SimpleNamespace(wsgi=app))
    gc.unfreeze()


def test_no_search_of_garbage_visits_what_a_worker_started_with(
    start: Callable[[Flask], None],
) -> None:
    assert gc.get_freeze_count() == 0
    start(make_app(BruteIndex()))
    assert gc.get_freeze_count() > 10_000


def test_no_page_waits_for_templates_to_be_compiled(
    start: Callable[[Flask], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(BruteIndex())
    start(app)
    monkeypatch.setattr(app.jinja_env, "compile", lambda *_: pytest.fail("compiled"))
    assert app.test_client().get("/help").status_code == 200
    assert "There is no index yet" in app.test_client().get("/").text
