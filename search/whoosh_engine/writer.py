"""The one writer of an index: gathers articles into segments and makes commits of them.

Files are numbered by the order of `put` and `remove`; at commit the last word on each path counts,
found by comparing arrays of keys. Until the table of contents has its name, nothing that a reader
sees has changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from search.errors import IndexDamaged, IndexMissing
from search.model import Article, Fingerprint, Rejection, SourceFile
from search.whoosh_engine import durable, merge
from search.whoosh_engine.arrays import Segment, Snapshot
from search.whoosh_engine.build import MAX_CHUNKS_REMEMBERED, SegmentBuilder, file_key, is_large
from search.whoosh_engine.codec import SEGMENT_EXTENSION
from search.whoosh_engine.generations import (
    CURRENT,
    INDEX_NAME,
    LOCK,
    Generation,
    Manifest,
    Part,
    Settings,
    current_folder,
    folder_path,
    folders,
    live_generation,
    mask_texts,
    open_generation,
    part_of,
    read_manifest,
    rejections_content,
)
from search.whoosh_engine.known import Known
from search.whoosh_engine.toc import toc_content, toc_name
from search.whoosh_engine.vocabulary import Vocabulary

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"  # what Whoosh allows in a segment's name
_EMPTY = Snapshot("", "", ())


class _New:
    """A segment that this writer has made, with the serial number of each of its file rows."""

    def __init__(self, segment: Segment, serials: NDArray[np.int64]) -> None:
        self.segment = segment
        self.serials = serials


class WhooshWriter:
    """See `search.engine.Writer`. Made by `WhooshIndex.writer`."""

    def __init__(
        self, directory: Path, *, zone: ZoneInfo, keep_generations: int, fresh: bool
    ) -> None:
        self._directory = directory
        self._zone = zone
        self._keep = keep_generations
        directory.mkdir(parents=True, exist_ok=True)
        self._lock = durable.Lock(directory / LOCK)
        self._settings = Settings.now(str(zone))
        try:
            self._start(fresh=fresh)
        except BaseException:
            self._lock.release()
            raise

    def _start(self, *, fresh: bool) -> None:
        self._base, self._parts = _EMPTY, {}
        number = 0
        try:
            live = live_generation(self._directory)
            if not fresh:
                self._base = open_generation(self._directory, live, self._settings)
                manifest = read_manifest(self._directory, live)
                self._parts = {part.name: part for part in manifest.segments}
                number = live.commit
        except IndexMissing:
            fresh = True
        except IndexDamaged:
            if not fresh:
                raise
        newest = max(folders(self._directory), default=0)
        self._fresh = fresh
        self._at = Generation(newest + 1, 0) if fresh else Generation(live.folder, number)
        self._folder = folder_path(self._directory, self._at.folder)
        self._folder.mkdir(exist_ok=True)
        self._vocabulary = Vocabulary()
        self._forget()

    def _forget(self) -> None:
        """Nothing has been put since the last commit."""
        self._builder = SegmentBuilder(self._zone, self._vocabulary)
        self._serials: list[int] = []
        self._serial = 0
        self._new: list[_New] = []
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
        number = self._at.commit + 1
        made: list[Path] = []
        try:
            self._flush()
            segments = self._compact(self._settled(), made)
            self._publish(number, segments, made)
            if self._fresh:
                self._go_live()
        except BaseException:
            if not self._is_visible(number):
                for path in (self._folder / toc_name(number), *made):
                    durable.unlink(path)
            raise
        self._at = Generation(self._at.folder, number)
        self._fresh = False
        rejections = tuple(r for group in self._rejections.values() for r in group.values())
        self._base = Snapshot(
            self._at.name, self._committed_at, tuple(segments), rejections, self._folder
        )
        self._sweep()
        self._forget()
        return self._at.name

    def cancel(self) -> None:
        """See `search.engine.Writer.cancel`."""
        for new in self._new:
            durable.unlink(self._folder / new.segment.name)
        if self._fresh and self._at.commit == 0:
            _remove_folder(self._folder)
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
            _bury(new.segment, new.serials == serial)

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
            self._new.append(_New(segment, serials[order]))
            if len(self._vocabulary) > MAX_CHUNKS_REMEMBERED:
                self._vocabulary = Vocabulary()
        self._builder = SegmentBuilder(self._zone, self._vocabulary)
        self._serials = []

    def _new_path(self) -> Path:
        name = "".join(secrets.choice(_LETTERS) for _ in range(16))
        return self._folder / f"{INDEX_NAME}_{name}{SEGMENT_EXTENSION}"

    # --- committing ---

    def _settled(self) -> list[Segment]:
        """All segments, in which the last word on each path has been heeded."""
        last = dict(self._removed)
        for new in self._new:
            live = ~new.segment.dead_files
            keys = new.segment.sections["file_keys"][live].tolist()
            for key, serial in zip(keys, new.serials[live].tolist(), strict=True):
                if last.get(key, -1) < serial:
                    last[key] = serial
        touched = np.array(sorted(last), np.uint64)
        for new in self._new:
            keys = new.segment.sections["file_keys"].tolist()
            latest = np.array([last.get(key, -1) for key in keys], np.int64)
            _bury(new.segment, new.serials < latest)
        old = [
            segment.masked(segment.deleted.copy(), segment.dead_files.copy())
            for segment in self._base.segments
        ]
        for segment in old:
            _bury(segment, _among(segment.sections["file_keys"], touched))
        fresh = [new.segment for new in self._new]
        _drop_repeated(fresh)
        return [s for s in (*old, *fresh) if s.live_count or not s.dead_files.all()]

    def _compact(self, segments: list[Segment], made: list[Path]) -> list[Segment]:
        """Merge what is worth it; each merged segment stands where its first part stood."""
        groups = merge.pack(segments) if self._fresh else merge.choose(segments)
        for group in groups:
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

    def _publish(self, number: int, segments: list[Segment], made: list[Path]) -> None:
        """Write and sync all files of a commit, the name of the table of contents last."""
        parts = []
        for segment in segments:
            part = self._parts.get(segment.name)
            if part is None:
                durable.sync(self._folder / segment.name)
                part = part_of(self._folder / segment.name, sealed=True)
            parts.append(part)
        self._committed_at = datetime.now(UTC).isoformat(timespec="seconds")
        rejections = [r for group in self._rejections.values() for r in group.values()]
        rejections_part = self._write(
            f"rejections-{number}.json", rejections_content(rejections), made
        )
        toc = self._write(f"{toc_name(number)}.new", toc_content(number, segments), made)
        manifest = Manifest(
            settings=self._settings,
            number=number,
            committed_at=self._committed_at,
            segments=tuple(parts),
            masks=tuple(mask_texts(segment) for segment in segments),
            toc=Part(toc_name(number), toc.size, toc.crc),
            rejections=rejections_part,
        )
        self._write(f"manifest-{number}.json", manifest.content(), made)
        durable.switch(self._folder / toc.name, self._folder / toc_name(number))
        self._parts = {part.name: part for part in parts}

    def _write(self, name: str, content: bytes, made: list[Path]) -> Part:
        path = self._folder / name
        made.append(path)
        durable.write_synced(path, content)
        return part_of(path, sealed=False)

    def _is_visible(self, number: int) -> bool:
        """Whether readers see a commit already, though it may have failed after that."""
        try:
            return live_generation(self._directory) == Generation(self._at.folder, number)
        except (IndexMissing, IndexDamaged, OSError):
            return False

    def _go_live(self) -> None:
        """Point CURRENT at this writer's folder."""
        durable.sync(self._directory)
        temporary = self._directory / f"{CURRENT}.new"
        durable.write_synced(temporary, f"{self._folder.name}\n".encode())
        durable.switch(temporary, self._directory / CURRENT)

    def _sweep(self) -> None:
        """Remove what no commit needs: older commits, leftovers of killed writers, old folders."""
        number = self._at.commit
        wanted = {toc_name(number), f"manifest-{number}.json", f"rejections-{number}.json"}
        wanted |= set(self._parts)
        for path in self._folder.iterdir():
            if path.name not in wanted:
                durable.unlink(path)
        live = current_folder(self._directory)
        for place, folder in enumerate(folders(self._directory)):
            if folder > live or place >= self._keep:
                _remove_folder(folder_path(self._directory, folder))
        durable.unlink(self._directory / f"{CURRENT}.new")


