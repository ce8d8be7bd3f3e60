"""Which generation is live, asked before every answer: looked up anew only where something changed.

Reading CURRENT and listing its folder takes 90 microseconds, asking for the times of both 10. A
commit renames a file into the folder, a rebuild another CURRENT over the old one: either shows in
the times. Times are coarse, so that those of the last few seconds are not relied upon.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from search.whoosh_engine.commits.generations import (
    CURRENT,
    Generation,
    folder_path,
    live_generation,
    seal,
)

SETTLED_NS = 3_000_000_000  # some file systems keep times to two seconds

_Times = tuple[tuple[int, ...], tuple[int, ...]]


class Live:
    """The live generation of an index directory. Many threads may share one."""

    def __init__(self, directory: Path, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._directory = directory
        self._now_ns = now_ns
        self._current = str(directory / CURRENT)
        self._known: tuple[Generation, str, _Times] | None = None

    def generation(self) -> Generation:
        """What CURRENT names. Raises IndexMissing, IndexDamaged."""
        if self._known is not None:
            generation, folder, times = self._known
            with suppress(OSError):
                if self._times(folder) == times:
                    return generation
        return self._looked_up()

    def _looked_up(self) -> Generation:
        found = live_generation(self._directory)
        folder = str(folder_path(self._directory, found.folder))
        with suppress(OSError):
            times = self._times(folder)
            if self._are_settled(times):
                found = live_generation(self._directory)  # the times are older than this look
                self._known = (found, folder, times)
        return found

    def _times(self, folder: str) -> _Times:
        return seal(os.stat(self._current)), seal(os.stat(folder))  # noqa: PTH116 - once a request

    def _are_settled(self, times: _Times) -> bool:
        newest = max(moment for _, *moments in times for moment in moments)
        return newest < self._now_ns() - SETTLED_NS
