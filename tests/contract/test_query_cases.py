"""The table of queries and answers: what is typed finds these articles, in every engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import pytest
from little_corpus import HERE, query

from search.engine import Index
from search.model import Article


class Case(NamedTuple):
    """A line of the table."""

    line: int
    typed: str
    names: str
    options: str


def cases() -> Iterator[Case]:
    text = (HERE / "cases.tsv").read_text(encoding="utf-8")
    for number, line in enumerate(text.split("\n"), start=1):
        if line and not line.startswith(("# ", "## ")):
            typed, names, options = [*line.split("\t"), ""][:3]
            yield Case(number, typed, names, options)


CASES = list(cases())


def wanted(names: str, articles: dict[str, Article]) -> set[str]:
    """The names that a cell of the table stands for."""
    found: set[str] = set()
    for pattern in names.split():
        if pattern in {"ALL", "-"}:
            found |= set(articles) if pattern == "ALL" else set()
            continue
        fitting = {name for name in articles if fnmatchcase(name, pattern.removeprefix("!"))}
        assert fitting, f"{pattern} is no article"
        found = found - fitting if pattern.startswith("!") else found | fitting
    return found


def read_options(text: str) -> dict[str, Any]:
    """`sort=newest since=2016-11-01` as the fields of a Query."""
    options: dict[str, Any] = {}
    for option in re.split(r"\s+(?=\w+=)", text) if text else ():
        name, _, value = option.partition("=")
        match name:
            case "match" | "sort":
                options[name] = value
            case "since" | "until":
                options[name] = date.fromisoformat(value)
            case "source" | "without":
                key = {"source": "sources", "without": "without_sources"}[name]
                options[key] = (*options.get(key, ()), value)
            case _:
                raise AssertionError(f"{name} is no option")
    return options


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.line}: {case.typed}")
def test_what_is_typed_finds_these_articles(
    filled: Index, articles: dict[str, Article], case: Case
) -> None:
    results = filled.reader().search(query(case.typed, **read_options(case.options)))
    names = {each.id: name for name, each in articles.items()}
    assert {names[hit.id] for hit in results.hits} == wanted(case.names, articles)
    assert results.total == len(results.hits)


def test_the_table_is_large_and_asks_nothing_twice() -> None:
    assert len(CASES) >= 300
    asked = [(case.typed, case.options) for case in CASES]
    assert sorted({each for each in asked if asked.count(each) > 1}) == []