def _base(path: str) -> str:
    """The file of a rejected line of a JSON Lines file (`FILE.jsonl#ID`)."""
    return path.partition("#")[0]


def _group(rejections: Iterable[Rejection]) -> dict[str, dict[str, Rejection]]:
    groups: dict[str, dict[str, Rejection]] = {}
    for rejection in rejections:
        groups.setdefault(_base(rejection.path), {})[rejection.path] = rejection
    return groups


def _among(keys: NDArray[Any], touched: NDArray[Any]) -> NDArray[np.bool_]:
    """Which of the sorted keys are touched: a look-up for each touched one, not for each key."""
    found = np.zeros(len(keys), bool)
    for begin, end in _ranges(keys, touched):
        found[begin:end] = True
    return found


def _ranges(keys: NDArray[Any], touched: NDArray[Any]) -> Iterator[tuple[int, int]]:
    begins = np.searchsorted(keys, touched, "left")
    ends = np.searchsorted(keys, touched, "right")
    hit = begins < ends
    return zip(begins[hit].tolist(), ends[hit].tolist(), strict=True)


def _bury(segment: Segment, files: NDArray[np.bool_]) -> None:
    """Mark files as gone, and their articles with them. The masks must be the writer's own."""
    fresh = files & ~segment.dead_files
    if fresh.any():
        segment.dead_files |= fresh
        segment.deleted |= fresh[segment.column("file")]


def _drop_repeated(segments: list[Segment]) -> None:
    """Of articles with the same id in one batch (a JSON Lines file that repeats itself) keep the last."""
    if not segments:
        return
    ids = np.concatenate([segment.column("id") for segment in segments])
    alive = ~np.concatenate([segment.deleted for segment in segments])
    backwards = np.flatnonzero(alive)[::-1]
    _, last = np.unique(ids[backwards], return_index=True)
    if len(last) == len(backwards):
        return
    keep = np.zeros(len(ids), bool)
    keep[backwards[last]] = True
    begin = 0
    for segment in segments:
        end = begin + segment.doc_count
        segment.deleted |= ~keep[begin:end]
        begin = end


def _remove_folder(folder: Path) -> None:
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        durable.unlink(path)
    try:
        folder.rmdir()
    except OSError:
        return
