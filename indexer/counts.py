"""In how many files each line stands: a small database beside the index, which can be rebuilt.

It remembers for every file of the index the state in which it was read and the keys of its lines,
so that a line that starts or stops to recur names the files that must be cleaned again. The index
is committed first and this database after it; what a crash in between leaves behind is told by the
generation that it names, and then the files of the interrupted run (its note says which) are read
again. A database that is missing or damaged means: read every file again. One that names other
rules or folders than those of now asks for a rebuild.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from indexer.cleaning.recurrence import RECURS_IN_FILES
from indexer.folder.files import YOUNG_NS, in_64_bits
from indexer.folder.remembered import FORMAT, NAME, NO_INDEX, NOTE, note, told
from search.errors import DatelineError
from search.model import Fingerprint

WHOLE_TABLE_FROM_FILES = 500  # from so many files on, one pass over all counts beats single queries
TABLES = """
CREATE TABLE file (
    number INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size_bytes INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, inode INTEGER NOT NULL,
    sha256 TEXT NOT NULL, read_ns INTEGER NOT NULL, keys BLOB NOT NULL);
CREATE TABLE line (key INTEGER, file INTEGER, PRIMARY KEY (key, file)) WITHOUT ROWID;
CREATE TABLE dirty (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE said (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


STATES = """
SELECT path, size_bytes, mtime_ns, ctime_ns, inode, sha256,
    max(mtime_ns, ctime_ns) > read_ns - ? FROM file WHERE """


class States(NamedTuple):
    """What is remembered of files."""

    files: dict[str, Fingerprint]
    young: set[str]
    """Files that were read so soon after their last change that another may not have shown."""


@dataclass(frozen=True, slots=True)
class Recurs:
    """The lines of one file that recur in the folder; what the cleaner asks."""

    keys: frozenset[int]
    file_count: int = 0

    def files_with(self, key: int) -> int:
        """`RECURS_IN_FILES` or 1: nothing finer may show in a result, see indexer/cleaning/recurrence.py."""
        return RECURS_IN_FILES if key in self.keys else 1


class CountsFailed(DatelineError):
    """The database cannot be written; the index is what it was."""


class Counts:
    """The open database. Nothing is kept until `commit`; only one process may hold it."""

    def __init__(
        self, folder: Path, *, made_with: Mapping[str, str], generation: str | None, fresh: bool
    ) -> None:
        """`made_with` names what decides the index besides the files; `generation` is the live one."""
        self._folder = folder
        self._made_with = dict(made_with)
        self._file = folder / (f"{NAME}.new" if fresh else NAME)
        self._started_from: str | None = None
        self._before: dict[int, bool] = {}
        self._recurring: set[int] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.all_dirty = False
        if not fresh and not self._open(generation):
            self.all_dirty = generation is not None
            fresh = True
        self._is_new = fresh
        if fresh:
            self._start()

    def _open(self, generation: str | None) -> bool:
        """Open what there is; False if it is of no use."""
        if not self._file.exists():
            return False
        try:
            self._base = sqlite3.connect(self._file, isolation_level=None)
            said = dict(self._base.execute("SELECT name, value FROM said"))
            found = told(said)
            if found is None or found.made_with != self._made_with:
                self._base.close()
                return False
            self._base.execute("BEGIN IMMEDIATE")
            self._started_from = said.get("generation")
            if self._started_from != (generation or NO_INDEX):
                announced = note(self._folder / NOTE, self._started_from)
                if announced is None or generation is None:
                    self._base.close()
                    return False
                mark = self.mark_clean if announced.is_counted else self.mark_dirty
                mark(announced.paths)
        except (sqlite3.DatabaseError, KeyError, ValueError):
            self._base.close()
            return False
        return True

    def _start(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            Path(f"{self._file}{ending}").unlink(missing_ok=True)
        self._base = sqlite3.connect(self._file, isolation_level=None)
        self._base.executescript(TABLES)
        self._base.execute("PRAGMA cache_size = -65536")
        self._base.execute("BEGIN IMMEDIATE")

    def _reopen(self) -> None:
        self._base = sqlite3.connect(self._file, isolation_level=None)
        self._base.execute("PRAGMA cache_size = -65536")
        self._base.execute("BEGIN IMMEDIATE")

    # --- what is known ---------------------------------------------------------------------------

    def states(self, scope: Iterable[str] | None = None, *, roots: int = 1) -> States:
        """Every file that was read, or those at or below these relative paths, and its state then."""
        files: dict[str, Fingerprint] = {}
        young: set[str] = set()
        for where, values in [("1", ())] if scope is None else _places(scope, roots):
            rows = self._base.execute(STATES + where, (YOUNG_NS, *values))
            for path, size, mtime, ctime, inode, sha256, is_young in rows:
                files[path] = Fingerprint(
                    size_bytes=size, mtime_ns=mtime, ctime_ns=ctime, inode=inode, sha256=sha256
                )
                if is_young:
                    young.add(path)
        return States(files, young)

    def has(self, path: str) -> bool:
        """Whether a file of this name was read."""
        row = self._base.execute("SELECT 1 FROM file WHERE path = ?", (path,)).fetchone()
        return row is not None

    def file_count(self) -> int:
        """How many files were read."""
        count: int = self._base.execute("SELECT count(*) FROM file").fetchone()[0]
        return count

    def dirty(self) -> set[str]:
        """Files that must be read again, whatever their state says."""
        return {path for (path,) in self._base.execute("SELECT path FROM dirty")}

    def recurs(self, path: str) -> Recurs:
        """The lines of a file that recur, as counted by now."""
        row = self._base.execute("SELECT keys FROM file WHERE path = ?", (path,)).fetchone()
        keys = _unpack(row[0]) if row else array("q")
        return Recurs(frozenset(_unsigned(key) for key in keys if self._is_recurring(key)))

    def crossed(self) -> set[str]:
        """Files that hold a line which has started or stopped to recur since the last commit."""
        changed = [key for key, before in self._before.items() if self._counted(key) != before]
        paths: set[str] = set()
        for key in changed:
            rows = self._base.execute(
                "SELECT path FROM file JOIN line ON line.file = file.number WHERE line.key = ?",
                (key,),
            )
            paths.update(path for (path,) in rows)
        return paths

    # --- what changes ----------------------------------------------------------------------------

    def put(self, path: str, state: Fingerprint, *, keys: Iterable[int], read_ns: int) -> None:
        """Count a file's lines in place of those that it had."""
        number, old = self._row(path)
        new = {in_64_bits(key) for key in keys}
        self._note_before(old ^ new)
        values = (
            *(path, state.size_bytes, state.mtime_ns, state.ctime_ns, state.inode, state.sha256),
            *(read_ns, array("q", sorted(new)).tobytes()),
        )
        if number is None:
            cursor = self._base.execute(
                "INSERT INTO file (path, size_bytes, mtime_ns, ctime_ns, inode, sha256, read_ns,"
                " keys) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            number = cursor.lastrowid
        else:
            self._base.execute(
                "UPDATE file SET path = ?, size_bytes = ?, mtime_ns = ?, ctime_ns = ?, inode = ?,"
                " sha256 = ?, read_ns = ?, keys = ? WHERE number = ?",
                (*values, number),
            )
        self._base.executemany(
            "DELETE FROM line WHERE key = ? AND file = ?", [(key, number) for key in old - new]
        )
        self._base.executemany(
            "INSERT INTO line VALUES (?, ?)", [(key, number) for key in sorted(new - old)]
        )
        self._base.execute("DELETE FROM dirty WHERE path = ?", (path,))

    def touch(self, path: str, state: Fingerprint, *, read_ns: int) -> None:
        """The file was touched, or looked at again, and its bytes are the same."""
        self._base.execute(
            "UPDATE file SET size_bytes = ?, mtime_ns = ?, ctime_ns = ?, inode = ?, read_ns = ?"
            " WHERE path = ?",
            (state.size_bytes, state.mtime_ns, state.ctime_ns, state.inode, read_ns, path),
        )

    def remove(self, path: str) -> None:
        """Forget a file."""
        number, old = self._row(path)
        self._base.execute("DELETE FROM dirty WHERE path = ?", (path,))
        if number is None:
            return
        self._note_before(old)
        self._base.executemany(
            "DELETE FROM line WHERE key = ? AND file = ?", [(key, number) for key in old]
        )
        self._base.execute("DELETE FROM file WHERE number = ?", (number,))

    def mark_dirty(self, paths: Iterable[str]) -> None:
        """Have these read again in the next run."""
        self._base.executemany("INSERT OR IGNORE INTO dirty VALUES (?)", [(p,) for p in paths])

    def mark_clean(self, paths: Iterable[str]) -> None:
        """These have been read again."""
        self._base.executemany("DELETE FROM dirty WHERE path = ?", [(p,) for p in paths])

    # --- the end of a run ------------------------------------------------------------------------

    def announce(self, paths: Iterable[str], *, is_counted: bool) -> None:
        """Just before the index is committed: note which files that changes.

        `is_counted` says that their lines are counted in the last commit of this database, which
        has them for dirty: then they need not be read again if the index has them.
        """
        known = None if self._is_new else sorted(paths)  # a new database has counted all of them
        said = {"generation": self._started_from, "paths": known, "is_counted": is_counted}
        scratch = self._folder / f"{NOTE}.new"
        with scratch.open("w", encoding="utf-8") as stream:
            json.dump(said, stream)
            stream.flush()
            os.fsync(stream.fileno())
        scratch.replace(self._folder / NOTE)

    def commit(self, generation: str, *, places: Mapping[str, tuple[int, int]]) -> None:
        """Just after: keep everything, as what belongs to this generation. More may follow."""
        said = {
            "format": str(FORMAT),
            "made_with": json.dumps(self._made_with),
            "places": json.dumps(dict(places)),
            "generation": generation,
        }
        self._base.executemany("INSERT OR REPLACE INTO said VALUES (?, ?)", said.items())
        self._base.execute("COMMIT")
        live = self._folder / NAME
        if self._file != live:
            self._base.close()
            # A journal of the old database must not be taken for one of the new.
            Path(f"{live}-journal").unlink(missing_ok=True)
            self._file.replace(live)
            self._file = live
            self._reopen()
        else:
            self._base.execute("BEGIN IMMEDIATE")
        (self._folder / NOTE).unlink(missing_ok=True)
        self._started_from, self._is_new = generation, False
        self._before = {}

    def close(self) -> None:
        """Forget what was not committed."""
        with contextlib.suppress(sqlite3.Error):
            self._base.close()

    # --- counting --------------------------------------------------------------------------------

    def _row(self, path: str) -> tuple[int | None, set[int]]:
        row = self._base.execute("SELECT number, keys FROM file WHERE path = ?", (path,)).fetchone()
        return (row[0], set(_unpack(row[1]))) if row else (None, set())

    def _note_before(self, keys: Iterable[int]) -> None:
        """Remember of each key, the first time it changes, whether its line recurred."""
        self._recurring = None
        if self._is_new:
            return  # every file is read in this run: nothing is left to be named
        for key in keys:
            if key not in self._before:
                self._before[key] = self._counted(key)

    def _counted(self, key: int) -> bool:
        rows = self._base.execute(
            "SELECT 1 FROM line WHERE key = ? LIMIT ?", (key, RECURS_IN_FILES)
        ).fetchall()
        return len(rows) >= RECURS_IN_FILES

    def expect(self, file_count: int) -> None:
        """Say for how many files `recurs` will be asked, and that nothing changes until then."""
        if file_count >= WHOLE_TABLE_FROM_FILES:
            self._recurring = {
                key
                for (key,) in self._base.execute(
                    "SELECT key FROM line GROUP BY key HAVING count(*) >= ?", (RECURS_IN_FILES,)
                )
            }

    def _is_recurring(self, key: int) -> bool:
        return key in self._recurring if self._recurring is not None else self._counted(key)


@contextlib.contextmanager
def opened(
    folder: Path, *, made_with: Mapping[str, str], generation: str | None, fresh: bool = False
) -> Iterator[Counts]:
    """The counts of an index directory, closed in the end whether or not they were committed."""
    try:
        counts = Counts(folder, made_with=made_with, generation=generation, fresh=fresh)
        try:
            yield counts
        finally:
            counts.close()
    except sqlite3.Error as error:
        raise CountsFailed(
            f"{folder / NAME}: {error}; is there space, and may we write?"
        ) from error


def _places(scope: Iterable[str], roots: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Conditions for the paths at or below relative ones, by whichever root they are named."""
    numbers = ["", *(f"@{number}/" for number in range(2, roots + 1))]
    for relative in scope:
        for number in numbers:
            path = number + relative
            yield "path = ?", (path,)
            yield "path > ? AND path < ?", (f"{path}/", f"{path}0")  # "0" comes after "/"


def _unpack(blob: bytes) -> array[int]:
    keys = array("q")
    keys.frombytes(blob)
    return keys


def _unsigned(key: int) -> int:
    return key + (1 << 64) if key < 0 else key
