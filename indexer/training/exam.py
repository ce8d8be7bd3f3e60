"""One record of the evaluator -> its clean article, by models that have not seen its site.

FOLDS=DIR LABELLED=DATA python evaluate.py --func indexer.training.exam:unseen
python evaluate.py --func indexer.training.exam:shipped
"""

from __future__ import annotations

import gzip
import os
from functools import cache
from pathlib import Path
from typing import Any

from indexer.cleaning import models
from indexer.cleaning.article import Cleaned, clean_html, clean_text
from indexer.cleaning.models import Models
from indexer.lines.decode import decode
from indexer.training.examples import fold_of, records


def shipped(record: dict[str, Any]) -> dict[str, Any]:
    """Cleaned as every user's files are."""
    return _cleaned(record, None)


def unseen(record: dict[str, Any]) -> dict[str, Any]:
    """Cleaned by the models of the fold that the record's site was kept out of."""
    fold = _folds().get(record["id"])
    use = None if fold is None else models.of_folder(Path(os.environ["FOLDS"]) / str(fold))
    return _cleaned(record, use)


def _cleaned(record: dict[str, Any], use: Models | None) -> dict[str, Any]:
    if record["kind"] == "text":
        cleaned = clean_text(record["text"], use=use)
    else:
        page = gzip.decompress(Path(record["html"]).read_bytes())
        cleaned = clean_html(decode(page, is_html=True).text, url=record["url"], use=use)
    return _answer(record, cleaned)


def _answer(record: dict[str, Any], cleaned: Cleaned) -> dict[str, Any]:
    return {
        "id": record["id"],
        "title": cleaned.title,
        "body": cleaned.body,
        "published": cleaned.published,
        "source": cleaned.source,
    }


@cache
def _folds() -> dict[str, int]:
    folder = Path(os.environ["LABELLED"])
    files = [*folder.glob("text_*.jsonl"), folder / "articles.jsonl"]
    return {
        record["id"]: fold_of(record["site"] or record["id"])
        for file in files
        for record in records(file)
    }
