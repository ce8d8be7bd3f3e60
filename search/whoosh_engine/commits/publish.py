"""The files of a commit: written, synced, made visible by one name, and swept when not needed.

Until the table of contents has its name (and, for a folder of its own, CURRENT names that), nothing
that a reader sees has changed.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from search import durable
from search.errors import IndexDamaged, IndexMissing, IndexOutdated
from search.model import Rejection
from search.whoosh_engine.commits.generations import (
    CURRENT,
    Generation,
    current_content,
    folder_path,
    folders,
    last_commit,
    live_generation,
    part_of,
    read_manifest,
)
from search.whoosh_engine.commits.manifest import (
    Manifest,
    Part,
    Settings,
    mask_texts,
    rejections_content,
)
from search.whoosh_engine.commits.toc import toc_content, toc_name
from search.whoosh_engine.segments.arrays import Segment


@dataclass(frozen=True, slots=True)
class Draft:
    """A commit that is to be made."""

    settings: Settings
    number: int
    segments: Sequence[Segment]
    rejections: Sequence[Rejection]
    known: Mapping[str, Part]
    """The parts of segments that an earlier commit has synced."""


def publish(folder: Path, draft: Draft, made: list[Path]) -> Manifest:
    """Write and sync all files of a commit, the name of the table of contents last.

    Every file is added to `made` before it is written, so that the caller can take back what
    failed half-way.
    """
    parts = []
    for segment in draft.segments:
        part = draft.known.get(segment.name)
        if part is None:
            durable.sync(folder / segment.name)
            part = part_of(folder / segment.name)
        parts.append(part)
    number, content = draft.number, rejections_content(draft.rejections)
    rejections = _write(folder / f"rejections-{number}.json", content, made)
    content = toc_content(number, draft.segments)
    toc = _write(folder / f"{toc_name(number)}.new", content, made)
    manifest = Manifest(
        settings=draft.settings,
        number=number,
        committed_at=datetime.now(UTC).isoformat(timespec="seconds"),
        segments=tuple(parts),
        masks=tuple(mask_texts(segment) for segment in draft.segments),
        toc=Part(toc_name(number), toc.size, toc.crc),
        rejections=rejections,
    )
    _write(folder / f"manifest-{number}.json", manifest.content(), made)
    durable.switch(folder / toc.name, folder / toc_name(number))
    return manifest


def _write(path: Path, content: bytes, made: list[Path]) -> Part:
    made.append(path)
    durable.write_synced(path, content)
    return Part(path.name, len(content), zlib.crc32(content))


def go_live(directory: Path, folder: int) -> None:
    """Point CURRENT at a folder that holds a commit."""
    temporary = directory / f"{CURRENT}.new"
    durable.write_synced(temporary, current_content(folder))
    durable.switch(temporary, directory / CURRENT)


def take_back(directory: Path, generation: Generation, made: Iterable[Path]) -> bool:
    """Remove the files of a commit that failed; False, and nothing, where readers see it already."""
    with contextlib.suppress(IndexMissing, IndexDamaged, OSError):
        if live_generation(directory) == generation:
            return False
    folder = folder_path(directory, generation.folder)
    for path in (directory / f"{CURRENT}.new", folder / toc_name(generation.commit), *made):
        durable.unlink(path)
    return True


def sweep(directory: Path, live: Generation | None, *, keep: int) -> None:
    """Remove what no commit needs: older commits, leftovers of killed writers, old folders.

    For whoever holds the lock. `live` is what CURRENT names, None where there is no CURRENT. What
    cannot be read is left alone: nobody knows what in it is needed.
    """
    if live is not None:
        with contextlib.suppress(IndexDamaged, IndexOutdated, OSError):
            _sweep_folder(folder_path(directory, live.folder), read_manifest(directory, live))
    newest = live.folder if live is not None else max(folders(directory), default=0)
    standing = [f for f in folders(directory) if f <= newest and last_commit(directory, f) >= 0]
    for folder in set(folders(directory)) - set(standing[:keep]):
        remove_folder(folder_path(directory, folder))
    durable.unlink(directory / f"{CURRENT}.new")


def _sweep_folder(folder: Path, manifest: Manifest) -> None:
    number = manifest.number
    wanted = {toc_name(number), f"manifest-{number}.json", f"rejections-{number}.json"}
    wanted |= {part.name for part in manifest.segments}
    for path in folder.iterdir():
        if path.name not in wanted:
            durable.unlink(path)


def remove_folder(folder: Path) -> None:
    """Remove a generation's folder, as far as that can be done."""
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        durable.unlink(path)
    with contextlib.suppress(OSError):
        folder.rmdir()
