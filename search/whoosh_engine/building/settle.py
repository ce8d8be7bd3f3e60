"""What stands at the end of a batch: the last word on each path, and on each id.

Files are numbered by the order of `put` and `remove`, and found by comparing arrays of keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.segments.arrays import Segment


@dataclass(frozen=True, slots=True)
class NewSegment:
    """A segment that a writer has made, with the serial number of each of its file rows."""

    segment: Segment
    serials: NDArray[np.int64]

    def bury_older_than(self, serials: NDArray[np.int64]) -> None:
        """Mark the files as gone that a later word was said on. One number for each file row."""
        _bury(self.segment, self.serials < serials)

    def bury(self, serial: int) -> None:
        """Mark as gone what came by one `put`."""
        _bury(self.segment, self.serials == serial)


def settled(
    old: Sequence[Segment], new: Sequence[NewSegment], removed: Mapping[int, int]
) -> list[Segment]:
    """All segments with something left in them. `removed` has the serial number of each key.

    The masks of new segments are changed in place, those of old ones are copied first.
    """
    last = dict(removed)
    for made in new:
        live = ~made.segment.dead_files
        keys = made.segment.sections["file_keys"][live].tolist()
        for key, serial in zip(keys, made.serials[live].tolist(), strict=True):
            if last.get(key, -1) < serial:
                last[key] = serial
    for made in new:
        keys = made.segment.sections["file_keys"].tolist()
        made.bury_older_than(np.array([last.get(key, -1) for key in keys], np.int64))
    touched = np.array(sorted(last), np.uint64)
    kept = [segment.masked(segment.deleted.copy(), segment.dead_files.copy()) for segment in old]
    for segment in kept:
        _bury(segment, _among(segment.sections["file_keys"], touched))
    fresh = [made.segment for made in new]
    _drop_repeated(fresh)
    return [s for s in (*kept, *fresh) if s.live_count or not s.dead_files.all()]


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


def _drop_repeated(segments: Sequence[Segment]) -> None:
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
