"""Files that survive a power cut, and the lock of the one writer. POSIX semantics are assumed."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from isal import isal_zlib

from search.errors import IndexLocked

_BLOCK_BYTES = 1 << 20
_NAME_BYTES = 20  # the holder's number, padded: it is overwritten in place, needing no new room


def sync(path: Path) -> None:
    """Force a file's bytes, or a directory's entries, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, for good when this returns."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync(folder.parent)


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
            total = isal_zlib.crc32(block, total)
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
            holder = os.read(self._file, _NAME_BYTES).decode("ascii", "replace").strip()
            self.release()
            who = f"process {holder}" if holder else "another process"
            raise IndexLocked(
                f"{path.parent}: {who} is writing to this index; wait until it is done, or stop "
                "it (the lock goes with the process)"
            ) from None
        self._path = path
        self.assure()
        with suppress(OSError):  # on a full disk the lock holds without its holder's name
            os.pwrite(self._file, f"{os.getpid():<{_NAME_BYTES}}".encode(), 0)

    def assure(self) -> None:
        """Raise IndexLocked unless the file that is locked is the one that others would lock."""
        if self._file is not None:
            with suppress(FileNotFoundError):
                if os.path.samestat(self._path.stat(), os.fstat(self._file)):
                    return
        self.release()
        raise IndexLocked(
            f"{self._path}: this process does not hold the lock any more, and another may be "
            "writing; nothing since the last commit was kept, run it again"
        )

    def release(self) -> None:
        """Let others write. Releasing twice is no error."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
