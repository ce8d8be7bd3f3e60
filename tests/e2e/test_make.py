"""The two words that a newcomer types: `make serve` runs the whole line, `make help` lists words.

The tests run in a copy of the tree that shares this checkout's environment, so that they show the
words themselves and not the speed of a package index.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    not (ROOT / ".venv" / "installed").exists() or shutil.which("make") is None,
    reason="needs make and the environment that `make setup` creates",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the repository holds, with this checkout's environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Service:
    """`make serve` in a tree, in a process group of its own."""

    def __init__(self, tree: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = tree / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "serve"],
                cwd=tree,
                env={**os.environ, "DATELINE_WEB_PORT": str(port)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def get(self, path: str, **arguments: str) -> dict[str, Any]:
        query = urllib.parse.urlencode(arguments)
        with urllib.request.urlopen(f"{self.address}{path}?{query}", timeout=10) as answer:
            loaded = json.load(answer)
        assert isinstance(loaded, dict)
        return loaded

    def found(self, words: str) -> list[str]:
        return [hit["path"] for hit in self.get("/api/v1/search", q=words)["hits"]]

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=10) as answer:
                return int(answer.status) == 200
        except urllib.error.URLError:
            return False

    def interrupt(self) -> int:
        """Ctrl-C: the terminal sends it to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=20)


def eventually(true: Callable[[], bool], *, within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.05)


@pytest.fixture
def service(tree: Path) -> Iterator[Service]:
    service = Service(tree, free_port())
    try:
        eventually(service.ready, within_s=60)
        yield service
    finally:
        if service.process.poll() is None:
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()


def group_is_empty(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_make_serve_follows_the_folder_and_ends_with_everything_it_started(
    tree: Path, service: Service
) -> None:
    """New, edited and deleted files show without a restart; Ctrl-C leaves no process behind."""
    assert service.address in service.log.read_text()
    assert service.get("/api/v1/index")["articles"] >= 60

    story = tree / "articles" / "quokka.txt"
    body = "The harbour master said on Monday that the {} had been moved to a quiet pier. " * 4
    story.write_text("Quokkabird moved\n\n" + body.format("quokkabird"))
    eventually(lambda: service.found("quokkabird") == ["quokka.txt"])
    story.write_text("Wombatfish moved\n\n" + body.format("wombatfish"))
    eventually(lambda: service.found("wombatfish") == ["quokka.txt"])
    assert service.found("quokkabird") == []
    story.unlink()
    eventually(lambda: service.found("wombatfish") == [])

    service.interrupt()
    eventually(lambda: group_is_empty(service.process.pid))


def test_a_second_start_is_quick_and_a_taken_port_is_a_clear_message(tree: Path) -> None:
    """The index of the first start is used again; a port in use ends the start with a reason."""
    port = free_port()
    first = Service(tree, port)
    eventually(first.ready, within_s=60)
    first.interrupt()

    began = time.monotonic()
    second = Service(tree, port)
    eventually(second.ready, within_s=30)
    assert time.monotonic() - began < 15  # a bound against rebuilding, not a benchmark
    third = Service(tree, port)
    assert third.process.wait(timeout=30) != 0
    assert f"{port}" in third.log.read_text()
    assert "in use" in third.log.read_text()
    assert second.ready()
    second.interrupt()
    eventually(lambda: group_is_empty(third.process.pid))


def test_make_help_lists_every_word(tree: Path) -> None:
    answer = subprocess.run(["make", "help"], cwd=tree, capture_output=True, text=True, check=True)
    words = {line.split()[0] for line in answer.stdout.splitlines()}
    phony = next(
        line for line in (tree / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")
    )
    assert words == set(phony.split()[1:])


def test_without_a_suitable_python_the_set_up_says_what_to_install(tree: Path) -> None:
    (tree / ".venv").unlink()
    answer = subprocess.run(
        ["make", "setup", "PYTHON="], cwd=tree, capture_output=True, text=True, check=False
    )
    assert answer.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in answer.stderr
