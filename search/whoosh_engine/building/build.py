"""Articles -> the arrays of a segment. Nothing is written here but through `SegmentFile`.

The builder gathers the tokens of many articles and inverts them in one go. It is full when its
tokens pass a limit, so that memory stays bounded however many articles come.
"""

from __future__ import annotations

import hashlib
import io
from array import array
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.model import Article, Fingerprint, SourceFile
from search.whoosh_engine.building.invert import language_sections, stemmed_sections, word_sections
from search.whoosh_engine.building.vocabulary import Tokens, Vocabulary
from search.whoosh_engine.schema import WORD_FIELDS
from search.whoosh_engine.segments.arrays import NO_DAY, NO_TIME, Segment
from search.whoosh_engine.segments.byte_rows import joined
from search.whoosh_engine.segments.dates import moment
from search.whoosh_engine.segments.segment_file import SegmentFile
from search.whoosh_engine.segments.snapshot import Snapshot
from search.whoosh_engine.segments.stored import pack_article

MAX_TOKENS = 16_000_000  # in one segment as built; its postings take about 400 MB for a moment
MAX_DOCS = 100_000
MAX_STRINGS = 3_000_000  # in a vocabulary, which then starts anew; about 200 MB
_PIECE_BYTES = 4_000_000  # of text, numbered together
_BYTES_A_TOKEN = 6
_LARGE = 2_000_000  # characters; such an article has a segment of its own


class _FileRow(NamedTuple):
    key: int
    path: str
    fingerprint: Fingerprint


class _Stream:
    """The text of one field, document after document; cut a good piece at a time."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._texts: list[bytes] = []
        self._waiting = 0
        self._parts: list[Tokens] = []
        self._counted = 0

    @property
    def size(self) -> int:
        """Tokens so far; those of texts that wait are estimated."""
        return self._counted + self._waiting // _BYTES_A_TOKEN

    def add(self, text: str) -> None:
        raw = text.encode("utf-8", "replace")  # half of a surrogate pair becomes `?`
        self._texts.append(raw)
        self._waiting += len(raw)
        if self._waiting > _PIECE_BYTES:
            self._cut()

    def _cut(self) -> None:
        self._parts.append(self._vocabulary.cut(self._texts))
        self._counted += len(self._parts[-1].codes)
        self._texts, self._waiting = [], 0

    def tokens(self) -> Tokens:
        """All tokens."""
        self._cut()
        parts, self._parts = self._parts, []
        return Tokens.chained(parts)


class _Codes:
    """Names and their numbers, in the order in which they came."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.column = array("i")

    def add(self, name: str | None) -> None:
        self.column.append(-1 if name is None else self.numbers.setdefault(name, len(self.numbers)))

    def sections(self, column: str) -> dict[str, NDArray[Any]]:
        names = [name.encode("utf-8", "replace") for name in self.numbers]
        blob, starts = joined(names)
        return {
            column: np.array(self.column, np.int32),
            f"{column}_names": blob,
            f"{column}_name_starts": starts,
        }


