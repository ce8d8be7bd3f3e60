"""Follow the folders: an update wherever something changed, was asked for, or might have changed.

Where the system cannot tell of changes, the folders are walked every few seconds instead. A root
that disappears costs nothing; when it is back, it is followed again.
"""

from __future__ import annotations

import contextlib
import fcntl
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from indexer.folder.inotify import CannotFollow, Changes
from indexer.folder.sight import CannotRun
from indexer.folder.walk import Place, left_out
from indexer.progress import shown
from indexer.run import Outcome, answer, failed, follow
from indexer.steps import Progress
from indexer.workers import Workers
from search import runs
from search.config import Config
from search.engine import Index
from search.errors import DatelineError, IndexLocked
from search.runs import Report

TICK_S = 0.5  # how often requests are looked for and roots counted, without any change
SETTLE_S = 0.05  # a burst of changes is over when so long nothing came
BURST_S = 0.3  # and is taken up after so long in any case
SLICE_PATHS = (
    500  # in one run: about the work of a few seconds, so that what comes then waits no longer
)
RECHECK_S = 2.5  # when files were too young to be sure of: a little over files.YOUNG_NS
MAX_RECHECK_S = 60.0  # for a file that never comes to rest, the pause grows up to this
WALK_S = 2.0  # without news from the system
WALK_SHARE = 5  # but a pause is at least so many times as long as the walk before it took
FULL_WALK_S = 600.0  # with them: some never arrive
RETRY_S = 5.0  # after a run that could not be carried out, or whose index is lost again
MAX_REST_S = 60.0  # after runs that trip, one after the other, the pause doubles up to this
LIFE_S = 5.0
LOCK = "watch.lock"


class Stopped(BaseException):
    """The process was asked to end while it was at work."""


