"""What well-kept extractors think of a page: one bit a line for each, for the classifier."""

from __future__ import annotations

import logging

import numpy as np
from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text
from trafilatura import extract

from indexer.cleaning.tree_features import stands_in
from indexer.learned.columns import Floats
from indexer.lines.page import Page

NAMES = ("resiliparse", "trafilatura")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # its warnings are about pages, not us


def table(html: str, page: Page) -> Floats:
    """One row a line, float32, columns as NAMES: 1 where the extractor keeps the line."""
    lines = page.lines
    rows = np.zeros((len(lines), len(NAMES)), np.float32)
    if not lines or page.tree is None:
        return rows
    for column, text in enumerate((_resiliparse(html), _trafilatura(page.tree))):
        if text:
            rows[:, column] = stands_in(lines, text)
    return rows


def _resiliparse(html: str) -> str:
    try:
        return str(extract_plain_text(html, main_content=True))
    except (ValueError, RuntimeError, UnicodeError):
        return ""


def _trafilatura(tree: HtmlElement) -> str:
    try:
        return extract(tree, include_comments=False, fast=True) or ""
    except Exception:  # noqa: BLE001 - whatever a page does to it, its word is only one of several
        return ""
