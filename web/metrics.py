"""What a monitor may want to know, kept with prometheus-client. Exposed by `ops`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY, Collector

from search.engine import Reader
from search.errors import DatelineError
from search.model import Query, Results
from web.site import Site

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)

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


def observe(stage: str, seconds: float) -> None:
    """Count a part of answering."""
    stages_s.labels(stage).observe(seconds)


def timed_search(reader: Reader, query: Query) -> Results:
    """Search, and count the time and whether anything was found."""
    started = time.perf_counter()
    results = reader.search(query)
    observe("search", time.perf_counter() - started)
    if not results.total:
        searches_without_hits.inc()
    return results


def exposition(site: Site) -> bytes:
    """All figures in Prometheus' text format, over all worker processes."""
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Forward())
    registry.register(_IndexGauges(site))
    return generate_latest(registry)


class _Forward(Collector):
    """The figures of this one process."""

    def collect(self) -> Iterator[object]:  # type: ignore[override]
        return iter(REGISTRY.collect())


class _IndexGauges(Collector):
    """The state of the index, asked for when it is scraped: every process would say the same."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def collect(self) -> Iterator[GaugeMetricFamily]:
        ready = GaugeMetricFamily("dateline_ready", "1 if the index answers.")
        try:
            status = self.site.index.reader().status()
        except DatelineError:
            ready.add_metric([], 0)
            yield ready
            return
        ready.add_metric([], 1)
        yield ready
        for name, meaning, value in (
            ("dateline_articles", "Articles in the index.", status.articles),
            ("dateline_undated_articles", "Articles without a date.", status.undated),
            ("dateline_rejected_files", "Files that gave no article.", len(status.rejections)),
            ("dateline_index_bytes", "Size of the index on disk.", status.size_bytes),
            ("dateline_index_age_seconds", "Time since the last commit.", self.site.age_s(status)),
        ):
            gauge = GaugeMetricFamily(name, meaning)
            gauge.add_metric([], value)
            yield gauge
