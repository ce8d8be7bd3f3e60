"""How long a query may still take."""

from __future__ import annotations

import time

from search.compiled import clock_s
from search.errors import OverBudget


class Clock:
    """How long a query may still take."""

    def __init__(self, budget_ms: float) -> None:
        self.budget_ms = budget_ms
        self._end = clock_s() + budget_ms / 1000

    def check(self) -> None:
        """Raise OverBudget when the time is up."""
        is_late = time.monotonic() > self._end  # clock_s() is never ahead, and slower
        if is_late and clock_s() > self._end:
            raise OverBudget(
                f"the query took longer than {self.budget_ms:g} ms; ask for fewer or rarer words"
            )
