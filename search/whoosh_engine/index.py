"""An index directory: the newest sound generation to read, and the one writer.

What answers when something is damaged:

    sound     the generation that CURRENT names
    fallen    the newest sound one before it; `damage` says why, and the log does
    outdated  the same, where another version of the program has made the live one: after an
              upgrade has built anew, the processes of the old version serve on until they end
    lost      none: IndexDamaged or IndexOutdated, until a rebuild has made one

A generation is condemned for as long as its files stay as they are: put back what was there, or
commit anew, and it is looked at again. Before every answer the mapped files are asked for size,
times and inode: whoever wrote to them through the file system has changed those, and every byte is
compared before anything else is served. What changes them in no visible way (the disk, the memory)
is looked for in the background.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from search.errors import IndexDamaged, IndexOutdated
from search.whoosh_engine.commits import generations
from search.whoosh_engine.commits.generations import CURRENT, Generation, Opened
from search.whoosh_engine.commits.live import Live
from search.whoosh_engine.commits.manifest import Settings, compare
from search.whoosh_engine.reader import WhooshReader
from search.whoosh_engine.segments.segment_file import damaged
from search.whoosh_engine.writer import WhooshWriter

RECHECK_S = 60.0  # bytes that rot under an open index are found after so long at the latest,
RECHECK_SHARE = 0.002  # unless reading them all would take more than this share of the time
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    """What answers."""

    opened: Opened
    reader: WhooshReader


@dataclass(frozen=True, slots=True)
class _Condemned:
    """Why a generation cannot answer, and how its files were when that was found."""

    error: IndexDamaged
    files: object


class WhooshIndex:
    """See `search.engine.Index`. Many threads may share one; a forked process may go on using it."""

    def __init__(
        self, directory: Path, *, timezone: ZoneInfo, keep_generations: int = 2, budget_ms: int
    ) -> None:
        self._directory = Path(directory)
        self._timezone = timezone
        self._keep = keep_generations
        self._budget_ms = budget_ms
        self._settings = Settings.now(str(timezone))
        self._live = Live(self._directory)
        self._opening = threading.Lock()
        self._held: _Held | None = None
        self._condemned: dict[Generation | None, _Condemned] = {}
        self._checking: threading.Thread | None = None
        self._check_at_s = 0.0  # soon after the first opening, which trusts what it need not read

    def reader(self) -> WhooshReader:
        """See `search.engine.Index.reader`."""
        if time.monotonic() >= self._check_at_s:
            self._check_in_background()
        held = self._held
        with suppress(IndexDamaged, FileNotFoundError):
            if held and held.opened.generation == self._live.generation():
                held.opened.verify()
                return held.reader
        with self._opening:
            return self._best()

    def writer(self, *, fresh: bool = False) -> WhooshWriter:
        """See `search.engine.Index.writer`."""
        return WhooshWriter(
            self._directory, zone=self._timezone, keep_generations=self._keep, fresh=fresh
        )

    def check(self) -> tuple[str, ...]:
        """See `search.engine.Index.check`."""
        try:
            live = generations.live_generation(self._directory)
        except IndexDamaged as error:
            return (str(error),)
        return tuple(generations.check_every_byte(self._directory, live))

    def damage(self) -> str | None:
        """See `search.engine.Index.damage`."""
        try:
            answering = self.reader().generation
            live = generations.live_generation(self._directory)
        except IndexDamaged as error:
            return str(error)
        if answering == live.name:
            return None
        if condemned := self._condemned.get(live):
            return str(condemned.error)
        with suppress(FileNotFoundError):  # a commit has come between
            manifest = generations.read_manifest(self._directory, live)
            compare(self._directory, manifest.settings, self._settings)
        return None

    # --- opening ---

    def _best(self) -> WhooshReader:
        """The reader of the newest sound generation. Raises as `reader` does."""
        first: IndexDamaged | IndexOutdated | None = None
        try:
            live: Generation | None = generations.live_generation(self._directory)
        except IndexDamaged as error:
            live, first = None, error
            self._condemn(None, error)
        for generation in (live, *generations.candidates(self._directory)):
            if generation is None:
                continue
            try:
                return self._open(generation, is_live=generation == live)
            except IndexOutdated as error:
                first = first or error
            except IndexDamaged as error:
                self._condemn(generation, error)
                first = first or error
        raise first or damaged(str(self._directory), "it holds no generation")

    def _open(self, generation: Generation, *, is_live: bool) -> WhooshReader:
        """Raises IndexDamaged, IndexOutdated."""
        held = self._held
        if condemned := self._condemned.get(generation):
            if condemned.files == self._files(generation):
                raise condemned.error
            held = None  # what it has mapped may be what was damaged
        if held and held.opened.generation == generation:
            with suppress(FileNotFoundError):
                held.opened.verify()
                return held.reader
        reuse = held.opened if held else None
        if is_live:
            opened = generations.retrying(self._directory, self._settings, reuse)
        else:
            try:
                opened = generations.open_generation(self._directory, generation, self._settings)
            except OSError as error:
                raise IndexDamaged(str(error)) from error
            _log.warning("%s: serving generation %s", self._directory, generation.name)
        reader = WhooshReader(opened.snapshot, timezone=self._timezone, budget_ms=self._budget_ms)
        self._held = _Held(opened, reader)
        self._condemned.pop(opened.generation, None)
        return reader

    def _condemn(self, generation: Generation | None, error: IndexDamaged) -> None:
        known = self._condemned.get(generation)
        if known is None or str(known.error) != str(error):
            _log.error("%s", error)
        self._condemned[generation] = _Condemned(error, self._files(generation))

    def _files(self, generation: Generation | None) -> object:
        """The state of all files of a generation."""
        places = [self._directory / CURRENT]
        if generation is not None:
            with suppress(OSError):
                places += sorted(
                    generations.folder_path(self._directory, generation.folder).iterdir()
                )
        found = []
        for path in places:
            with suppress(OSError):
                stat = path.stat()
                found.append((path.name, stat.st_size, *generations.seal(stat)))
        return tuple(found)

    # --- looking after it ---

    def _check_in_background(self) -> None:
        """Compare every byte of what answers with its checksums, unless that is under way."""
        with self._opening:
            if self._held and not (self._checking and self._checking.is_alive()):
                self._checking = threading.Thread(
                    target=self._check_held, args=(self._held.opened,), daemon=True
                )
                self._checking.start()
                self._check_at_s = time.monotonic() + RECHECK_S

    def _check_held(self, opened: Opened) -> None:
        began_s = time.monotonic()
        try:
            opened.verify(every_byte=True)
        except IndexDamaged as error:
            with self._opening:
                self._condemn(opened.generation, error)
                if self._held and self._held.opened is opened:
                    self._held = None
        except OSError:
            return  # a newer commit has taken its place and its files
        took_s = time.monotonic() - began_s
        self._check_at_s = began_s + max(RECHECK_S, took_s / RECHECK_SHARE)
