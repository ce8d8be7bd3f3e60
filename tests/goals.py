"""The goals of reliability, and the table of what was measured against them.

A goal is held by tests in `tests/faults/`, marked with its name:

    @pytest.mark.goal("R4")
    def test_searching_while_articles_change(long: bool, measured: Measured) -> None:
        seconds = 120 if long else 4
        …
        measured(f"{count:,} searches: {wrong} wrong")
        assert not wrong

`make test` runs the short form (`long` is False). `make faults` runs every marked test in its long
form, in the order of the goals, writes the sentences given to `measured` into the table of
`docs/reliability.md` and fails when a goal is missed or has no test. A goal may have several tests.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- measured by `make faults` -->\n", "<!-- end of what was measured -->\n"

Measured = Callable[[str], None]
Outcome = Literal["reached", "missed", "not run here"]

GOALS: Mapping[str, str] = {
    "R1": "kill -9: 300 at random moments and one at every system call of a commit; nothing "
    "acknowledged lost, nothing unreadable, no leftovers after the next commit",
    "R2": "power loss: 100 cuts; nothing acknowledged lost, nothing unreadable",
    "R3": "corruption: 400 damages at 20,000 articles, all caught before an answer; none wrong",
    "R4": "searching while indexing: no 5xx, every article found exactly once, p99 under 100 ms",
    "R5": "processes killed at random: at most one broken connection for each, no 5xx, converged "
    "within 5 s",
    "R6": "hostile queries: 17,000 without a 5xx, each within its budget, `/healthz` under 1 s",
    "R7": "right ten best: 500 queries equal brute force",
    "R8": "bad input: each of 47 classes as wanted, none hangs",
    "R9": "malformed and slow HTTP: 4xx or 501, a live worker, `/healthz` answers behind nginx",
    "R10": "leaks: 8,000 commits and refreshes; memory within 5 MB, descriptors equal",
    "R11": "disk full: readable throughout, nothing acknowledged lost, works again by itself",
    "R12": "recovery at 20,000 articles: opened under 1 s after a kill, checksums read; a rebuild "
    "while the old generation serves",
    "R13": "injection: nothing unescaped in any answer; an index from a hostile hand runs no code",
    "R14": "one writer: the second ends with a message; the web process cannot write the index",
    "R15": "threads: eight on one reader at a switch interval of 10 µs; no error, none wrong",
}


@dataclass(slots=True)
class Run:
    """What one test of a goal found."""

    goal: str
    script: str
    """The file below `tests/faults/`."""
    outcome: Outcome = "missed"
    seconds: float = 0.0
    sentences: list[str] = field(default_factory=list)


def slack(*, long: bool) -> float:
    """How many times a goal's time a test may take.

    The short forms run beside other tests, on machines of any kind: they notice what blocks or
    hangs. What is slow is noticed by `make faults`.
    """
    return 1.0 if long else 10.0


def table(runs: list[Run]) -> str:
    """A row for each goal, whether or not it has been measured."""
    rows = ["| | goal | outcome | measured | s | in `tests/faults/` |", "|---|---|---|---|---|---|"]
    for name, promise in GOALS.items():
        its = [run for run in runs if run.goal == name]
        cells = [
            name,
            promise,
            outcome(its),
            "; ".join(sentence for run in its for sentence in run.sentences),
            f"{sum(run.seconds for run in its):.0f}",
            ", ".join(f"`{script}`" for script in dict.fromkeys(run.script for run in its)),
        ]
        rows.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(rows) + "\n"


def outcome(runs: list[Run]) -> Outcome:
    """Reached when no test of the goal missed it, and one at least could be run."""
    found = {run.outcome for run in runs}
    if not found or "missed" in found:
        return "missed"
    return "reached" if "reached" in found else "not run here"


def missed(runs: list[Run]) -> list[str]:
    """The goals that were not reached though they could be run, or that no test holds."""
    return [g for g in GOALS if outcome([run for run in runs if run.goal == g]) == "missed"]


def write(runs: list[Run], page: Path = PAGE) -> None:
    """Put the table, and where it was measured, between the marks of the page."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page}: want the lines {BEGIN.strip()} and {END.strip()}")
    seconds = sum(run.seconds for run in runs)
    measured = f"\n{circumstances()}; {seconds:.0f} s in all.\n\n{table(runs)}\n"
    page.write_text(before + begin + measured + end + after, encoding="utf-8")


def circumstances() -> str:
    """When, on what and of what the figures are."""
    commit = _said_by("git", "rev-parse", "--short", "HEAD") or "unknown"
    changed = _said_by("git", "status", "--porcelain", "--untracked-files=no", "--", *_CODE)
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit}{' with changes' if changed else ''}, "
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, "
        f"{len(os.sched_getaffinity(0))} cores, {memory_gib:.0f} GiB, "
        f"load {os.getloadavg()[2]:.1f} in the last 15 minutes"
    )


_CODE = ("search", "indexer", "web", "tests")


def _said_by(*command: str) -> str:
    if shutil.which(command[0]) is None:
        return ""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
