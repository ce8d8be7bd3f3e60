"""The index directory: which files make a generation, and opening one that is sound.

    CURRENT                  names the live folder, with a checksum; replaced atomically
    LOCK                     held (flock) by the one writer
    gen-3/_MAIN_17.toc       Whoosh's table of contents; giving it its name is the commit
    gen-3/manifest-17.json   ours: segments, masks, sizes and checksums of every file
    gen-3/MAIN_….seg         segments
    gen-3/rejections-17.json the files that gave no article

A fresh build makes a new folder and switches CURRENT; every other commit adds to the live folder.
Nothing is unpickled here: our readers take all from the manifest, and the table of contents is for
`whoosh.index.open_dir` alone.

**When are checksums compared?** Small files at every opening. A segment when a process first meets
it, unless its inode, size and times (mtime, and ctime, which no program can set) are those that
the writer noted after its fsync: then nobody has written to it since, and reading it all would
only slow the opening down. Any change through the file system changes the ctime and has every byte
read before the next answer (`index`); all are read soon after the opening and now and then.
"""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from search import durable
from search.errors import IndexDamaged, IndexMissing
from search.whoosh_engine.codec import unpack_mask
from search.whoosh_engine.commits.manifest import (
    Manifest,
    Part,
    Settings,
    checksum,
    compare,
    parse_manifest,
    read_rejections,
)
from search.whoosh_engine.segments.arrays import Segment
from search.whoosh_engine.segments.segment_file import damaged
from search.whoosh_engine.segments.snapshot import Snapshot

INDEX_NAME = "MAIN"
CURRENT, LOCK = "CURRENT", "LOCK"

_TOC = re.compile(rf"_{INDEX_NAME}_(\d+)\.toc$")
_FOLDER = re.compile(r"gen-(\d+)$")
_CURRENT = re.compile(rb"(gen-(\d+)\n)(?:([0-9a-f]{8})\n)?")  # the checksum came later
_RETRIES = 100  # so many commits in a row may take a file away between two of our look-ups


# --- which generations there are -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Generation:
    """A committed state: the folder's number, then the commit's."""

    folder: int
    commit: int

    @property
    def name(self) -> str:
        """As people and caches see it."""
        return f"{self.folder}.{self.commit}"


def folder_path(directory: Path, folder: int) -> Path:
    """Where a generation folder is."""
    return directory / f"gen-{folder}"


