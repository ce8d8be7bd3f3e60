"""The kernel's news of folders (Linux): which paths have changed, and whether some news was lost.

A thread takes the news in as it comes, so that the kernel's queue stays short while the indexer is
at work. Nothing is read or decided here. A file that is being written is told of when it appears
and when it is closed, not at every write.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import select
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self

IN_ATTRIB, IN_CLOSE_WRITE = 0x4, 0x8
IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x40, 0x80, 0x100, 0x200
IN_UNMOUNT, IN_Q_OVERFLOW, IN_IGNORED = 0x2000, 0x4000, 0x8000
IN_ONLYDIR, IN_DONT_FOLLOW, IN_ISDIR = 0x1000000, 0x2000000, 0x40000000
WANTED = IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
HEAD = struct.Struct("iIII")  # watch, mask, cookie, length of the name
MOUNTS = Path("/proc/self/mountinfo")
READ_BYTES = 1 << 18
MAX_PATHS = 50_000  # beyond, a walk over everything is cheaper than remembering them
NETWORK = frozenset(
    ("9p", "afs", "ceph", "cifs", "fuse.glusterfs", "fuse.sshfs", "lustre", "nfs", "nfs4", "smb3")
)


class CannotFollow(Exception):
    """The system cannot tell of all changes below these folders; the message says why."""


@dataclass(frozen=True, slots=True)
class News:
    """What has changed since somebody asked last."""

    paths: tuple[Path, ...] = ()
    """Files and folders, in the order in which they changed last."""
    is_lost: bool = False
    """Whether there was more: then everything must be looked at."""
    is_over: bool = False
    """Whether a root has gone: another one of its name, even of its number, is not followed."""


@dataclass(slots=True)
class Changes:
    """Everything below some folders, watched until closed. Raises CannotFollow where that fails."""

    roots: Sequence[Path]
    left_out: Callable[[str, str], bool]
    """(name, path below its root) -> whether a folder and all in it are of no interest."""
    _base: int = -1
    _folders: dict[int, Path] = field(default_factory=dict)
    _watches: dict[Path, int] = field(default_factory=dict)
    _fresh: dict[Path, None] = field(default_factory=dict)
    _is_lost: bool = False
    _is_over: bool = False
    _problem: str = ""
    _news: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _wake: tuple[int, int] = (-1, -1)

    def __post_init__(self) -> None:
        for root in self.roots:
            _refuse_network(root)
        try:
            self._base = _call(_libc().inotify_init1, os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:  # some sandboxes do not know it
            raise CannotFollow(f"this system does not tell of changes: {error.strerror}") from None
        try:
            self._wake = os.pipe()
            for root in self.roots:
                self._add(root, IN_ONLYDIR)
        except BaseException:
            self.close()
            raise
        self._thread = threading.Thread(target=self._listen, name="changes", daemon=True)
        self._thread.start()

    def take(self, *, wait_s: float, settle_s: float, burst_s: float) -> News:
        """What has changed, once it has been quiet for `settle_s`, or `burst_s` after the first.

        Comes back with nothing after `wait_s`. Raises CannotFollow if a new folder cannot be followed.
        """
        with self._news:
            if not self._has_news():
                self._news.wait(wait_s)
            end_s = time.monotonic() + burst_s
            while self._has_news():
                before = len(self._fresh)
                self._news.wait(settle_s)
                if len(self._fresh) == before or time.monotonic() > end_s:
                    break
            if self._problem:
                raise CannotFollow(self._problem)
            news = News(tuple(self._fresh), self._is_lost, self._is_over)
            self._fresh, self._is_lost = {}, False
            return news

    def close(self) -> None:
        """Stop listening."""
        if self._thread is not None:
            os.write(self._wake[1], b".")
            self._thread.join()
            self._thread = None
        for descriptor in (self._base, *self._wake):
            if descriptor >= 0:
                os.close(descriptor)
        self._base, self._wake = -1, (-1, -1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _has_news(self) -> bool:
        return bool(self._fresh or self._is_lost or self._is_over or self._problem)

    def _listen(self) -> None:
        poll = select.poll()
        poll.register(self._base, select.POLLIN)
        poll.register(self._wake[0], select.POLLIN)
        while True:
            if any(descriptor == self._wake[0] for descriptor, _ in poll.poll()):
                return
            try:
                data = os.read(self._base, READ_BYTES)
            except BlockingIOError:
                continue
            with self._news:
                self._hear(data)
                self._news.notify()

    def _hear(self, data: bytes) -> None:
        place = 0
        while place < len(data):
            watch, mask, _, length = HEAD.unpack_from(data, place)
            place += HEAD.size
            name = data[place : place + length].rstrip(b"\0")
            place += length
            try:
                self._note(watch, mask, os.fsdecode(name))
            except CannotFollow as error:
                self._problem = str(error)
        if len(self._fresh) > MAX_PATHS:
            self._fresh, self._is_lost = {}, True

    def _note(self, watch: int, mask: int, name: str) -> None:
        """Take one piece of news in."""
        if mask & (IN_Q_OVERFLOW | IN_UNMOUNT):
            self._is_lost = True
        folder = self._folders.get(watch)
        if folder is None:
            return
        if mask & IN_IGNORED:
            self._forget(folder)
            self._is_over = self._is_over or folder in self.roots
        elif name and not name.startswith("."):
            path = folder / name
            if mask & IN_ISDIR:
                if mask & IN_MOVED_FROM:
                    self._drop(path)
                elif mask & (IN_MOVED_TO | IN_CREATE) and self._is_wanted(path):
                    self._add(path, IN_ONLYDIR | IN_DONT_FOLLOW)
            self._fresh.pop(path, None)
            self._fresh[path] = None

    def _add(self, folder: Path, how: int) -> None:
        """Follow a folder and all below it. One that has gone meanwhile, or is locked, is passed over."""
        try:
            watch = _call(_libc().inotify_add_watch, self._base, os.fsencode(folder), WANTED | how)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise CannotFollow(
                    f"{folder}: the system follows no more folders than the"
                    f" {_limit()} of fs.inotify.max_user_watches"
                ) from None
            if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP}:
                return
            raise CannotFollow(f"{folder}: {error.strerror}") from None
        self._folders[watch] = folder
        self._watches[folder] = watch
        try:
            with os.scandir(folder) as entries:
                below = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return
        for name in below:
            if not name.startswith(".") and self._is_wanted(folder / name):
                self._add(folder / name, IN_ONLYDIR | IN_DONT_FOLLOW)

    def _is_wanted(self, folder: Path) -> bool:
        root = next(root for root in self.roots if folder.is_relative_to(root))
        return not self.left_out(folder.name, str(folder.relative_to(root)))

    def _drop(self, folder: Path) -> None:
        """Follow a folder no longer: it has another name now. A deleted one says so itself."""
        for each in [path for path in self._watches if path.is_relative_to(folder)]:
            _libc().inotify_rm_watch(self._base, self._watches[each])
            self._forget(each)

    def _forget(self, folder: Path) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None:
            self._folders.pop(watch, None)


@cache
def _libc() -> ctypes.CDLL:
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "inotify_init1"):
        raise CannotFollow("this system does not tell of changes")
    return library


def _call(function: Callable[..., int], *arguments: object) -> int:
    answer = function(*arguments)
    if answer < 0:
        number = ctypes.get_errno()
        if number in {errno.EMFILE, errno.ENFILE}:
            raise CannotFollow("the system follows folders for no more programs of this user")
        raise OSError(number, os.strerror(number))
    return answer


def _limit() -> str:
    try:
        return Path("/proc/sys/fs/inotify/max_user_watches").read_text(encoding="ascii").strip()
    except OSError:
        return "folders"


def _refuse_network(root: Path) -> None:
    """Raise CannotFollow where other computers may change what lies below, unknown to this one."""
    real = Path(os.path.realpath(root))
    holder, kind = Path("/"), ""
    for place, its_kind in _mounts():
        if its_kind in NETWORK and place.is_relative_to(real):
            raise CannotFollow(
                f"{place}: changes on a network file system ({its_kind}) are not told"
            )
        if real.is_relative_to(place) and place.is_relative_to(holder):
            holder, kind = place, its_kind
    if kind in NETWORK:
        raise CannotFollow(f"{root}: changes on a network file system ({kind}) are not told")


def _mounts() -> list[tuple[Path, str]]:
    """(where, kind) of every file system that is mounted."""
    try:
        lines = MOUNTS.read_bytes().splitlines()
    except OSError:
        return []
    mounts = []
    for line in lines:
        first, _, second = line.partition(b" - ")
        where = re.sub(rb"\\([0-7]{3})", _octet, first.split(b" ")[4])
        mounts.append((Path(os.fsdecode(where)), second.split(b" ")[0].decode("ascii", "replace")))
    return mounts


def _octet(escaped: re.Match[bytes]) -> bytes:
    return bytes([int(escaped[1], 8)])
