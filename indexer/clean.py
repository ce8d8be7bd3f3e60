"""The `clean FILE…` verb: files -> clean articles as JSON Lines, or explained line by line.

Nothing is indexed here. Lines that recur are counted once over the files that are given.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer import jsonl
from indexer.cleaning.recurrence import RECURS_IN_FILES
from indexer.contract import Contract, in_order
from indexer.counts import Recurs
from indexer.folder import files, walk
from indexer.folder.files import Found, Looked, Unreadable, found_at
from indexer.jobs import Look
from indexer.limits import Failed
from indexer.lines.decode import Decoded, clean_characters, decode
from indexer.lines.lines import text_lines
from indexer.lines.markup import read_page
from indexer.read import article_of
from indexer.settings import Settings
from indexer.workers import Workers
from search.config import Articles
from search.model import Article, Rejection


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
            found[name] = found_at(clean_characters(name), real.parent, real.name, state)
    return list(found.values()), rejections


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
