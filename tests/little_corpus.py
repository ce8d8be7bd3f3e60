"""The articles of tests/contract/corpus.toml, and the ways to put them into any index."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from search.engine import Index, Reader
from search.model import Article, Fingerprint, Query, SourceFile
from search.query import parse

HERE = Path(__file__).parent / "contract"
NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2016, 12, 20)


def article(path: str, body: str = "", **fields: Any) -> Article:
    """An article with the id that its path gives it."""
    name = hashlib.blake2b(path.encode(), digest_size=8).hexdigest()
    return Article(id=name, path=path, body=body, **({"title": ""} | fields))


def source_file(path: str, *, version: int = 1) -> SourceFile:
    """A file as it was at one moment; another version has another fingerprint."""
    sha256 = hashlib.sha256(f"{path} {version}".encode()).hexdigest()
    return SourceFile(
        path=path,
        fingerprint=Fingerprint(
            size_bytes=100, mtime_ns=version, ctime_ns=version, inode=7, sha256=sha256
        ),
    )


def corpus() -> dict[str, Article]:
    """Every article by its name."""
    tables = tomllib.loads((HERE / "corpus.toml").read_text(encoding="utf-8"))
    return {
        name: article(table.pop("path", f"misc/{name}.txt"), **table)
        for name, table in tables.items()
    }


def fill(index: Index, articles: Iterable[Article]) -> str:
    """Put each into its own file and commit; the generation."""
    with index.writer() as writer:
        for each in articles:
            writer.put(source_file(each.path), [each])
        return writer.commit()


def query(text: str, **others: Any) -> Query:
    """What is typed, as a Query; a hundred hits a page unless said otherwise."""
    parsed = parse(text, today=TODAY)
    wanted: dict[str, Any] = {"match": "all", "size": 100} | others
    return Query(text=text, tree=parsed.tree, warnings=parsed.warnings, **wanted)


def found(reader: Reader, text: str, **others: object) -> list[str]:
    """The paths of the articles that a query finds, in order."""
    return [hit.path for hit in reader.search(query(text, **others)).hits]
