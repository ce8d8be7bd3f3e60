"""Follow the folders: an update whenever something changed, was asked for, or might have changed.

Where the system cannot tell of changes, the folders are walked every few seconds instead. A root
that disappears costs nothing; when it is back, it is followed again.
"""

from __future__ import annotations

import contextlib
import fcntl
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from watchfiles import watch as changes_of

from indexer.run import CannotRun, carry_out, failed_report
from indexer.workers import Workers
from search import runs
from search.config import Config
from search.engine import Index
from search.errors import DatelineError, IndexDamaged, IndexLocked, IndexMissing, IndexOutdated
from search.runs import Report

TICK_MS = 500  # how often requests are looked for and roots counted, without any change
SETTLE_MS = 100  # a burst of changes is over when so long nothing came
BURST_MS = 400  # and is taken up after so long in any case
RECHECK_S = 2.5  # when files were too young to be sure of: a little over files.YOUNG_NS
MAX_RECHECK_S = 60.0  # for a file that never comes to rest, the pause grows up to this
WALK_S = 2.0  # without news from the system
FULL_WALK_S = 600.0  # with them: some never arrive (overflowed queues, network folders)
RETRY_S = 5.0  # after a run that could not be carried out, or whose index is lost again
LIFE_S = 5.0
LOCK = "watch.lock"


class Stopped(BaseException):
    """The process was asked to end while it was at work."""


@dataclass(slots=True)
class Stop:
    """Whether the process was asked to end; at work, the asking interrupts."""

    asked: threading.Event = field(default_factory=threading.Event)
    at_work: bool = False

    def listen(self) -> None:
        """Take over Ctrl-C and the polite kill."""
        signal.signal(signal.SIGINT, self._hear)
        signal.signal(signal.SIGTERM, self._hear)

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked.set()
        if self.at_work:
            raise Stopped


def watch(
    config: Config,
    index: Index,
    workers: Workers,
    *,
    stop: Stop,
    tell: Callable[[Report], None],
) -> None:
    """Update, then follow the folders until `stop` is asked; `tell` hears of every run.

    Raises IndexLocked if the folders are being followed already.
    """
    with _only_one(config.index.dir), _sign_of_life(config.index.dir):
        watcher = _Watcher(config, index, workers, stop, tell)
        with contextlib.suppress(Stopped):
            watcher.run()


@dataclass(slots=True)
class _Watcher:
    """What is known between two runs."""

    config: Config
    index: Index
    workers: Workers
    stop: Stop
    tell: Callable[[Report], None]
    last: Report | None = None
    due_s: float = 0.0
    """When the next run takes place even if nothing happens, on the monotonic clock."""
    updated_s: float = 0.0
    """When the last run ended, on the same clock."""
    recheck_s: float = RECHECK_S

    def run(self) -> None:
        while not self.stop.asked.is_set():
            roots = self._roots()
            if not roots and not self.config.index.dir.exists():
                raise CannotRun(f"{self.config.index.dir}: the index and all folders have gone")
            self._update()
            self.due_s = 0.0  # look once more as soon as changes are listened for: none is missed
            for changed in _ticks([*roots], self.config.index.dir, self.stop.asked):
                if self._roots() != roots:
                    break  # follow those that are there now
                if changed or self._is_due() or runs.waiting(self.config.index.dir):
                    self._update()
                if self.stop.asked.is_set():
                    return

    def _is_due(self) -> bool:
        """Whether it is time for the next run, or the index has been lost since the last one."""
        now_s = time.monotonic()
        return now_s >= self.due_s or (now_s >= self.updated_s + RETRY_S and self._is_lost())

    def _is_lost(self) -> bool:
        try:
            self.index.reader()
        except (IndexMissing, IndexDamaged, IndexOutdated):
            return True
        return False

    def _update(self) -> None:
        """One run, and the answer to everyone who asked for one before it began."""
        asked = runs.take(self.config.index.dir)
        problem: str | None = None
        try:
            self.stop.at_work = True
            if self.stop.asked.is_set():
                return
            report = carry_out(self.config, self.index, self.workers)
        except (DatelineError, OSError) as error:
            problem = str(error)
            report = failed_report(self.last, problem)
        finally:
            self.stop.at_work = False
        self._plan_next(report)
        for run in asked:
            runs.answer(self.config.index.dir, run, report)
        self.tell(report)
        self.last = report

    def _plan_next(self, report: Report) -> None:
        if report.problem:
            pause_s = RETRY_S
        elif report.unsettled:
            pause_s = self.recheck_s
            self.recheck_s = min(2 * self.recheck_s, MAX_RECHECK_S)
        else:
            pause_s, self.recheck_s = FULL_WALK_S, RECHECK_S
        self.updated_s = time.monotonic()
        self.due_s = self.updated_s + pause_s

    def _roots(self) -> dict[Path, tuple[int, int]]:
        """The roots that are there, each with its identity: a new folder of the same name differs."""
        found = {}
        for root in self.config.articles.roots:
            with contextlib.suppress(OSError):
                state = root.stat()
                found[root] = (state.st_dev, state.st_ino)
        return found


def _ticks(roots: list[Path], index_dir: Path, stop: threading.Event) -> Iterator[bool]:
    """Again and again: has something below the roots changed? Falls back to walking."""
    requests = index_dir / runs.FOLDER
    if roots:
        with contextlib.suppress(OSError):
            for changes in changes_of(
                *roots,
                requests,
                watch_filter=None,
                debounce=BURST_MS,
                step=SETTLE_MS,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                stop_event=stop,
                recursive=True,
                ignore_permission_denied=True,
                raise_interrupt=False,
            ):
                yield any(not _is_inside(path, requests) for _, path in changes)
            return
    while not stop.is_set():
        # Nothing to follow, or no way to (too many folders, a file system that tells nothing).
        stop.wait(WALK_S)
        yield bool(roots)


def _is_inside(path: str, folder: Path) -> bool:
    return Path(path).is_relative_to(folder)


@contextlib.contextmanager
def _only_one(index_dir: Path) -> Iterator[None]:
    """Hold the lock that says that the folders are followed; it ends with the process."""
    index_dir.mkdir(parents=True, exist_ok=True)
    with (index_dir / LOCK).open("ab") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise IndexLocked(
                f"{index_dir}: another process follows the folders already; stop it first"
            ) from None
        yield


@contextlib.contextmanager
def _sign_of_life(index_dir: Path) -> Iterator[None]:
    """Keep saying that somebody is there, also during a long run."""
    done = threading.Event()

    def live() -> None:
        while True:
            # A folder that somebody took away is not made again for the sake of a sign.
            with contextlib.suppress(OSError):
                if index_dir.exists():
                    runs.sign_of_life(index_dir)
            if done.wait(LIFE_S):
                return

    thread = threading.Thread(target=live, name="sign of life", daemon=True)
    runs.sign_of_life(index_dir)  # also makes the folder that is followed
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        with contextlib.suppress(OSError):
            runs.sign_off(index_dir)
