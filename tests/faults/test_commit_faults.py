"""Commits under kill -9, a full disk, damaged bytes, hostile files and readers in a hurry.

What is watched: a commit is there whole or not at all, what was acknowledged stays, the lock goes
with its process, leftovers are swept, and no damaged byte is served.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import pickle
import random
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from search.errors import IndexDamaged, IndexLocked, IndexMissing
from search.model import Article, Fingerprint, Query, SourceFile, Word, Words
from search.whoosh_engine import WhooshIndex, build, merge, safe_pickle

PATHS = [f"{letter}.txt" for letter in "abcde"]
# Longer runs by hand: 93 kills in 30 s on two cores with much else to do.
KILL_BUDGET_S = float(os.environ.get("FAULT_SECONDS", "4"))
DAMAGES = 400


def index_in(directory: Path) -> WhooshIndex:
    return WhooshIndex(directory, timezone=ZoneInfo("UTC"), budget_ms=2000)


def put_batch(directory: Path, number: int, *, fresh: bool = False) -> None:
    """Every file anew in one commit, all with the batch's number."""
    with index_in(directory).writer(fresh=fresh) as writer:
        for path in PATHS:
            fingerprint = Fingerprint(size_bytes=number, mtime_ns=1, ctime_ns=1, inode=1, sha256="")
            article = Article(
                id=f"{build.file_key(path):016x}", path=path, title="", body=f"batch n{number} end"
            )
            writer.put(SourceFile(path=path, fingerprint=fingerprint), [article])
        writer.commit()


def batch_in(directory: Path) -> int:
    """The batch that readers see; -1 for no index. Raises if they see anything but a whole one."""
    try:
        reader = index_in(directory).reader()
    except IndexMissing:
        return -1
    bodies = {reader.article(f"{build.file_key(path):016x}").body for path in PATHS}
    assert len(bodies) == 1, f"half a commit: {bodies}"
    found = reader.search(Query(text="batch", tree=Words((Word("batch"),))))
    assert found.total == len(PATHS)
    sizes = {fingerprint.size_bytes for fingerprint in reader.known().values()}
    number = int(bodies.pop().split()[1][1:])
    assert sizes == {number}
    return number


def commit_for_ever(directory: Path, acknowledged: Path, first: int) -> None:
    """In a process of its own, until it is killed."""
    merge.FACTOR = 2
    for number in range(first, 10**9):
        put_batch(directory, number, fresh=number % 7 == 0)
        acknowledged.write_text(str(number))


def hold_the_lock(directory: Path, held: Path) -> None:
    """In a process of its own, until it is killed."""
    with index_in(directory).writer():
        held.touch()
        signal.pause()


def commit_until(directory: Path, number: int, event: int, fresh: bool) -> None:  # noqa: FBT001
    """Commit one batch, and die at that change of the file system."""
    merge.FACTOR = 2
    count = 0

    def die(name: str, args: tuple[object, ...]) -> None:
        nonlocal count
        writes = name == "open" and str(directory) in str(args[0]) and "w" in str(args[1])
        if writes or name in {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}:
            count += 1
            if count == event:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(die)
    put_batch(directory, number, fresh=fresh)


