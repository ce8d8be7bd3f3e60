"""Thousands of commits and refreshes: memory and descriptors stay what they were."""

from __future__ import annotations

import json
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from goals import Measured

MORE_BYTES = 5 << 20


@pytest.mark.goal("R10")
def test_nothing_grows_over_commits_and_refreshes(
    many_commits: tuple[BaseProcess, int, Path], measured: Measured
) -> None:
    """In a process of its own; the first fifth warms up what is filled once."""
    process, rounds, result = many_commits
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
