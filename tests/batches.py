"""Small commits with a number in them, so that a reader can tell a whole one from half a one.

What runs in a process of its own stands here, where nothing slow is imported.
"""

from __future__ import annotations

import gc
import json
import logging
import multiprocessing
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any
from zoneinfo import ZoneInfo

from search.errors import IndexMissing
from search.model import Article, Fingerprint, Query, SourceFile, Word, Words
from search.whoosh_engine import WhooshIndex
from search.whoosh_engine.building import build, merge
from search.whoosh_engine.commits import generations
from search.whoosh_engine.commits.toc import toc_name

PATHS = [f"{letter}.txt" for letter in "abcde"]
# What reaches the file system from a commit, as Python names its own functions. A buffered file is
# written by whichever of write, seek, flush and exit comes when its buffer is full or at its end.
CALLS = frozenset(
    [
        "open",
        "close",
        "fsync",
        "fdatasync",
        "rename",
        "replace",
        "unlink",
        "remove",
        "mkdir",
        "rmdir",
        "pwrite",
        "flock",
        "ftruncate",
        "mmap",
        "BufferedWriter.write",
        "BufferedWriter.seek",
        "BufferedWriter.flush",
        "BufferedWriter.__exit__",
        "BufferedWriter.close",
    ]
)
BATCH = Query(text="batch", tree=Words((Word("batch"),)))

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["search.whoosh_engine"])


def index_in(directory: Path) -> WhooshIndex:
    return WhooshIndex(directory, timezone=ZoneInfo("UTC"), budget_ms=60_000)


def article_id(path: str) -> str:
    return f"{build.file_key(path):016x}"


def put_batch(directory: Path, number: int, *, fresh: bool = False) -> None:
    """Every file anew in one commit, all with the batch's number."""
    with index_in(directory).writer(fresh=fresh) as writer:
        for path in PATHS:
            fingerprint = Fingerprint(size_bytes=number, mtime_ns=1, ctime_ns=1, inode=1, sha256="")
            article = Article(id=article_id(path), path=path, title="", body=f"batch n{number} end")
            writer.put(SourceFile(path=path, fingerprint=fingerprint), [article])
        writer.commit()


def batch_in(directory: Path) -> int:
    """The batch that a new reader sees; -1 for no index. Fails if it sees anything but a whole one."""
    try:
        reader = index_in(directory).reader()
    except IndexMissing:
        return -1
    bodies = {reader.article(article_id(path)).body for path in PATHS}
    assert len(bodies) == 1, f"half a commit: {bodies}"
    found = reader.search(BATCH)
    assert found.total == len(PATHS)
    sizes = {fingerprint.size_bytes for fingerprint in reader.known().values()}
    number = int(bodies.pop().split()[1][1:])
    assert sizes == {number}
    return number


def check_after_death(directory: Path, least: int) -> int:
    """What must hold after any end of a writer; makes one commit more and returns its number."""
    seen = batch_in(directory)
    assert seen >= least, f"batch {least} was acknowledged, {seen} is left"
    put_batch(directory, seen + 1)
    assert batch_in(directory) == seen + 1
    assert index_in(directory).check() == ()
    assert leftovers(directory) == set()
    return seen + 1


def leftovers(directory: Path) -> set[str]:
    """Files that no commit needs."""
    live = generations.live_generation(directory)
    folder = generations.folder_path(directory, live.folder)
    number = live.commit
    wanted = {part.name for part in generations.read_manifest(directory, live).segments}
    wanted |= {toc_name(number), f"manifest-{number}.json", f"rejections-{number}.json"}
    found = {path.name for path in folder.iterdir()} - wanted
    found |= {path.name for path in directory.iterdir()} - {
        *("CURRENT", "LOCK"),
        *(f"gen-{number}" for number in generations.folders(directory)),
    }
    empty = [f for f in generations.folders(directory) if generations.last_commit(directory, f) < 0]
    return found | {f"gen-{number}" for number in empty}


