"""Thousands of commits and refreshes: memory and descriptors stay what they were."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from batches import commit_and_look, start
from goals import Measured

MORE_BYTES = 5 << 20


@pytest.mark.goal("R10")
def test_nothing_grows_over_commits_and_refreshes(
    tmp_path: Path, *, long: bool, measured: Measured
) -> None:
    """In a process of its own; the first fifth warms up what is filled once."""
    rounds, result = 8_000 if long else 300, tmp_path / "result.json"
    process = start(commit_and_look, tmp_path / "index", rounds, result)
    process.join()
    assert process.exitcode == 0, "see the traceback on standard error"
    before, after = json.loads(result.read_bytes())
    more = after["bytes"] - before["bytes"]
    measured(
        f"{rounds:,} commits and refreshes: {more / 1e6:+.1f} MB from {before['bytes'] / 1e6:.0f} "
        f"MB, {after['descriptors'] - before['descriptors']:+d} descriptors"
    )
    assert more < MORE_BYTES
    assert after["descriptors"] == before["descriptors"]
    assert after["mapped"] == before["mapped"]
    assert after["files"] <= before["files"] + 2, "and files do not grow in number"
    assert os.getpid() != process.pid
