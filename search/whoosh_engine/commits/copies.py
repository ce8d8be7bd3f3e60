"""A live generation -> a copy of it elsewhere, and back: while everything runs, whole or not at all.

A copy is an index directory of its own: its files are checked against the manifest's checksums as
they are copied, and synced. Bringing one back makes a new generation folder beside the live one and
switches to it, as a rebuild does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from io import BufferedReader
from pathlib import Path

from search import durable
from search.errors import IndexDamaged
from search.whoosh_engine.commits import publish
from search.whoosh_engine.commits.generations import (
    CURRENT,
    LOCK,
    Generation,
    check_every_byte,
    current_content,
    folder_path,
    folders,
    live_generation,
    read_manifest,
)
from search.whoosh_engine.commits.manifest import Manifest, Settings, compare
from search.whoosh_engine.segments.segment_file import damaged

_RETRIES = 100  # so many commits in a row may take a file away before all are open
_BLOCK_BYTES = 1 << 20


def copy_live(directory: Path, target: Path) -> str:
    """Copy what CURRENT names into an empty folder; returns the generation.

    Commits may come meanwhile: what is open is not taken away. Raises IndexMissing, IndexDamaged.
    """
    with contextlib.ExitStack() as stack:
        live, files = _opened(directory, stack)
        folder = folder_path(target, live.folder)
        durable.make_folder(folder)
        for name, file in files.items():
            _copy(file, folder / name)
    durable.sync(folder)
    _refuse_damage(target, live)
    durable.write_synced(target / CURRENT, current_content(live.folder))
    durable.sync(target)
    return live.name


def bring_back(
    source: Path, directory: Path, settings: Settings, *, beside: Callable[[str], None]
) -> str:
    """Make a copy the live generation of an index; returns its new name.

    `beside` is called with that name after the switch, while nobody else may write. Until the
    switch nothing that a reader sees has changed.
    Raises IndexOutdated, IndexDamaged, IndexLocked, OSError.
    """
    kept = live_generation(source)
    compare(source, read_manifest(source, kept).settings, settings)
    _refuse_damage(source, kept)
    durable.make_folder(directory)
    lock = durable.Lock(directory / LOCK)
    try:
        back = Generation(max(folders(directory), default=0) + 1, kept.commit)
        folder = folder_path(directory, back.folder)
        try:
            shutil.copytree(folder_path(source, kept.folder), folder)
            for file in (*folder.iterdir(), folder):
                durable.sync(file)
            _refuse_damage(directory, back)
            durable.sync(directory)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        publish.go_live(directory, back.folder)
        beside(back.name)
    finally:
        lock.release()
    return back.name


def _opened(
    directory: Path, stack: contextlib.ExitStack
) -> tuple[Generation, dict[str, BufferedReader]]:
    """The live generation with all its files open."""
    for _ in range(_RETRIES):
        live = live_generation(directory)
        folder = folder_path(directory, live.folder)
        try:
            names = _names(read_manifest(directory, live), live)
            return live, {name: stack.enter_context((folder / name).open("rb")) for name in names}
        except FileNotFoundError as error:
            missing = error
            if live_generation(directory) == live:
                break
    raise damaged(str(missing.filename), "the file is missing")


def _refuse_damage(directory: Path, generation: Generation) -> None:
    found = check_every_byte(directory, generation)
    if found:
        raise IndexDamaged(found[0])


def _names(manifest: Manifest, live: Generation) -> Iterator[str]:
    yield f"manifest-{live.commit}.json"
    for part in (manifest.toc, manifest.rejections, *manifest.segments):
        yield part.name


def _copy(file: BufferedReader, target: Path) -> None:
    with target.open("wb") as copy:
        shutil.copyfileobj(file, copy, _BLOCK_BYTES)
        copy.flush()
        os.fsync(copy.fileno())
