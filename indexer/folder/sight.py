"""What a folder no longer shows: has it been deleted, or is it out of sight? Pure: nothing is read here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from indexer.folder.remembered import Remembered
from indexer.folder.walk import ROOT_UNSEEN, Place, Seen, is_below, relative_of
from search.errors import DatelineError
from search.model import Rejection

LOST_SHARE = 0.5  # a folder that has become another one and lacks more of its files was not emptied


class CannotRun(DatelineError):
    """The index cannot be brought up to date at all; nothing was changed."""


def is_unseen(rejection: Rejection) -> bool:
    """Whether a whole root is out of sight."""
    return rejection.reason.startswith(ROOT_UNSEEN)


def check(seen: Seen, roots: Collection[Path], before: Remembered | None, *, fresh: bool) -> None:
    """Refuse to run where that would take an unreachable folder for an empty one."""
    unseen = [rejection for rejection in seen.rejections if is_unseen(rejection)]
    if len(unseen) == len(roots) or (unseen and fresh):
        raise CannotRun(
            f"{unseen[0].path}: {unseen[0].reason}; see [articles] roots in config.toml"
        )
    if fresh and not seen.files and before is not None and before.file_count:
        raise CannotRun(
            f"{', '.join(map(str, roots))}: no file to read was found, so nothing was built, and the"
            f" index of {before.file_count:,} files stands. Is a disk not mounted? If the index is"
            " to be empty, delete its folder"
        )


def held(seen: Seen, known: Collection[str], before: Mapping[str, Place]) -> Seen:
    """What was seen, with folders hidden that are not the ones that were there `before`.

    A disk that is not mounted leaves an empty folder in its place. So where a root, or a folder on
    another device, is not the same as at the last commit and most of its files are missing, nothing
    in it is taken for deleted. With several roots a known path does not say whose it is: there, a
    root must be empty.
    """
    roots = {place.partition("//")[0] for place in before}
    hidden: dict[str, Rejection] = {}
    kept: dict[str, Place] = {}
    for place, identity in sorted(before.items()):
        root, _, inner = place.partition("//")
        if seen.places.get(place) == identity or root not in seen.places:
            continue
        there = {f.path for f in seen.files if str(f.root) == root and _is_in(f.relative, inner)}
        below = [path for path in known if _is_in(relative_of(path), inner)]
        gone = sum(path not in there for path in below)
        if len(roots) == 1 and gone > LOST_SHARE * len(below):
            hidden[inner] = _rejection(root, inner, f"{gone:,} of its {len(below):,} files")
            kept[place] = identity
        elif len(roots) > 1 and below and not there:
            hidden[""] = _rejection(root, inner, "all its files")
            kept[place] = identity
    rejections = (*seen.rejections, *hidden.values())
    return replace(
        seen,
        rejections=tuple(sorted(rejections, key=lambda rejection: rejection.path)),
        out_of_sight=tuple(sorted({*seen.out_of_sight, *hidden})),
        places={**seen.places, **kept},
    )


def _is_in(path: str, folder: str) -> bool:
    return is_below(path, (folder,))


def _rejection(root: str, inner: str, what: str) -> Rejection:
    return Rejection(
        path=f"{root}/{inner}" if inner else root,
        reason=f"is not the folder that was here, and {what} are missing: is a disk not mounted?"
        " They stay in the index; if they are to go, run `python -m indexer build`",
    )
