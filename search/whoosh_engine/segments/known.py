"""Path -> fingerprint of every file that a snapshot holds or has rejected, read from its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from search.model import Fingerprint
from search.whoosh_engine.segments.arrays import Segment
from search.whoosh_engine.segments.snapshot import Snapshot

_DIGEST_BYTES = 32


class Known(Mapping[str, Fingerprint]):
    """A view of the columns; a fingerprint is made when it is asked for.

    The rejection of a line (`FILE.jsonl#ID`) says nothing of a file and is left out, as is one of
    a file that could not even be looked at.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._rows: dict[str, tuple[Segment, int]] = {}
        for segment in snapshot.segments:
            names = segment.names("file")
            for row in np.flatnonzero(~segment.dead_files).tolist():
                self._rows[names[row].decode("utf-8", "surrogatepass")] = (segment, row)
        self._rejected = {
            rejection.path: rejection.fingerprint
            for rejection in snapshot.rejections
            if rejection.fingerprint is not None and not self._is_line(rejection.path)
        }

    def _is_line(self, path: str) -> bool:
        file = path.partition("#")[0]
        return file != path and file in self._rows

    def __getitem__(self, path: str) -> Fingerprint:
        rejected = self._rejected.get(path)
        if rejected is not None:
            return rejected
        segment, row = self._rows[path]
        return fingerprint_of(segment, row)

    def __iter__(self) -> Iterator[str]:
        yield from self._rows
        yield from (path for path in self._rejected if path not in self._rows)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def fingerprint_of(segment: Segment, row: int) -> Fingerprint:
    """The fingerprint of a file by its row."""
    digest = segment.sections["file_sha256"][
        row * (_DIGEST_BYTES + 1) : (row + 1) * (_DIGEST_BYTES + 1)
    ].tobytes()
    return Fingerprint(
        size_bytes=int(segment.column("file_size_bytes")[row]),
        mtime_ns=int(segment.column("file_mtime_ns")[row]),
        ctime_ns=int(segment.column("file_ctime_ns")[row]),
        inode=int(segment.column("file_inode")[row]),
        sha256=digest[:_DIGEST_BYTES].hex() if digest[_DIGEST_BYTES] else "",
    )
