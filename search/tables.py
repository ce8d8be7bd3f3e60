"""Rows -> CSV (RFC 4180) in which a spreadsheet runs nothing: for exports and for batches."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run: OWASP, "CSV injection"


def csv_lines(rows: Iterable[Mapping[str, object]], columns: Iterable[str]) -> Iterator[str]:
    """The header, then line by line. A cell that would be run gets an apostrophe in front."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    names = tuple(columns)
    writer.writerow(names)
    yield buffer.getvalue()
    for cells in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_safe(cells[name]) for name in names])
        yield buffer.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
