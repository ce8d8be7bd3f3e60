"""An index directory: the newest sound generation to read, and the one writer."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

from search.errors import IndexDamaged, IndexOutdated
from search.whoosh_engine import generations
from search.whoosh_engine.arrays import Snapshot
from search.whoosh_engine.generations import Generation, Settings
from search.whoosh_engine.reader import WhooshReader
from search.whoosh_engine.writer import WhooshWriter

_log = logging.getLogger(__name__)


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
        self._opening = threading.Lock()
        self._open: tuple[Generation, Snapshot, WhooshReader] | None = None
        self._damaged: dict[Generation, IndexDamaged] = {}

    def reader(self) -> WhooshReader:
        """See `search.engine.Index.reader`."""
        live = self._live()
        held = self._open
        if held and held[0] == live:
            return held[2]
        with self._opening:
            held = self._open
            if held and held[0] == live:
                return held[2]
            if live is not None and live not in self._damaged:
                try:
                    return self._hold(self._settled(held[1] if held else None))
                except IndexDamaged as error:
                    self._note(live, error)
            return self._fall_back(live)

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

    # --- opening ---

    def _live(self) -> Generation | None:
        """What CURRENT names; None where that is damaged. Raises IndexMissing."""
        try:
            return generations.live_generation(self._directory)
        except IndexDamaged as error:
            self._note(Generation(-1, -1), error)
            return None

    def _settled(self, reuse: Snapshot | None) -> Snapshot:
        return generations.retrying(self._directory, self._settings, reuse)

    def _hold(self, snapshot: Snapshot) -> WhooshReader:
        """Remember an opened snapshot under the generation that it turned out to be."""
        folder, _, commit = snapshot.generation.partition(".")
        found = Generation(int(folder), int(commit))
        reader = WhooshReader(snapshot, timezone=self._timezone, budget_ms=self._budget_ms)
        self._open = (found, snapshot, reader)
        return reader

    def _note(self, generation: Generation, error: IndexDamaged) -> None:
        if generation not in self._damaged:
            _log.error("%s", error)
            self._damaged[generation] = error

    def _fall_back(self, live: Generation | None) -> WhooshReader:
        """The newest sound generation but the live one. Raises IndexDamaged if there is none."""
        for generation in generations.candidates(self._directory):
            held = self._open
            if held and held[0] == generation:
                return held[2]
            if generation == live or generation in self._damaged:
                continue
            try:
                snapshot = generations.open_generation(self._directory, generation, self._settings)
            except (IndexDamaged, IndexOutdated, OSError) as error:
                self._note(generation, IndexDamaged(str(error)))
                continue
            _log.warning("%s: serving generation %s", self._directory, generation.name)
            return self._hold(snapshot)
        raise self._damaged[live if live is not None else Generation(-1, -1)]
