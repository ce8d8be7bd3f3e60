"""How many requests each address has made, counted by all worker processes together.

A storage for the library `limits`, whose own ones are either for one process or want a server. A
small SQLite file in the folder that the processes share is one more of neither.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

from limits.storage import Storage

SCHEME = "shared-file"
BUSY_S = 1.0  # a count takes 0.1 ms; whoever waits longer counts by himself for a while
SWEEP_EVERY = 1_000  # so many counts apart, each process takes out what has run out

_TABLE = """
CREATE TABLE IF NOT EXISTS counts (key TEXT PRIMARY KEY, used INTEGER, until REAL) WITHOUT ROWID
"""
_COUNT = """
INSERT INTO counts VALUES (:key, :amount, :until) ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN until > :now THEN used ELSE 0 END + :amount,
    until = CASE WHEN until > :now THEN until ELSE :until END
RETURNING used
"""


class SharedFile(Storage):
    """Fixed windows in a file. Opened at the first count: no connection lives through a fork."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 - limits asks for a list

    def __init__(self, uri: str, *, wrap_exceptions: bool = False, **_options: object) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._file = uri.removeprefix(f"{SCHEME}://")
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None
        self._since_sweep = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong here."""
        return sqlite3.Error

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; how many there are now in this window."""
        now = time.time()
        values = {"key": key, "amount": amount, "now": now, "until": now + expiry}
        with self._lock:
            used = self._db().execute(_COUNT, values).fetchall()[0][0]
            self._since_sweep += 1
            if self._since_sweep >= SWEEP_EVERY:
                self._since_sweep = 0
                self._db().execute("DELETE FROM counts WHERE until <= ?", (now,))
        return int(used)

    def get(self, key: str) -> int:
        """How many there are in this window."""
        row = self._row(key)
        return int(row[0]) if row and row[1] > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        row = self._row(key)
        return float(row[1]) if row else time.time()

    def check(self) -> bool:
        """Whether it can be counted at all."""
        try:
            self._row("")
        except sqlite3.Error:
            return False
        return True

    def reset(self) -> int:
        """Forget everything; how many windows there were."""
        with self._lock:
            return self._db().execute("DELETE FROM counts").rowcount

    def clear(self, key: str) -> None:
        """Forget one window."""
        with self._lock:
            self._db().execute("DELETE FROM counts WHERE key = ?", (key,))

    def _row(self, key: str) -> tuple[int, float] | None:
        with self._lock:
            found = self._db().execute("SELECT used, until FROM counts WHERE key = ?", (key,))
            rows = found.fetchall()
        return rows[0] if rows else None

    def _db(self) -> sqlite3.Connection:
        """The connection, opened where it is first needed. The lock must be held."""
        if self._opened is None:
            opened = sqlite3.connect(
                self._file, timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
            # Nothing here outlives the service, so nothing need reach a disk; a write-ahead log
            # stays sound when a process is killed in the middle.
            opened.execute("PRAGMA journal_mode = WAL")
            opened.execute("PRAGMA synchronous = OFF")
            opened.execute(_TABLE)
            self._opened = opened
        return self._opened


def address(folder: Path | None) -> str:
    """Where the counts are kept: in the shared folder, or in a process that serves alone."""
    return f"{SCHEME}://{folder / 'allowance.sqlite3'}" if folder else "memory://"
