"""What a disk may hold after a power cut: recorded while a program works, then made as folders.

POSIX promises little. What a file holds lasts from its fsync; what a folder lists, from the folder's.
Everything since may be there, or not, or in part, in any order; a rename alone is whole or not at
all. A `Disk` looks at a folder before each call that changes its list of names and at each fsync.
`images` then makes of each such moment what could be found after a cut there: nothing that was not
synced, all of it, names without bytes (as ext4 does), bytes without names, and mixtures by dice.
"""

from __future__ import annotations

import copy
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import pytest

BLOCK_BYTES = 512  # what a disk writes whole
KINDS = ("nothing", "everything", "names", "bytes", "mixture", "mixture", "mixture", "mixture")
_EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"})

Listing = dict[str, int]
"""A folder's names, each with the file or folder that it names."""
Tree = dict[str, Any]
"""A folder's names, each with a file's bytes or another Tree."""


@dataclass(slots=True)
class _File:
    lasting: bytes | None = None
    """As of the last fsync; None before the first."""
    latest: bytes = b""


@dataclass(slots=True)
class _Folder:
    lasting: Listing = field(default_factory=dict)
    latest: Listing = field(default_factory=dict)
    since: list[dict[str, int | None]] = field(default_factory=list)
    """What each call has changed since the last fsync: new names, and gone ones as None."""


@dataclass(slots=True)
class Moment:
    """All that is known of the disk, and what had been acknowledged then."""

    acknowledged: int
    call: str
    nodes: dict[int, _File | _Folder]


class Disk:
    """A context in which what happens below `root` is recorded. The root itself is lasting."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.acknowledged = -1
        self.moments: list[Moment] = []
        self._nodes: dict[int, _File | _Folder] = {0: _Folder()}
        self._numbers: dict[int, int] = {}
        """The node of each inode that is there now: inodes are used again, nodes are not."""
        self._patch = pytest.MonkeyPatch()
        self._on = False

    def __enter__(self) -> Self:
        for name in ("fsync", "fdatasync"):
            self._patch.setattr(os, name, self._synced(getattr(os, name)))
        sys.addaudithook(self._before)  # for ever, but heeded in this context only
        self._on = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._on = False
        self._patch.undo()

    def _before(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._on and event in _EVENTS and str(arguments[0]).startswith(str(self.root)):
            if event == "open" and "r" in str(arguments[1] or "r"):
                return
            self._look(f"{event} {Path(str(arguments[0])).name}")

    def _synced(self, real: Any) -> Any:
        def sync(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if not self._on or not path.is_relative_to(self.root):
                real(descriptor)
                return
            self._look(f"fsync {path.name}")
            real(descriptor)
            node = self._nodes[
                self._numbers[os.fstat(descriptor).st_ino] if path != self.root else 0
            ]
            if isinstance(node, _File):
                node.lasting = node.latest
            else:
                node.lasting, node.since = dict(node.latest), []

        return sync

    def _look(self, call: str) -> None:
        """See what has changed, and remember the moment before the call."""
        self._on = False
        seen: dict[int, int] = {}
        self._look_into(self.root, 0, seen)
        self._numbers = seen
        self.moments.append(Moment(self.acknowledged, call, copy.deepcopy(self._nodes)))
        self._on = True

    def _look_into(self, path: Path, number: int, seen: dict[int, int]) -> None:
        listing: Listing = {}
        for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
            inode = entry.inode()
            child = seen.get(inode, self._numbers.get(inode, -1))
            if child < 0 or isinstance(self._nodes[child], _Folder) != entry.is_dir():
                child = len(self._nodes)
                self._nodes[child] = _Folder() if entry.is_dir() else _File()
            listing[entry.name], seen[inode] = child, child
            node = self._nodes[child]
            if isinstance(node, _Folder):
                self._look_into(Path(entry.path), child, seen)
            else:
                node.latest = Path(entry.path).read_bytes()
        folder = self._nodes[number]
        assert isinstance(folder, _Folder)
        changed: dict[str, int | None] = {
            name: child for name, child in listing.items() if folder.latest.get(name) != child
        }
        changed |= dict.fromkeys(set(folder.latest) - set(listing))
        if changed:
            folder.since.append(changed)
        folder.latest = listing


def images(moment: Moment, place: Path, dice: random.Random) -> Iterator[Path]:
    """Folders below `place`, each as the disk could be after a cut at that moment; no two equal."""
    seen: list[Tree] = []
    for kind in KINDS:
        tree = _tree(moment, 0, kind, dice)
        if tree not in seen:
            seen.append(tree)
            image = place / str(len(seen))
            _write(tree, image)
            yield image


def _tree(moment: Moment, number: int, kind: str, dice: random.Random) -> Tree:
    folder = moment.nodes[number]
    assert isinstance(folder, _Folder)
    listing = dict(folder.lasting)
    for changed in folder.since:
        if kind in {"everything", "names"} or (kind == "mixture" and dice.random() < 0.5):
            for name, child in changed.items():
                if child is None:
                    listing.pop(name, None)
                else:
                    listing[name] = child
    found: Tree = {}
    for name, child in listing.items():
        node = moment.nodes[child]
        if isinstance(node, _Folder):
            found[name] = _tree(moment, child, kind, dice)
        else:
            found[name] = _content(node, kind, dice)
    return found


def _write(tree: Tree, path: Path) -> None:
    path.mkdir(parents=True)
    for name, content in tree.items():
        if isinstance(content, bytes):
            (path / name).write_bytes(content)
        else:
            _write(content, path / name)


def _content(file: _File, kind: str, dice: random.Random) -> bytes:
    lasting, latest = file.lasting or b"", file.latest
    if kind in {"everything", "bytes"} or lasting == latest:
        return latest
    if kind in {"nothing", "names"}:
        return lasting
    how: Literal["cut", "holes", "new", "old"] = dice.choice(["cut", "holes", "new", "old"])
    if how == "cut":
        return latest[: dice.randrange(len(latest) + 1)]
    if how == "holes":
        blocks = [latest[at : at + BLOCK_BYTES] for at in range(0, len(latest), BLOCK_BYTES)]
        return b"".join(b if dice.random() < 0.5 else bytes(len(b)) for b in blocks)
    return latest if how == "new" else lasting
