"""`python -m benchmarks.hostile`: random and hostile searches, and how long each one took.

Half of them mean harm (`benchmarks.hostile_queries`); the others are put together at random from the
words of the articles, with operators, patterns, fields and slips of the pen. They are asked of the
whole web application inside one process, each once, and timed by the process's own clock as well as
by the wall's: on a machine that others use too, only the first says what a search costs. Exit code 1:
an answer of 5xx, or a search that was stopped at the budget of `web.query_budget_ms`.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from benchmarks.hostile_queries import targets
from benchmarks.measure import nearest_rank
from benchmarks.scratch import add_options, index_of, words
from search.config import load
from search.open import open_index
from web import memory
from web.app import create_app

SLOWEST = 5  # searches that are shown
OVER_BUDGET = 422
WORD_COUNTS = (1, 1, 2, 2, 2, 3, 3, 4, 5, 8, 20, 60)
PLACES = ("/api/v1/search", "/api/v1/search", "/", "/api/v1/suggest")
SHAPES = ("{}", "{}", "{}", "{}", "{}", "{}*", "{}~", "{}~2", "-{}", '"{}', '{}"', "({}", "{})", "title:{}",
          "source:{}", "OR {}", "AND {}", "NOT {}", "{} date:2016", "{} after:2015-06", "{}?")  # fmt: skip


class Timed(NamedTuple):
    """One search: the processors' time and the wall's, the status, the address."""

    cpu_ms: float
    wall_ms: float
    status: int
    address: str


def run(index_dir: Path, *, count: int, seed: int) -> dict[str, Any]:
    """Ask so many searches of the index in this folder: percentiles, statuses, the slowest ones."""
    config = load(None, {"DATELINE_INDEX_DIR": str(index_dir)})
    index = open_index(config)
    client = create_app(config, index).test_client()
    reader = index.reader()
    memory.set_aside_start()  # as a worker does
    taken: list[Timed] = []
    for address in addresses(words(reader), count, seed=seed):
        cpu, wall = time.process_time(), time.perf_counter()
        status = client.get(address).status_code
        ended_cpu, ended_wall = time.process_time(), time.perf_counter()
        taken.append(Timed(1e3 * (ended_cpu - cpu), 1e3 * (ended_wall - wall), status, address))
    return {
        "articles": reader.status().articles,
        "searches": len(taken),
        "cpu_ms": _percentiles([each.cpu_ms for each in taken]),
        "wall_ms": _percentiles([each.wall_ms for each in taken]),
        "statuses": {str(s): n for s, n in sorted(Counter(each.status for each in taken).items())},
        "slowest": [
            [each.cpu_ms, each.address[:200]] for each in sorted(taken)[: -SLOWEST - 1 : -1]
        ],
    }


def addresses(vocabulary: Sequence[str], count: int, *, seed: int) -> Iterator[str]:
    """Hostile and random searches in turn."""
    hostile = targets(count, seed=seed)
    chance = random.Random(seed)
    for _ in range(count // 2):
        yield next(hostile)
        yield f"{chance.choice(PLACES)}?{urlencode({'q': _typed(vocabulary, chance)})}"


def _typed(vocabulary: Sequence[str], chance: random.Random) -> str:
    """A search as a hasty or curious person might type it."""
    row = []
    for _ in range(chance.choice(WORD_COUNTS)):
        word = chance.choice(vocabulary)
        shape = chance.choice(SHAPES)
        if shape in ("{}*", "{}?"):
            word = word[: chance.randrange(1, 6)]
        row.append(shape.format(word))
    return " ".join(row)


def _percentiles(taken_ms: list[float]) -> dict[str, float]:
    ordered = sorted(taken_ms)
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: round(nearest_rank(ordered, share), 2) for name, share in shares.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hostile", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    parser.add_argument("--queries", type=int, default=10_000, help="how many searches (10,000)")
    options = parser.parse_args(arguments)
    logging.disable(logging.WARNING)  # slow searches are what is measured
    with index_of(options) as index_dir:
        report = run(index_dir, count=options.queries, seed=options.seed)
    print(json.dumps(report, indent=1) if options.json else _shown(report))
    failed = [s for s in report["statuses"] if int(s) >= 500 or int(s) == OVER_BUDGET]
    return 1 if failed else 0


def _shown(report: dict[str, Any]) -> str:
    lines = [f"{report['searches']:,} searches of {report['articles']:,} articles"]
    lines += [
        f"{clock}: " + ", ".join(f"{name} {ms:.1f}" for name, ms in report[clock].items())
        for clock in ("cpu_ms", "wall_ms")
    ]
    lines.append("statuses: " + ", ".join(f"{s}: {n:,}" for s, n in report["statuses"].items()))
    lines += [f"{ms:8.1f} ms  {address}" for ms, address in report["slowest"]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
