"""One file -> its bytes as they were at one moment. Follows no link and opens nothing but plain files.

A file that somebody still has open for writing is left alone until it is closed. Where the system
cannot tell, it is left alone until it has stood still for a moment.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import signal
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from search.errors import DatelineError
from search.model import Fingerprint

MAX_PATH_BYTES = 1_024  # of a relative path: it is stored, shown and searched
YOUNG_NS = (
    2_000_000_000  # the coarsest clock of a file system in use (FAT) has steps of two seconds
)
WRITING_PAUSES_S = (0.02, 0.05, 0.1)  # then a file that is still being written is left for later
QUIET_NS = 300_000_000  # so long must a file stand still where nobody can tell if it is open
OPEN_NS = 60_000_000_000  # open for writing, but untouched for so long: a log; it is read as it is
CHUNK_BYTES = 1 << 20

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
JSON_LINE = re.compile(r"\.jsonl(\.gz)?#", re.IGNORECASE)


class Unreadable(DatelineError):
    """One file (or line) that gives no article; the message is the reason. Caught per file."""


class Unsettled(Unreadable):
    """A file that says nothing now, but may in a moment: it is being written, or has gone."""


BEING_WRITTEN = "is still being written; it is read when it is closed and has come to rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file to be indexed, as the walk saw it: where it is, and its state without its bytes."""

    path: str
    root: Path
    relative: str
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @property
    def is_json_lines(self) -> bool:
        """Whether it holds many articles, one a line."""
        return self.relative.lower().endswith((".jsonl", ".jsonl.gz"))

    @property
    def is_html(self) -> bool:
        """Whether it is a page; what is neither this nor JSON Lines is plain text."""
        return self.relative.lower().endswith((".html", ".htm", ".xhtml"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of a file, and the state in which it had them."""

    data: bytes
    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a file gives."""

    fingerprint: Fingerprint
    read_ns: int
    keys: frozenset[int]


def found_at(path: str, root: Path, relative: str, state: os.stat_result) -> Found:
    """A file by its state; `path` is its name in the answer."""
    return Found(
        path=path,
        root=root,
        relative=relative,
        size_bytes=state.st_size,
        mtime_ns=in_64_bits(state.st_mtime_ns),
        ctime_ns=in_64_bits(state.st_ctime_ns),
        inode=in_64_bits(state.st_ino),
    )


def read(found: Found, *, max_bytes: int, pause: Callable[[float], None] = time.sleep) -> Content:
    """All bytes of a file, as they were at one moment. Raises Unreadable with the reason."""
    for seconds in (*WRITING_PAUSES_S, None):
        with opened(found) as descriptor:
            before = os.fstat(descriptor)
            if before.st_size > max_bytes:
                raise Unreadable(too_big(before.st_size, max_bytes))
            restless_s = _restless_s(descriptor, before)
            data = b"" if restless_s else _drain(descriptor, max_bytes)
            after = os.fstat(descriptor)
        if not restless_s and _state(before) == _state(after) and len(data) == after.st_size:
            digest = hashlib.sha256(data).hexdigest()
            return Content(data=data, fingerprint=state_of(after, digest))
        if len(data) > max_bytes:
            raise Unreadable(too_big(len(data), max_bytes))
        if seconds is not None:
            pause(max(seconds, restless_s))
    raise Unsettled(BEING_WRITTEN)


def fingerprint(found: Found, *, at_rest: bool = True) -> Fingerprint:
    """The digest of a file of any size, without holding its bytes. Raises Unreadable.

    `at_rest` asks for one that nobody is writing to; else it only must not change meanwhile.
    """
    with opened(found) as descriptor:
        before = os.fstat(descriptor)
        if at_rest and _restless_s(descriptor, before):
            raise Unsettled(BEING_WRITTEN)
        digest = hashlib.sha256()
        while chunk := os.read(descriptor, CHUNK_BYTES):
            digest.update(chunk)
        after = os.fstat(descriptor)
    if _state(before) != _state(after):
        raise Unsettled(BEING_WRITTEN)
    return state_of(after, digest.hexdigest())


def _restless_s(descriptor: int, state: os.stat_result) -> float:
    """How long to wait before looking again at a file that is being written; 0: it is whole."""
    age_ns = abs(time.time_ns() - state.st_ctime_ns)  # anybody may set the other time
    is_open = is_open_for_writing(descriptor)
    if is_open is None:
        return (QUIET_NS - age_ns) / 1e9 if age_ns < QUIET_NS else 0.0
    return WRITING_PAUSES_S[0] if is_open and age_ns < OPEN_NS else 0.0


def is_open_for_writing(descriptor: int) -> bool | None:
    """Whether any process can still write to an open file; None where the system cannot tell.

    A read lease is granted only when nobody can. It is given back at once: who opens the file for
    writing in these microseconds waits for that (with O_NONBLOCK, is told to try again).
    """
    try:
        # Told of such an opening by a signal that means nothing, not by SIGIO, which would end us.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except AttributeError:  # no Linux
        return None
    except OSError as error:
        # Another's file (EACCES), or a file system without leases (EINVAL): nothing is known.
        return True if error.errno in {errno.EAGAIN, errno.EBUSY} else None
    return False


def is_young(state: Fingerprint | Found, *, now_ns: int) -> bool:
    """Whether a file could still change without its time stamps showing it."""
    return max(state.mtime_ns, state.ctime_ns) > now_ns - YOUNG_NS


@contextlib.contextmanager
def opened(found: Found) -> Iterator[int]:
    """A descriptor of a plain file; no part of its path is a link. Raises Unreadable."""
    folders = found.relative.split("/")
    name = folders.pop()
    walk = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        parent = os.open(found.root, walk)
        try:
            for folder in folders:
                inner = os.open(folder, walk | os.O_NOFOLLOW, dir_fd=parent)
                os.close(parent)
                parent = inner
            # O_NONBLOCK: a pipe that took the file's place must not make us wait for its writer.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
            descriptor = os.open(name, flags, dir_fd=parent)
        finally:
            os.close(parent)
    except OSError as error:
        raise _refusal(error) from error
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise Unreadable(f"is {kind(mode)}, not a file")
        yield descriptor
    except OSError as error:
        raise _refusal(error) from error
    finally:
        os.close(descriptor)


def _drain(descriptor: int, max_bytes: int) -> bytes:
    """All bytes, or a few more than `max_bytes` of a file that grew."""
    chunks: list[bytes] = []
    count = 0
    while count <= max_bytes and (chunk := os.read(descriptor, CHUNK_BYTES)):
        chunks.append(chunk)
        count += len(chunk)
    return b"".join(chunks)


def _state(state: os.stat_result) -> tuple[int, int, int]:
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns


def state_of(state: os.stat_result, digest: str) -> Fingerprint:
    """A file's state, with the digest of its bytes if they were read."""
    return Fingerprint(
        size_bytes=state.st_size,
        mtime_ns=in_64_bits(state.st_mtime_ns),
        ctime_ns=in_64_bits(state.st_ctime_ns),
        inode=in_64_bits(state.st_ino),
        sha256=digest,
    )


def in_64_bits(number: int) -> int:
    """As SQLite holds it, with a sign. Times after 2262 and some systems' numbers of files are larger."""
    if -(1 << 63) <= number < 1 << 63:
        return number
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def too_big(size_bytes: int, max_bytes: int) -> str:
    """The reason for not reading a file."""
    return (
        f"has {size_bytes / 1e6:.1f} MB, more than the {max_bytes / 1e6:g} MB of "
        "[articles] max_file_bytes"
    )


def name_problem(path: str) -> str | None:
    """Why a path cannot be stored and shown; None if it can."""
    if len(path) <= MAX_PATH_BYTES and path.isascii() and path.isprintable() and "#" not in path:
        return None
    try:
        encoded = path.encode("utf-8")
    except UnicodeEncodeError:
        return "has a name that is not UTF-8; rename it"
    if CONTROL.search(path):
        return "has a control character in its name; rename it"
    if len(encoded) > MAX_PATH_BYTES:
        return f"has a path of {len(encoded)} bytes; at most {MAX_PATH_BYTES} can be stored"
    if JSON_LINE.search(path):
        return "has .jsonl# in its name, which stands for a line of a JSON Lines file; rename it"
    return None


def printable(path: str) -> str:
    """The path with what cannot be stored or shown written as escapes, cut to a sane length."""
    plain = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    shown = CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", plain)
    return shown if len(shown) <= MAX_PATH_BYTES else shown[:MAX_PATH_BYTES] + "…"


def kind(mode: int) -> str:
    """What an entry of a folder is, in words."""
    words = {
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
    }
    return words.get(stat.S_IFMT(mode), "something else")


def _refusal(error: OSError) -> Unreadable:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return Unsettled("vanished before it was read")
    reasons = {
        errno.ELOOP: "is a symbolic link; links are not followed",
        errno.ENXIO: "is a socket or a pipe, not a file",
        errno.EACCES: "may not be read by this user",
        errno.EPERM: "may not be read by this user",
    }
    return Unreadable(reasons.get(error.errno or 0, f"cannot be read: {error.strerror or error}"))
