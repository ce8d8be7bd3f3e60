"""Rows of byte strings in one blob, as they lie in a segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.loops.patterns import place_of

_PAGE_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Bytes(Sequence[bytes]):
    """A row of byte strings in one blob: string i is `blob[starts[i]:starts[i + 1]]`."""

    octets: NDArray[np.uint8]
    starts: NDArray[np.int64]
    blob: memoryview
    """The octets for those who read single strings."""

    @classmethod
    def of(cls, octets: NDArray[np.uint8], starts: NDArray[np.int64]) -> Bytes:
        """A row over a section of bytes and a section of offsets."""
        return cls(octets, starts, octets.data.cast("B") if len(octets) else memoryview(b""))

    def __len__(self) -> int:
        return max(0, len(self.starts) - 1)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(index)
        return bytes(self.blob[self.starts[index] : self.starts[index + 1]])

    def __iter__(self) -> Iterator[bytes]:
        blob = self.blob
        starts = self.starts.tolist()
        return (bytes(blob[a:z]) for a, z in pairwise(starts))

    def texts(self) -> list[str]:
        """All of them as text."""
        return [part.decode("utf-8") for part in self]

    def read_ahead(self) -> Bytes:
        """The row, with all pages of its file mapped."""
        read_ahead(self.octets)
        read_ahead(self.starts)
        return self

    def find(self, sought: bytes) -> int:
        """Where a string stands in a sorted row, the first if it is there often; -1 - where it would."""
        return place_of(self.octets, self.starts, np.frombuffer(sought, np.uint8))

    def range_of(self, prefix: bytes) -> tuple[int, int]:
        """First and past-the-last number of those that start with `prefix`; sorted rows only."""
        beyond = _successor(prefix)
        return self._begin(prefix), len(self) if beyond is None else self._begin(beyond)

    def _begin(self, sought: bytes) -> int:
        """The first string of a sorted row that is not below this one."""
        place = self.find(sought)
        return place if place >= 0 else -1 - place


def read_ahead(row: NDArray[Any]) -> None:
    """Have all pages of a file mapped: met one by one, each takes a hundred times as long."""
    row[:: _PAGE_BYTES // row.itemsize].max(initial=0)


def _successor(prefix: bytes) -> bytes | None:
    """The least byte string above all that start with `prefix`; None if there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else None


def joined(parts: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A row of byte strings as blob and offsets, as `Bytes` takes them."""
    starts = np.zeros(len(parts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=starts[1:])
    return np.frombuffer(b"".join(parts), np.uint8), starts
