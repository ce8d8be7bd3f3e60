"""Many byte strings, numbered in the order in which they come: forms, terms, chunks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.loops.names import copy_out, sort_numbers
from search.loops.strings import Table, number_lines, place_anew

_SLOTS, _LETTERS = 1024, 4096  # at first; bytes of strings

Numbers = NDArray[np.int32]


def _room(slots: int) -> int:
    """How many starts a table with so many slots has: a quarter of these stay free."""
    return slots * 3 // 4


class Names:
    """Strings by number and numbers by string. `table` is for the loops, and replaced as it grows."""

    def __init__(self) -> None:
        self.table = Table(
            slots=np.zeros((_SLOTS, 2), np.uint64),
            starts=np.zeros(_room(_SLOTS), np.int64),
            letters=np.empty(_LETTERS, np.uint8),
            counts=np.zeros(2, np.int64),
            secret=np.uint64(secrets.randbits(64) | 1),
        )

    def __len__(self) -> int:
        return int(self.table.counts[0])

    def make_room(self, strings: int, letters: int) -> None:
        """See to it that so many more strings of so many bytes together find room."""
        old, wanted = self.table, len(self) + strings
        used = int(old.starts[len(self)])
        slots = len(old.slots)
        while wanted >= _room(slots):
            slots *= 2
        if slots > len(old.slots):
            larger = np.zeros((slots, 2), np.uint64)
            place_anew(old.slots, larger, old.secret)
            starts = np.empty(_room(slots), np.int64)
            starts[: len(self) + 1] = old.starts[: len(self) + 1]
            self.table = self.table._replace(slots=larger, starts=starts)
        if used + letters > len(old.letters):
            grown = np.empty(max(used + letters, 2 * len(old.letters)), np.uint8)
            if len(grown) >> 32:
                raise OverflowError(f"{len(grown)} bytes of different words in one segment")
            grown[:used] = old.letters[:used]
            self.table = self.table._replace(letters=grown)
        self.table.counts[1] = 0

    def grow(self, letters: int = 0) -> None:
        """Make room for as many strings again, and for so many bytes at least."""
        self.make_room(len(self) + _SLOTS, int(self.table.starts[len(self)]) + _LETTERS + letters)

    def add(self, strings: Sequence[bytes]) -> Numbers:
        """The numbers of strings, of which none holds a line feed."""
        numbers = np.empty(len(strings), np.int32)
        lines = b"\n".join(strings) + b"\n" if strings else b""
        self.make_room(len(strings), len(lines))
        number_lines(self.table, np.frombuffer(lines, np.uint8), numbers)
        return numbers

    def joined(self, numbers: Numbers) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The strings of these numbers as blob and offsets, as `byte_rows.Bytes` takes them."""
        starts = np.zeros(len(numbers) + 1, np.int64)
        np.cumsum(np.diff(self.table.starts)[numbers], out=starts[1:])
        return self._copied(numbers, int(starts[-1]), 0), starts

    def texts(self, numbers: NDArray[Any]) -> list[str]:
        """The strings of these numbers as text."""
        size = int(np.diff(self.table.starts)[numbers].sum()) + len(numbers)
        return self._copied(numbers, size, 1).tobytes().decode("utf-8").split("\n")[:-1]

    def _copied(self, numbers: NDArray[Any], size: int, gap: int) -> NDArray[np.uint8]:
        out = np.empty(size, np.uint8)
        copy_out(self.table.letters, self.table.starts, numbers.astype(np.int32), gap, out)
        return out

    def sorted(self, numbers: NDArray[Any]) -> Numbers:
        """The numbers in the order of their strings' bytes, which is that of their code points."""
        found = numbers.astype(np.int32)
        sort_numbers(self.table.letters, self.table.starts, found, np.empty_like(found))
        return found
