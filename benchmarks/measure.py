"""One engine in one process: `python -m benchmarks.measure JOB.json`, figures as JSON on stdout.

The engine's file is imported inside the measured process and nowhere else, so that its memory is
its own. Memory is the peak of the resident set (VmHWM), which counts the mapped pages of files too,
and, after the searches, the anonymous pages alone: what another worker would need once more.

The clock is the wall's, or with `"clock": "cpu"` that of the process: what all its threads used of
the processors. On a machine that others use too, only the second gives ratios that can be trusted.

Every search is asked once to bring the files' pages into memory and to learn its total. Then it is
timed in up to `passes` passes while the workload's seconds last (at least one). Each pass opens the
index anew, so that an engine that remembers what it found gains nothing from having been asked
before, and begins with an untimed search for another word, so that what is made once after opening
is not charged to one search. A search's time is the median of its passes; a workload's p50 and p95
are taken over its searches.
"""

from __future__ import annotations

import importlib
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from benchmarks import workloads
from benchmarks.engine import Engine

CLOCKS: dict[str, Callable[[], int]] = {
    "wall": time.perf_counter_ns,
    "cpu": time.process_time_ns,
}
OTHER_WORD = "the"  # in nearly every article and in no search


def main() -> None:
    """Do the job named on the command line."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    job["now_ns"] = CLOCKS[job["clock"]]
    engine = cast("Engine", importlib.import_module(f"benchmarks.engines.{job['module']}"))
    measured = build(engine, job) if job["what"] == "build" else ask(engine, job)
    print(json.dumps({"version": engine.VERSION, **measured}))


def build(engine: Engine, job: dict[str, Any]) -> dict[str, Any]:
    """Seconds from the first article read to the commit, and the size on disk."""
    folder = Path(job["folder"])
    began_ns = job["now_ns"]()
    engine.build(folder, workloads.articles(Path(job["articles"])))
    seconds = (job["now_ns"]() - began_ns) / 1e9
    return {
        "build_docs_per_s": job["docs"] / seconds,
        "index_mb": sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6,
        "build_peak_rss_mb": _kilobytes("/proc/self/status", "VmHWM") / 1e3,
    }


def ask(engine: Engine, job: dict[str, Any]) -> dict[str, Any]:
    """The times of every workload, the totals of its searches, and the memory that it took."""
    began_ns = job["now_ns"]()
    opened = engine.open_index(Path(job["folder"]))
    open_ms = (job["now_ns"]() - began_ns) / 1e6
    asked = workloads.from_json(Path(job["workloads"]).read_text("utf-8"))
    totals = {}
    for workload in asked:
        answers = [opened.ask(search) for search in workload.searches]
        if all(answers):
            totals[workload.name] = [answer.total for answer in answers if answer]
    anonymous = _kilobytes("/proc/self/smaps_rollup", "Anonymous")
    del opened
    return {
        "open_ms": open_ms,
        "queries": {w.name: _times(engine, w, job) for w in asked if w.name in totals},
        "totals": totals,
        "query_peak_rss_mb": _kilobytes("/proc/self/status", "VmHWM") / 1e3,
        "query_own_mb": anonymous / 1e3,
    }


def _times(engine: Engine, workload: workloads.Workload, job: dict[str, Any]) -> dict[str, float]:
    now_ns = job["now_ns"]
    other = replace(workload.searches[0], words=(OTHER_WORD,))
    taken: list[list[float]] = [[] for _ in workload.searches]
    began = time.perf_counter()
    for number in range(job["passes"]):
        if number and time.perf_counter() - began > job["seconds"]:
            break
        opened = engine.open_index(Path(job["folder"]))
        opened.ask(other)
        for search, times in zip(workload.searches, taken, strict=True):
            start_ns = now_ns()
            opened.ask(search)
            times.append((now_ns() - start_ns) / 1e6)
    medians = sorted(statistics.median(times) for times in taken)
    return {"p50_ms": statistics.median(medians), "p95_ms": nearest_rank(medians, 0.95)}


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _kilobytes(file: str, key: str) -> float:
    """This line of a /proc file, in kB (there of 1,024 bytes); NaN where there is none."""
    try:
        lines = Path(file).read_text("ascii").splitlines()
    except OSError:
        return math.nan
    return next((1.024 * int(x.split()[1]) for x in lines if x.startswith(key + ":")), math.nan)


if __name__ == "__main__":
    main()
