"""How many connections each worker holds, so that the one with the fewest takes the next.

All workers hear of a new connection at once, and whichever is awake takes it: with eight kept open,
as a proxy keeps them, one of two workers mostly had them all. Counts lie in memory that the master
makes and every worker shares.
"""

from __future__ import annotations

import mmap

WORKERS = 256  # more share a place, and each other's count
_BYTES = 4


class Loads:
    """Connections by worker. A worker is known by the number that the master gave it."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, WORKERS * _BYTES)).cast("i")  # 0: takes none

    def tell(self, worker: int, connections: int) -> None:
        """Note how many connections a worker holds that takes more."""
        self._counts[worker % WORKERS] = connections + 1

    def forget(self, worker: int) -> None:
        """Note that a worker takes no more."""
        self._counts[worker % WORKERS] = 0

    def surplus(self, connections: int) -> int:
        """How many more these are than the least that a worker holds."""
        fewest = min(filter(None, self._counts.tolist()), default=connections + 1)
        return connections + 1 - fewest
