"""How far long work has come: one line on a terminal, with its rate and the time left; else nothing."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TextIO

from indexer.steps import Progress

SHOW_EVERY_S = 0.1
WINDOW_S = 20.0  # the rate is that of so long: files differ, and so does what else the machine does
SURE_AFTER_S = 2.0  # before, a rate says nothing


def silent(_phase: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True)
class Meter:
    """What has been done when, in the phase that is under way."""

    clock: Callable[[], float] = time.monotonic
    phase: str = ""
    marks: deque[tuple[float, int]] = field(default_factory=deque)
    """(moment, files done by then), from the beginning of the window."""

    def line(self, phase: str, done: int, total: int) -> str:
        """The progress as people read it."""
        now_s = self.clock()
        if phase != self.phase or (self.marks and done < self.marks[-1][1]):
            self.phase = phase
            self.marks.clear()
        self.marks.append((now_s, done))
        while len(self.marks) > 2 and self.marks[1][0] <= now_s - WINDOW_S:
            self.marks.popleft()
        parts = [f"{phase} {done:,} of {total:,}"]
        since_s, since = self.marks[0]
        if now_s - since_s >= SURE_AFTER_S and done > since:
            rate = (done - since) / (now_s - since_s)
            parts.append(f"{rate:,.0f} a second" if rate >= 2 else f"{rate:.1f} a second")
            parts.append(f"{duration((total - done) / rate)} left")
        return ", ".join(parts)


def duration(seconds: float) -> str:
    """A time as people say it, not more exact than it is known."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


@contextlib.contextmanager
def shown(stream: TextIO | None = None) -> Iterator[Progress]:
    """Progress on a terminal, on one line that is gone in the end; silence elsewhere."""
    out = stream or sys.stderr
    if not out.isatty():
        yield silent
        return
    meter = Meter()
    shown_s = 0.0

    def show(phase: str, done: int, total: int) -> None:
        nonlocal shown_s
        now_s = time.monotonic()
        if now_s - shown_s >= SHOW_EVERY_S:
            shown_s = now_s
            print(f"\r\x1b[K{meter.line(phase, done, total)}", end="", file=out, flush=True)

    try:
        yield show
    finally:
        print("\r\x1b[K", end="", file=out, flush=True)
