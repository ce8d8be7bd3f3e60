"""Processes that read and clean files, each file with a deadline and a limit of memory.

A file that makes its worker hang, die or run out of memory costs that file and nothing else: it
gets a reason, a new worker takes over. Jobs and answers go through a pipe; no lock of the parent
is inherited, because workers are forked by a server that was started afresh.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Self, TypeVar

from indexer.limits import GRACE_S, PATIENCE, READY, Failed, Job, serve, too_slow
from indexer.settings import Settings
from search.errors import DatelineError

START_S = 60.0  # until a worker has said that it is ready; it takes a third of a second
AHEAD_JOBS = 8  # how many jobs a worker may have before it
AHEAD_BYTES = 32_000  # and how many bytes of them: a pipe holds 64 kB, and neither side may block

T = TypeVar("T")

_Item = tuple[int, bytes]
"""A job's number, and what is sent of it."""


class WorkersFailed(DatelineError):
    """No worker can be started: nothing about a file."""


@dataclass(slots=True, eq=False)
class _Worker:
    """One process, as the parent sees it."""

    process: BaseProcess
    pipe: Connection
    jobs: deque[_Item] = field(default_factory=deque)
    heard_s: float = 0.0

    def has_room_for(self, packed: bytes) -> bool:
        if not self.jobs:
            return True
        waiting = sum(len(other) for _, other in self.jobs) + len(packed)
        return len(self.jobs) < AHEAD_JOBS and waiting <= AHEAD_BYTES


class Workers:
    """A pool that stays warm between runs. Close it, or use it as a context manager."""

    def __init__(
        self, settings: Settings, *, max_file_seconds: float, count: int | None = None
    ) -> None:
        self.settings = settings
        self._max_s = max_file_seconds
        self.count = count or _cores()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["indexer.preloaded"])
        self._workers: list[_Worker] = []

    def each(self, jobs: Iterable[Job[T]]) -> Iterator[tuple[int, T | Failed]]:
        """The number of every job (from 0) with its answer, in the order in which they come in."""
        source = enumerate(jobs)
        again: deque[_Item] = deque()
        try:
            while True:
                self._hand_out(source, again)
                busy = [worker for worker in self._workers if worker.jobs]
                if not busy:
                    return
                yield from self._answers(busy, again)
        finally:
            # Whoever stopped listening must not hear old answers the next time.
            for worker in [worker for worker in self._workers if worker.jobs]:
                self._drop(worker)

    def warm_up(self) -> None:
        """Start a process now, so that the first file need not wait for it."""
        if not self._workers:
            self._start()

    def use(self, settings: Settings) -> None:
        """From now on, work with these; processes that know others are ended."""
        if settings != self.settings:
            self.close()
            self.settings = settings

    def close(self) -> None:
        """End all processes; asked for more, the pool starts new ones."""
        for worker in list(self._workers):
            worker.pipe.close()  # a worker that waits for jobs ends by itself
            worker.process.join(1.0)
            self._drop(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hand_out(self, source: Iterator[tuple[int, Job[Any]]], again: deque[_Item]) -> None:
        """Fill the workers up; start another one only when those that run have enough to do."""
        while True:
            item = again.popleft() if again else _packed(source)
            if item is None:
                return
            worker = self._with_room(item[1])
            if worker is None:
                again.appendleft(item)
                return
            if not worker.jobs:
                worker.heard_s = time.monotonic()
            worker.jobs.append(item)
            # A worker that has died is noticed where its answers are awaited.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                worker.pipe.send_bytes(item[1])

    def _with_room(self, packed: bytes) -> _Worker | None:
        free = [worker for worker in self._workers if worker.has_room_for(packed)]
        if free:
            return min(free, key=lambda worker: len(worker.jobs))
        if len(self._workers) < self.count:
            return self._start()
        return None

    def _start(self) -> _Worker:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=serve, args=(theirs, self.settings, self._max_s), daemon=True
        )
        try:
            with _deaf_to_interrupts():
                process.start()
        except (EOFError, OSError) as error:
            ours.close()
            raise _not_started(_why_not_forked(error)) from error
        finally:
            theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        problem = _why_not_ready(ours)
        if problem:
            self._drop(worker)
            raise _not_started(problem)
        return worker

    def _answers(self, busy: list[_Worker], again: deque[_Item]) -> Iterator[tuple[int, Any]]:
        ready = set(wait([worker.pipe for worker in busy], timeout=0.5))
        for worker in busy:
            if worker.pipe in ready:
                answer = self._receive(worker)
            elif time.monotonic() - worker.heard_s > PATIENCE * self._max_s + 2 * GRACE_S:
                answer = self._bury(worker, Failed(too_slow(self._max_s)))
            else:
                continue
            number, _ = worker.jobs.popleft()
            if worker not in self._workers:
                again.extendleft(reversed(worker.jobs))
                worker.jobs.clear()
            yield number, answer

    def _receive(self, worker: _Worker) -> Any:
        try:
            answer, is_last = pickle.loads(worker.pipe.recv_bytes())  # noqa: S301 - our own process
        except (EOFError, OSError):
            waited_s = time.monotonic() - worker.heard_s
            worker.process.join(5.0)
            if waited_s > PATIENCE * self._max_s:
                return self._bury(worker, Failed(too_slow(self._max_s)))
            return self._bury(worker, Failed(_how_it_ended(worker.process.exitcode)))
        worker.heard_s = time.monotonic()
        return self._bury(worker, answer) if is_last else answer

    def _bury(self, worker: _Worker, answer: Any) -> Any:
        self._drop(worker)
        return answer

    def _drop(self, worker: _Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
        worker.pipe.close()
        if worker.process.is_alive():
            worker.process.kill()
        worker.process.join(5.0)


def _cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1  # no Linux


def _packed(source: Iterator[tuple[int, Job[Any]]]) -> _Item | None:
    item = next(source, None)
    return None if item is None else (item[0], pickle.dumps(item[1], pickle.HIGHEST_PROTOCOL))


def _not_started(why: str) -> WorkersFailed:
    return WorkersFailed(f"no process to read files with could be started: {why}")


def _why_not_forked(error: EOFError | OSError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "the one that starts them was ended; is there memory left?"


def _why_not_ready(pipe: Connection) -> str:
    """What a new worker says is wrong with it; nothing if it is ready."""
    try:
        if not pipe.poll(START_S):
            return f"it was not ready after {START_S:g} s"
        said = pipe.recv_bytes()
    except (EOFError, OSError):
        return "it ended at once; is there memory left?"
    return "" if said == READY else said.decode("utf-8", "replace")


def _how_it_ended(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"ended the process that read it (signal {-exit_code}; out of memory?)"
    return f"ended the process that read it (exit code {exit_code})"


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started in here never hears Ctrl-C or the polite kill: children inherit that.

    Both may be meant for a whole group of processes, and to end these is the parent's business.
    Else the process that workers are forked from tells of the Ctrl-C with a traceback, or it has
    ended when the parent, about to hear of the same kill, talks to it. The tracker is started
    before because it lets interrupts through again at its end.
    """
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
