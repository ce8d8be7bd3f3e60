"""The labelled articles as lines, rows, labels and weights. The texts stay where they are."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer import extractors, features
from indexer.columns import FEATURES, Floats
from indexer.lines import Line, text_lines
from indexer.markup import read_page
from indexer.training.alignment import labels as aligned
from indexer.training.fit import Labelled
from indexer.tree_features import tree_table

VARIANTS = ("resi", "full", "dup")
FOLDS = 5
NEAR = 6
FAR_SHARE = 0.5
"""Of the lines far from any kept one this share is trained on, with a weight that makes up for it:
the menus of 300 pages say the same over and over."""
REAL_FORM_WEIGHT = 2.0
"""What a text in the form that real files have counts, against a whole page's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One labelled text or page."""

    record: dict[str, Any]
    lines: tuple[Line, ...]
    labels: NDArray[np.int8]
    """1 keep, 0 drop, -1 either is right."""
    rows: Floats
    """With the columns of its model."""
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
            meant = {"keep": 1, "drop": 0}
            labels = [meant.get(record["lines"][line.number - 1]["label"], -1) for line in lines]
            yield Example(
                record=record,
                lines=lines,
                labels=without_copies(lines, np.array(labels, np.int8)),
                rows=features.table(lines),
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
    tight = [replace(line, blank_before=False, blank_after=False) for line in lines]
    found = []
    if draw % 2 or name.endswith(".resi"):
        found.append(features.table(tight))
    if draw < 2:
        found.append(features.table(lines, english=False, cased=draw == 0))
    return tuple(found)


def chosen(example: Example) -> Labelled:
    """The lines of an example that are trained on, with their weights.

    Long lines count more, and a page of many lines not much more than others.
    """
    labels = example.labels
    near = np.zeros(len(labels), np.bool_)
    kept = np.flatnonzero(labels == 1)
    for step in range(-NEAR, NEAR + 1):
        near[np.clip(kept + step, 0, max(0, len(labels) - 1))] = True
    drawn = np.random.default_rng(zlib.crc32(example.record["id"].encode())).random(len(labels))
    use = (labels >= 0) & (near | (drawn < FAR_SHARE))
    words = np.array([len(line.words) for line in example.lines], np.float32)
    form = REAL_FORM_WEIGHT if example.record.get("variant") == "resi" else 1.0
    every = form * (1 + np.minimum(words, 60) / 20) / max(1, len(words)) ** 0.5
    weights: Floats = np.where(near, every, every / FAR_SHARE).astype(np.float32)
    parts = [Labelled(example.rows[use], labels[use] == 1, weights[use])]
    parts += [Labelled(rows[use], labels[use] == 1, weights[use]) for rows in example.variants]
    return Labelled.joined(parts)


def text_rows(example: Example) -> Floats:
    """The columns that pages share with texts."""
    return example.rows[:, : len(FEATURES)]
