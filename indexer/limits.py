"""Inside a worker process: one job after the other, each under a deadline and a limit of memory."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import resource
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any, Protocol, TypeVar

from indexer.folder.files import Unreadable, Unsettled
from indexer.settings import Settings

MEMORY_BYTES = 512_000_000  # beyond what a worker has at its start, for one file
PATIENCE = 4  # a file may take so many times its limit where the processor is busy with others
GRACE_S = 2.0  # after the deadline, until a worker that hangs outside of Python is ended
READY = b"ready"

T_co = TypeVar("T_co", covariant=True)


class Job(Protocol[T_co]):
    """What a worker is asked: a value that can be sent there and does itself."""

    def do(self, settings: Settings) -> T_co:
        """The answer. Raises Unreadable with the reason if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that gave no answer, and the reason in words."""

    reason: str
    passing: bool = False
    """It may well succeed in a moment: the file is being written, or has gone."""


class _TimeUp(BaseException):
    """Raised by the alarm; no `except Exception` on the way may swallow it."""


_armed: list[bool] = []  # holds something while a job is under way: a late bell must do no harm


def _ring(_signal: int, _frame: FrameType | None) -> None:
    if _armed:
        raise _TimeUp


def serve(pipe: Connection, settings: Settings, max_s: float) -> None:
    """Answer jobs until the pipe ends or a job has spoilt this process."""
    # Ctrl-C and the polite kill are for the parent, which closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _ring)
    signal.signal(signal.SIGPROF, _ring)
    problem = _warm_up(settings)
    _limit_memory()
    with contextlib.suppress(EOFError, OSError), open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        pipe.send_bytes(problem.encode() or READY)
        while True:
            job = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own parent
            # Where no Python runs no alarm is heard: then this ends the process from another thread.
            faulthandler.dump_traceback_later(PATIENCE * max_s + GRACE_S, exit=True, file=nowhere)
            answer, is_last = _answer(job, settings, max_s)
            faulthandler.cancel_dump_traceback_later()
            pipe.send_bytes(pickle.dumps((answer, is_last), pickle.HIGHEST_PROTOCOL))
            if is_last:
                return


def _warm_up(settings: Settings) -> str:
    """Load everything that cleaning needs. What is wrong with that is wrong for every file."""
    try:
        from indexer.read import warm_up  # noqa: PLC0415 - the parent never needs it

        warm_up(settings)
    except Exception as error:  # noqa: BLE001 - told to the parent, whatever it is
        return f"{type(error).__name__}: {error}"
    return ""


def _limit_memory() -> None:
    """Let this process grow by so much and no more."""
    try:
        with open("/proc/self/statm", "rb") as stream:  # noqa: PTH123
            used_bytes = int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        return  # no Linux: the deadline remains
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = used_bytes + MEMORY_BYTES
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _answer(job: Job[Any], settings: Settings, max_s: float) -> tuple[Any, bool]:
    """(answer, whether it must be this process's last)."""
    try:
        return _in_time(job, settings, max_s), False
    except Unreadable as error:
        return Failed(str(error), passing=isinstance(error, Unsettled)), False
    except _TimeUp:
        return Failed(too_slow(max_s)), True
    except MemoryError:
        return Failed(f"needs more than {MEMORY_BYTES / 1e6:.0f} MB of memory"), True
    except RecursionError:
        return Failed("is nested too deeply"), True
    except Exception as error:  # noqa: BLE001 - a file that trips the cleaner costs that file
        return Failed(f"trips the cleaner: {type(error).__name__}: {error}"), False


def _in_time(job: Job[Any], settings: Settings, max_s: float) -> Any:
    # The limit is one of processor time: that others keep the machine busy is no fault of the file.
    # They ring again and again: a bell that rings inside a destructor is not heard.
    _armed.append(True)
    signal.setitimer(signal.ITIMER_PROF, max_s, 0.5)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE * max_s, 0.5)
    try:
        return job.do(settings)
    finally:
        _armed.clear()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def too_slow(max_s: float) -> str:
    """Why a file was given up."""
    return f"took longer than the {max_s:g} s of [cleaning] max_file_seconds"
