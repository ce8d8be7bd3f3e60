"""Articles -> the arrays of a segment. Nothing is written here but through `SegmentFile`.

The builder gathers chunk numbers of many articles and inverts them in one go. It is full when its
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
from search.text import POSITION_GAP, separated
from search.whoosh_engine.arrays import NO_DAY, NO_TIME, Segment, Snapshot
from search.whoosh_engine.byte_rows import joined
from search.whoosh_engine.dates import moment
from search.whoosh_engine.invert import Occurrences, invert, ranked
from search.whoosh_engine.schema import WORD_FIELDS
from search.whoosh_engine.segment_file import SegmentFile
from search.whoosh_engine.stored import pack_article
from search.whoosh_engine.vocabulary import Tokens, Vocabulary

MAX_TOKENS = 8_000_000  # in one segment as built; sorting them takes about 400 MB for a moment
MAX_DOCS = 100_000
MAX_CHUNKS_REMEMBERED = 1_500_000  # then the vocabulary starts anew; about 300 MB
_PIECE_BYTES = 4_000_000  # of text, numbered together
_BYTES_A_TOKEN = 6
_LARGE = 2_000_000  # characters; such an article has a segment of its own


class _FileRow(NamedTuple):
    key: int
    path: str
    fingerprint: Fingerprint


class _Stream:
    """The text of one field, document after document; numbered a good piece at a time."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._texts: list[bytes] = []
        self._waiting = 0
        self._numbers: list[NDArray[np.int32]] = []
        self._counts: list[NDArray[np.int64]] = []
        self.size = 0
        """Tokens so far; those of texts that wait are estimated."""

    def add(self, text: str) -> None:
        separated_text = separated(text)
        self._texts.append(separated_text)
        self._waiting += len(separated_text)
        self.size += len(separated_text) // _BYTES_A_TOKEN
        if self._waiting > _PIECE_BYTES:
            self._number()

    def _number(self) -> None:
        numbers, counts = self._vocabulary.number(self._texts)
        self._numbers.append(numbers)
        self._counts.append(counts)
        self.size += len(numbers) - sum(len(text) // _BYTES_A_TOKEN for text in self._texts)
        self._texts, self._waiting = [], 0

    def tokens(self) -> Tokens:
        """All tokens."""
        self._number()
        return self._vocabulary.expand(np.concatenate(self._numbers), np.concatenate(self._counts))


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
        vocabulary = self.vocabulary
        title, body = self._title.tokens(), self._body.tokens()
        codes = np.array(self._languages.column, np.int32)
        names = list(self._languages.numbers)
        sections: dict[str, NDArray[Any]] = {}
        for field, tokens in (("text", text_of(title, body)), ("title", title)):
            sections |= self._stemmed(field, tokens, codes, names)
            del tokens
        for field, stream in self._small.items():
            tokens = stream.tokens()
            sections |= _field_sections(field, tokens, tokens.forms, vocabulary.forms())[1]
        return sections | _language_sections(codes, names)

    def _stemmed(
        self, field: str, tokens: Tokens, codes: NDArray[Any], names: list[str]
    ) -> dict[str, NDArray[Any]]:
        vocabulary = self.vocabulary
        languages = np.unique(codes).tolist()
        terms = np.empty(len(tokens.forms), np.int32)
        pairs = []
        for code in languages:
            here = slice(None) if len(languages) == 1 else (codes == code)[tokens.docs]
            forms = tokens.forms[here]
            counts = np.bincount(forms, minlength=1)
            used = np.flatnonzero(counts)
            table = vocabulary.stem_table(names[code] if code >= 0 else None, used)
            terms[here] = table[forms]
            pairs.append((used, table[used], counts[used]))
        ranks, found = _field_sections(field, tokens, terms, vocabulary.terms())
        return found | _form_sections(field, vocabulary.forms(), pairs, ranks)


def is_large(article: Article) -> bool:
    """Whether an article should have a segment of its own, before and after which one is made."""
    return len(article.body) > _LARGE


def text_of(title: Tokens, body: Tokens) -> Tokens:
    """The stream of the field `text`: title, gap, title, gap, body."""
    step = title.lengths + POSITION_GAP
    return Tokens.together(title, title.shifted(step), body.shifted(2 * step))


def _field_sections(
    field: str, tokens: Tokens, terms: NDArray[np.int32], names: list[str]
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """The rank of each term among those that occur, and the sections of postings and terms."""
    used = _distinct(terms)
    ranks, texts = ranked(names, used)
    found = invert(Occurrences(terms, tokens.docs, tokens.positions), ranks, len(used))
    blob, starts = joined([text.encode("utf-8") for text in texts])
    found |= {"terms": blob, "term_starts": starts, "lengths": tokens.lengths.astype(np.uint32)}
    return ranks, {f"{field}/{name}": array_ for name, array_ in found.items()}


def _form_sections(
    field: str,
    forms_by_number: list[str],
    pairs: list[tuple[NDArray[Any], NDArray[Any], NDArray[Any]]],
    term_ranks: NDArray[np.int64],
) -> dict[str, NDArray[Any]]:
    """The surface forms with their terms. `pairs` has forms, terms, counts for each language."""
    forms, terms, counts = (
        np.concatenate([pair[part] for pair in pairs]) if pairs else np.empty(0, np.int64)
        for part in range(3)
    )
    form_ranks, texts = ranked(forms_by_number, _distinct(forms))
    key = (form_ranks[forms] << 32) | term_ranks[terms]
    key, where = np.unique(key, return_inverse=True)
    totals = np.bincount(where, counts, minlength=len(key))
    encoded = [text.encode("utf-8") for text in texts]
    blob, starts = joined(list(map(encoded.__getitem__, (key >> 32).tolist())))
    return {
        f"{field}/forms": blob,
        f"{field}/form_starts": starts,
        f"{field}/form_terms": (key & 0xFFFFFFFF).astype(np.uint32),
        f"{field}/form_counts": totals.astype(np.uint32),
    }


def _distinct(numbers: NDArray[Any]) -> NDArray[np.int64]:
    """The numbers that occur, ascending; small ones, so that counting beats sorting."""
    return np.flatnonzero(np.bincount(numbers, minlength=1))


def _language_sections(codes: NDArray[Any], names: list[str]) -> dict[str, NDArray[Any]]:
    """The field `language`: one term for each document that has one, no positions."""
    docs = np.flatnonzero(codes >= 0)
    used = np.unique(codes[docs])
    ranks, texts = ranked(names, used)
    rows = Occurrences(codes[docs], docs, np.zeros(len(docs), np.int32))
    found = invert(rows, ranks, len(used))
    del found["positions"], found["pos_starts"], found["pos_blocks"]
    blob, starts = joined([text.encode("utf-8", "replace") for text in texts])
    found |= {"terms": blob, "term_starts": starts, "lengths": (codes >= 0).astype(np.uint32)}
    return {f"language/{name}": array_ for name, array_ in found.items()}


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
