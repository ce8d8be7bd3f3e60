"""Folders -> the article files in them, and their bytes. Follows no link and opens nothing but plain files.

A file's path in the index is relative to its root, with `/`. Where two roots hold the same
relative path, the file of the root that stands first in the configuration keeps it; the other's is
named `@2/PATH`, after the number of its root.
"""

from __future__ import annotations

import errno
import fnmatch
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from search.config import Articles
from search.errors import BadConfig, DatelineError
from search.model import Fingerprint, Rejection

MAX_DEPTH = 32  # folders below a root; people's archives stay under ten, link farms do not
MAX_PATH_BYTES = 1_024  # of a relative path: it is stored, shown and searched
YOUNG_NS = (
    2_000_000_000  # the coarsest clock of a file system in use (FAT) has steps of two seconds
)
WRITING_PAUSES_S = (0.02, 0.05, 0.1, 0.2, 0.4)  # then a file that still changes is left for later
CHUNK_BYTES = 1 << 20
ROOT_UNSEEN = "folder cannot be opened"  # how the reason begins where a whole root is out of sight

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
JSON_LINE = re.compile(r"\.jsonl(\.gz)?#", re.IGNORECASE)


class Unreadable(DatelineError):
    """One file (or line) that gives no article; the message is the reason. Caught per file."""


