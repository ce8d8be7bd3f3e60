"""Power cuts: what may be on the disk after one always holds every acknowledged commit, whole."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from batches import batch_in, check_after_death, commit_for_ever, index_in, put_batch, start
from cut_power import Disk, images
from goals import Measured
from waiting import wait_for

from search.whoosh_engine.building import merge

IMAGE_BYTES = 24 << 20  # room for the batches, and quick to copy


@pytest.mark.goal("R2")
def test_whatever_a_cut_leaves_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, long: bool, measured: Measured
) -> None:
    """A cut before each change of names and each fsync, from the first commit on, merges included."""
    monkeypatch.setattr(merge, "FACTOR", 2)
    root = tmp_path / "disk"
    root.mkdir()
    with Disk(root) as disk:
        for number in range(8 if long else 4):
            put_batch(root / "deep" / "index", number, fresh=number % 4 == 3)
            disk.acknowledged = number
    dice = random.Random(3)
    found: set[int] = set()
    states = 0
    for moment in disk.moments:
        place = tmp_path / "image"
        for image in images(moment, place, dice):
            directory = image / "deep" / "index"
            batch = batch_in(directory)
            assert batch in {moment.acknowledged, moment.acknowledged + 1}, moment.call
            if batch >= 0:
                assert index_in(directory).check() == (), moment.call
            found.add(batch - moment.acknowledged)
            states += 1
            if dice.random() < 0.05:
                check_after_death(directory, batch)
        shutil.rmtree(place)
    cuts = len(disk.moments)
    measured(f"{cuts} cuts, simulated, {states} states of the disk: 0 lost, 0 unreadable")
    assert found == {0, 1}
    assert cuts > (120 if long else 50)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """An ext4 file system in a file, and where it is mounted."""
    image, place = tmp_path / "disk.img", tmp_path / "mounted"
    place.mkdir()
    if os.geteuid() or not shutil.which("mkfs.ext4"):
        pytest.skip("real file systems can be cut by root with mkfs.ext4 only")
    with image.open("wb") as file:
        file.truncate(IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    if not _mount(image, place):
        pytest.skip("no loop device can be mounted here")
    yield image, place
    subprocess.run(["umount", "-l", str(place)], check=True)


def _mount(image: Path, place: Path) -> bool:
    done = subprocess.run(
        ["mount", "-o", "loop", str(image), str(place)], capture_output=True, check=False
    )
    return done.returncode == 0


@pytest.mark.goal("R2")
def test_cuts_of_a_real_file_system(
    mounted: tuple[Path, Path], tmp_path: Path, *, long: bool, measured: Measured
) -> None:
    """The device's bytes are copied while a writer works, without asking anybody to sync."""
    image, place = mounted
    acknowledged, copied, seen = tmp_path / "acknowledged", tmp_path / "cut.img", tmp_path / "seen"
    acknowledged.write_text("-1")
    seen.mkdir()
    dice, cuts = random.Random(8), 100 if long else 6
    writer = start(commit_for_ever, place / "index", acknowledged, 0)
    least = -1
    try:
        for cut in range(cuts):
            wait_for(partial(_has_committed, acknowledged, cut // 4 + 1))
            time.sleep(dice.uniform(0.02, 0.2))
            assert writer.is_alive()
            least = _cut(int(writer.pid or 0), image, copied, acknowledged)
            assert _mount(copied, seen)
            try:
                assert batch_in(seen / "index") in {least, least + 1}
            finally:
                subprocess.run(["umount", str(seen)], check=True)
    finally:
        writer.kill()
        writer.join()
    measured(f"{cuts} cuts of an ext4 image among {least + 1} commits: 0 lost, 0 unreadable")


def _has_committed(acknowledged: Path, times: int) -> bool:
    return int(acknowledged.read_text() or -1) >= times


def _cut(writer: int, image: Path, copied: Path, acknowledged: Path) -> int:
    """Copy the device at one moment; returns what had been acknowledged at the latest then."""
    os.kill(writer, signal.SIGSTOP)
    try:
        text = ""
        while not text:  # it may have been stopped between emptying and writing the file
            text = acknowledged.read_text()
            if not text:
                os.kill(writer, signal.SIGCONT)
                time.sleep(0.001)
                os.kill(writer, signal.SIGSTOP)
        while True:  # until nothing was written while it was copied
            shutil.copyfile(image, copied)
            if copied.read_bytes() == image.read_bytes():
                return int(text)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(writer, signal.SIGCONT)
