"""Folders -> the article files in them, all or those of a few paths. Follows no link, reads no file.

A file's path in the index is relative to its root, with `/`. Where two roots hold the same
relative path, the file of the root that stands first in the configuration keeps it; the other's is
named `@2/PATH`, after the number of its root.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.folder.files import Found, found_at, kind, name_problem, printable, state_of, too_big
from search.config import Articles
from search.errors import BadConfig
from search.model import Rejection

MAX_DEPTH = 32  # folders below a root; people's archives stay under ten, link farms do not
ROOT_UNSEEN = "folder cannot be opened"  # how the reason begins where a whole root is out of sight
WALK = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
NUMBERED = re.compile(r"@(\d+)/")

Place = tuple[int, int]
"""Device and inode: what a folder is, whatever its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a walk over the roots found."""

    files: tuple[Found, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    """What is named like an article but is none: links, pipes, names that cannot be stored…"""
    out_of_sight: tuple[str, ...] = ()
    """Folders that could not be listed: nothing below them may be taken for deleted. "" is all."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """What each root is, and each folder below that lies on another device: `ROOT` or `ROOT//PATH`."""
    scope: frozenset[str] | None = None
    """The relative paths that were looked at, with all below them; None is everything."""


def scan(articles: Articles) -> Seen:
    """Every file that the configuration asks for, each once, in the order of their paths.

    Raises BadConfig if one root lies inside another: its files would be there twice.
    """
    check_roots(articles.roots)
    return _walked(articles, None)


def glance(articles: Articles, paths: Iterable[Path]) -> Seen:
    """What there is now at these absolute paths, with everything below those that are folders.

    Paths outside of the roots are passed over. The scope is all (None) where a path is a root, or
    where names of several roots could meet.
    """
    scope: set[str] = set()
    for path in paths:
        for root in articles.roots:
            if path == root:
                return scan(articles)
            if path.is_relative_to(root):
                scope.add(os.fspath(path.relative_to(root)))
    return look_at(articles, scope)


def look_at(articles: Articles, scope: Collection[str]) -> Seen:
    """What there is at these paths, relative to whichever root; see `glance`.

    The scope names what cannot be stored as it is listed: no other name for it is known anywhere.
    """
    if _names_may_meet(articles.roots):
        return scan(articles)
    listed = {printable(path) for path in scope}
    seen = _walked(articles, outermost(listed.union(scope)))
    return replace(seen, scope=outermost(listed))


def left_out(articles: Articles) -> Callable[[str, str], bool]:
    """(name, path below its root) -> whether a folder is not walked: excluded, or too deep."""
    excluded = _matcher(articles.exclude)
    return lambda name, relative: relative.count("/") >= MAX_DEPTH or excluded(name, relative)


def outermost(paths: Collection[str]) -> frozenset[str]:
    """These relative paths without those that lie below another of them."""
    kept: list[str] = []
    for path in sorted(paths, key=lambda path: path.split("/")):
        if not (kept and path.startswith(f"{kept[-1]}/")):
            kept.append(path)
    return frozenset(kept)


def is_below(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of these, or lies in it; "" is the root."""
    return any(not folder or path == folder or path.startswith(f"{folder}/") for folder in folders)


def relative_of(path: str) -> str:
    """A path of the index without the number of its root."""
    while match := NUMBERED.match(path):
        path = path[match.end() :]
    return path


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


def _walked(articles: Articles, scope: frozenset[str] | None) -> Seen:
    wanted, unwanted = _matcher(articles.include), _matcher(articles.exclude)
    taken: dict[str, Found] = {}
    rejections: dict[str, Rejection] = {}
    hidden: set[str] = set()
    places: dict[str, Place] = {}
    for number, root in enumerate(articles.roots, start=1):
        walk = _Walk(root=root, wanted=wanted, unwanted=unwanted, max_bytes=articles.max_file_bytes)
        walk.run(scope)
        for found in walk.files:
            path = _free_path(found.relative, number, taken)
            taken[path] = found if path == found.path else replace(found, path=path)
        for rejection in walk.rejections:
            rejections.setdefault(rejection.path, rejection)
        places |= walk.places
        # With several roots a known path does not say whose it is: then all of them may be hidden.
        hidden.update(walk.out_of_sight if len(articles.roots) == 1 else walk.out_of_sight and [""])
    return Seen(
        files=tuple(taken[path] for path in sorted(taken)),
        rejections=tuple(rejections[path] for path in sorted(rejections) if path not in taken),
        out_of_sight=tuple(sorted(hidden)),
        places=places,
        scope=scope,
    )


def _names_may_meet(roots: Sequence[Path]) -> bool:
    """Whether a folder is called like the number of a root: then one path says nothing by itself."""
    numbers = [f"@{number}" for number in range(2, len(roots) + 1)]
    return any(os.path.lexists(root / name) for root in roots for name in numbers)


def _free_path(relative: str, root_number: int, taken: Mapping[str, Found]) -> str:
    path = relative
    while path in taken:
        path = f"@{root_number}/{path}"
    return path


