"""What the counts say of themselves: by what and of what they were made, and a run's note.

Read before anything is opened for writing, so that a run knows whether it can go on from there.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "lines.sqlite"
NOTE = "lines.run.json"
FORMAT = 2
NO_INDEX = ""  # the generation, where nothing was committed yet


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the last commit noted beside the files."""

    generation: str
    made_with: Mapping[str, str]
    """What decides the index besides the files: programs, settings, folders, each as a text."""
    places: Mapping[str, tuple[int, int]]
    """What the roots, and folders on other devices, were."""
    file_count: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """The files that a commit of the index was about to change."""

    paths: tuple[str, ...]
    is_counted: bool


def remembered(folder: Path) -> Remembered | None:
    """What the database of an index directory says of itself; None if there is none to be used."""
    if not (folder / NAME).exists():
        return None
    try:
        with contextlib.closing(sqlite3.connect(folder / NAME, isolation_level=None)) as base:
            found = told(dict(base.execute("SELECT name, value FROM said")))
            if found is not None:
                count = base.execute("SELECT count(*) FROM file").fetchone()[0]
                return dataclasses.replace(found, file_count=count)
    except sqlite3.Error:
        return None
    return None


def told(said: Mapping[str, str]) -> Remembered | None:
    """What the table `said` says; None if another version wrote it."""
    if said.get("format") != str(FORMAT):
        return None
    try:
        places = {name: (at[0], at[1]) for name, at in json.loads(said["places"]).items()}
        return Remembered(said["generation"], json.loads(said["made_with"]), places)
    except (KeyError, ValueError, TypeError, AttributeError):
        return None


def note(file: Path, generation: str | None) -> Note | None:
    """What was announced at this generation; None if that is not known, or is all there is."""
    try:
        said: Mapping[str, object] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    paths = said.get("paths")
    if said.get("generation") != generation or not isinstance(paths, list):
        return None
    return Note(tuple(paths), is_counted=said.get("is_counted") is True)
