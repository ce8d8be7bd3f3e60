"""What the worker processes of one service share: a folder that begins and ends with it.

gunicorn.conf.py has the folder made and names it in the variable that prometheus-client wants. Each
process counts into files of its own there; those of a process that has ended are folded into one,
so that the folder does not grow with every process that is replaced. The folder of a service that
was killed goes when the next one starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
KINDS = ("counter", "histogram")  # what adds up; a gauge of a dead process means nothing
GONE = "0"  # stands for the number of every process that has ended
UNREADABLE = (RuntimeError, ValueError, struct.error)  # a file that its process was just beginning
_PREFIX = "dateline-metrics-"
_HELD = "held"  # a file that is locked as long as a process of the service lives


def make_folder(parent: Path) -> Path:
    """A folder for this service. Those of services that were killed go."""
    for other in parent.glob(f"{_PREFIX}*"):
        if _is_left(other):
            shutil.rmtree(other, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=parent))
    held = os.open(made / _HELD, os.O_CREAT | os.O_WRONLY, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)  # until the last process that has it open ends
    return made.rename(parent / made.name.removeprefix("."))  # locked before others see it


def _is_left(other: Path) -> bool:
    """Whether the folder is of a service of this user that has ended."""
    try:
        with (other / _HELD).open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.fstat(held.fileno()).st_uid == os.getuid()
    except OSError:
        return False


def folder() -> Path | None:
    """Where they share; None where one process serves alone."""
    return Path(os.environ[VARIABLE]) if VARIABLE in os.environ else None


@contextlib.contextmanager
def locked(where: Path) -> Iterator[None]:
    """Nobody reads the sum while two files become one: a count that falls is taken for a restart."""
    with (where / "lock").open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def fold(where: Path, pid: int) -> None:
    """Add what a process counted to what all before it did, and forget the process."""
    with locked(where):
        for kind in KINDS:
            its = where / f"{kind}_{pid}.db"
            if its.exists():
                with contextlib.suppress(*UNREADABLE):
                    _add(its, where / f"{kind}_{GONE}.db")
                its.unlink()


def _add(counted: Path, total: Path) -> None:
    # The library decides when it is imported whether processes share: not before the variable is set.
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415

    values = list(MmapedDict.read_all_values_from_file(str(counted)))  # type: ignore[no-untyped-call]
    sums = MmapedDict(str(total))  # type: ignore[no-untyped-call]
    try:
        for key, value, _, _ in values:
            before, _ = sums.read_value(key)  # type: ignore[no-untyped-call]
            sums.write_value(key, before + value, 0.0)  # type: ignore[no-untyped-call]
    finally:
        sums.close()  # type: ignore[no-untyped-call]
