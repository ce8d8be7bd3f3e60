"""Rows of byte strings in one blob, as they lie in a segment, and how one is found among many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

_STEP = 64  # a head for so many terms: 370,000 terms have half a megabyte of heads


@dataclass(frozen=True, slots=True)
class Bytes(Sequence[bytes]):
    """A row of byte strings in one blob: string i is `blob[starts[i]:starts[i + 1]]`."""

    blob: memoryview
    starts: NDArray[Any]

    @classmethod
    def of(cls, blob: NDArray[np.uint8], starts: NDArray[Any]) -> Bytes:
        """A row over a section of bytes and a section of offsets."""
        return cls(blob.data.cast("B") if len(blob) else memoryview(b""), starts)

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

    def range_of(self, prefix: bytes) -> tuple[int, int]:
        """First and past-the-last number of those that start with `prefix`; sorted rows only."""
        first = bisect_left(self, prefix)
        beyond = _successor(prefix)
        return first, len(self) if beyond is None else bisect_left(self, beyond, first)


def _successor(prefix: bytes) -> bytes | None:
    """The least byte string above all that start with `prefix`; None if there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else None


class TermPlaces:
    """Where each string of a sorted row stands: every so-many-th is at hand, the rest stays mapped."""

    def __init__(self, terms: Bytes) -> None:
        self._terms = terms
        firsts = terms.starts[: len(terms) : _STEP].tolist()
        ends = terms.starts[1 : len(terms) + 1 : _STEP].tolist()
        self._heads = [bytes(terms.blob[a:z]) for a, z in zip(firsts, ends, strict=True)]

    def find(self, term: bytes) -> int:
        """The number of a term, or -1."""
        group = bisect_right(self._heads, term) - 1
        if group < 0:
            return -1
        first = group * _STEP
        if self._heads[group] == term:
            return first
        starts = self._terms.starts[first : first + _STEP + 1].tolist()
        begin, end = starts[0], starts[-1]
        block = bytes(self._terms.blob[begin:end])
        at = block.find(term)
        while at >= 0:
            # Letters of other terms may be the same: it is the term only from one start to the next.
            row = bisect_right(starts, begin + at) - 1
            if starts[row] == begin + at and starts[row + 1] == begin + at + len(term):
                return first + row
            at = block.find(term, at + 1)
        return -1


def joined(parts: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """A row of byte strings as blob and offsets, as `Bytes` takes them."""
    starts = np.zeros(len(parts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=starts[1:])
    return np.frombuffer(b"".join(parts), np.uint8), starts
