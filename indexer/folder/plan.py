"""What the index knows and what the folder holds -> what is to be done. Pure: nothing is read here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from indexer.folder.files import JSON_LINE, Found
from indexer.folder.walk import Seen, is_below, relative_of
from search.model import Fingerprint, Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What makes the index equal to the folder. Each path stands in one of the first five."""

    put: tuple[Found, ...] = ()
    """New files, and known ones whose state has changed."""
    check: tuple[Found, ...] = ()
    """Their state has not changed, but they were too young for that to mean anything."""
    keep: tuple[str, ...] = ()
    """Not touched, or out of sight."""
    reject: tuple[Rejection, ...] = ()
    """Entries of the folder that can be no article."""
    remove: tuple[str, ...] = ()
    """Known, and no longer there."""
    moved: tuple[tuple[str, str], ...] = ()
    """(old, new): paths in `remove` and `put` that are the same file under another name."""


def plan(
    known: Mapping[str, Fingerprint],
    seen: Seen,
    *,
    listed: Iterable[str] = (),
    young: Collection[str] = (),
    dirty: Collection[str] = (),
) -> Plan:
    """Compare by state (size, times, inode); the bytes of what differs decide later.

    `listed` are paths with a rejection, of which some may have no fingerprint; `young` those that
    were read so soon after their last change that another may have gone unnoticed; `dirty` those
    that are to be read again in any case. All of them within the scope of what was seen.
    """
    put: list[Found] = []
    check: list[Found] = []
    keep: list[str] = []
    for found in seen.files:
        if found.path in dirty or not is_same(known.get(found.path), found):
            put.append(found)
        elif found.path in young:
            check.append(found)
        else:
            keep.append(found.path)
    there = {found.path for found in seen.files} | {r.path for r in seen.rejections}
    gone = {path for path in (*known, *listed) if path not in there and file_of(path) not in there}
    hidden = {path for path in gone if is_below(path, seen.out_of_sight)}
    remove = gone - hidden
    return Plan(
        put=tuple(put),
        check=tuple(check),
        keep=(*keep, *sorted(hidden)),
        reject=seen.rejections,
        remove=tuple(sorted(remove)),
        moved=_moved(known, remove, put),
    )


def file_of(path: str) -> str:
    """The file that a path belongs to: `FILE.jsonl` for one of its lines, else the path itself."""
    line = JSON_LINE.search(path)
    return path[: line.end() - 1] if line else path


def is_same(known: Fingerprint | None, found: Found) -> bool:
    """Whether the state of a file is the one that the index knows."""
    return known is not None and (
        known.size_bytes == found.size_bytes
        and known.mtime_ns == found.mtime_ns
        and known.ctime_ns == found.ctime_ns
        and known.inode == found.inode
    )


def in_scope(path: str, seen: Seen) -> bool:
    """Whether a walk would have come by a path of the index."""
    if seen.scope is None:
        return True
    parts = relative_of(file_of(path)).split("/")
    return any("/".join(parts[:end]) in seen.scope for end in range(1, len(parts) + 1))


def _moved(
    known: Mapping[str, Fingerprint], remove: Collection[str], put: Iterable[Found]
) -> tuple[tuple[str, str], ...]:
    """A rename keeps inode, size and mtime (not ctime); each old path is the source of one move."""
    by_state = {
        (known[path].inode, known[path].size_bytes, known[path].mtime_ns): path
        for path in sorted(remove)
        if path in known
    }
    moves = []
    for found in put:
        if found.path in known:
            continue
        old = by_state.pop((found.inode, found.size_bytes, found.mtime_ns), None)
        if old is not None:
            moves.append((old, found.path))
    return tuple(moves)
