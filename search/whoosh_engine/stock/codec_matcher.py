"""One list of postings, walked as Whoosh's own queries walk it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.matching import LeafMatcher, ReadTooFar

from search.whoosh_engine.segments.arrays import FieldArrays

_BLOCK = 128  # postings; Whoosh skips by blocks, and its own have this size

Array = NDArray[Any]


def weights_of(field: FieldArrays, number: int) -> Array:
    """The weights of a term's postings: its frequencies unless others were given."""
    source = field.extra.get("weights", field.freqs)
    return source[field.starts[number] : field.starts[number + 1]]


class ArrayMatcher(LeafMatcher):
    """Walks the postings of a term, or the terms of a vector, one by one."""

    def __init__(  # noqa: PLR0913 - what Whoosh wants a matcher to know
        self,
        field: FieldArrays,
        number: int,
        format_: Any,
        *,
        term: tuple[str, bytes] | None = None,
        scorer: Any = None,
        ids: list[str] | None = None,
    ) -> None:
        self._field = field
        self._number = number
        self.format = format_
        self._term = term
        self.scorer = scorer
        self._begin = int(field.starts[number])
        self._docs, _ = field.postings(number)
        self._weights = weights_of(field, number)
        self._names = ids
        self._count = len(ids) if ids is not None else len(self._docs)
        self._before: Array | None = None
        self._i = 0

    def is_active(self) -> bool:
        """Whether there is a posting here."""
        return self._i < self._count

    def reset(self) -> None:
        """Go to the first posting."""
        self._i = 0

    def copy(self) -> ArrayMatcher:
        """Another matcher at the same place."""
        other = ArrayMatcher(
            self._field,
            self._number,
            self.format,
            term=self._term,
            scorer=self.scorer,
            ids=self._names,
        )
        other._i = self._i
        return other

    def id(self) -> Any:
        """The document, or the term of a vector."""
        if self._names is not None:
            return self._names[self._i]
        return int(self._docs[self._i])

    def all_ids(self) -> Iterator[Any]:
        """All documents from the first on."""
        return iter(self._names if self._names is not None else self._docs.tolist())

    def weight(self) -> float:
        """The posting's weight."""
        return float(self._weights[self._i])

    def value(self) -> bytes:
        """The posting's value in the bytes of its format."""
        if self._field.positions is not None:
            return bytes(self.format.encode(self._positions()))
        values, starts = self._field.extra.get("values"), self._field.extra.get("value_starts")
        if values is None or starts is None:
            return b""
        at = self._begin + self._i
        return values[starts[at] : starts[at + 1]].tobytes()

    def value_as(self, astype: str) -> Any:
        """The posting's value decoded; positions come straight from the array."""
        if astype == "positions" and self._field.positions is not None:
            return self._positions()
        return super().value_as(astype)

    def _positions(self) -> list[int]:
        if self._before is None:
            span = slice(self._begin, int(self._field.starts[self._number + 1]))
            freqs = self._field.freqs[span]
            self._before = np.concatenate([[0], np.cumsum(freqs, dtype=np.int64)])
        row = self._field.positions_of(self._number)
        found: list[int] = row[self._before[self._i] : self._before[self._i + 1]].tolist()
        return found

    def next(self) -> bool:
        """Go on; True if a new block begins."""
        if not self.is_active():
            raise ReadTooFar
        self._i += 1
        return self._i % _BLOCK == 0

    def skip_to(self, id: Any) -> None:  # noqa: A002 - Whoosh's name
        """Go to the first posting that is not before this document."""
        if not self.is_active():
            raise ReadTooFar
        if self._names is not None:
            self._i = bisect_left(self._names, id, self._i)
        elif id > self._docs[self._i]:
            self._i += int(np.searchsorted(self._docs[self._i :], np.uint32(id)))

    def skip_to_quality(self, minquality: float) -> int:
        """Skip the blocks that cannot score more than this."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._i = (self._i // _BLOCK + 1) * _BLOCK
            skipped += 1
        return skipped

    def _block(self) -> slice:
        first = self._i // _BLOCK * _BLOCK
        return slice(first, min(first + _BLOCK, self._count))

    def block_min_id(self) -> int:
        """The first document of the block."""
        return int(self._docs[self._block()][0])

    def block_max_id(self) -> int:
        """The last document of the block."""
        return int(self._docs[self._block()][-1])

    def block_min_length(self) -> int:
        """The shortest field of the block's documents."""
        return int(self._field.lengths[self._docs[self._block()]].min())

    def block_max_length(self) -> int:
        """The longest field of the block's documents."""
        return int(self._field.lengths[self._docs[self._block()]].max())

    def block_max_weight(self) -> float:
        """The largest weight of the block."""
        return float(self._weights[self._block()].max())
