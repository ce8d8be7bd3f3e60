"""The `clean` verb: files or records -> clean articles as JSON Lines, or explained line by line.

Nothing is indexed here. Lines that recur are counted once over the files that are given; records
from standard input are cleaned each by itself, so that an answer never depends on its neighbours.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from indexer import files, jsonl, walk
from indexer.article import Cleaned
from indexer.counts import Recurs
from indexer.decode import Decoded, clean_characters, decode
from indexer.files import Found, Unreadable
from indexer.jobs import Look, Looked, Settings
from indexer.jsonl import article_id
from indexer.lines import text_lines
from indexer.markup import read_page
from indexer.read import article_of, clean
from indexer.recurrence import RECURS_IN_FILES
from indexer.workers import Failed, Workers
from search.config import Articles
from search.model import Article, Provenance, Rejection, Removal

BATCH_RECORDS = 256  # as many as are there already, but no more; answers keep the order of records
BATCH_BYTES = 16_000_000
READ_BYTES = 1 << 20
NOTHING = Recurs(frozenset())

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Contract:
    """One answer of the verb, in the keys that scripts rely on."""

    id: object
    path: str | None
    article: Article | Cleaned

    def json(self) -> str:
        """On one line."""
        found = self.article
        answer = {
            "id": self.id,
            "path": self.path,
            "title": found.title,
            "published": found.published,
            "source": found.source,
            "author": found.author,
            "language": found.language,
            "body": found.body,
            "removed": [_removal(removal) for removal in found.removed],
            "provenance": {name: _provenance(p) for name, p in sorted(found.provenance.items())},
        }
        return _dumped(answer)


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A job: the clean article of a file as JSON, or explained."""

    found: Found
    recurs: Recurs
    explain: bool

    def do(self, settings: Settings) -> str:
        """Read and clean. Raises Unreadable with the reason."""
        content = files.read(self.found, max_bytes=settings.max_file_bytes)
        article = article_of(self.found, content, settings, recurs=self.recurs)
        if self.explain:
            decoded = decode(content.data, is_html=self.found.is_html)
            return explained(article, decoded, is_html=self.found.is_html)
        return Contract(article.id, article.path, article).json()


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


def clean_files(
    names: Sequence[str], settings: Settings, workers: Workers, *, explain: bool
) -> Iterator[tuple[str, str | Failed]]:
    """Each file's path with its JSON (or explanation), or the reason why there is none.

    Folders are walked. The files come in the order in which they were named.
    """
    found, rejections = _named(names, settings)
    lines = [each for each in found if each.is_json_lines]
    single = [each for each in found if not each.is_json_lines]
    keys, failed = _counted(single, workers)
    times = Counter(key for own in keys.values() for key in own)
    recurring = {key for key, count in times.items() if count >= RECURS_IN_FILES}
    for rejection in rejections:
        yield rejection.path, Failed(rejection.reason)
    yield from failed.items()
    ready = [each for each in single if each.path in keys]
    jobs = (
        CleanFile(each, Recurs(frozenset(keys[each.path] & recurring)), explain) for each in ready
    )
    for number, answer in in_order(workers.each(jobs)):
        yield ready[number].path, answer
    for each in lines:
        yield from _clean_lines(each, settings)


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


def in_order(answers: Iterable[tuple[int, T]]) -> Iterator[tuple[int, T]]:
    """Numbered answers by their numbers; each is passed on as soon as those before it have come."""
    early: dict[int, T] = {}
    due = 0
    for number, answer in answers:
        early[number] = answer
        while due in early:
            yield due, early.pop(due)
            due += 1


def explained(article: Article, decoded: Decoded, *, is_html: bool) -> str:
    """An article for a person: what was found, and every line with its verdict."""
    head = [f"{article.path} ({decoded.encoding}, {decoded.how})"]
    for name in ("title", "published", "source", "author", "language", "url", "agency"):
        value = getattr(article, name)
        where = article.provenance.get(name)
        told = f"  [{where.found_in}, {where.confidence:.0%} sure]" if where else ""
        head.append(f"  {name:<10} {'-' if value is None else value}{told}")
    reasons = {removal.line: removal.reason for removal in article.removed}
    lines = read_page(decoded.text).lines if is_html else text_lines(decoded.text)
    body = []
    for line in lines:
        reason = reasons.get(line.number)
        body.append(
            f"+ {line.number:>4}  {line.text}"
            if reason is None
            else f"- {line.number:>4}  {line.text}  [{reason}]"
        )
    return "\n".join([*head, *body, ""])