def file_key(path: str) -> int:
    """64 bits that stand for a path; a look-up compares the path itself as well."""
    return int.from_bytes(
        hashlib.blake2b(path.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big"
    )


class SegmentBuilder:
    """Gathers articles, then gives them as the sections of one segment."""

    def __init__(self, zone: tzinfo, vocabulary: Vocabulary | None = None) -> None:
        self.zone = zone
        self.vocabulary = vocabulary if vocabulary is not None else Vocabulary()
        self._title, self._body = _Stream(self.vocabulary), _Stream(self.vocabulary)
        self._small = {name: _Stream(self.vocabulary) for name in WORD_FIELDS}
        self._ids = array("Q")
        self._days, self._last_days, self._seconds = array("i"), array("i"), array("q")
        self._sources, self._languages = _Codes(), _Codes()
        self._files: list[_FileRow] = []
        self._file_of_doc = array("i")
        self._dead_rows: set[int] = set()
        self._stored: list[bytes] = []
        self._large = False

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def row_count(self) -> int:
        """How many files came in, with articles or without."""
        return len(self._files)

    @property
    def full(self) -> bool:
        """Whether it is time to make a segment."""
        return (
            self._large
            or self._body.size + 2 * self._title.size > MAX_TOKENS
            or len(self) >= MAX_DOCS
        )

    def begin_file(self, file: SourceFile) -> int:
        """Note a file; returns its row, to be named with each of its articles."""
        self._files.append(_FileRow(file_key(file.path), file.path, file.fingerprint))
        return len(self._files) - 1

    def kill_file(self, row: int) -> None:
        """Take out a file and its articles again."""
        self._dead_rows.add(row)

    def add(self, article: Article, row: int) -> None:
        """Take in an article. Raises ValueError, and takes in nothing, if a value cannot be used."""
        number = _id_number(article)
        day, last_day, seconds = NO_DAY, NO_DAY, NO_TIME
        if article.published is not None:
            try:
                day, last_day, seconds = moment(article.published, self.zone)
            except ValueError as error:
                raise ValueError(f"{article.path}: {error}") from error
        packed = pack_article(article)
        self._title.add(article.title)
        self._body.add(article.body)
        for name, stream in self._small.items():
            stream.add(getattr(article, name) or "")
        self._ids.append(number)
        self._days.append(day)
        self._last_days.append(last_day)
        self._seconds.append(seconds)
        self._sources.add(article.source)
        self._languages.add(article.language)
        self._file_of_doc.append(row)
        self._stored.append(packed)
        self._large = self._large or is_large(article)

    def file_order(self) -> NDArray[np.int64]:
        """The rows of files in the order in which the segment has them: by key, then as they came."""
        return np.argsort(np.array([row.key for row in self._files], np.uint64), kind="stable")

    def write(self, file: BinaryIO) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Write the segment; returns the masks of its deleted documents and dead files."""
        out = SegmentFile(file)
        blob, starts = joined(self._stored)
        out.put("stored", blob)
        out.put("stored_starts", starts)
        order = self.file_order()
        row_of = np.empty(len(order), np.int32)
        row_of[order] = np.arange(len(order), dtype=np.int32)
        for name, array_ in self._columns(order, row_of).items():
            out.put(name, array_)
        for name, array_ in self._postings().items():
            out.put(name, array_)
        out.finish({"doc_count": len(self)})
        dead_files = np.zeros(len(order), bool)
        dead_files[row_of[list(self._dead_rows)]] = True
        docs = row_of[np.array(self._file_of_doc, np.int32)]
        return dead_files[docs], dead_files

    def _columns(self, order: NDArray[Any], row_of: NDArray[Any]) -> dict[str, NDArray[Any]]:
        return {
            "id": np.array(self._ids, np.uint64),
            "published_day": np.array(self._days, np.int32),
            "published_last_day": np.array(self._last_days, np.int32),
            "published_s": np.array(self._seconds, np.int64),
            "file": row_of[np.array(self._file_of_doc, np.int32)],
            **self._sources.sections("source"),
            **self._languages.sections("language"),
            **file_sections([self._files[index] for index in order.tolist()]),
        }

    def _postings(self) -> dict[str, NDArray[Any]]:
        codes = np.array(self._languages.column, np.int32)
        names = list(self._languages.numbers)
        sections = stemmed_sections(
            self.vocabulary, self._title.tokens(), self._body.tokens(), codes, names
        )
        for field, stream in self._small.items():
            sections |= word_sections(field, self.vocabulary, stream.tokens())
        return sections | language_sections(codes, names)


def is_large(article: Article) -> bool:
    """Whether an article should have a segment of its own, before and after which one is made."""
    return len(article.body) > _LARGE


def file_sections(rows: list[_FileRow]) -> dict[str, NDArray[Any]]:
    """The table of files, sorted by key: paths and fingerprints."""
    blob, starts = joined([row.path.encode("utf-8", "surrogatepass") for row in rows])
    prints = [row.fingerprint for row in rows]
    numbers = np.array([[p.size_bytes, p.mtime_ns, p.ctime_ns] for p in prints], np.int64).reshape(
        -1, 3
    )
    # 32 bytes of digest and one that says whether there is a digest at all
    hashes = b"".join(
        bytes.fromhex(p.sha256).ljust(33, b"\1" if p.sha256 else b"\0") for p in prints
    )
    return {
        "file_keys": np.array([row.key for row in rows], np.uint64),
        "file_names": blob,
        "file_name_starts": starts,
        "file_size_bytes": numbers[:, 0],
        "file_mtime_ns": numbers[:, 1],
        "file_ctime_ns": numbers[:, 2],
        "file_inode": np.array([p.inode for p in prints], np.uint64),
        "file_sha256": np.frombuffer(hashes, np.uint8),
    }


def _id_number(article: Article) -> int:
    with suppress(ValueError):
        raw = bytes.fromhex(article.id)
        if len(raw) == 8 and len(article.id) == 16:
            return int.from_bytes(raw, "big")
    raise ValueError(f"{article.path}: id = {article.id!r}: want 16 hex digits")


# --- in memory -----------------------------------------------------------------------------------

_NO_FINGERPRINT = Fingerprint(size_bytes=0, mtime_ns=0, ctime_ns=0, inode=0, sha256="")


def segment_in_memory(
    articles: Iterable[Article], zone: tzinfo, *, name: str = "memory"
) -> Segment:
    """A segment of these articles, each from a file of its own."""
    builder = SegmentBuilder(zone)
    for article in articles:
        file = SourceFile(path=article.path, fingerprint=_NO_FINGERPRINT)
        builder.add(article, builder.begin_file(file))
    image = io.BytesIO()
    deleted, dead_files = builder.write(image)
    return Segment(name, image.getvalue(), deleted=deleted, dead_files=dead_files)


def snapshot_in_memory(groups: Iterable[Iterable[Article]], zone: tzinfo) -> Snapshot:
    """A snapshot with one segment for each group of articles."""
    segments = tuple(
        segment_in_memory(articles, zone, name=f"memory-{number}")
        for number, articles in enumerate(groups)
    )
    return Snapshot("memory", datetime.now().astimezone().isoformat(), segments)
