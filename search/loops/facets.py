"""How many documents have each value of two columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import U1, U2, U4, compiled, int64, uint64, void, writable
from search.loops.unions import BITS, Bits

_COLUMNS = [(values, others) for values in (U1, U2, U4) for others in (U1, U2, U4)]


@compiled(
    *[
        void(U4, writable(uint64), *columns, writable(int64), writable(int64))
        for columns in _COLUMNS
    ]
)
def tally(  # noqa: PLR0913, PLR0917 - a loop is given its arrays one by one
    docs: NDArray[np.uint32],
    seen: Bits,
    values: NDArray[Any],
    others: NDArray[Any],
    counts: NDArray[np.int64],
    other_counts: NDArray[np.int64],
) -> None:
    """Count the values of documents that were not seen yet: `values[doc]`, `others[doc]`.

    All of `seen`, a bit for each document, stays in a near cache.
    """
    for doc in docs:
        at = uint64(doc)
        word, bit = at // uint64(BITS), uint64(1) << at % uint64(BITS)
        before = seen[word]
        fresh = int64(before & bit == 0)  # quicker than a branch
        seen[word] = before | bit
        counts[uint64(values[at])] += fresh
        other_counts[uint64(others[at])] += fresh