def _named(names: Sequence[str], settings: Settings) -> tuple[list[Found], list[Rejection]]:
    """What the command line names: files, and the files below folders."""
    found: dict[str, Found] = {}
    rejections: list[Rejection] = []
    for name in names:
        real = Path(os.path.realpath(name))
        try:
            state = real.stat()
        except OSError as error:
            rejections.append(Rejection(path=name, reason=f"cannot be read: {error.strerror}"))
            continue
        if stat.S_ISDIR(state.st_mode):
            seen = walk.scan(Articles(roots=(real,), max_file_bytes=settings.max_file_bytes))
            base = name.rstrip("/")
            for each in seen.files:
                path = f"{base}/{each.path}"
                found[path] = replace(each, path=path)
            rejections += [
                Rejection(path=f"{base}/{r.path}", reason=r.reason) for r in seen.rejections
            ]
        else:
            found[name] = _found(name, real.parent, real.name, state)
    return list(found.values()), rejections


def _found(path: str, root: Path, relative: str, state: os.stat_result) -> Found:
    return Found(
        path=clean_characters(path),
        root=root,
        relative=relative,
        size_bytes=state.st_size,
        mtime_ns=state.st_mtime_ns,
        ctime_ns=state.st_ctime_ns,
        inode=state.st_ino,
    )


def _counted(
    single: Sequence[Found], workers: Workers
) -> tuple[dict[str, frozenset[int]], dict[str, Failed]]:
    """The keys of each file's lines, and the files that cannot be read."""
    keys: dict[str, frozenset[int]] = {}
    failed: dict[str, Failed] = {}
    for number, answer in in_order(workers.each(Look(each) for each in single)):
        path = single[number].path
        if isinstance(answer, Looked):
            keys[path] = answer.keys
        else:
            failed[path] = answer
    return keys, failed


def _clean_lines(found: Found, settings: Settings) -> Iterator[tuple[str, str | Failed]]:
    """The articles of a JSON Lines file, which are clean as they are."""
    bad: list[Rejection] = []
    try:
        state = files.fingerprint(found)
        limit = settings.max_file_bytes
        for article in jsonl.articles(found, state, max_line_bytes=limit, bad=bad.append):
            yield article.path, Contract(article.id, article.path, article).json()
    except Unreadable as error:
        yield found.path, Failed(str(error))
    for rejection in bad:
        yield rejection.path, Failed(rejection.reason)


def _record(line: bytes | None, settings: Settings) -> dict[str, Any]:
    if line is None:
        limit = 2 * settings.max_file_bytes / 1e6
        raise Unreadable(f"is longer than {limit:g} MB, twice [articles] max_file_bytes")
    try:
        record = json.loads(line)
    except RecursionError:
        raise Unreadable("is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise Unreadable('is not an object like {"id": …, "kind": "text", "text": …}')
    return record


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
        found = _found(name, real.parent, real.name, real.stat())
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
        record = json.loads(line or b"")
    except (ValueError, RecursionError):
        return None
    return record.get("id") if isinstance(record, dict) else None


def _error(given_id: object, message: str) -> str:
    return _dumped({"id": given_id, "error": message})


def _dumped(answer: dict[str, object]) -> str:
    """JSON on one line; halves of characters, which no file may hold, stay escaped."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if _is_text(text) else json.dumps(answer)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _removal(removal: Removal) -> dict[str, object]:
    return {"line": removal.line, "text": removal.text, "reason": removal.reason}


def _provenance(provenance: Provenance) -> dict[str, object]:
    return {"from": provenance.found_in, "confidence": round(provenance.confidence, 3)}
