"""Whoosh's table of contents for a commit of ours, so that `whoosh.index.open_dir` opens it."""

from __future__ import annotations

from collections.abc import Sequence

from whoosh.filedb.filestore import RamStorage
from whoosh.index import TOC

from search.whoosh_engine.codec import SEGMENT_EXTENSION, ArraySegment
from search.whoosh_engine.commits.generations import INDEX_NAME
from search.whoosh_engine.schema import schema
from search.whoosh_engine.segments.arrays import Segment


def array_segment(segment: Segment) -> ArraySegment:
    """Whoosh's word for a segment of ours."""
    segid = segment.name.removeprefix(f"{INDEX_NAME}_").removesuffix(SEGMENT_EXTENSION)
    found = ArraySegment(INDEX_NAME, segid, segment.doc_count)
    found.set_mask(segment.deleted)
    return found


def toc_name(number: int) -> str:
    """The file name that makes a commit."""
    return str(TOC._filename(INDEX_NAME, number))  # noqa: SLF001 - 2.7.4 is pinned


def toc_content(number: int, segments: Sequence[Segment]) -> bytes:
    """The bytes of the file."""
    storage = RamStorage()
    TOC(schema(), [array_segment(segment) for segment in segments], number).write(
        storage, INDEX_NAME
    )
    return bytes(storage.files[toc_name(number)])
