"""The page of promises against the tests that hold them, and the table that is made of both."""

from __future__ import annotations

import re
from pathlib import Path

import goals
import pytest
from goals import GOALS, Run

FAULTS = goals.ROOT / "tests" / "faults"


def test_every_goal_is_held_by_a_test() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FAULTS.glob("test_*.py"))
    assert set(re.findall(r'pytest\.mark\.goal\("(\w+)"\)', text)) == set(GOALS)


def test_the_page_names_every_goal_and_scripts_that_are_there() -> None:
    page = goals.PAGE.read_text(encoding="utf-8")
    table = page.partition(goals.BEGIN)[2].partition(goals.END)[0]
    rows = re.findall(r"^\| (R\d+) \| (.+?) \|", table, re.MULTILINE)
    assert rows in ([], [*GOALS.items()]), "run `make faults` after changing a goal"
    for script in re.findall(r"`(test_\w+\.py)`", table):
        assert (FAULTS / script).exists()
    proofs = page.partition("## What proves")[2]
    assert re.findall(r"^\| (R\d+) \|", proofs, re.MULTILINE) == [*GOALS]


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ([], "missed"),
        (["missed"], "missed"),
        (["reached", "missed"], "missed"),
        (["not run here"], "not run here"),
        (["not run here", "reached"], "reached"),
    ],
)
def test_a_goal_is_reached_when_nothing_misses_it_and_something_was_run(
    found: list[goals.Outcome], wanted: str
) -> None:
    runs = [Run("R1", "test_kills.py", outcome) for outcome in found]
    assert goals.outcome(runs) == wanted
    assert ("R1" in goals.missed(runs)) == (wanted == "missed")


def test_the_table_replaces_the_one_before(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n{goals.BEGIN}last time\n{goals.END}After.\n", encoding="utf-8")
    goals.write([Run("R2", "test_x.py", "reached", 3.2, ["7 cuts: 0 lost"])], page)
    text = page.read_text(encoding="utf-8")
    assert "last time" not in text
    assert "| reached | 7 cuts: 0 lost | 3 | `test_x.py` |" in text
    assert text.startswith(f"Before.\n{goals.BEGIN}")
    assert text.endswith(f"{goals.END}After.\n")
