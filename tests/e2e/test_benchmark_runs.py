"""`python -m benchmarks` as it is typed, small."""

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.paint import CHROMIUM

BUDGET_MS = 2_000  # the default of web.query_budget_ms
MAX_PAGE_BYTES = 60_000  # as it travels, with all it loads
ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, module: str = "benchmarks") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, "--docs", "1000", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )


def test_the_json_report_has_every_figure_of_every_engine_and_their_totals_agree() -> None:
    load = ["--http", "--seconds", "0.2"]
    done = run("--json", "--passes", "1", "--engines", "dateline,fts5", *load)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["docs"] == 1000
    assert set(report["engines"]) == {"dateline", "fts5"}
    for measured in report["engines"].values():
        for name in ("build_docs_per_s", "index_mb", "peak_rss_mb"):
            assert measured[name] > 0
        for times in measured["queries"].values():
            assert 0 < times["p50_ms"] <= times["p95_ms"] < math.inf
    ours, other = (set(report["engines"][name]["queries"]) for name in ("dateline", "fts5"))
    assert ours - other == {"fuzzy"}  # FTS5 has none
    for target in ("empty", "api", "page", "api_again", "page_again"):
        answered = report["http"][target]
        assert answered["requests_per_s"] > 0
        assert answered["of_empty"] > 0
        assert 0 < answered["p50_ms"] <= answered["p99_ms"]
        assert answered["errors"] == 0


def test_an_engine_that_is_not_known_is_refused_with_the_names_of_those_that_are() -> None:
    done = run("--engines", "lucene")
    assert done.returncode == 2
    assert "want some of dateline, whoosh, tantivy, fts5, xapian" in done.stderr


def test_no_random_or_hostile_search_fails_or_is_stopped() -> None:
    done = run("--json", "--queries", "200", module="benchmarks.hostile")
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert (report["articles"], report["searches"]) == (1000, 200)
    assert set(report["statuses"]) <= {"200", "400"}
    for clock in ("cpu_ms", "wall_ms"):
        assert 0 < report[clock]["p50"] <= report[clock]["p99"] <= report[clock]["max"]
    assert report["cpu_ms"]["max"] < BUDGET_MS


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="no Chromium here")
def test_answers_are_painted_and_pages_stay_light() -> None:
    done = run("--json", "--searches", "2", module="benchmarks.paint")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    for waited in ("results_ms", "server_ms", "completions_ms"):
        assert 0 < report[waited]["p50"] <= report[waited]["max"]
    assert report["page_bytes"]["max"] < MAX_PAGE_BYTES