@dataclass(slots=True)
class Stop:
    """Whether the process was asked to end; at work, the first asking interrupts.

    No lock is taken where a signal is heard: the next one may come before it is free again.
    """

    asked: bool = False
    at_work: bool = False

    def listen(self) -> None:
        """Take over Ctrl-C and the polite kill."""
        signal.signal(signal.SIGINT, self._hear)
        signal.signal(signal.SIGTERM, self._hear)

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        if self.asked:
            return
        self.asked = True
        if self.at_work:
            raise Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who hears of what happens."""

    tell: Callable[[Report], None]
    """Of every run."""
    say: Callable[[str], None]
    """Why everything is read again, or why the folders are walked."""
    trip: Callable[[Exception], None]
    """Of an error that nobody has foreseen, at its first time in a row."""
    progress: Callable[[], AbstractContextManager[Progress]] = shown
    """Of how far a run has come."""


def watch(  # noqa: PLR0913 - everything that following needs, by name
    config: Config,
    index: Index,
    workers: Workers,
    *,
    stop: Stop,
    voice: Voice,
    rebuild: bool = False,
) -> None:
    """Update, then follow the folders until `stop` is asked.

    `rebuild` allows a rebuild where the index was made by other rules or of other folders.
    Raises IndexLocked if the folders are being followed already.
    """
    with _only_one(config.index.dir), _sign_of_life(config.index.dir):
        watcher = _Watcher(config, index, workers, stop, voice, rebuild)
        with contextlib.suppress(Stopped):
            watcher.run()


@dataclass(slots=True)
class _Watcher:
    """What is known between two runs."""

    config: Config
    index: Index
    workers: Workers
    stop: Stop
    voice: Voice
    rebuild: bool
    last: Report | None = None
    full_due_s: float = 0.0
    """When everything is looked at even if nothing happens, on the monotonic clock."""
    waiting: dict[Path, None] = field(default_factory=dict)
    """Paths that have changed, those that changed last at the end."""
    again: set[Path] = field(default_factory=set)
    """Paths to be looked at once more, and when."""
    again_s: float = 0.0
    pause_s: float = RECHECK_S
    updated_s: float = 0.0
    """When the last run ended."""
    trips: int = 0
    """How many runs in a row ended with an error that nobody has foreseen."""
    rest_until_s: float = 0.0
    """No run before, whatever happens, on the monotonic clock."""
    is_deaf: bool = False
    """Whether the system does not tell of changes."""
    warned: str = ""

    def run(self) -> None:
        """Follow the roots that are there, as long as they are the same."""
        while not self.stop.asked:
            roots = self._roots()
            if not roots and not self.config.index.dir.exists():
                raise CannotRun(f"{self.config.index.dir}: the index and all folders have gone")
            with self._listening([*roots]) as news:
                self.is_deaf = news is None
                self.full_due_s = 0.0  # changes are listened for by now: none is missed
                while not self.stop.asked and self._roots() == roots:
                    self._turn()
                    if not self._hear(news):
                        break

    @contextlib.contextmanager
    def _listening(self, roots: list[Path]) -> Iterator[Changes | None]:
        """The news of these roots; None where the system cannot tell."""
        try:
            news = Changes(roots, left_out(self.config.articles))
        except CannotFollow as error:
            self._warn(str(error))
            yield None
            return
        with news:
            yield news

    def _hear(self, news: Changes | None) -> bool:
        """Wait for changes, not longer than until the next look for anything else.

        False if there will be no more news: a new folder cannot be followed, or a root has gone.
        """
        now_s = time.monotonic()
        due_s = now_s if self.waiting else self.full_due_s
        due_s = max(self.rest_until_s, min(due_s, self.again_s if self.again else due_s))
        wait_s = max(0.0, min(TICK_S, due_s - now_s))
        if news is None:
            time.sleep(wait_s)
            return True
        try:
            heard = news.take(wait_s=wait_s, settle_s=SETTLE_S, burst_s=BURST_S)
        except CannotFollow as error:
            self._warn(str(error))
            return False
        if heard.is_lost:
            self.full_due_s = 0.0
        for path in heard.paths:
            self.waiting.pop(path, None)
            self.waiting[path] = None
        return not heard.is_over

    def _turn(self) -> None:
        """One run, if there is any reason for it."""
        now_s = time.monotonic()
        if now_s < self.rest_until_s:
            return
        asked = runs.take(self.config.index.dir)
        if asked or now_s >= self.full_due_s or self._is_lost(now_s):
            self.waiting.clear()
            self.again.clear()
            self._update(None, asked)
            return
        if self.waiting:
            newest = [self.waiting.popitem()[0] for _ in range(min(SLICE_PATHS, len(self.waiting)))]
            self._update(newest, ())
        elif self.again and now_s >= self.again_s:
            paths, self.again = self.again, set()
            self._update(paths, (), is_second_look=True)

    def _is_lost(self, now_s: float) -> bool:
        """Whether the index has gone since the last run, or another one answers: older, or restored."""
        if now_s < self.updated_s + RETRY_S:
            return False
        try:
            if self.index.damage() is not None:
                return True
            return self.last is not None and self.index.reader().generation != self.last.generation
        except Exception:  # noqa: BLE001 - the run that follows meets it too, and tells it
            return True

    def _update(
        self,
        paths: Collection[Path] | None,
        asked: Collection[runs.Run],
        *,
        is_second_look: bool = False,
    ) -> None:
        """One run, and the answer to everyone who asked for one before it began."""
        try:
            self.workers.warm_up()  # now, or the first change would wait for the parsers to load
            self.stop.at_work = True
            if self.stop.asked:
                return
            with self.voice.progress() as progress:
                outcome = follow(
                    self.config,
                    self.index,
                    self.workers,
                    paths=paths,
                    rebuild=self.rebuild,
                    limit=SLICE_PATHS,
                    progress=progress,
                    say=self.voice.say,
                )
            self.trips = 0
        except Exception as error:  # noqa: BLE001 - following goes on, whatever one run trips over
            problem = self._in_words(error)
            outcome = Outcome(report=failed(self.config, self.last, problem), again=frozenset())
        finally:
            self.stop.at_work = False
        self._plan_next(outcome, everything=paths is None, is_second_look=is_second_look)
        answer(self.config, asked, outcome.report)
        self.voice.tell(outcome.report)
        self.last = outcome.report

    def _in_words(self, error: Exception) -> str:
        """Why a run was not carried out. What nobody has foreseen is counted, and told with all."""
        if isinstance(error, DatelineError | OSError):
            self.trips = 0
            return str(error)
        self.trips += 1
        if self.trips == 1:
            self.voice.trip(error)
        rest_s = min(MAX_REST_S, RETRY_S * 2 ** (self.trips - 1))
        self.rest_until_s = time.monotonic() + rest_s
        times = f", {self.trips} times in a row" if self.trips > 1 else ""
        return (
            f"a run ended with {type(error).__name__}: {error}{times}. That is a fault of the"
            f" program, and the index is what it was; please report it. Next run in {rest_s:g} s"
        )

    def _plan_next(self, outcome: Outcome, *, everything: bool, is_second_look: bool) -> None:
        now_s = self.updated_s = time.monotonic()
        if outcome.report.problem:
            self.full_due_s = now_s + RETRY_S
        elif everything:
            walk_s = dict(outcome.report.phases_ms).get("scan", 0.0) / 1e3
            pause_s = max(WALK_S, WALK_SHARE * walk_s) if self.is_deaf else FULL_WALK_S
            self.full_due_s = now_s + pause_s
        for path in outcome.left:
            self.waiting.setdefault(path)
        if outcome.again:
            self.pause_s = min(2 * self.pause_s, MAX_RECHECK_S) if is_second_look else RECHECK_S
            self.again_s = self.again_s if self.again else now_s + self.pause_s
            self.again |= outcome.again

    def _warn(self, why: str) -> None:
        if self.warned != why:
            self.warned = why
            self.voice.say(f"{why}; walking the folders instead")

    def _roots(self) -> dict[Path, Place]:
        """The roots that are there, each with its identity: a new folder of the same name differs."""
        found = {}
        for root in self.config.articles.roots:
            with contextlib.suppress(OSError):
                state = root.stat()
                found[root] = (state.st_dev, state.st_ino)
        return found


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
