"""A consistent copy of the index while everything runs, and the way back, checked before the switch.

A snapshot is an index directory with a list of its files and their digests (`SNAPSHOT`), which is
written last; it can be served as it is. With it go the line counts, so that after a restore only
what has changed since is read again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from indexer.folder.remembered import NAME as COUNTS
from indexer.folder.remembered import NOTE, remembered
from indexer.folder.sight import CannotRun
from search import durable
from search.config import Config
from search.open import bring_back, copy_live, open_index
from search.runs import now

LIST = "SNAPSHOT"
FORMAT = 1
TRIES = 5  # to catch the index and the counts at the same commit
BUSY_S = 5.0  # to wait for the counts, which a long run may keep to itself
_OTHER = "use another snapshot, or build the index anew from the articles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What a snapshot holds."""

    generation: str
    taken_at: str
    """ISO 8601, UTC."""
    articles: int
    size_bytes: int
    has_counts: bool
    """Whether the line counts are in it; without them, every file is read again after a restore."""


def take(config: Config, target: Path) -> Snapshot:
    """Copy the live generation into a new folder. Raises CannotRun, IndexMissing, IndexDamaged."""
    target = target.absolute()
    if target.exists():
        raise CannotRun(f"{target}: exists already; name a folder that does not")
    if target.is_relative_to(config.index.dir.absolute()):
        raise CannotRun(f"{target}: lies in the index itself; name a folder elsewhere")
    with _in_words(target), _incomplete(target) as folder:
        generation = _copied(config.index.dir, folder)
        status = open_index(_at(config, folder)).reader().status()
        files = {name: _digest(folder / name) for name in _names(folder)}
        taken = Snapshot(
            generation=generation,
            taken_at=now(),
            articles=status.articles,
            size_bytes=sum((folder / name).stat().st_size for name in files),
            has_counts=COUNTS in files,
        )
        _write_list(folder, taken, files)
        folder.rename(target)
        durable.sync(target.parent)
    return taken


def restore(config: Config, source: Path) -> Snapshot:
    """Make a snapshot the live index. Everything is checked before anything is changed.

    Raises CannotRun (no snapshot, or a damaged one), IndexOutdated, IndexLocked.
    """
    snapshot = check(source)

    def with_counts(generation: str) -> None:
        live = config.index.dir / COUNTS
        for old in (live, Path(f"{live}-journal"), config.index.dir / NOTE):
            old.unlink(missing_ok=True)
        if snapshot.has_counts:
            scratch = config.index.dir / f"{COUNTS}.restored"
            shutil.copyfile(source / COUNTS, scratch)
            with contextlib.closing(sqlite3.connect(scratch)) as base, base:
                base.execute("UPDATE said SET value = ? WHERE name = 'generation'", (generation,))
            durable.sync(scratch)
            scratch.replace(live)

    with _in_words(config.index.dir):
        bring_back(config, source, beside=with_counts)
    return snapshot


def check(source: Path) -> Snapshot:
    """What a snapshot holds, after a look at every byte of it. Raises CannotRun."""
    snapshot, files = _read_list(source)
    for name, digest in sorted(files.items()):
        try:
            found = _digest(source / name)
        except OSError as error:
            raise CannotRun(f"{source / name}: {error.strerror}; {_OTHER}") from error
        if found != digest:
            raise CannotRun(f"{source / name}: is not what was written; {_OTHER}")
    return snapshot


def _copied(index_dir: Path, folder: Path) -> str:
    """Copy the index and, if they can be had for the same commit, its counts."""
    for _ in range(TRIES):
        generation = copy_live(index_dir, folder)
        _copy_counts(index_dir, folder)
        told = remembered(folder)
        if told is None or told.generation == generation:
            break
        shutil.rmtree(folder)
        folder.mkdir()
    else:
        generation = copy_live(index_dir, folder)
    return generation


def _copy_counts(index_dir: Path, folder: Path) -> None:
    if not (index_dir / COUNTS).exists():
        return
    try:
        with (
            contextlib.closing(_read_only(index_dir / COUNTS)) as base,
            contextlib.closing(sqlite3.connect(folder / COUNTS)) as copy,
        ):
            base.backup(copy, progress=_patience())
    except (
        sqlite3.Error,
        TimeoutError,
    ):  # a long run keeps them to itself, or they are damaged: they can be made again
        (folder / COUNTS).unlink(missing_ok=True)
        return
    durable.sync(folder / COUNTS)


def _patience() -> Callable[[int, int, int], None]:
    end_s = time.monotonic() + BUSY_S

    def wait(status: int, _left: int, _total: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and time.monotonic() > end_s:
            raise TimeoutError

    return wait


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)


@contextlib.contextmanager
def _incomplete(target: Path) -> Iterator[Path]:
    """A folder beside the target, gone in the end unless it was renamed; leftovers are removed."""
    folder = target.with_name(f".{target.name}.incomplete")
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotRun(f"{target}: another process is writing this snapshot; wait") from None
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    finally:
        os.close(lock)


@contextlib.contextmanager
def _in_words(place: Path) -> Iterator[None]:
    """What fails in the system here is the writing of the copy; the index is untouched."""
    try:
        yield
    except OSError as error:
        where = error.filename or place
        raise CannotRun(f"{where}: {error.strerror}; the index is what it was") from error


def _at(config: Config, folder: Path) -> Config:
    return dataclasses.replace(config, index=dataclasses.replace(config.index, dir=folder))


def _names(folder: Path) -> list[str]:
    return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_list(folder: Path, snapshot: Snapshot, files: dict[str, str]) -> None:
    said = {"format": FORMAT, **dataclasses.asdict(snapshot), "files": files}
    body = json.dumps(said, indent=1).encode() + b"\n"
    digest = hashlib.sha256(body).hexdigest().encode()
    durable.write_synced(folder / LIST, digest + b"\n" + body)
    durable.sync(folder)


def _read_list(source: Path) -> tuple[Snapshot, dict[str, str]]:
    """What `_write_list` wrote. Raises CannotRun."""
    try:
        digest, _, body = (source / LIST).read_bytes().partition(b"\n")
    except FileNotFoundError:
        raise CannotRun(f"{source}: is no snapshot: it holds no file {LIST}") from None
    except OSError as error:
        raise CannotRun(f"{source / LIST}: {error.strerror}") from error
    if digest != hashlib.sha256(body).hexdigest().encode():
        raise CannotRun(f"{source / LIST}: is not what was written; {_OTHER}")
    said = json.loads(body)
    if said.pop("format") != FORMAT:
        raise CannotRun(f"{source}: was taken by another version; restore it with that one")
    files = said.pop("files")
    return Snapshot(**said), files
