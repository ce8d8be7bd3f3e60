"""What was worked out and may be needed again, up to so many bytes; many threads may share it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from mmap import mmap
from typing import Any, TypeVar

import numpy as np

Value = TypeVar("Value")


class Kept:
    """Values by key; the least used go first when they take too much room."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What was made for this key before, or is made now."""
        found: Value | None = self.find(key)
        return self.keep(key, make()) if found is None else found

    def find(self, key: Hashable) -> Any:
        """What was made for this key before; None if it was not, or not kept."""
        found = self._held.get(key)
        if found is None:
            return None
        try:  # noqa: SIM105 - a context manager takes as long as all the rest of this
            self._held.move_to_end(key)
        except KeyError:  # another thread has put it out just now
            pass
        return found[0]

    def keep(self, key: Hashable, made: Value) -> Value:
        """What was made now, for the next time."""
        size = private_bytes(made)
        if size > self._max_bytes // 4:
            return made
        with self._lock:
            if key not in self._held:
                self._held[key] = (made, size)
                self._bytes += size
                while self._bytes > self._max_bytes:
                    _, (_, freed) = self._held.popitem(last=False)
                    self._bytes -= freed
        return made


def private_bytes(made: Any) -> int:
    """About what keeping it costs beyond the mapped files."""
    if isinstance(made, np.ndarray):
        # Of another array or of a mapped file; the base of what a loop has made is neither.
        is_part = isinstance(made.base, np.ndarray | memoryview | mmap)
        return 300 + (0 if is_part else made.nbytes)
    if isinstance(made, tuple):
        return 300 + sum(map(_part_bytes, made))
    if isinstance(made, str):
        return 300 + made.__sizeof__()
    size: int = getattr(made, "private_bytes", 0)
    return 300 + size


def _part_bytes(part: Any) -> int:
    size: int = part.nbytes if isinstance(part, np.ndarray) else part.__sizeof__()
    return size
