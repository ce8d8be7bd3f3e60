"""kill -9 at random and before every call that touches a file: a commit is whole or not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from batches import kill_at_every_call, kill_at_random, start
from goals import Measured


def told(function: Callable[..., None], folder: Path, number: int, **options: bool) -> Any:
    """What a series of kills in a process of its own has to tell; it fails as that does."""
    result = folder / "result.json"
    process = start(function, folder / "index", number, result, **options)
    process.join()
    assert process.exitcode == 0, "see the traceback on standard error"
    return json.loads(result.read_bytes())


@pytest.mark.goal("R1")
def test_kill_at_random(tmp_path: Path, *, long: bool, measured: Measured) -> None:
    kills = 300 if long else 15
    commits = told(kill_at_random, tmp_path, kills)["commits"]
    measured(f"{kills} kills at random among {commits} commits: 0 lost, 0 unreadable, 0 left over")
    assert commits > kills // 10


@pytest.mark.goal("R1")
@pytest.mark.parametrize("fresh", [False, True], ids=["commit", "rebuild"])
def test_kill_before_every_call(
    tmp_path: Path, *, fresh: bool, long: bool, measured: Measured
) -> None:
    """The short form: before every third."""
    found = told(kill_at_every_call, tmp_path, 1 if long else 3, fresh=fresh)
    calls, what = found["kills"], "rebuild" if fresh else "commit"
    measured(f"killed before each of {calls} calls that touch a file in a {what}: the same")
    assert found["seen"] == [0, 1], "killed before and after the one moment that counts"
    assert calls > (100 if long else 33)
