"""The README's tour, and the operator's: every command in a `console` block prints what is shown.

`...` in what is shown stands for anything.
"""

import re
import subprocess
from collections.abc import Iterator
from fnmatch import translate
from functools import partial
from pathlib import Path

import pytest
from make_serve import ROOT, Service, can_serve, copy_tree, free_port
from waiting import wait_for

PORT = 8000  # what the README says; the test serves on a free one


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    tree, port = copy_tree(tmp_path), free_port()
    service = Service(tree, port)
    try:
        wait_for(service.ready)
        yield tree, port
    finally:
        service.end()


def commands(text: str) -> list[tuple[str, str]]:
    """Every command in the console blocks, with what is shown below it."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            found.append((command, shown.strip()))
    return found


@pytest.mark.skipif(not can_serve(), reason="needs make and the environment of `make setup`")
@pytest.mark.parametrize("page", ["README.md", "docs/operating.md"])
def test_every_command_of_a_tour_prints_what_is_shown(served: tuple[Path, int], page: str) -> None:
    tree, port = served
    tour = commands((ROOT / page).read_text(encoding="utf-8"))
    assert len(tour) >= 6
    for command, shown in tour:
        here = command.replace(str(PORT), str(port))
        # A change is found "about a second later", which a busy machine may stretch.
        wait_for(partial(prints, here, shown, tree))


def prints(command: str, shown: str, tree: Path) -> bool:
    """Whether a command of the tour prints what the tour shows. Fails when it does not succeed."""
    done = subprocess.run(
        ["sh", "-c", command], cwd=tree, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    pattern = translate(shown.replace("[", "[[]").replace("?", "[?]").replace("...", "*"))
    return re.fullmatch(pattern, done.stdout.strip()) is not None
