"""JSON Lines -> articles, one a line and taken as clean. Bad lines are listed; the others go on."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

from indexer.folder.files import CONTROL, Found, Unreadable, Unsettled, opened
from indexer.lines.decode import clean_characters
from search.model import Article, Fingerprint, Provenance, Rejection

MAX_ID_BYTES = 512
MAX_SKIPPED_LINES_WORTH = 50  # of one line without an end, in times the longest allowed one
# JSON of news packs to a tenth; what grows by more than this, after a first part, is no text.
MAX_INFLATION, INFLATION_FREE_BYTES = 200, 100_000_000
# Lines that are no articles, beside ten for each that is one: what has more is no list of articles.
MAX_USELESS_LINES = 100_000
MAX_BODY_CHARACTERS = 6_000_000  # as ten long novels have: marking words in more takes many seconds
TOO_LONG = (
    f"holds more than {MAX_BODY_CHARACTERS:,} characters of text, which no article does; split it,"
    " or leave it out with [articles] exclude"
)
MAX_TITLE_CHARACTERS = 1_000
DERIVED_TITLE_CHARACTERS = 100
TEXT_FIELDS = ("title", "source", "author", "language", "url", "agency")
PUBLISHED = re.compile(
    r"\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?)?)?",
    re.ASCII,
)
STATED = Provenance(found_in="json lines", confidence=1.0)


def article_id(path: str) -> str:
    """16 hex digits that are the same for a path for ever."""
    return hashlib.blake2b(path.encode("utf-8")).hexdigest()[:16]


def articles(
    found: Found,
    fingerprint: Fingerprint,
    *,
    max_line_bytes: int,
    bad: Callable[[Rejection], None],
) -> Iterator[Article]:
    """The articles of a file in its order; `bad` is told of each line that is none.

    Raises Unreadable if the file as a whole cannot be trusted: cut short, changed since its
    fingerprint was taken, not gzip after all.
    """
    first_line: dict[str, int] = {}

    def refuse(number: int, reason: str) -> None:
        bad(Rejection(path=f"{found.path}#line {number}", reason=reason))

    for number, line in _lines(found, fingerprint, max_line_bytes=max_line_bytes, refuse=refuse):
        if number > MAX_USELESS_LINES + 11 * len(first_line):
            good = len(first_line)
            raise Unreadable(
                f"has but {good:,} good lines among its first {number:,}; mend it, or leave it out with"
                " [articles] exclude"
            )
        if not line.strip():
            continue
        try:
            article = _article(line, path=found.path)
        except ValueError as error:
            refuse(number, str(error))
            continue
        earlier = first_line.setdefault(article.id, number)
        if earlier != number:
            given = article.path.removeprefix(f"{found.path}#")
            refuse(number, f'repeats the id "{given}" of line {earlier}; the first one counts')
            continue
        yield article


class _Hashing(io.RawIOBase):
    """The raw bytes of a file, hashed as they pass."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.digest = hashlib.sha256()
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = os.read(self.descriptor, len(buffer))
        buffer[: len(chunk)] = chunk
        self.digest.update(chunk)
        self.count += len(chunk)
        return len(chunk)


def _lines(
    found: Found,
    fingerprint: Fingerprint,
    *,
    max_line_bytes: int,
    refuse: Callable[[int, str], None],
) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every line that is not too long."""
    with opened(found) as descriptor:
        raw = _Hashing(descriptor)
        packed = io.BufferedReader(raw, 1 << 20)
        is_packed = found.relative.lower().endswith(".gz")
        stream: BinaryIO = gzip.GzipFile(fileobj=packed) if is_packed else packed  # type: ignore[assignment]  # both read lines of bytes
        number = 0
        try:
            for line in _cut(stream, raw, max_line_bytes=max_line_bytes):
                number += 1
                if line is None:
                    refuse(number, f"is longer than {max_line_bytes / 1e6:g} MB")
                else:
                    yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        except EOFError:
            raise Unreadable(f"is cut short {_place(number)}; copy it again") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Unreadable(f"is damaged {_place(number)}: {error}") from None
        packed.read()  # whatever stands behind the end of the packed data counts for the digest
        if raw.digest.hexdigest() != fingerprint.sha256:
            raise Unsettled("changed while it was read; it is read again when it has come to rest")


def _place(read: int) -> str:
    """Where reading ended, by how many lines were read before."""
    return f"after line {read}" if read else "in its first line"


def _cut(stream: BinaryIO, raw: _Hashing, *, max_line_bytes: int) -> Iterator[bytes | None]:
    """Every line, or None for one that is too long."""
    total = 0
    while line := stream.readline(max_line_bytes + 1):
        total += len(line)
        if len(line) <= max_line_bytes:
            yield line
        else:
            skipped = len(line)
            while not line.endswith(b"\n") and (line := stream.readline(max_line_bytes + 1)):
                skipped += len(line)
                if skipped > MAX_SKIPPED_LINES_WORTH * max_line_bytes:
                    raise Unreadable(f"has a line of more than {skipped / 1e6:.0f} MB")
            total += skipped
            yield None
        if total > INFLATION_FREE_BYTES + MAX_INFLATION * raw.count:
            raise Unreadable(f"unpacks to more than {MAX_INFLATION} times its size")


def _article(line: bytes, *, path: str) -> Article:
    """One line's article. Raises ValueError with the reason if it is none."""
    record = _record(line)
    given_id = _id(record.get("id"))
    body = record.get("text")
    if not isinstance(body, str):
        missing = "has no `text`" if body is None else f"has a `text` that is {_kind(body)}"
        raise ValueError(missing)  # noqa: TRY004 - as above
    body = clean_characters(body).strip()
    if not _shows(body):
        raise ValueError("has an empty `text`")
    if len(body) > MAX_BODY_CHARACTERS:
        raise ValueError(TOO_LONG)
    fields = {name: _text(record.get(name), name) for name in TEXT_FIELDS}
    published, provenance = _published(record.get("published"))
    language = _code(fields.pop("language"))
    if language:
        provenance["language"] = STATED
    else:
        language = _told_by(body, provenance)
    title = fields["title"]
    if title is None:
        title = derived_title(body)
        provenance["title"] = Provenance(found_in="first words", confidence=0.2)
    full_path = f"{path}#{given_id}"
    return Article(
        id=article_id(full_path),
        path=full_path,
        title=title[:MAX_TITLE_CHARACTERS],
        body=body,
        published=published,
        source=fields["source"],
        author=fields["author"],
        language=language,
        url=fields["url"],
        agency=fields["agency"],
        provenance={name: STATED for name, value in fields.items() if value} | provenance,
    )


