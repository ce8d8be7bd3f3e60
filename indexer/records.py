"""The `clean -` verb: records of a stream -> clean articles, one answer a line, in order, at once.

Each record is cleaned by itself, so that an answer never depends on its neighbours.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from indexer.contract import Contract, dumped, in_order
from indexer.counts import Recurs
from indexer.folder import files
from indexer.folder.files import Unreadable, found_at
from indexer.jsonl import article_id
from indexer.limits import Failed
from indexer.lines.decode import Decoded, clean_characters, decode
from indexer.read import clean
from indexer.settings import Settings
from indexer.workers import Workers

BATCH_RECORDS = 256  # as many as are there already, but no more; answers keep the order of records
BATCH_BYTES = 16_000_000
READ_BYTES = 1 << 20
NOTHING = Recurs(frozenset())


@dataclass(frozen=True, slots=True)
class CleanRecord:
    """A job: the answer to one line of standard input; it never fails, but may say `error`."""

    number: int
    line: bytes | None
    """None: it was too long to be taken in."""

    def do(self, settings: Settings) -> str:
        """The answer on one line."""
        given_id: object = None
        try:
            record = _record(self.line, settings)
            given_id = record.get("id")
            return _clean_record(record, settings)
        except Unreadable as error:
            return _error(given_id, f"line {self.number}: {error}")


def clean_stream(source: BinaryIO, settings: Settings, workers: Workers) -> Iterator[str]:
    """One answer for each line of a stream, as soon as it is there, in memory that does not grow."""
    first = 1
    for batch in batches(source, max_line_bytes=2 * settings.max_file_bytes):
        jobs = [CleanRecord(number, line) for number, line in enumerate(batch, start=first)]
        for number, answer in in_order(workers.each(jobs)):
            if isinstance(answer, Failed):
                yield _error(_id_of(batch[number]), f"line {first + number}: {answer.reason}")
            else:
                yield answer
        first += len(batch)


def batches(source: BinaryIO, *, max_line_bytes: int) -> Iterator[list[bytes | None]]:
    """The lines of a stream, as many together as have come in; None for one that is too long.

    Never waits for a second line while there is a first.
    """
    descriptor = source.fileno()
    rest, skipping = b"", False
    batch: list[bytes | None] = []
    while chunk := os.read(descriptor, READ_BYTES):
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            batch.append(None if skipping or len(line) > max_line_bytes else line)
            skipping = False
            if len(batch) >= BATCH_RECORDS or sum(len(each or b"") for each in batch) > BATCH_BYTES:
                yield batch
                batch = []
        if len(rest) > max_line_bytes:
            rest, skipping = b"", True
        if batch:
            yield batch
            batch = []
    if rest or skipping:
        yield [None if skipping else rest]


def _record(line: bytes | None, settings: Settings) -> dict[str, Any]:
    if line is None:
        limit = 2 * settings.max_file_bytes / 1e6
        raise Unreadable(f"is longer than {limit:g} MB, twice [articles] max_file_bytes")
    try:
        record = _parsed(line)
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise Unreadable('is not an object like {"id": …, "kind": "text", "text": …}')
    return record


def _parsed(line: bytes) -> Any:
    return json.loads(line, parse_constant=_finite, parse_float=_finite)


def _finite(text: str) -> float:
    """A number that an answer can repeat: Python reads `NaN` and 1e400, which JSON does not have."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is no number")
    return number


def _clean_record(record: dict[str, Any], settings: Settings) -> str:
    kind, url = record.get("kind"), record.get("url")
    if url is not None and not isinstance(url, str):
        raise Unreadable("has a `url` that is no text")
    if kind == "text":
        text = _string(record, "text")
        path = None
        decoded = Decoded(text=clean_characters(text), encoding="utf-8", how="given")
    elif kind == "html":
        path = _string(record, "html")
        decoded = decode(_page(path, settings), is_html=True)
    else:
        raise Unreadable(f'has the `kind` {json.dumps(kind)}: want "text" or "html"')
    cleaned = clean(decoded, settings, is_html=kind == "html", recurs=NOTHING, url=url)
    given_id = record.get("id")
    if given_id is None and path is not None:
        given_id = article_id(clean_characters(path))
    return Contract(given_id, path, cleaned).json()


def _page(name: str, settings: Settings) -> bytes:
    """The bytes of a page, unpacked if its name ends in .gz."""
    real = Path(os.path.realpath(name.replace("\0", "")))
    try:
        found = found_at(clean_characters(name), real.parent, real.name, real.stat())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such name is possible"
        raise Unreadable(f"{name}: cannot be read: {reason}") from None
    data = files.read(found, max_bytes=settings.max_file_bytes).data
    if not name.endswith(".gz"):
        return data
    try:
        page = gzip.GzipFile(fileobj=io.BytesIO(data)).read(settings.max_file_bytes + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"{name}: is damaged: {error}") from None
    if len(page) > settings.max_file_bytes:
        limit = settings.max_file_bytes / 1e6
        raise Unreadable(f"{name}: unpacks to more than {limit:g} MB")
    return page


def _string(record: dict[str, Any], name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise Unreadable(f"has no `{name}`" if value is None else f"has a `{name}` that is no text")
    return value


def _id_of(line: bytes | None) -> object:
    """The id of a record that could not be answered in time, if it can be read at all."""
    try:
        record = _parsed(line or b"")
    except (ValueError, RecursionError):
        return None
    return record.get("id") if isinstance(record, dict) else None


def _error(given_id: object, message: str) -> str:
    return dumped({"id": given_id, "error": message})
