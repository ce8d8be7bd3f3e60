"""A disk that is full, at every moment of a commit: readable, nothing lost, and it works again."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import batch_in, check_after_death, index_in, leftovers, put_batch
from goals import Measured

from search.whoosh_engine.commits import generations

BLOCK_BYTES = 4_096


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def leave_room(ballast: Path, room_bytes: int) -> None:
    """Fill the disk but for so much."""
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(BLOCK_BYTES))
    os.truncate(ballast, max(0, ballast.stat().st_size - room_bytes))


@pytest.mark.goal("R11")
def test_a_full_disk_loses_nothing(small_disk: Path, *, long: bool, measured: Measured) -> None:
    """From no room at all to room enough, block by block, for commits and for rebuilds."""
    directory, ballast = small_disk / "index", small_disk / "ballast"
    put_batch(directory, 0)
    last, failures = 0, 0
    for fresh in (False, True):
        for room in range(0, 80_000, BLOCK_BYTES if long else 2 * BLOCK_BYTES):
            leave_room(ballast, room)
            try:
                put_batch(directory, last + 1, fresh=fresh)
                last += 1
            except OSError:
                failures += 1
            assert batch_in(directory) == last
            assert index_in(directory).check() == ()
            assert leftovers(directory) == set(), "nothing of what failed takes up room"
    ballast.unlink()
    check_after_death(directory, last)
    measured(
        f"{failures} commits and rebuilds without room, {last} with just enough: 0 lost, readable "
        "throughout, the next one with room works"
    )
    assert failures > 3
    assert last > 3


@pytest.mark.goal("R11")
def test_what_a_killed_writer_left_on_a_full_disk_makes_room(
    small_disk: Path, measured: Measured
) -> None:
    """A writer that died half-way may hold the last of the room; the next one sweeps first."""
    directory = small_disk / "index"
    put_batch(directory, 0)
    left = directory / "gen-1" / "MAIN_leftover00000000.seg"
    abandoned = directory / "gen-2"
    abandoned.mkdir()
    leave_room(left, 0)
    (abandoned / "MAIN_abandoned0000000.seg").write_bytes(b"")
    with contextlib.suppress(OSError):
        (abandoned / "more").write_bytes(bytes(BLOCK_BYTES))
    assert shutil.disk_usage(small_disk).free == 0
    put_batch(directory, 1)
    assert not left.exists()
    assert generations.folders(directory) == [1]
    check_after_death(directory, 1)
    measured("leftovers of killed writers that fill the disk are swept before the next one writes")


@pytest.mark.goal("R11")
def test_room_may_run_out_at_any_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, long: bool, measured: Measured
) -> None:
    """On any machine: each fsync in turn says that the disk is full, as some file systems do."""
    put_batch(tmp_path, 0)
    real, last, failures, dice = os.fsync, 0, 0, random.Random(2)
    for number in range(60 if long else 24):
        left = number % 12

        def fsync(descriptor: int) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(descriptor)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            try:
                put_batch(tmp_path, last + 1, fresh=dice.random() < 0.4)
                last += 1
            except OSError:
                failures += 1
        state = batch_in(tmp_path)
        assert state in {last, last + 1}, "the last fsync may fail when all is written"
        last = state
    check_after_death(tmp_path, last)
    measured(f"{failures} commits refused by fsync: the same")
    assert failures > 12
