"""The one writer of an index: gathers articles into segments and makes commits of them.

Files are numbered by the order of `put` and `remove`; at commit the last word on each path counts
(`settle`), what is worth it is merged, and the files are made visible by one name (`publish`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np

from search import durable
from search.errors import IndexDamaged, IndexMissing
from search.model import Article, Fingerprint, Rejection, SourceFile
from search.whoosh_engine.building import merge
from search.whoosh_engine.building.build import MAX_STRINGS, SegmentBuilder, file_key, is_large
from search.whoosh_engine.building.settle import NewSegment, settled
from search.whoosh_engine.building.vocabulary import Vocabulary
from search.whoosh_engine.codec import SEGMENT_EXTENSION
from search.whoosh_engine.commits import publish
from search.whoosh_engine.commits.generations import (
    INDEX_NAME,
    LOCK,
    Generation,
    current_folder,
    folder_path,
    folders,
    live_generation,
    retrying,
    verify,
)
from search.whoosh_engine.commits.manifest import Settings
from search.whoosh_engine.commits.publish import Draft
from search.whoosh_engine.segments.arrays import Segment
from search.whoosh_engine.segments.known import Known
from search.whoosh_engine.segments.snapshot import Snapshot

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"  # what Whoosh allows in a segment's name
_EMPTY = Snapshot("", "", ())


class WhooshWriter:
    """See `search.engine.Writer`. Made by `WhooshIndex.writer`."""

    def __init__(
        self, directory: Path, *, zone: ZoneInfo, keep_generations: int, fresh: bool
    ) -> None:
        self._directory = directory
        self._zone = zone
        self._keep = keep_generations
        durable.make_folder(directory)
        self._lock = durable.Lock(directory / LOCK)
        self._settings = Settings.now(str(zone))
        try:
            self._start(fresh=fresh)
        except BaseException:
            self._lock.release()
            raise

    def _start(self, *, fresh: bool) -> None:
        self._base, self._parts = _EMPTY, {}
        live: Generation | None = None
        try:
            live = live_generation(self._directory)
            if not fresh:
                opened = retrying(self._directory, self._settings)
                self._base = opened.snapshot
                self._parts = {part.name: part for part in opened.manifest.segments}
            publish.sweep(self._directory, live, keep=self._keep)
        except IndexMissing:
            publish.sweep(self._directory, None, keep=self._keep)
        except IndexDamaged:
            if not fresh:
                raise
        self._fresh = fresh or live is None
        if live is None or fresh:
            live = Generation(max(folders(self._directory), default=0) + 1, 0)
        self._at = live
        self._folder = folder_path(self._directory, self._at.folder)
        self._folder.mkdir(exist_ok=True)
        self._vocabulary = Vocabulary()
        self._forget()

    def _forget(self) -> None:
        """Nothing has been put since the last commit."""
        self._builder = SegmentBuilder(self._zone, self._vocabulary)
        self._serials: list[int] = []
        self._serial = 0
        self._new: list[NewSegment] = []
        self._removed: dict[int, int] = {}
        self._rejections = _group(self._base.rejections)
        self._changed = self._fresh

    # --- the promises ---

    def known(self) -> Mapping[str, Fingerprint]:
        """See `search.engine.Writer.known`."""
        return Known(self._base)

    def put(self, file: SourceFile, articles: Iterable[Article]) -> int:
        """See `search.engine.Writer.put`."""
        self._changed = True
        self._serial += 1
        serial, count = self._serial, 0
        withdrawn = self._withdraw(file.path)
        try:
            row = self._begin(file, serial)
            for article in articles:
                if is_large(article) and len(self._builder):
                    row = self._next_segment(file, serial)
                self._builder.add(article, row)
                count += 1
                if self._builder.full:
                    row = self._next_segment(file, serial)
        except BaseException:
            self._undo(serial)
            for rejection in withdrawn:
                self.reject(rejection)
            raise
        return count

    def reject(self, rejection: Rejection) -> None:
        """See `search.engine.Writer.reject`."""
        self._changed = True
        self._rejections.setdefault(_base(rejection.path), {})[rejection.path] = rejection

    def remove(self, path: str) -> None:
        """See `search.engine.Writer.remove`."""
        self._changed = True
        self._serial += 1
        self._removed[file_key(path)] = self._serial
        self._withdraw(path)

    def commit(self) -> str:
        """See `search.engine.Writer.commit`."""
        if not self._changed:
            return self._at.name
        self._lock.assure()
        target = Generation(self._at.folder, self._at.commit + 1)
        rejections = tuple(r for group in self._rejections.values() for r in group.values())
        made: list[Path] = []
        self._flush()
        # What readers may see is no longer ours to take back, whenever an interrupt comes.
        new, self._new = self._new, []
        try:
            segments = settled(self._base.segments, new, self._removed)
            segments = self._compact(segments, made)
            draft = Draft(self._settings, target.commit, segments, rejections, self._parts)
            manifest = publish.publish(self._folder, draft, made)
            if self._fresh:
                publish.go_live(self._directory, self._at.folder)
        except BaseException:
            if publish.take_back(self._directory, target, made):
                self._new = new
            else:
                self._finish()  # it may not be durable, but it is what readers have
            raise
        self._at = target
        self._fresh = False
        self._parts = {part.name: part for part in manifest.segments}
        self._base = Snapshot(
            target.name, manifest.committed_at, tuple(segments), rejections, self._folder
        )
        publish.sweep(self._directory, target, keep=self._keep)
        self._forget()
        return target.name

    def cancel(self) -> None:
        """See `search.engine.Writer.cancel`."""
        for new in self._new:
            durable.unlink(self._folder / new.segment.name)
        if self._fresh and self._at.commit == 0 and not self._is_live():
            publish.remove_folder(self._folder)
        self._finish()

    def _is_live(self) -> bool:
        """Whether readers see this writer's folder, though it may not have noticed."""
        try:
            return current_folder(self._directory) == self._at.folder
        except (IndexMissing, IndexDamaged):
            return False

    def _finish(self) -> None:
        """Own nothing any more: no file, no lock."""
        self._new, self._fresh = [], False
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()

    # --- gathering ---

    def _begin(self, file: SourceFile, serial: int) -> int:
        row = self._builder.begin_file(file)
        self._serials.append(serial)
        return row

    def _next_segment(self, file: SourceFile, serial: int) -> int:
        self._flush()
        return self._begin(file, serial)

    def _undo(self, serial: int) -> None:
        """Take out what a failed put has left."""
        for row, its in enumerate(self._serials):
            if its == serial:
                self._builder.kill_file(row)
        for new in self._new:
            new.bury(serial)

    def _withdraw(self, path: str) -> list[Rejection]:
        """Take out the rejections of a file and of its lines; returns them."""
        group = self._rejections.get(_base(path), {})
        gone = [key for key in group if key == path or key.startswith(f"{path}#")]
        return [group.pop(key) for key in gone]

    def _flush(self) -> None:
        """Make a segment of what has been gathered."""
        if self._builder.row_count:
            path = self._new_path()
            serials = np.array(self._serials, np.int64)
            try:
                with path.open("wb") as file:
                    deleted, dead_files = self._builder.write(file)
            except BaseException:
                durable.unlink(path)
                raise
            order = self._builder.file_order()
            segment = Segment.open(path).masked(deleted, dead_files)
            self._new.append(NewSegment(segment, serials[order]))
            if self._vocabulary.size > MAX_STRINGS:
                self._vocabulary = Vocabulary()
        self._builder = SegmentBuilder(self._zone, self._vocabulary)
        self._serials = []

    def _new_path(self) -> Path:
        name = "".join(secrets.choice(_LETTERS) for _ in range(16))
        return self._folder / f"{INDEX_NAME}_{name}{SEGMENT_EXTENSION}"

    # --- committing ---

    def _compact(self, segments: list[Segment], made: list[Path]) -> list[Segment]:
        """Merge what is worth it; each merged segment stands where its first part stood."""
        groups = merge.pack(segments) if self._fresh else merge.choose(segments)
        if self._fresh:  # a build is over: the merge needs the room that its words take
            self._vocabulary = Vocabulary()
            self._builder = SegmentBuilder(self._zone, self._vocabulary)
        for group in groups:
            for part in (self._parts[s.name] for s in group if s.name in self._parts):
                # A merge gives its bytes a checksum of their own: damage would be sound for ever.
                verify(self._folder, part, every_byte=True)
            path = self._new_path()
            made.append(path)
            with path.open("wb") as file:
                merge.merge(group, file)
            merged = Segment.open(path)
            places = {segment.name for segment in group}
            index = next(i for i, segment in enumerate(segments) if segment.name in places)
            segments = [segment for segment in segments if segment.name not in places]
            segments.insert(index, merged)
        return segments


def _base(path: str) -> str:
    """The file of a rejected line of a JSON Lines file (`FILE.jsonl#ID`)."""
    return path.partition("#")[0]


def _group(rejections: Iterable[Rejection]) -> dict[str, dict[str, Rejection]]:
    groups: dict[str, dict[str, Rejection]] = {}
    for rejection in rejections:
        groups.setdefault(_base(rejection.path), {})[rejection.path] = rejection
    return groups
