"""The order of answers on the sample corpus, as files: a change of ranking is a readable diff.

The texts are taken as they lie in `articles/`, furniture and all, so that only ranking is looked
at. After a change that is meant, write the files anew with
`WRITE_GOLDEN=write .venv/bin/python -m pytest tests/quality/test_ranking_golden.py`.
"""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from search.model import Article, Query
from search.query import parse
from search.whoosh_engine.building.build import snapshot_in_memory
from search.whoosh_engine.reader import WhooshReader

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = {"gokceli-postasi": "tr", "sada-al-wadi": "ar", "neuwalder-anzeiger.example": "de"}
QUERIES = {
    "one-word": "harbour",
    "two-words": "harbour tunnel",
    "question": "what did the minister say about the price of bread",
    "phrase": '"said on monday"',
    "near": '"dockers strike"~8',
    "or": "(strike OR ferry) port",
    "not": "strike -whales",
    "prefix": "elect*",
    "fuzzy": "goverment~",
    "stop-words": "to be or not to be",
    "unaccented": "liman tuneli",
    "path": "path:harbour year",
}


@pytest.fixture(scope="module")
def reader() -> WhooshReader:
    return WhooshReader(
        snapshot_in_memory([sample()], ZoneInfo("UTC")),
        timezone=ZoneInfo("UTC"),
        budget_ms=60_000,
    )


def sample() -> list[Article]:
    """Every text file of the sample corpus, its name as the title."""
    folder = ROOT / "articles"
    found = []
    for file in sorted(folder.rglob("*.txt")):
        path = file.relative_to(folder).as_posix()
        found.append(
            Article(
                id=hashlib.blake2b(path.encode(), digest_size=8).hexdigest(),
                path=path,
                title=file.stem.replace("-", " ").replace("_", " "),
                body=file.read_bytes().decode("utf-8", "replace"),
                language=LANGUAGES.get(path.partition("/")[0], "en"),
            )
        )
    return found


@pytest.mark.parametrize("name", QUERIES)
def test_the_order_of_answers_is_the_one_on_file(reader: WhooshReader, name: str) -> None:
    typed = QUERIES[name]
    parsed = parse(typed, today=date(2026, 1, 1))
    results = reader.search(Query(text=typed, tree=parsed.tree))
    lines = [
        f"{typed}  ({results.read_as}; {results.total} found)",
        *(f"{rank:2} {hit.path}" for rank, hit in enumerate(results.hits, start=1)),
    ]
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("WRITE_GOLDEN") == "write":
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert results.hits
    assert lines == file.read_text(encoding="utf-8").splitlines()
