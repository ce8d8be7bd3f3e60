"""The labelled articles as lines, rows, labels and weights. The texts stay where they are."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.cleaning import comments, extractors, features
from indexer.cleaning.tree_features import tree_table
from indexer.learned.columns import FEATURES, Floats
from indexer.lines.lines import Line, text_lines
from indexer.lines.markup import read_page
from indexer.training.alignment import labels as aligned
from indexer.training.fit import Labelled

VARIANTS = ("resi", "full", "dup", "bs4")
FOLDS = 5
FORM_WEIGHTS = {"resi": 2.0, "bs4": 0.5}
"""What a text counts in the form that real files have, and in that of BeautifulSoup's `get_text()`,
which breaks lines within sentences; any other form counts 1."""
VARIANT_WEIGHT = 0.3
"""What the same text in another form (without blank lines, as if of another language) counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled text or page."""

    record: dict[str, Any]
    lines: tuple[Line, ...]
    labels: NDArray[np.int8]
    """1 keep, 0 drop, -1 either is right."""
    rows: Floats
    """With the columns of its model."""
    comments: NDArray[np.int64]
    """Of readers: see `comments.Ints`."""
    variants: tuple[Floats, ...] = ()
    """The rows that the same lines have in other forms."""

    @property
    def fold(self) -> int:
        """The fold that all articles of its site share."""
        return fold_of(self.record["site"] or self.record["id"])


def fold_of(site: str) -> int:
    """Sites are dealt out by a checksum of their names."""
    return zlib.crc32(site.encode()) % FOLDS


def records(file: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSON Lines file; only a line feed ends one."""
    with file.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def texts(folder: Path) -> Iterator[Example]:
    """The labelled plain texts."""
    for variant in VARIANTS:
        for record in records(folder / f"text_{variant}.jsonl"):
            lines = tuple(text_lines(record["text"]))
            rows = features.table(lines)
            meant = {"keep": 1, "drop": 0}
            labels = [meant.get(record["lines"][line.number - 1]["label"], -1) for line in lines]
            yield Example(
                record=record,
                lines=lines,
                labels=without_copies(lines, np.array(labels, np.int8)),
                rows=rows,
                comments=comments.in_text(lines, rows),
                variants=_variants(record["id"], lines),
            )


def pages(folder: Path) -> Iterator[Example]:
    """The raw pages, labelled by their gold bodies."""
    for record in records(folder / "articles.jsonl"):
        if record.get("gold_doubtful"):
            continue
        html = gzip.decompress((folder / record["html"]).read_bytes()).decode("utf-8", "replace")
        page = read_page(html)
        tree = tree_table(page, features.table(page.lines))
        heard = extractors.table(html, page)
        draw = zlib.crc32(record["id"].encode()) % 10
        variants = []
        if draw == 0:
            foreign = features.table(page.lines, english=False)
            variants.append(np.hstack([foreign, tree, heard]))
        yield Example(
            record=record,
            lines=page.lines,
            labels=aligned(page.lines, record["body"]),
            rows=np.hstack([features.table(page.lines), tree, heard]),
            comments=comments.in_page(page),
            variants=tuple(variants),
        )


def without_copies(lines: tuple[Line, ...], labels: NDArray[np.int8]) -> NDArray[np.int8]:
    """Labels in which a dropped copy of a kept line counts for nothing: another rule finds those."""
    kept = {line.words for line, label in zip(lines, labels, strict=True) if label == 1}
    copies = [line.words in kept for line in lines]
    return np.where((labels == 0) & np.array(copies, np.bool_), np.int8(-1), labels)


def _variants(name: str, lines: tuple[Line, ...]) -> tuple[Floats, ...]:
    """The same text in other forms.

    Half of them without blank lines (many scrapers write none), every fifth as if of another
    language, half of those as if of a script without case.
    """
    draw = zlib.crc32(name.encode()) % 10
    tight = [line._replace(blank_before=False, blank_after=False) for line in lines]
    found = []
    if draw % 2 or name.endswith(".resi"):
        found.append(features.table(tight))
    if draw < 2:
        found.append(features.table(lines, english=False, cased=draw == 0))
    return tuple(found)


def chosen(example: Example) -> Labelled:
    """The labelled lines of an example, with weights.

    A page of many lines counts more than one of few, but less than its lines would.
    """
    use = example.labels >= 0
    labels = example.labels[use] == 1
    form = FORM_WEIGHTS.get(example.record.get("variant", ""), 1.0)
    weights = np.full(len(labels), form / max(1, len(use)) ** 0.5, np.float32)
    parts = [Labelled(example.rows[use], labels, weights)]
    parts += [
        Labelled(rows[use], labels, weights * np.float32(VARIANT_WEIGHT))
        for rows in example.variants
    ]
    return Labelled.joined(parts)


def text_rows(example: Example) -> Floats:
    """The columns that pages share with texts."""
    return example.rows[:, : len(FEATURES)]
