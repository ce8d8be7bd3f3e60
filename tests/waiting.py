"""Waiting in tests: for something to come about, not for time to pass."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

WAIT_S = 60.0  # nobody waits so long, but on a machine that is busy with other things


def wait_for(
    what: Callable[[], object],
    process: subprocess.Popen[str] | None = None,
    *,
    within_s: float = WAIT_S,
) -> float:
    """Seconds until `what` holds; fails if it does not, or if the process has ended by itself."""
    start_s = time.monotonic()
    while not what():
        assert process is None or process.poll() is None, process and process.communicate()
        assert time.monotonic() - start_s < within_s, "it never came about"
        time.sleep(0.02)
    return time.monotonic() - start_s
