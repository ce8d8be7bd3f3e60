"""The ten best are the ten best: looked at one by one, and against a sort of all."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import get_args

import pytest
from batches import index_in
from goals import Measured
from sized import TODAY

from search.model import Hit, Query, Sort
from search.query import parse


@pytest.mark.goal("R7")
def test_the_ten_best_are_those_of_brute_force(
    brute_forced: tuple[BaseProcess, int, int, Path], measured: Measured
) -> None:
    """In a process of its own, which begins early where it takes long."""
    process, count, asked, result = brute_forced
    process.join()
    assert process.exitcode == 0, "see the traceback on standard error"
    found, wrong = json.loads(result.read_bytes())
    measured(
        f"{asked} questions with every operator ({found} find something) over {count} "
        f"articles: {len(wrong)} differ"
    )
    assert not wrong
    assert found > asked // 2


@pytest.mark.goal("R7")
def test_the_ten_best_of_thousands_are_those_of_a_full_sort(
    sized_index: Path, *, long: bool, measured: Measured
) -> None:
    """Where the best are picked without sorting the rest: many matches, many ties of score or day."""
    reader, found, wrong = index_in(sized_index).reader(), [], []
    typed = ("the", "the OR of", "the of and to", "title:the", "*", "a* -the", "after:2018 said")
    for text in typed if long else typed[:3]:
        asked = Query(text=text, tree=parse(text, today=TODAY).tree, match="any")
        every = list(reader.every(asked))
        for sort, page in itertools.product(get_args(Sort), (1, 7)):
            query = replace(asked, sort=sort, page=page)
            every.sort(key=lambda hit, sort=sort: _place(hit, sort))  # type: ignore[misc]
            answer, first = reader.search(query), (page - 1) * query.size
            right = [hit.id for hit in every[first : first + query.size]]
            found.append(len(every))
            if answer.total != len(every) or [hit.id for hit in answer.hits] != right:
                wrong.append(f"{text} by {sort}, page {page}")
    measured(
        f"{len(found)} questions with up to {max(found):,} matches against a sort of all of them: "
        f"{len(wrong)} differ"
    )
    assert not wrong
    assert max(found) > (15_000 if long else 300)


def _place(hit: Hit, sort: Sort) -> tuple[float, int, str]:
    day = date.fromisoformat(hit.published or "0001-01-01").toordinal()
    by_score = -hit.score if sort == "relevance" else 0.0
    return by_score, day if sort == "oldest" else -day, hit.id
