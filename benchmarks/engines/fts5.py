"""SQLite's FTS5, as Python's own sqlite3 module has it: Porter over unicode61, merged when built.

The exact total costs FTS5 a second query; ordering by its built-in `rank` is BM25. It has no fuzzy
words. The write-ahead log is off, so that the one commit is on the disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from benchmarks.engine import Answer, Opened, day_number, whole_text
from benchmarks.workloads import Search

VERSION = sqlite3.sqlite_version
FILE = "fts5.db"


def build(folder: Path, articles: Iterable[dict[str, str]]) -> None:
    """One transaction, then the segments merged into one."""
    connection = sqlite3.connect(folder / FILE)
    connection.executescript(
        "PRAGMA synchronous = FULL;"
        "CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61');"
        "CREATE TABLE articles (number INTEGER PRIMARY KEY, source TEXT, day INTEGER);"
    )
    for article in articles:
        number = int(article["id"])
        connection.execute(
            "INSERT INTO texts (rowid, text) VALUES (?, ?)", (number, whole_text(article))
        )
        connection.execute(
            "INSERT INTO articles VALUES (?, ?, ?)",
            (number, article["source"], day_number(article["published"])),
        )
    connection.execute("INSERT INTO texts (texts) VALUES ('optimize')")
    connection.execute("CREATE INDEX days ON articles (day)")
    connection.commit()
    connection.close()


def open_index(folder: Path) -> Opened:
    """The database, read through a mapping as the others read theirs."""
    return _Database(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True))


class _Database:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("PRAGMA mmap_size = 8000000000")

    def ask(self, search: Search) -> Answer | None:
        if search.kind == "fuzzy":
            return None
        values: list[object] = [_expression(search)]
        tables, condition = "texts", "texts MATCH ?"
        if search.source or search.since or search.facets or search.sort != "relevance":
            tables += " JOIN articles ON number = texts.rowid"
        if search.source:
            condition += " AND source = ?"
            values.append(search.source)
        if search.since and search.until:
            condition += " AND day BETWEEN ? AND ?"
            values += [day_number(search.since), day_number(search.until)]
        where = f"FROM {tables} WHERE {condition}"
        shown = "texts.rowid"
        if search.excerpts:
            shown += ", snippet(texts, 0, '<b>', '</b>', '...', 40)"
        order = "day DESC" if search.sort == "newest" else "rank"
        page = f"LIMIT {search.size} OFFSET {(search.page - 1) * search.size}"
        rows = self._all(f"SELECT {shown} {where} ORDER BY {order} {page}", values)
        total = self._all(f"SELECT count(*) {where}", values)[0][0]
        if search.facets:
            self._all(f"SELECT source, count(*) {where} GROUP BY source", values)
            self._all(f"SELECT day / 100, count(*) {where} GROUP BY day / 100", values)
        return Answer(total, tuple(row[0] for row in rows))

    def _all(self, statement: str, values: list[object]) -> list[tuple[int, ...]]:
        return self._connection.execute(statement, values).fetchall()


def _expression(search: Search) -> str:
    if search.kind == "phrase":
        return '"' + " ".join(search.words) + '"'
    if search.kind == "prefix":
        return f'"{search.words[0]}"*'
    return (" OR " if search.kind == "any" else " AND ").join(f'"{word}"' for word in search.words)