@pytest.fixture(scope="module")
def start() -> Callable[..., BaseProcess]:
    """Start a function in a process that has forked no thread of ours."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["search.whoosh_engine"])

    def begin(function: Callable[..., None], *arguments: object) -> BaseProcess:
        process = context.Process(target=function, args=arguments, daemon=True)
        process.start()
        return process

    return begin


def check_after_death(directory: Path, least: int) -> int:
    """What must hold after any kill, and that the next commit works and sweeps; returns its number."""
    seen = batch_in(directory)
    assert seen >= least, "an acknowledged commit is gone"
    put_batch(directory, seen + 1)
    assert batch_in(directory) == seen + 1
    assert index_in(directory).check() == ()
    live = directory / (directory / "CURRENT").read_text().split()[0]
    manifest = json.loads(next(live.glob("manifest-*.json")).read_bytes().partition(b"\n")[2])
    wanted = {part["name"] for part in manifest["segments"]} | {manifest["toc"]["name"]}
    wanted |= {manifest["rejections"]["name"], f"manifest-{manifest['number']}.json"}
    assert {path.name for path in live.iterdir()} == wanted, "leftovers"
    top = {path.name for path in directory.iterdir() if not path.name.startswith("gen-")}
    assert top == {"CURRENT", "LOCK"}
    return seen + 1


@pytest.mark.goal("R1")
def test_kill_at_random(tmp_path: Path, start: Callable[..., BaseProcess]) -> None:
    directory, acknowledged = tmp_path / "index", tmp_path / "acknowledged"
    dice = random.Random(5)
    last, trials, until = -1, 0, time.monotonic() + KILL_BUDGET_S
    while time.monotonic() < until:
        acknowledged.write_text(str(last))
        process = start(commit_for_ever, directory, acknowledged, last + 1)
        time.sleep(dice.uniform(0.01, 0.25))
        process.kill()
        process.join()
        last = check_after_death(directory, int(acknowledged.read_text() or last))
        trials += 1
    assert trials >= 5


@pytest.mark.parametrize("fresh", [False, True])
def test_kill_at_every_change_of_the_file_system(
    tmp_path: Path, start: Callable[..., BaseProcess], *, fresh: bool
) -> None:
    directory = tmp_path / "index"
    put_batch(directory, 0)
    put_batch(directory, 1)
    last, seen = 1, set()
    for event in range(1, 100):
        process = start(commit_until, directory, last + 1, event, fresh)
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        state = batch_in(directory)
        assert state in {last, last + 1}
        seen.add(state - last)
        last = check_after_death(directory, state)
    assert event > 8
    assert seen == {0, 1}, "killed before and after the one moment that counts"


def test_the_lock_goes_with_its_process(tmp_path: Path, start: Callable[..., BaseProcess]) -> None:
    process = start(hold_the_lock, tmp_path / "index", tmp_path / "held")
    while not (tmp_path / "held").exists():
        assert process.is_alive()
    with pytest.raises(IndexLocked, match=f"process {process.pid} is writing"):
        index_in(tmp_path / "index").writer()
    process.kill()
    process.join()
    index_in(tmp_path / "index").writer().cancel()


def test_readers_in_a_hurry_see_whole_commits(
    tmp_path: Path, start: Callable[..., BaseProcess]
) -> None:
    directory = tmp_path / "index"
    put_batch(directory, 0)
    process = start(commit_for_ever, directory, tmp_path / "acknowledged", 1)
    try:
        seen, until = [0], time.monotonic() + 3
        while time.monotonic() < until:
            seen.append(batch_in(directory))
        assert seen == sorted(seen), "an older commit after a newer one"
        assert len(set(seen)) > 3
    finally:
        process.kill()
        process.join()


def test_files_reach_the_disk_before_their_names_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync(segments, rejections, manifest, contents) < fsync(folder) < rename < fsync < unlink."""
    log: list[tuple[str, str]] = []
    for name in ("fsync", "replace", "unlink"):
        monkeypatch.setattr(os, name, _logged(name, getattr(os, name), log))
    for number in (0, 1):
        put_batch(tmp_path, number)
    renames = [i for i, (what, _) in enumerate(log) if what == "replace"]
    names = [Path(log[i][1]).name for i in renames]
    assert names == ["_MAIN_1.toc", "CURRENT", "_MAIN_2.toc"]
    previous = 0
    for rename in renames:
        folder = str(Path(log[rename][1]).parent)
        before = log[previous:rename]
        assert before[-1] == ("fsync", folder)
        assert log[rename + 1] == ("fsync", folder)
        synced = {Path(path).name for what, path in before if what == "fsync"}
        if log[rename][1].endswith(".toc"):
            number = int(Path(log[rename][1]).stem.rpartition("_")[2])
            assert {f"manifest-{number}.json", f"rejections-{number}.json"} <= synced
            assert f"_MAIN_{number}.toc.new" in synced
            assert any(name.endswith(".seg") for name in synced)
        else:
            assert "CURRENT.new" in synced
        previous = rename
    removed = [i for i, (what, path) in enumerate(log) if what == "unlink" and "_MAIN_1" in path]
    assert removed, "the first commit's contents are gone"
    assert all(i > renames[-1] + 1 for i in removed), "and only after the second was safe"