class Unsettled(Unreadable):
    """A file that gives no article now, but may in a moment: it is being written, or has gone."""


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
class Seen:
    """What a walk over the roots found."""

    files: tuple[Found, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    """What is named like an article but is none: links, pipes, names that cannot be stored…"""
    out_of_sight: tuple[str, ...] = ()
    """Folders that could not be listed: nothing below them may be taken for deleted. "" is all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of a file, and the state in which it had them."""

    data: bytes
    fingerprint: Fingerprint


def scan(articles: Articles) -> Seen:
    """Every file that the configuration asks for, each once, in the order of their paths.

    Raises BadConfig if one root lies inside another: its files would be there twice.
    """
    check_roots(articles.roots)
    wanted, unwanted = _matcher(articles.include), _matcher(articles.exclude)
    taken: dict[str, Found] = {}
    rejections: dict[str, Rejection] = {}
    hidden: list[str] = []
    for number, root in enumerate(articles.roots, start=1):
        walk = _Walk(root=root, wanted=wanted, unwanted=unwanted, max_bytes=articles.max_file_bytes)
        walk.run()
        for found in walk.files:
            path = _free_path(found.relative, number, taken)
            taken[path] = replace(found, path=path)
        for rejection in walk.rejections:
            rejections.setdefault(rejection.path, rejection)
        # With several roots a known path does not say whose it is: then all of them may be hidden.
        hidden += walk.out_of_sight if len(articles.roots) == 1 else [""] * len(walk.out_of_sight)
    return Seen(
        files=tuple(taken[path] for path in sorted(taken)),
        rejections=tuple(rejections[path] for path in sorted(rejections) if path not in taken),
        out_of_sight=tuple(sorted(set(hidden))),
    )


def check_roots(roots: Sequence[Path], *, index_dir: Path | None = None) -> None:
    """Refuse roots of which one is, or lies in, another, or holds the index."""
    real = [Path(os.path.realpath(root)) for root in roots]
    for root in real:
        if index_dir is not None and Path(os.path.realpath(index_dir)).is_relative_to(root):
            raise BadConfig(f"[index] dir: {index_dir} lies inside {root}; keep it elsewhere")
    for number, root in enumerate(real):
        for other in real[:number]:
            if root.is_relative_to(other) or other.is_relative_to(root):
                raise BadConfig(
                    f"[articles] roots: {root} and {other} overlap; name only the outer one"
                )


def read(found: Found, *, max_bytes: int, pause: Callable[[float], None] = time.sleep) -> Content:
    """All bytes of a file, as they were at one moment. Raises Unreadable with the reason."""
    for seconds in (*WRITING_PAUSES_S, None):
        with opened(found) as descriptor:
            before = os.fstat(descriptor)
            if before.st_size > max_bytes:
                raise Unreadable(_too_big(before.st_size, max_bytes))
            data = _drain(descriptor, max_bytes)
            after = os.fstat(descriptor)
        if _state(before) == _state(after) and len(data) == after.st_size:
            digest = hashlib.sha256(data).hexdigest()
            return Content(data=data, fingerprint=_fingerprint(after, digest))
        if len(data) > max_bytes:
            raise Unreadable(_too_big(len(data), max_bytes))
        if seconds is not None:
            pause(seconds)
    raise Unsettled("is being written; it is read again when it has come to rest")


def fingerprint(found: Found) -> Fingerprint:
    """The digest of a file of any size, without holding its bytes. Raises Unreadable."""
    with opened(found) as descriptor:
        before = os.fstat(descriptor)
        digest = hashlib.sha256()
        while chunk := os.read(descriptor, CHUNK_BYTES):
            digest.update(chunk)
        after = os.fstat(descriptor)
    if _state(before) != _state(after):
        raise Unsettled("is being written; it is read again when it has come to rest")
    return _fingerprint(after, digest.hexdigest())


def is_young(state: Fingerprint | Found, *, now_ns: int) -> bool:
    """Whether a file could still change without its time stamps showing it."""
    return max(state.mtime_ns, state.ctime_ns) > now_ns - YOUNG_NS


def _free_path(relative: str, root_number: int, taken: dict[str, Found]) -> str:
    path = relative
    while path in taken:
        path = f"@{root_number}/{path}"
    return path


def _matcher(patterns: Sequence[str]) -> Callable[[str, str], bool]:
    """(name, relative path) -> does any pattern match? Capitals do not matter."""
    by_name = [p.lower() for p in patterns if "/" not in p]
    by_path = [p.lower().removeprefix("/") for p in patterns if "/" in p]
    name_pattern = re.compile("|".join(map(fnmatch.translate, by_name)) or r"(?!)")
    path_pattern = re.compile("|".join(map(fnmatch.translate, by_path)) or r"(?!)")

    def matches(name: str, relative: str) -> bool:
        return bool(name_pattern.match(name.lower()) or path_pattern.match(relative.lower()))

    return matches


@dataclass(slots=True, kw_only=True)
class _Walk:
    """One root, walked by descriptors so that no folder can be swapped for a link on the way."""

    root: Path
    wanted: Callable[[str, str], bool]
    unwanted: Callable[[str, str], bool]
    max_bytes: int
    files: list[Found] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    out_of_sight: list[str] = field(default_factory=list)

    def run(self) -> None:
        try:
            descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            self.rejections.append(
                Rejection(path=str(self.root), reason=f"{ROOT_UNSEEN}: {error.strerror}")
            )
            self.out_of_sight.append("")
            return
        self._folder(descriptor, "", 0)

    def _folder(self, descriptor: int, relative: str, depth: int) -> None:
        """List an open folder and close it; then the folders in it, one by one."""
        below: list[tuple[str, str]] = []
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    path = f"{relative}/{entry.name}" if relative else entry.name
                    if entry.name.startswith(".") or self.unwanted(entry.name, path):
                        continue
                    if self._is_folder(entry, path, depth):
                        below.append((entry.name, path))
            for name, path in below:
                self._enter(descriptor, name, path, depth + 1)
        except OSError as error:
            self._hide(relative, error)
        finally:
            os.close(descriptor)

    def _enter(self, parent: int, name: str, path: str, depth: int) -> None:
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            descriptor = os.open(name, flags, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError as error:
            self._hide(path, error)
            return
        self._folder(descriptor, path, depth)

    def _hide(self, path: str, error: OSError) -> None:
        if _name_problem(path) is None:
            self.out_of_sight.append(path)
        reason = f"folder cannot be listed: {error.strerror}"
        self.rejections.append(Rejection(path=_printable(path or str(self.root)), reason=reason))

    def _is_folder(self, entry: os.DirEntry[str], path: str, depth: int) -> bool:
        """Note a file; say of a folder that it is to be entered."""
        try:
            state = entry.stat(follow_symlinks=False)
        except OSError:
            return False  # it vanished since it was listed: nothing to say about it
        if stat.S_ISDIR(state.st_mode):
            if depth + 1 <= MAX_DEPTH:
                return True
            self._reject(path, f"folder lies more than {MAX_DEPTH} deep", state)
        elif stat.S_ISLNK(state.st_mode):
            self._reject(path, "is a symbolic link; links are not followed", state)
        elif self.wanted(entry.name, path):
            self._file(path, state)
        return False

    def _file(self, path: str, state: os.stat_result) -> None:
        if not stat.S_ISREG(state.st_mode):
            self._reject(path, f"is {_kind(state.st_mode)}, not a file", state)
            return
        problem = _name_problem(path)
        if problem:
            self._reject(path, problem, state)
            return
        found = Found(
            path=path,
            root=self.root,
            relative=path,
            size_bytes=state.st_size,
            mtime_ns=state.st_mtime_ns,
            ctime_ns=state.st_ctime_ns,
            inode=state.st_ino,
        )
        if state.st_size > self.max_bytes and not found.is_json_lines:
            self._reject(path, _too_big(state.st_size, self.max_bytes), state)
            return
        self.files.append(found)

    def _reject(self, path: str, reason: str, state: os.stat_result) -> None:
        self.rejections.append(
            Rejection(path=_printable(path), reason=reason, fingerprint=_fingerprint(state, ""))
        )


@contextmanager
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
            raise Unreadable(f"is {_kind(mode)}, not a file")
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


def _fingerprint(state: os.stat_result, digest: str) -> Fingerprint:
    return Fingerprint(
        size_bytes=state.st_size,
        mtime_ns=state.st_mtime_ns,
        ctime_ns=state.st_ctime_ns,
        inode=state.st_ino,
        sha256=digest,
    )


def _too_big(size_bytes: int, max_bytes: int) -> str:
    return (
        f"has {size_bytes / 1e6:.1f} MB, more than the {max_bytes / 1e6:g} MB of "
        "[articles] max_file_bytes"
    )


def _name_problem(path: str) -> str | None:
    """Why a path cannot be stored and shown; None if it can."""
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


def _printable(path: str) -> str:
    """The path with what cannot be stored or shown written as escapes, cut to a sane length."""
    plain = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    shown = CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", plain)
    return shown if len(shown) <= MAX_PATH_BYTES else shown[:MAX_PATH_BYTES] + "…"


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFDIR: "a folder",
    }
    return kinds.get(stat.S_IFMT(mode), "something else")


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
