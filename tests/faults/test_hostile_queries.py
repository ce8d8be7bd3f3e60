"""Searches that mean harm are answered like any other: no 5xx, none over budget, health beside them."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from goals import Measured, slack
from kept import busy
from sample_site import article, fill
from served import Served

from benchmarks.corpus import documents
from benchmarks.hostile_queries import WORST, targets
from search.config import load
from search.open import open_index

QUERIES, QUERIES_SHORT = 17_000, 700
ARTICLES, ARTICLES_SHORT = 20_000, 300
CLIENTS = 3
BUDGET_MS, BUDGET_SHORT_MS = 1_000, 20  # half the default; so short that it is used up
BESIDE_MS = 200.0  # what may come on top of the budget: reading the query, making the answer
HEALTH_MS = 1_000.0
ANSWERS = {200, 400, 406, 410, 414, 422}  # 414: gunicorn takes addresses of 8,190 bytes


@pytest.fixture
def served(tmp_path: Path, *, long: bool) -> Iterator[Served]:
    """The service over generated articles, made of common words as the searches are."""
    index_dir = tmp_path / "index"
    fill(
        open_index(load(None, {"DATELINE_INDEX_DIR": str(index_dir)})),
        (
            article(f"{each.id}.txt", each.title, each.text, published=each.published)
            for each in documents(ARTICLES if long else ARTICLES_SHORT, seed=3)
        ),
    )
    budget = {"DATELINE_WEB_QUERY_BUDGET_MS": str(BUDGET_MS if long else BUDGET_SHORT_MS)}
    service = Served(tmp_path, index_dir, DATELINE_WEB_WORKERS="3", **budget)
    yield service
    service.end()


class Attack:
    """Clients that send searches one after the other; what they were answered, and how late."""

    def __init__(self, served: Served, addresses: Iterator[str]) -> None:
        self.netloc = served.address.removeprefix("http://")
        self.addresses = addresses
        self.lock = threading.Lock()
        self.statuses: Counter[int] = Counter()
        self.late: list[tuple[float, str]] = []
        self.bad: list[str] = []

    def run(self) -> None:
        """One client, on a connection that is kept open."""
        connection = http.client.HTTPConnection(self.netloc, timeout=60)
        while True:
            with self.lock:
                address = next(self.addresses, None)
            if address is None:
                connection.close()
                return
            started = time.perf_counter()
            connection.request("GET", address)
            answer = connection.getresponse()
            body = answer.read()
            took_ms = (time.perf_counter() - started) * 1e3
            with self.lock:
                self.statuses[answer.status] += 1
                self.late.append((took_ms, address))
                if answer.status not in ANSWERS:
                    self.bad.append(f"{answer.status} {address[:200]} {body[:200]!r}")


@pytest.mark.goal("R6")
def test_hostile_queries_are_answered_in_time(
    served: Served, *, long: bool, measured: Measured
) -> None:
    count = QUERIES if long else QUERIES_SHORT
    attack, health, load = Attack(served, targets(count, seed=4)), [0.0], busy()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(attack.run) for _ in range(CLIENTS)]
        while not all(client.done() for client in clients):
            started = time.perf_counter()
            assert served.status("/healthz") == 200
            health.append((time.perf_counter() - started) * 1e3)
            time.sleep(0.05)
        for client in clients:
            client.result()
    load = max(load, busy())
    slowest_ms, which = max(attack.late)
    budget_ms = BUDGET_MS if long else BUDGET_SHORT_MS
    measured(
        f"{attack.statuses.total():,} queries ({len(WORST)} worst cases in four places each) over"
        f" {ARTICLES if long else ARTICLES_SHORT:,} articles: {len(attack.bad)} of 5xx,"
        f" {attack.statuses[422]} stopped at the budget of {budget_ms:,} ms, the slowest"
        f" {slowest_ms:,.0f} ms; `/healthz` beside them {max(health):.0f} ms at most;"
        f" load {load:.1f} a core"
    )
    assert attack.bad == []
    assert attack.statuses.total() == count
    assert slowest_ms < (budget_ms + BESIDE_MS) * load * slack(long=long), which
    assert long or attack.statuses[422], "no query was stopped: nothing was tried"
    assert max(health) < HEALTH_MS * load * slack(long=long)