def _matcher(patterns: Sequence[str]) -> Callable[[str, str], bool]:
    """(name, relative path) -> does any pattern match? Capitals do not matter."""
    endings = [p[1:].lower() for p in patterns if re.fullmatch(r"\*[^*?\[/]+", p)]
    by_name = [p.lower() for p in patterns if "/" not in p and p[1:].lower() not in endings]
    by_path = [p.lower().removeprefix("/") for p in patterns if "/" in p]
    some_ending = tuple(endings)
    name_pattern = re.compile("|".join(map(fnmatch.translate, by_name)) or r"(?!)")
    path_pattern = re.compile("|".join(map(fnmatch.translate, by_path)) or r"(?!)")

    def matches(name: str, relative: str) -> bool:
        low = name.lower()
        return bool(
            low.endswith(some_ending)
            or name_pattern.match(low)
            or path_pattern.match(relative.lower())
        )

    return matches if patterns else lambda _name, _relative: False


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
    places: dict[str, Place] = field(default_factory=dict)
    device: int = 0

    def run(self, scope: frozenset[str] | None) -> None:
        """Walk all of it, or look at what is in the scope."""
        try:
            descriptor = os.open(self.root, WALK)
        except OSError as error:
            self.rejections.append(
                Rejection(path=str(self.root), reason=f"{ROOT_UNSEEN}: {error.strerror}")
            )
            self.out_of_sight.append("")
            return
        state = os.fstat(descriptor)
        self.device = state.st_dev
        self.places[str(self.root)] = (state.st_dev, state.st_ino)
        if scope is None:
            self._folder(descriptor, "", 0)
            return
        try:
            for relative in sorted(scope):
                self._reach(descriptor, relative.split("/"))
        finally:
            os.close(descriptor)

    def _reach(self, root: int, parts: Sequence[str]) -> None:
        """Look at what a path names now, if the walk would come by there."""
        parent, path = os.dup(root), ""
        try:
            for depth, name in enumerate(parts):
                path = f"{path}/{name}" if path else name
                if name.startswith(".") or self.unwanted(name, path):
                    return
                state = os.stat(name, dir_fd=parent, follow_symlinks=False)
                if not self._is_folder(name, path, state, depth):
                    return
                if depth + 1 == len(parts):
                    self._enter(parent, name, path, depth + 1)
                    return
                inner = os.open(name, WALK | os.O_NOFOLLOW, dir_fd=parent)
                os.close(parent)
                parent = inner
        except (FileNotFoundError, NotADirectoryError):
            return  # it has gone, or something else has taken its place: nothing is below it
        except OSError as error:
            self._hide(path, error)
        finally:
            os.close(parent)

    def _folder(self, descriptor: int, relative: str, depth: int) -> None:
        """List an open folder and close it; then the folders in it, one by one."""
        below: list[tuple[str, str]] = []
        prefix = f"{relative}/" if relative else ""
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    name = entry.name
                    path = prefix + name
                    if name[0] == "." or self.unwanted(name, path):
                        continue
                    try:
                        state = entry.stat(follow_symlinks=False)
                    except OSError:
                        continue  # it vanished since it was listed: nothing to say about it
                    if self._is_folder(name, path, state, depth):
                        below.append((name, path))
            for name, path in below:
                self._enter(descriptor, name, path, depth + 1)
        except OSError as error:
            self._hide(relative, error)
        finally:
            os.close(descriptor)

    def _enter(self, parent: int, name: str, path: str, depth: int) -> None:
        try:
            descriptor = os.open(name, WALK | os.O_NOFOLLOW, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError as error:
            self._hide(path, error)
            return
        self._folder(descriptor, path, depth)

    def _hide(self, path: str, error: OSError) -> None:
        if name_problem(path) is None:
            self.out_of_sight.append(path)
        reason = f"folder cannot be listed: {error.strerror}"
        self.rejections.append(Rejection(path=printable(path or str(self.root)), reason=reason))

    def _is_folder(self, name: str, path: str, state: os.stat_result, depth: int) -> bool:
        """Note a file; say of a folder that it is to be entered."""
        mode = state.st_mode
        if stat.S_ISREG(mode):
            if self.wanted(name, path):
                self._file(path, state)
        elif stat.S_ISDIR(mode):
            if depth + 1 <= MAX_DEPTH:
                if state.st_dev != self.device:
                    self.places[f"{self.root}//{path}"] = (state.st_dev, state.st_ino)
                return True
            self._reject(path, f"folder lies more than {MAX_DEPTH} deep", state)
        elif stat.S_ISLNK(mode):
            self._reject(path, "is a symbolic link; links are not followed", state)
        elif self.wanted(name, path):
            self._reject(path, f"is {kind(mode)}, not a file", state)
        return False

    def _file(self, path: str, state: os.stat_result) -> None:
        problem = name_problem(path)
        if problem:
            self._reject(path, problem, state)
            return
        found = found_at(path, self.root, path, state)
        if state.st_size > self.max_bytes and not found.is_json_lines:
            self._reject(path, too_big(state.st_size, self.max_bytes), state)
            return
        self.files.append(found)

    def _reject(self, path: str, reason: str, state: os.stat_result) -> None:
        self.rejections.append(
            Rejection(path=printable(path), reason=reason, fingerprint=state_of(state, ""))
        )