def commit_for_ever(
    directory: Path, acknowledged: Path, first: int, *, rebuilds: bool = True
) -> None:
    """Until it is killed: commits, merges and rebuilds, which leave nothing else there."""
    merge.FACTOR = 2
    for number in range(first, 10**9):
        put_batch(directory, number, fresh=rebuilds and number % 7 == 0)
        acknowledged.write_text(str(number))


def hold_the_lock(directory: Path, held: Path) -> None:
    """Until it is killed."""
    with index_in(directory).writer():
        held.touch()
        signal.pause()


def commit_and_look(directory: Path, rounds: int, result: Path) -> None:
    """For a process of its own: commit and search in turn; tell of its memory early and late.

    Syncing is left out: it would take most of the time, and holds nothing.
    """
    os.fsync = lambda _descriptor: None  # type: ignore[assignment]
    logging.disable()
    index, states = index_in(directory), []
    for number in range(rounds):
        put_batch(directory, number, fresh=number % 50 == 49)
        reader = index.reader()
        assert reader.search(BATCH).total == len(PATHS)
        assert reader.known()[PATHS[0]].size_bytes == number
        if number in {rounds // 5, rounds - 1}:
            del reader
            if index._checking:  # it holds a file open while it reads all
                index._checking.join()
            gc.collect()
            states.append(_own_state(directory))
    result.write_text(json.dumps(states))


def _own_state(directory: Path) -> dict[str, int]:
    """What this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    maps = Path("/proc/self/maps").read_text().splitlines()
    return {
        "bytes": pages * os.sysconf("SC_PAGE_SIZE"),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "mapped": len([line for line in maps if line.endswith(".seg")]),
        "files": sum(1 for _ in directory.rglob("*")),
    }


def kill_at_random(directory: Path, kills: int, result: Path) -> None:
    """For a process of its own: kill a writer so often, and look each time; tell of the commits."""
    dice, acknowledged = random.Random(5), result.with_suffix(".acknowledged")
    began_s = time.monotonic()
    for last in range(5):
        put_batch(directory, last)
    usual_s = (time.monotonic() - began_s) / 5  # of a commit, on this machine as busy as it is
    commits = 0
    for _ in range(kills):
        acknowledged.write_text(str(last))
        child = _forked(commit_for_ever, directory, acknowledged, last + 1)
        time.sleep(dice.uniform(0.0, 4.0) * usual_s)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        least = int(acknowledged.read_text() or last)
        commits += least - last
        last = check_after_death(directory, least)
    result.write_text(json.dumps({"commits": commits}))


def kill_at_every_call(directory: Path, step: int, result: Path, *, fresh: bool) -> None:
    """For a process of its own: kill writers of one commit, each before another of its calls."""
    merge.FACTOR = 2
    put_batch(directory, 0)
    put_batch(directory, 1)
    last, seen, kills = 1, set(), 0
    for event in range(1, 10_000, step):
        child = _forked(_commit_and_die, directory, last + 1, event, fresh)
        status = os.waitpid(child, 0)[1]
        if os.waitstatus_to_exitcode(status) == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        kills += 1
        state = batch_in(directory)
        assert state in {last, last + 1}
        seen.add(state - last)
        last = check_after_death(directory, state)
    result.write_text(json.dumps({"kills": kills, "seen": sorted(seen)}))


def _commit_and_die(directory: Path, number: int, event: int, fresh: bool) -> None:  # noqa: FBT001
    count = 0

    def die(_frame: FrameType, what: str, called: Any) -> None:
        nonlocal count
        if what == "c_call" and called.__qualname__ in CALLS:
            count += 1
            if count == event:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(die)
    put_batch(directory, number, fresh=fresh)


def _forked(function: Callable[..., None], *arguments: object) -> int:
    """Its process. Only where no threads are."""
    child = os.fork()
    if not child:
        try:
            function(*arguments)
            os._exit(0)
        except BaseException:  # noqa: BLE001 - whatever it was, the parent's code must not run here
            traceback.print_exc()
            os._exit(1)
    return child


def start(function: Callable[..., None], *arguments: object, **options: object) -> BaseProcess:
    """Start a function in a process that has forked no thread of ours."""
    process = _context.Process(target=function, args=arguments, kwargs=options)
    process.start()
    return process
