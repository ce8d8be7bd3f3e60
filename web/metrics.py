"""What a monitor may want to know, kept with prometheus-client. Exposed by `ops`."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from search import runs
from search.engine import Reader
from search.errors import DatelineError, IndexOutdated, OverBudget
from search.model import Query, Results
from web import logs, shared
from web.site import Site, site

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
READINGS = 20  # tries to read the counts of processes that are beginning theirs just now
BETWEEN_S = 0.01

requests_s = Histogram(
    "dateline_request_seconds",
    "Time to answer a request, by route.",
    ["route", "method", "status"],
    buckets=BUCKETS_S,
)
stages_s = Histogram(
    "dateline_stage_seconds",
    "Time that a part of answering takes: search, read.",
    ["stage"],
    buckets=BUCKETS_S,
)
searches_without_hits = Counter("dateline_searches_without_hits", "Searches that found nothing.")
searches_stopped = Counter("dateline_searches_stopped", "Searches that used up their budget.")


def answered(route: str | None, method: str, status: int, seconds: float) -> None:
    """Count a request. Nothing that a stranger makes up becomes a label."""
    known = method if method in METHODS else "other"
    requests_s.labels(route or "none", known, str(status)).observe(seconds)


def observe(stage: str, seconds: float) -> None:
    """Count a part of answering."""
    stages_s.labels(stage).observe(seconds)


def timed_search(reader: Reader, query: Query) -> Results:
    """Search, count the time and whether anything was found, and note what took long."""
    started = time.perf_counter()
    total: int | None = None
    try:
        results = reader.search(query)
        total = results.total
    except OverBudget:
        searches_stopped.inc()
        raise
    finally:
        seconds = time.perf_counter() - started
        observe("search", seconds)
        logs.searched(site(), query, took_ms=seconds * 1e3, total=total)
    if not total:
        searches_without_hits.inc()
    return results


def exposition(site: Site) -> bytes:
    """All figures in Prometheus' text format, over all worker processes."""
    registry = CollectorRegistry()
    registry.register(_Counts())
    registry.register(_Index(site))
    return generate_latest(registry)


class _Counts(Collector):
    """What has been counted: by all processes, or by this one where it serves alone."""

    def collect(self) -> Iterator[Metric]:
        where = shared.folder()
        if where is None:
            yield from REGISTRY.collect()
            return
        for reading in range(READINGS):
            try:
                with shared.locked(where):
                    every = multiprocess.MultiProcessCollector(None, str(where))  # type: ignore[no-untyped-call]
                    found = list(every.collect())  # type: ignore[no-untyped-call]
            except (OSError, *shared.UNREADABLE):
                if reading == READINGS - 1:
                    raise
                time.sleep(BETWEEN_S)
            else:
                yield from found
                return


class _Index(Collector):
    """The state of the index, asked for when it is scraped: every process would say the same."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def collect(self) -> Iterator[Metric]:
        built = InfoMetricFamily("dateline_build", "What is running.")
        built.add_metric([], {"version": _version(), "python": platform.python_version()})
        yield built
        with suppress(OSError):  # not readable to us: the index is not, either, and that is told
            yield from self._runs()
            yield from self._latest()
        try:
            status = self.site.index.reader().status()
            fallen = self._is_fallen()
        except (DatelineError, OSError):
            yield _gauge("dateline_ready", "1 if the index answers.", 0)
            return
        for name, meaning, value in (
            ("dateline_ready", "1 if the index answers.", 1),
            ("dateline_fallen", "1 if an older generation answers, not the live one.", fallen),
            ("dateline_articles", "Articles in the index.", status.articles),
            ("dateline_undated_articles", "Articles without a date.", status.undated),
            ("dateline_rejected_files", "Files that gave no article.", len(status.rejections)),
            ("dateline_index_bytes", "Size of the index on disk.", status.size_bytes),
            ("dateline_index_age_seconds", "Time since the last commit.", self.site.age_s(status)),
        ):
            yield _gauge(name, meaning, value)

    def _runs(self) -> Iterator[Metric]:
        """Who updates the index, and what waits for it."""
        index_dir = self.site.config.index.dir
        yield _gauge(
            "dateline_watched", "1 if an indexer follows the folder.", runs.is_watched(index_dir)
        )
        waiting = len(runs.waiting(index_dir))
        yield _gauge(
            "dateline_runs_waiting", "Updates that were asked for and are not done.", waiting
        )

    def _is_fallen(self) -> bool:
        """Whether an older generation answers: of a live one that is damaged or not for us."""
        try:
            return self.site.index.damage() is not None
        except IndexOutdated:
            return True

    def _latest(self) -> Iterator[Metric]:
        """What the latest run and the latest `verify` found, where there was one."""
        run = runs.last_run(self.site.config.index.dir)
        if run is not None:
            failed = run.problem is not None
            yield _gauge("dateline_run_failed", "1 if the latest run could not be done.", failed)
            at = datetime.fromisoformat(run.finished_at).timestamp()
            yield _gauge("dateline_run_finished_seconds", "When the latest run ended.", at)
        audit = runs.last_audit(self.site.config.index.dir)
        if audit is not None:
            differing = GaugeMetricFamily(
                "dateline_drift_files", "Files that verify found to differ.", labels=["kind"]
            )
            for kind in ("new", "changed", "missing", "moved", "unreadable", "damaged"):
                differing.add_metric([kind], getattr(audit, kind))
            yield differing


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(name, meaning)
    gauge.add_metric([], float(value))
    return gauge


def _version() -> str:
    """The version that is installed; a checkout need not be."""
    try:
        return version("dateline")
    except PackageNotFoundError:
        return "unknown"
