"""Asking for an update over HTTP, of a service and an indexer that really run."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kept import Pair
from waiting import wait_for

from benchmarks.corpus import documents

KEY = "a-key-for-this-test"
TEXT = "The heron was seen at the pier on Monday, the warden said, after four years away.\n" * 4


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """The service over an empty folder; each test starts the indexer when it wants to."""
    with Pair(tmp_path, workers=2, DATELINE_WEB_API_KEYS=KEY) as pair:
        wait_for(lambda: status(pair, "/healthz") == 200)
        yield pair


def status(pair: Pair, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{pair.address}{path}", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    except OSError:
        return 0


def call(pair: Pair, path: str, method: str = "GET") -> dict[str, Any]:
    """The JSON of an answer to somebody who has the key."""
    request = urllib.request.Request(
        f"{pair.address}{path}", method=method, headers={"Authorization": f"Bearer {KEY}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        body = json.load(answer)
        assert isinstance(body, dict)
        return body | {"status": answer.status, "location": answer.headers["Location"]}


def ask(pair: Pair) -> dict[str, Any]:
    return call(pair, "/api/v1/index/runs", "POST")


def state(pair: Pair, run: dict[str, Any]) -> str:
    return str(call(pair, run["location"])["state"])


def test_an_update_is_carried_out_and_reported(pair: Pair) -> None:
    pair.index()
    wait_for(lambda: status(pair, "/readyz") == 200)
    (pair.articles / "heron.txt").write_text(f"Heron returns\n\n{TEXT}")
    run = ask(pair)
    assert (run["status"], run["watched"]) == (202, True)
    wait_for(lambda: state(pair, run) == "done")
    report = call(pair, run["location"])["report"]
    # The watcher may have been quicker than the request; either way the file is in.
    assert (report["articles"], report["files_seen"], report["problem"]) == (1, 1, None)
    assert call(pair, "/api/v1/search?q=heron")["total"] == 1


def test_without_an_indexer_a_request_waits_until_one_comes(pair: Pair) -> None:
    """Asked again it is the same; and it outlives a restart of the service."""
    run = ask(pair)
    assert (run["state"], run["watched"]) == ("waiting", False)
    os.kill(pair.web.process.pid, signal.SIGTERM)
    wait_for(lambda: pair.web.starts == 2 and status(pair, "/healthz") == 200)
    assert ask(pair)["id"] == run["id"]
    assert state(pair, run) == "waiting"
    assert status(pair, "/readyz") == 503  # nobody has made the index here
    (pair.articles / "heron.txt").write_text(f"Heron returns\n\n{TEXT}")
    pair.index()
    wait_for(lambda: state(pair, run) == "done")
    assert ask(pair)["id"] != run["id"]


def test_whatever_is_killed_every_run_that_was_asked_for_ends(pair: Pair) -> None:
    indexer = pair.index()
    wait_for(lambda: status(pair, "/readyz") == 200)
    for each in documents(30, seed=1):
        (pair.articles / f"{each.id}.txt").write_text(f"{each.title}\n\nHeron. {each.text}\n")
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda _: ask(pair), range(8)))
    starts = indexer.starts
    os.kill(indexer.process.pid, signal.SIGKILL)
    wait_for(lambda: indexer.starts > starts)
    asked.append(ask(pair))
    wait_for(lambda: {state(pair, run) for run in asked} == {"done"})
    wait_for(lambda: call(pair, "/api/v1/search?q=heron")["total"] == 30)


def test_a_run_that_cannot_be_done_says_why(pair: Pair) -> None:
    pair.index()
    wait_for(lambda: status(pair, "/readyz") == 200)
    pair.articles.rename(pair.folder / "elsewhere")
    run = ask(pair)
    wait_for(lambda: state(pair, run) in {"done", "failed"})
    report = call(pair, run["location"])
    if report["state"] == "failed":
        assert "articles" in report["report"]["problem"]
    assert status(pair, "/readyz") == 200, "what was there is still served"
