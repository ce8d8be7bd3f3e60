"""Answers that were made before, for those who ask the same again: a bounded memory of bodies.

An answer's name is its ETag, which holds the generation, so that a commit makes all of them
strangers. Nothing here knows what an answer is about.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

MAX_KEPT_BYTES = 8_000_000  # a process; about 300 pages, or 1,000 answers of the API
MAX_ANSWER_BYTES = 200_000  # a larger one (hundreds of hits) would put too many others out

BYTES_A_HEADER = 200  # what Python takes to hold one, beside its letters

Headers = list[tuple[str, str]]


class Answers:
    """Bodies and headers of answers by ETag; the one not asked for longest goes first."""

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[bytes, Headers]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, etag: str) -> tuple[bytes, Headers] | None:
        """The answer, if it is still there."""
        with self._lock:
            found = self._kept.get(etag)
            if found is not None:
                self._kept.move_to_end(etag)
            return found

    def put(self, etag: str, body: bytes, headers: Headers) -> None:
        """Keep an answer, and forget others if the room is full."""
        size = _size(body, headers)
        if size > min(self._max_bytes, MAX_ANSWER_BYTES):
            return
        with self._lock:
            if etag in self._kept:
                return
            self._kept[etag] = (body, headers)
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= _size(*dropped)


def _size(body: bytes, headers: Headers) -> int:
    """About how many bytes it takes to keep an answer: of a short one, the headers are the most."""
    return len(body) + sum(len(name) + len(value) + BYTES_A_HEADER for name, value in headers)
