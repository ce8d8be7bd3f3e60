"""What one committed state is, except the bytes: settings, files with checksums, masks, rejections."""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.errors import IndexOutdated
from search.model import Fingerprint, Rejection
from search.text import analysis_digest
from search.whoosh_engine.codec import pack_mask
from search.whoosh_engine.segments.arrays import Segment
from search.whoosh_engine.segments.segment_file import FORMAT_VERSION, OLDEST_FORMAT, damaged

FEATURE_VERSION = 1  # raise it when articles should be indexed anew, though files can still be read


@dataclass(frozen=True, slots=True)
class Settings:
    """What must be the same when an index is read as when it was written, or an older format."""

    format: int
    feature: int
    analysis: str
    timezone: str

    @classmethod
    def now(cls, timezone: str) -> Settings:
        """Those of this program."""
        return cls(FORMAT_VERSION, FEATURE_VERSION, analysis_digest(), timezone)


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a generation: what it must be."""

    name: str
    size: int
    crc: int
    seal: tuple[int, ...] = ()
    """Inode, mtime and ctime after the last fsync; empty where it is always read."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything about one committed state, except the bytes."""

    settings: Settings
    number: int
    committed_at: str
    segments: tuple[Part, ...]
    masks: tuple[tuple[str, str], ...]
    """For each segment, deleted documents and dead files, packed and in base 64."""
    toc: Part
    rejections: Part

    def content(self) -> bytes:
        """As a file: a checksum, then JSON."""
        body = json.dumps(dataclasses.asdict(self)).encode()
        return checksum(body) + b"\n" + body


def parse_manifest(name: str, content: bytes) -> Manifest:
    """The manifest in a file's bytes. Raises IndexDamaged, IndexOutdated."""
    told, _, body = content.partition(b"\n")
    if told != checksum(body):
        raise damaged(name, "it does not match its checksum")
    try:
        return _manifest(json.loads(body))
    except (
        KeyError,
        TypeError,
        ValueError,
    ) as error:  # whole, but nothing that this program writes
        raise IndexOutdated(
            f"{name}: the index was made by another version of this program; rebuild it with"
            " `python -m indexer build`"
        ) from error


def _manifest(read: dict[str, Any]) -> Manifest:
    def part(found: dict[str, Any]) -> Part:
        return Part(found["name"], found["size"], found["crc"], tuple(found["seal"]))

    return Manifest(
        settings=Settings(**read["settings"]),
        number=read["number"],
        committed_at=read["committed_at"],
        segments=tuple(part(found) for found in read["segments"]),
        masks=tuple((deleted, dead) for deleted, dead in read["masks"]),
        toc=part(read["toc"]),
        rejections=part(read["rejections"]),
    )


def mask_texts(segment: Segment) -> tuple[str, str]:
    """A segment's masks as the manifest keeps them."""
    return (
        base64.b64encode(pack_mask(segment.deleted)).decode(),
        base64.b64encode(pack_mask(segment.dead_files)).decode(),
    )


def checksum(content: bytes) -> bytes:
    """CRC-32 of a small file, in hex digits."""
    return f"{zlib.crc32(content):08x}".encode()


def compare(directory: Path, written: Settings, ours: Settings) -> None:
    """Raise IndexOutdated unless an index was written so that this program can go on with it."""
    if OLDEST_FORMAT <= written.format <= ours.format:
        written = dataclasses.replace(written, format=ours.format)
    for field in dataclasses.fields(Settings):
        then, now = getattr(written, field.name), getattr(ours, field.name)
        if then != now:
            raise IndexOutdated(
                f"{directory}: the index was made with {field.name} {then}, this program works "
                f"with {now}; rebuild it with `python -m indexer build`"
            )


def rejections_content(rejections: Iterable[Rejection]) -> bytes:
    """Rejections as a file, in the order of their paths."""
    rows = [dataclasses.asdict(rejection) for rejection in rejections]
    return json.dumps(sorted(rows, key=lambda row: str(row["path"]))).encode()


def read_rejections(content: bytes) -> tuple[Rejection, ...]:
    """What `rejections_content` wrote."""
    return tuple(
        Rejection(
            path=row["path"],
            reason=row["reason"],
            fingerprint=Fingerprint(**row["fingerprint"]) if row["fingerprint"] else None,
        )
        for row in json.loads(content)
    )