def derived_title(body: str) -> str:
    """The first line of a text that shows anything, cut between words: the title of what has none."""
    line = next((line.strip() for line in body.split("\n") if _shows(line)), "")
    if len(line) <= DERIVED_TITLE_CHARACTERS:
        return line
    head = line[:DERIVED_TITLE_CHARACTERS]
    return (head.rpartition(" ")[0] or head) + "…"


def is_iso_date(text: str) -> bool:
    """Whether a text is a year, month, day or moment in ISO 8601."""
    if not PUBLISHED.fullmatch(text):
        return False
    whole = text + "-01-01"[len(text) - 4 :] if len(text) in {4, 7} else text
    try:
        datetime.fromisoformat(whole)
    except ValueError:
        return False
    return True


def _record(line: bytes) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise ValueError(f"is {_kind(record)}, not an object")  # noqa: TRY004 - bad lines are ValueErrors
    return record


def _id(given: Any) -> str:
    if given is None:
        raise ValueError("has no `id`")
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise ValueError(f"has an `id` that is {_kind(given)}")  # noqa: TRY004 - as above
    plain = str(given)
    if not plain.strip() or clean_characters(plain) != plain or CONTROL.search(plain):
        raise ValueError("has an `id` that is empty or holds control characters")
    if len(plain.encode("utf-8")) > MAX_ID_BYTES:
        raise ValueError(f"has an `id` of more than {MAX_ID_BYTES} bytes")
    return plain


def _text(given: Any, name: str) -> str | None:
    """A field on one line; a list of names is joined. None where there is nothing in it."""
    if isinstance(given, list) and all(isinstance(part, str) for part in given):
        given = ", ".join(given)
    if given is not None and not isinstance(given, str):
        raise ValueError(f"has a `{name}` that is {_kind(given)}")
    line = " ".join(clean_characters(given or "").split())
    return line if _shows(line) else None


def _shows(text: str) -> bool:
    """Whether there is anything to see in it: zero-width spaces and marks of direction are not."""
    return any(character.isprintable() and not character.isspace() for character in text)


def _published(given: Any) -> tuple[str | None, dict[str, Provenance]]:
    """The date, or none; one that cannot be read is kept in the provenance, not lost."""
    if given is None or given == "":
        return None, {}
    plain = str(given).strip() if isinstance(given, str | int) else ""
    if is_iso_date(plain):
        return plain[:10] + plain[10:].replace(" ", "T", 1), {"published": STATED}
    shown = clean_characters(str(given))[:60]
    found_in = f"json lines, not understood: {shown}"
    return None, {"published": Provenance(found_in=found_in, confidence=0.0)}


def _code(given: str | None) -> str | None:
    """`en-GB` and `EN` are `en`; anything that is no code is none."""
    code = (given or "").replace("_", "-").partition("-")[0].lower()
    return code if re.fullmatch(r"[a-z]{2,3}", code) else None


def _told_by(body: str, provenance: dict[str, Provenance]) -> str | None:
    """The language of a text that comes without one: the words of a search must be cut alike."""
    from indexer.facts.languages import language_of  # noqa: PLC0415 - 0.2 s and 18 MB, mostly not needed

    answer = language_of([body])
    if answer is None:
        return None
    provenance["language"] = answer.provenance
    return answer.value


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else kinds.get(type(value), "a number")