def folders(directory: Path) -> list[int]:
    """The numbers of all generation folders, newest first."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        found = [_FOLDER.match(name) for name in os.listdir(directory)]  # noqa: PTH208 - once a request; twice as fast
        return sorted((int(match[1]) for match in found if match), reverse=True)
    return []


def current_folder(directory: Path) -> int:
    """The live folder's number. Raises IndexMissing."""
    try:
        match = _CURRENT.fullmatch((directory / CURRENT).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise IndexMissing(
            f"{directory}: there is no index here yet; make one with `python -m indexer build`"
        ) from None
    if not match or (match[3] and match[3] != checksum(match[1])):
        raise damaged(str(directory / CURRENT), "it does not name a generation")
    return int(match[2])


def current_content(folder: int) -> bytes:
    """What CURRENT holds to name that folder."""
    name = f"gen-{folder}\n".encode()
    return name + checksum(name) + b"\n"


def last_commit(directory: Path, folder: int) -> int:
    """The number of the folder's last commit; -1 if it has none."""
    names = os.listdir(folder_path(directory, folder))  # noqa: PTH208 - once a request
    return max((int(match[1]) for match in map(_TOC.match, names) if match), default=-1)


def candidates(directory: Path) -> Iterator[Generation]:
    """The live generation, then older ones to fall back on. Raises IndexMissing, IndexDamaged."""
    try:
        live = current_folder(directory)
    except IndexDamaged:
        # CURRENT itself is damaged: the newest folder with a commit is what it named, or better.
        live = max(folders(directory), default=-1)
    for folder in folders(directory):
        if folder <= live:
            with contextlib.suppress(FileNotFoundError):
                commit = last_commit(directory, folder)
                if commit >= 0:
                    yield Generation(folder, commit)


def live_generation(directory: Path) -> Generation:
    """What CURRENT names. Raises IndexMissing, IndexDamaged."""
    for _ in range(_RETRIES):
        folder = current_folder(directory)
        with contextlib.suppress(FileNotFoundError):
            commit = last_commit(directory, folder)
            if commit >= 0:
                return Generation(folder, commit)
        if current_folder(directory) == folder:  # else a rebuild has taken its place meanwhile
            break
    raise damaged(str(folder_path(directory, folder)), "it holds no commit")


# --- opening one ---------------------------------------------------------------------------------

_sound: set[tuple[int, ...]] = set()  # seals of files whose every byte this process has compared
_sound_lock = threading.Lock()


def seal(stat: os.stat_result) -> tuple[int, ...]:
    """What a file's identity is while nobody writes to it."""
    return (stat.st_ino, stat.st_mtime_ns, stat.st_ctime_ns)


def part_of(path: Path) -> Part:
    """What the manifest notes of a segment that is written and synced."""
    stat = path.stat()
    return Part(path.name, stat.st_size, durable.checksum(path), seal(stat))


def verify(folder: Path, part: Part, *, every_byte: bool = False) -> None:
    """Raise IndexDamaged, naming the file, unless it is what was written."""
    path = f"{folder}/{part.name}"
    stat = os.stat(path)  # noqa: PTH116 - once a request
    if stat.st_size != part.size:
        raise damaged(path, f"it has {stat.st_size} bytes instead of {part.size}")
    now = seal(stat)
    if not every_byte and part.seal and (now == part.seal or now in _sound):
        return
    try:
        matches = durable.checksum(Path(path)) == part.crc
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        raise damaged(path, "the disk cannot read it") from error
    if not matches:
        raise damaged(path, "it does not match its checksum")
    if part.seal:
        with _sound_lock:
            _sound.add(now)


def read_manifest(directory: Path, generation: Generation) -> Manifest:
    """The manifest of a generation. Raises IndexDamaged, IndexOutdated."""
    path = folder_path(directory, generation.folder) / f"manifest-{generation.commit}.json"
    return parse_manifest(str(path), path.read_bytes())


@dataclass(frozen=True, slots=True)
class Opened:
    """A generation whose files are mapped, and what they have to be."""

    generation: Generation
    manifest: Manifest
    snapshot: Snapshot
    folder: Path

    def verify(self, *, every_byte: bool = False) -> None:
        """Raise IndexDamaged if a mapped file is not what it was; FileNotFoundError if it is gone."""
        for part in self.manifest.segments:
            verify(self.folder, part, every_byte=every_byte)


def open_generation(
    directory: Path, generation: Generation, settings: Settings, *, reuse: Opened | None = None
) -> Opened:
    """Open a generation. Segments that `reuse` holds already are not mapped again.

    Raises IndexDamaged, IndexOutdated, or FileNotFoundError when a commit came between.
    """
    manifest = read_manifest(directory, generation)
    compare(directory, manifest.settings, settings)
    folder = folder_path(directory, generation.folder)
    open_already = {s.name: s for s in reuse.snapshot.segments} if reuse else {}
    segments = []
    for part in (manifest.toc, manifest.rejections):
        verify(folder, part)
    for part, (deleted, dead) in zip(manifest.segments, manifest.masks, strict=True):
        verify(folder, part)
        segment = open_already.get(part.name) or Segment.open(folder / part.name)
        segments.append(
            segment.masked(
                unpack_mask(base64.b64decode(deleted), segment.doc_count),
                unpack_mask(base64.b64decode(dead), segment.file_count),
            )
        )
    snapshot = Snapshot(
        generation=generation.name,
        committed_at=manifest.committed_at,
        segments=tuple(segments),
        rejections=read_rejections((folder / manifest.rejections.name).read_bytes()),
        directory=folder,
    )
    return Opened(generation, manifest, snapshot, folder)


def retrying(directory: Path, settings: Settings, reuse: Opened | None = None) -> Opened:
    """Open the live generation, however many commits come between our look-ups.

    A commit takes files away only after it is visible: a file that is missing while the same
    generation is live is really missing.
    """
    for _ in range(_RETRIES):
        live = live_generation(directory)
        try:
            return open_generation(directory, live, settings, reuse=reuse)
        except FileNotFoundError as error:
            missing = error
            if live_generation(directory) == live:
                break
    raise damaged(str(missing.filename), "the file is missing")


def check_every_byte(directory: Path, generation: Generation) -> list[str]:
    """Compare every file of a generation with its checksum; each damage in words."""
    found: list[str] = []
    folder = folder_path(directory, generation.folder)
    try:
        manifest = read_manifest(directory, generation)
    except (IndexDamaged, OSError) as error:
        return [str(error)]
    for part in (manifest.toc, manifest.rejections, *manifest.segments):
        try:
            verify(folder, part, every_byte=True)
        except IndexDamaged as error:
            found.append(str(error))
        except OSError as error:
            found.append(f"{folder / part.name}: {error.strerror}; rebuild the index")
    return found
