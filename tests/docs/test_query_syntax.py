"""Every example in docs/query-syntax.md is read as the page says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from search.lexer import DATE_FIELDS, FIELDS, MAX_LENGTH
from search.mending import MAX_DEPTH, MAX_WORDS
from search.query import parse, read_as

PAGE = (Path(__file__).parents[2] / "docs" / "query-syntax.md").read_text(encoding="utf-8")
TODAY = date(2016, 12, 20)  # the day on which the page says that it was written
ROWS = [
    (match[1], [cell.strip() for cell in match[2].split(" | ")])
    for match in re.finditer(r"^\| `(.+?)` \| (.+) \|$", PAGE, re.MULTILINE)
]


@pytest.mark.parametrize(("typed", "cells"), ROWS, ids=[typed for typed, _ in ROWS])
def test_an_example_is_read_as_the_page_says(typed: str, cells: list[str]) -> None:
    wanted, *told = cells
    parsed = parse(typed, today=TODAY)
    assert read_as(parsed.tree, "all") == wanted
    assert [each.message for each in parsed.warnings] == told


def test_the_page_has_all_its_examples() -> None:
    assert len(ROWS) == len(re.findall(r"^\| `", PAGE, re.MULTILINE)) >= 50


def test_every_field_has_an_example() -> None:
    typed = " ".join(text for text, _ in ROWS)
    assert all(f"{name}:" in typed for name in (*FIELDS, *DATE_FIELDS))


def test_the_limits_are_those_of_the_program() -> None:
    limits = f"{MAX_LENGTH:,} characters, {MAX_WORDS:,} words and parentheses {MAX_DEPTH} deep"
    assert limits in " ".join(PAGE.split())


def test_inline_examples_are_read_without_a_warning() -> None:
    """What stands in backticks in the text outside the tables is never a mistake, but for headlines."""
    prose = re.sub(r"^\|.*$", "", PAGE, flags=re.MULTILINE)
    queries = [text for text in re.findall(r"`([^`\n]+)`", prose) if ":" in text or '"' in text]
    assert queries
    for text in queries:
        if not text.endswith(":"):
            assert not parse(text, today=TODAY).warnings
