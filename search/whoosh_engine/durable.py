"""Files that survive a power cut, and the lock of the one writer. POSIX semantics are assumed."""

from __future__ import annotations

import fcntl
import os
import zlib
from contextlib import suppress
from pathlib import Path

from search.errors import IndexLocked

_BLOCK_BYTES = 1 << 20


def sync(path: Path) -> None:
    """Force a file's bytes, or a directory's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, content: bytes) -> None:
    """Write a whole file and force it to the disk; its directory is not synced."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def switch(temporary: Path, final: Path) -> None:
    """Give a synced file its name, at once or not at all, for good when this returns."""
    sync(final.parent)
    temporary.replace(final)
    sync(final.parent)


def checksum(path: Path) -> int:
    """CRC-32 of a file's bytes."""
    total = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            total = zlib.crc32(block, total)
    return total


def unlink(path: Path) -> None:
    """Remove a file that may be gone already or cannot be removed; it is swept another time."""
    with suppress(OSError):
        path.unlink()


class Lock:
    """The right to write an index: held by one process, gone with it however it ends."""

    def __init__(self, path: Path) -> None:
        """Take it at once. Raises IndexLocked when another has it."""
        self._file: int | None = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            self.release()
            who = f"process {holder}" if holder else "another process"
            raise IndexLocked(
                f"{path.parent}: {who} is writing to this index; wait until it is done, or stop "
                "it (the lock goes with the process)"
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let others write. Releasing twice is no error."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
