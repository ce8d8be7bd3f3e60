"""How a segment lies in its file: read and written as sections, without knowing what they mean.

A file is a header, then sections (each an array, aligned to 64 bytes), then a directory in JSON
that names them. Nothing in it is a pickle. Numbers are little-endian.

    header     magic, format version, place, size and CRC-32 of the directory
    sections   `FIELD/terms`, `FIELD/docs`, … and the segment's own `id`, `stored`, …
    directory  {"meta": {…}, "sections": {name: [offset, dtype, count]}}

The bytes of a whole file are vouched for by the manifest of a generation (`generations`); the
directory's own checksum keeps a file from being taken for a segment when it is none.
"""

from __future__ import annotations

import json
import mmap
import struct
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from search.errors import IndexDamaged, IndexOutdated

FORMAT_VERSION = 2  # raise it when an older reader could not read the file any more
OLDEST_FORMAT = 1  # of those that are read on
MAGIC = b"DATELINE"
_HEADER = struct.Struct("<8sIIQQ")
_ALIGNMENT = 64  # a cache line; NumPy reads aligned arrays fastest

Buffer = bytes | memoryview | mmap.mmap


def damaged(name: str, what: str) -> IndexDamaged:
    """The error for a file that is not what was written."""
    return IndexDamaged(
        f"{name}: {what}; rebuild the index with `python -m indexer build` "
        "(the articles are the backup)"
    )


def parse(name: str, buffer: Buffer) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Meta and sections of a segment's bytes. Raises IndexDamaged, IndexOutdated."""
    if len(buffer) < _HEADER.size:
        raise damaged(name, "the file is too short")
    magic, version, checksum, place, size = _HEADER.unpack(bytes(buffer[: _HEADER.size]))
    if magic != MAGIC:
        raise damaged(name, "the file does not start like a segment")
    if not OLDEST_FORMAT <= version <= FORMAT_VERSION:
        raise IndexOutdated(
            f"{name}: segment format {version}, this program reads {FORMAT_VERSION}; "
            "rebuild the index with `python -m indexer build`"
        )
    directory = bytes(buffer[place : place + size])
    if not size or len(directory) != size or zlib.crc32(directory) != checksum:
        raise damaged(name, "its directory does not match its checksum")
    read = json.loads(directory)
    sections = {
        key: np.frombuffer(buffer, np.dtype(dtype), count, offset)
        for key, (offset, dtype, count) in read["sections"].items()
    }
    return read["meta"], sections


class SegmentFile:
    """Writes a segment: sections in any order, each whole or in pieces, then the directory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sections: dict[str, tuple[int, str, int]] = {}
        self._end = _ALIGNMENT

    def put(self, name: str, array: NDArray[Any]) -> None:
        """Write a whole section."""
        self.piece(name, self.reserve(name, array.dtype, len(array)), array)

    def reserve(self, name: str, dtype: np.dtype[Any], count: int) -> int:
        """Set room aside for a section that comes in pieces; returns its place in the file."""
        place = self._end
        self._sections[name] = (place, dtype.newbyteorder("<").str, count)
        self._end = -(-(place + count * dtype.itemsize) // _ALIGNMENT) * _ALIGNMENT
        return place

    def piece(self, name: str, place: int, array: NDArray[Any]) -> int:
        """Write part of a reserved section at a place in the file; returns where it ends."""
        dtype = np.dtype(self._sections[name][1])
        raw = np.ascontiguousarray(array, dtype=dtype).data.cast("B") if len(array) else b""
        self._file.seek(place)
        self._file.write(raw)
        return place + len(raw)

    def finish(self, meta: Mapping[str, Any]) -> None:
        """Write directory and header. The caller flushes and syncs."""
        directory = json.dumps({"meta": meta, "sections": self._sections}).encode()
        self._file.seek(self._end)
        self._file.write(directory)
        self._file.seek(0)
        self._file.write(
            _HEADER.pack(MAGIC, FORMAT_VERSION, zlib.crc32(directory), self._end, len(directory))
        )


def narrow(array: NDArray[Any], *, at_least: int = 1) -> NDArray[Any]:
    """The same numbers in the smallest of uint8, uint16, uint32 that holds them."""
    largest = int(array.max()) if len(array) else 0
    for dtype in (np.uint8, np.uint16, np.uint32):
        if np.dtype(dtype).itemsize >= at_least and largest <= np.iinfo(dtype).max:
            return array.astype(dtype, copy=False)
    raise ValueError(f"{largest} does not fit into 32 bits")
