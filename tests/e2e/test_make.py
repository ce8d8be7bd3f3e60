"""The two words that a newcomer types: `make serve` runs the whole line, `make help` lists words."""

import json
import os
import signal
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from make_serve import ENVIRONMENT, Service, can_serve, copy_tree, free_port
from waiting import wait_for

pytestmark = pytest.mark.skipif(
    not can_serve(), reason="needs make and the environment that `make setup` creates"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copy_tree(tmp_path)


@contextmanager
def serving(tree: Path, port: int) -> Iterator[Service]:
    service = Service(tree, port)
    try:
        wait_for(service.ready)
        yield service
    finally:
        service.end()


@pytest.fixture
def service(tree: Path) -> Iterator[Service]:
    with serving(tree, free_port()) as service:
        yield service


def get(service: Service, path: str, **arguments: str) -> dict[str, Any]:
    address = f"{service.address}{path}?{urllib.parse.urlencode(arguments)}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        loaded = json.load(answer)
    assert isinstance(loaded, dict)
    return loaded


def found(service: Service, words: str) -> list[str]:
    return [hit["path"] for hit in get(service, "/api/v1/search", q=words)["hits"]]


def test_make_serve_follows_the_folder_and_ends_with_everything_it_started(
    tree: Path, service: Service
) -> None:
    """New, edited and deleted files show without a restart; Ctrl-C leaves no process behind."""
    assert service.address in service.log.read_text()
    assert get(service, "/api/v1/index")["articles"] >= 60

    story = tree / "articles" / "quokka.txt"
    body = "The harbour master said on Monday that the {} had been moved to a quiet pier. " * 4
    story.write_text("Quokkabird moved\n\n" + body.format(*["quokkabird"] * 4))
    wait_for(lambda: found(service, "quokkabird") == ["quokka.txt"])
    story.write_text("Wombatfish moved\n\n" + body.format(*["wombatfish"] * 4))
    wait_for(lambda: found(service, "wombatfish") == ["quokka.txt"])
    assert found(service, "quokkabird") == []
    story.unlink()
    wait_for(lambda: found(service, "wombatfish") == [])

    service.interrupt()
    wait_for(service.has_left_nothing)
    assert "has ended" not in service.log.read_text()  # who ends it knows that


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("web", "the web service has ended (exit code 137); stopping the indexer"),
        ("indexer", "the indexer has ended (exit code 137); stopping the web service"),
    ],
)
def test_what_ends_by_itself_is_named_and_ends_the_rest(
    service: Service, module: str, said: str
) -> None:
    os.kill(process_of(service, module), signal.SIGKILL)
    assert service.process.wait(timeout=30) != 0
    wait_for(service.has_left_nothing)
    assert f"make serve: {said}" in service.log.read_text()


def process_of(service: Service, module: str) -> int:
    """The first process that runs a module, for the service."""
    pids = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if os.getpgid(int(folder.name)) == service.process.pid:
                pids += [int(folder.name)] if module.encode() in words else []
    return min(pids)


def test_a_second_start_builds_nothing_and_a_taken_port_is_a_clear_message(tree: Path) -> None:
    """The index of the first start is used again; a port in use ends the start with a reason."""
    port = free_port()
    with serving(tree, port) as first:
        first.interrupt()
        wait_for(first.has_left_nothing)
    built = (tree / "index" / "CURRENT").stat()
    with serving(tree, port) as second:
        assert (tree / "index" / "CURRENT").stat() == built
        elsewhere = copy_tree(tree.parent / "elsewhere")
        third = Service(elsewhere, port)
        assert third.process.wait(timeout=30) != 0
        assert f"port {port} on 127.0.0.1 is taken" in third.log.read_text()
        assert not (elsewhere / "index").exists()  # it was told before anything was indexed
        wait_for(third.has_left_nothing)
        assert second.ready()


def make(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *words], cwd=tree, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )


def test_make_help_lists_every_word(tree: Path) -> None:
    answer = make(tree, "help")
    assert answer.returncode == 0
    words = {line.split()[0] for line in answer.stdout.splitlines()}
    phony = next(
        line for line in (tree / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")
    )
    assert words == set(phony.split()[1:])


def test_without_a_suitable_python_the_set_up_says_what_to_install(tree: Path) -> None:
    (tree / ".venv").unlink()
    answer = make(tree, "setup", "PYTHON=")
    assert answer.returncode != 0
    assert "Python 3.11, 3.12 or 3.13 is needed" in answer.stderr
