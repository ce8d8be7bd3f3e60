"""How many documents have each value of a column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.compiled import U1, U2, U4, compiled, int64, uint64, void, writable


@compiled(
    void(U1, U4, writable(int64)), void(U2, U4, writable(int64)), void(U4, U4, writable(int64))
)
def tally(values: NDArray[Any], docs: NDArray[np.uint32], counts: NDArray[np.int64]) -> None:
    """Add to the count of each value how many of the documents have it: `values[doc]`."""
    for doc in docs:
        counts[uint64(values[uint64(doc)])] += 1