def _logged(
    name: str, function: Callable[..., object], log: list[tuple[str, str]]
) -> Callable[..., object]:
    def run(*arguments: object, **options: object) -> object:
        which = arguments[-1] if name == "replace" else arguments[0]
        target = f"/proc/self/fd/{which}"
        log.append((name, str(Path(target).readlink()) if isinstance(which, int) else str(which)))
        return function(*arguments, **options)

    return run


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


@pytest.mark.goal("R11")
def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    directory = small_disk / "index"
    put_batch(directory, 0)
    ballast = small_disk / "ballast"
    last, failures = 0, 0
    for room in range(0, 100_000, 4_096):
        with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
            while True:
                file.write(bytes(4_096))
        os.truncate(ballast, max(0, ballast.stat().st_size - room))
        try:
            put_batch(directory, last + 1)
            last += 1
        except OSError:
            failures += 1
        assert batch_in(directory) == last
        assert index_in(directory).check() == ()
    assert failures > 3
    assert last > 3
    ballast.unlink()
    check_after_death(directory, last)


def damage(path: Path, dice: random.Random) -> str:
    """Damage a file in one of the ways that disks and people do."""
    content = bytearray(path.read_bytes())
    kind = dice.choice(["flip", "zero", "cut", "empty", "gone", "longer"])
    if kind == "flip":
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    elif kind == "zero":
        place = dice.randrange(len(content))
        row = content[place : place + 512]
        content[place : place + 512] = bytes(len(row)) if any(row) else b"\1" * len(row)
    elif kind == "cut":
        del content[dice.randrange(len(content)) :]
    elif kind == "empty":
        content.clear()
    elif kind == "longer":
        content += b"\0"
    if kind == "gone":
        path.unlink()
    else:
        path.write_bytes(content)
    return kind


def test_damage_is_found_before_it_is_served_and_named(tmp_path: Path) -> None:
    put_batch(tmp_path, 3)
    dice = random.Random(9)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "LOCK"]
    assert len(files) == 5
    for _ in range(DAMAGES):
        path = dice.choice(files)
        sound = path.read_bytes()
        kind = damage(path, dice)
        try:
            if path.name == "CURRENT":
                # Only the name of the live folder is lost: its newest is served all the same.
                if kind != "gone":
                    assert batch_in(tmp_path) == 3
                    assert index_in(tmp_path).check()
            else:
                with pytest.raises(IndexDamaged) as caught:
                    batch_in(tmp_path)
                expected = "gen-1" if path.suffix == ".toc" and kind == "gone" else path.name
                assert expected in str(caught.value), kind
                assert expected in " ".join(index_in(tmp_path).check()), kind
        finally:
            path.write_bytes(sound)
    assert batch_in(tmp_path) == 3


class _Attack:
    """Unpickling it makes a file."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self.marker),)


def test_a_hostile_table_of_contents_runs_no_code(tmp_path: Path) -> None:
    """Even with every checksum made to fit: nothing of ours unpickles it."""
    directory, marker = tmp_path / "index", tmp_path / "attacked"
    put_batch(directory, 1)
    live = directory / "gen-1"
    toc, manifest = live / "_MAIN_1.toc", live / "manifest-1.json"
    toc.write_bytes(pickle.dumps(_Attack(marker), 2))
    body = json.loads(manifest.read_bytes().partition(b"\n")[2])
    body["toc"] |= {"size": toc.stat().st_size, "crc": zlib.crc32(toc.read_bytes())}
    text = json.dumps(body).encode()
    manifest.write_bytes(f"{zlib.crc32(text):08x}\n".encode() + text)
    assert batch_in(directory) == 1
    assert index_in(directory).check() == ()
    put_batch(directory, 2)
    assert not marker.exists()


def test_a_stored_value_may_name_plain_types_only(tmp_path: Path) -> None:
    marker = tmp_path / "attacked"
    with pytest.raises(IndexDamaged, match="mkdir"):
        safe_pickle.loads(pickle.dumps({"title": _Attack(marker)}, 2))
    assert not marker.exists()
    plain = {"a": [1, 2.5, None, b"x"], "b": {"c"}, "d": (True, "e")}
    assert safe_pickle.loads(pickle.dumps(plain, 2)) == plain
