"""After a kill: how soon the index answers again, and what answers while it is built anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from batches import batch_in, commit_for_ever, index_in, put_batch, start
from goals import Measured, slack
from kept import busy
from served import ROOT, clean_environment
from sized import answers, fill, questions
from waiting import wait_for

START = """
import sys, time
sys.path[:0] = ["tests", "."]
from pathlib import Path
from batches import index_in
import sized
began_s, worked_s = time.perf_counter(), time.process_time()
reader = index_in(Path(sys.argv[1])).reader()
print(time.perf_counter() - began_s, time.process_time() - worked_s, reader.status().articles)
"""


@pytest.mark.goal("R12")
def test_it_opens_soon_after_a_kill_with_every_byte_compared(
    sized_index: Path, tmp_path: Path, *, long: bool, measured: Measured
) -> None:
    """A copy has other inodes and times than its manifest notes: nothing is taken on trust."""
    directory = tmp_path / "index"
    shutil.copytree(sized_index, directory)
    writer = start(commit_for_ever, directory, tmp_path / "acknowledged", 1, rebuilds=False)
    wait_for((tmp_path / "acknowledged").exists)
    writer.kill()
    writer.join()
    done = subprocess.run(
        [sys.executable, "-c", START, str(directory)],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    wall_s, work_s, count = (float(part) for part in done.stdout.split())
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    measured(
        f"{count:,.0f} articles, {size / 1e6:.0f} MB: opened after a kill in {wall_s * 1e3:.0f} ms "
        f"({work_s * 1e3:.0f} ms of work), every byte compared"
    )
    assert count >= (20_000 if long else 400)
    assert work_s < 1
    assert wall_s < busy() * slack(long=long)


@pytest.mark.goal("R12")
def test_the_old_generation_serves_while_a_new_one_is_built(
    tmp_path: Path, *, long: bool, measured: Measured
) -> None:
    directory, asked = tmp_path / "index", questions(4)
    fill(directory, 100)
    index = index_in(directory)
    old = answers(index.reader(), asked)
    builder = start(fill, directory, 20_000 if long else 600, fresh=True)
    began_s, count = time.monotonic(), 0
    while builder.is_alive():
        reader = index.reader()
        if reader.generation != "1.1":
            break
        assert answers(reader, asked) == old
        assert index.damage() is None, "it is what CURRENT names, not a stand-in"
        count += 1
        time.sleep(0.01)
    builder.join()
    took_s = time.monotonic() - began_s
    assert builder.exitcode == 0
    assert index.reader().generation == "2.1"
    articles = index.reader().status().articles
    measured(
        f"{articles:,} articles built anew in {took_s:.1f} s; {count * len(asked):,} searches "
        "meanwhile, none failed or differed"
    )
    assert count > 3
    assert answers(index.reader(), asked) != old


def test_readers_in_a_hurry_see_whole_commits(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    put_batch(directory, 0)
    process = start(commit_for_ever, directory, tmp_path / "acknowledged", 1, rebuilds=False)
    try:
        seen = [0]

        def saw_several() -> bool:
            seen.append(batch_in(directory))
            assert seen[-1] >= seen[-2], "an older commit after a newer one"
            return len(set(seen)) > 8

        wait_for(saw_several)
    finally:
        process.kill()
        process.join()
