"""Engines in processes of their own, one after the other; their totals compared, their ratios shown."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.workloads import Workload

ROOT = Path(__file__).resolve().parents[1]
OTHER_PYTHONS = ("/usr/bin/python3",)  # where Debian puts python3-xapian


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An engine by the name that reports use, its file in `benchmarks.engines`, what it imports."""

    name: str
    module: str
    needs: str


ENTRIES = (
    Entry(name="dateline", module="dateline", needs="search.whoosh_engine"),
    Entry(name="whoosh", module="stock_whoosh", needs="whoosh"),
    Entry(name="tantivy", module="tantivy_one", needs="tantivy"),
    Entry(name="fts5", module="fts5", needs="sqlite3"),
    Entry(name="xapian", module="xapian_db", needs="xapian"),
)
NAMES = tuple(entry.name for entry in ENTRIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What all engines of a run get."""

    articles: Path
    workloads: Path
    docs: int
    passes: int
    seconds: float
    clock: str
    folder: Path
    """For the indexes; each is removed when its engine is done."""


def python_for(entry: Entry) -> str | None:
    """The Python that can import what the engine needs; None where there is none."""
    for python in (sys.executable, *OTHER_PYTHONS):
        asked = [python, "-W", "ignore", "-c", f"import {entry.needs}"]
        try:
            if subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode == 0:
                return python
        except OSError:
            continue
    return None


def run(entry: Entry, job: Job, python: str) -> dict[str, Any]:
    """Build and ask one engine: its figures, and its `totals` by workload."""
    index = job.folder / entry.name
    shutil.rmtree(index, ignore_errors=True)
    index.mkdir(parents=True)
    given = {
        "module": entry.module,
        "articles": str(job.articles),
        "workloads": str(job.workloads),
        "docs": job.docs,
        "passes": job.passes,
        "seconds": job.seconds,
        "clock": job.clock,
        "folder": str(index),
    }
    measured: dict[str, Any] = {}
    try:
        for what in ("build", "ask"):
            file = job.folder / f"{entry.name}-{what}.json"
            file.write_text(json.dumps({**given, "what": what}), encoding="utf-8")
            measured |= _in_a_process(python, file)
    finally:
        shutil.rmtree(index, ignore_errors=True)
    measured["peak_rss_mb"] = max(measured["build_peak_rss_mb"], measured["query_peak_rss_mb"])
    return measured


def _in_a_process(python: str, file: Path) -> dict[str, Any]:
    command = [python, "-W", "ignore", "-m", "benchmarks.measure", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def disagreements(
    workloads: Iterable[Workload], totals: Mapping[str, Mapping[str, Sequence[int]]]
) -> list[str]:
    """Each search for which engines report another number, where their semantics are the same.

    `totals` is engine -> workload -> one number for each search. Engines that lack a workload are
    left out of it.
    """
    found = []
    for workload in workloads:
        if not workload.equal:
            continue
        for number, search in enumerate(workload.searches):
            said = {e: by[workload.name][number] for e, by in totals.items() if workload.name in by}
            if len(set(said.values())) > 1:
                numbers = ", ".join(f"{engine} {total:,}" for engine, total in said.items())
                found.append(f"{workload.name}: {search.kind} {' '.join(search.words)}: {numbers}")
    return found


def table(report: Mapping[str, Any], *, against: str = "dateline") -> str:
    """The report for people, in Markdown: each figure, and how many times `against`'s it is."""
    engines: Mapping[str, Any] = report["engines"]
    base = engines.get(against)
    rows = [["", *engines]]
    figures = [
        ("build, articles/s", "build_docs_per_s"),
        ("index, MB", "index_mb"),
        ("peak memory, MB", "peak_rss_mb"),
        ("own memory after the searches, MB", "query_own_mb"),
        ("open, ms", "open_ms"),
    ]
    for label, key in figures:
        rows.append([label, *(_cell(e.get(key), base and base.get(key)) for e in engines.values())])
    names = dict.fromkeys(name for e in engines.values() for name in e["queries"])
    for name in names:
        for key in ("p50_ms", "p95_ms"):
            ours = base and base["queries"].get(name, {}).get(key)
            cells = (_cell(e["queries"].get(name, {}).get(key), ours) for e in engines.values())
            rows.append([f"{name} {key.removesuffix('_ms')}, ms", *cells])
    rows.insert(1, ["---", *("---:" for _ in engines)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in rows
    )


def _cell(value: float | None, base: float | None) -> str:
    if value is None or math.isnan(value):
        return "-"
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    if not base or math.isnan(base):
        return shown
    return f"{shown} ({value / base:.2g}x)"
