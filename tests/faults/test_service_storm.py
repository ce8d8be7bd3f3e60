"""Searching while the articles change, and while processes of the service and indexer are killed."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from goals import Measured, slack
from kept import Pair, busy, is_there
from storm import EDIT_EVERY_S, Seen, World, ask, converged_within_s, every, p99, search_until
from waiting import wait_for

from benchmarks.corpus import documents, write

CLIENTS = 3
BALLAST = 19_200  # articles that stay as they are: with those that change, 20,000
CHANGING, CHANGING_SHORT = 800, 60
P99_MS = 100.0
SHORT_S = 7.0
CONVERGED_S = 5.0
KILL_EVERY_S, KILL_EVERY_SHORT_S = 3.0, 1.2
VICTIMS = ("indexer", "web", "reader", "web")  # in turn


@pytest.fixture(scope="module")
def storm(
    tmp_path_factory: pytest.TempPathFactory,
    quiet: None,  # noqa: ARG001 - nothing else is to be under way
    *,
    long: bool,
) -> Iterator[tuple[Pair, World]]:
    """The service and the indexer over articles that have been indexed."""
    with Pair(tmp_path_factory.mktemp("storm")) as pair:
        world = World.begin(pair.articles, CHANGING if long else CHANGING_SHORT, seed=6)
        if long:
            write(pair.articles / "ballast.jsonl", documents(BALLAST, seed=7))
        pair.index()
        wait_for(lambda: answers(pair.port), within_s=300 if long else 60)
        took_s, rest = converged_within_s(world, pair.port, 100 if long else 30)
        assert not rest, f"after {took_s:.0f} s: {rest[:5]}\n{pair.logs()[-2000:]}"
        yield pair, world


def answers(port: int) -> bool:
    try:
        return ask(port, "/readyz")[0] == 200
    except OSError:
        return False


def run(pair: Pair, world: World, seconds: float, *, kills: list[str] | None = None) -> list[Seen]:
    """Edit and search for a while; with `kills`, a random process is killed now and then."""
    stop, chance = threading.Event(), random.Random(8)
    with ThreadPoolExecutor(CLIENTS + 2) as pool:
        clients = [
            pool.submit(search_until, stop, world, pair.port, seed=number)
            for number in range(CLIENTS)
        ]
        pool.submit(every, EDIT_EVERY_S, stop, world.change)
        if kills is not None:
            pause_s = KILL_EVERY_S if seconds > SHORT_S else KILL_EVERY_SHORT_S
            pool.submit(every, pause_s, stop, lambda: kill_one(pair, chance, kills))
        stop.wait(seconds)
        stop.set()
        return [client.result() for client in clients]


def kill_one(pair: Pair, chance: random.Random, kills: list[str]) -> None:
    """A kill -9 for the indexer, a process that answers, one that reads for the indexer; in turn."""
    assert pair.indexer
    kind = VICTIMS[len(kills) % len(VICTIMS)]
    there = {
        "indexer": [pair.indexer.process.pid],
        "web": pair.web.children(),
        "reader": pair.indexer.children(),
    }[kind]
    pid = chance.choice(there) if there else 0
    if pid and is_there(pid):
        os.kill(pid, signal.SIGKILL)
        kills.append(kind)


def told(clients: list[Seen], load: float) -> str:
    """What the clients saw, as a sentence."""
    total = sum(len(client.took_ms) for client in clients)
    wrong = sum(len(client.wrong) for client in clients)
    errors = sum(len(client.errors) for client in clients)
    return (
        f"{total:,} searches, {errors} of 5xx, {wrong} wrong,"
        f" p99 {p99(searches(clients)):.0f} ms (`/healthz` {p99(idle(clients)):.0f} ms"
        f" beside, load {load:.1f} a core)"
    )


def searches(clients: list[Seen]) -> list[float]:
    return [took for client in clients for took in client.took_ms]


def idle(clients: list[Seen]) -> list[float]:
    return [took for client in clients for took in client.idle_ms]


def assert_quick(clients: list[Seen], times: float) -> None:
    """On a machine of our own: 100 ms. On a busy one more, as it makes `/healthz` wait too."""
    assert p99(searches(clients)) < P99_MS * times + p99(idle(clients))


def assert_sound(clients: list[Seen]) -> None:
    """Nobody was told anything wrong, and nobody waited long."""
    assert [error for client in clients for error in client.errors] == []
    assert [wrong for client in clients for wrong in client.wrong] == []
    assert all(client.took_ms for client in clients)


@pytest.mark.goal("R4")
def test_searching_while_articles_change(
    storm: tuple[Pair, World], *, long: bool, measured: Measured
) -> None:
    pair, world = storm
    load, edits = busy(), world.edits
    clients = run(pair, world, 120 if long else 3)
    load, edits = max(load, busy()), world.edits - edits
    took_s, rest = converged_within_s(world, pair.port, 60)
    measured(
        f"{len(world.editions) + (BALLAST if long else 0):,} articles, {edits} edits; "
        f"{told(clients, load)}; the last edit was found {took_s:.1f} s later"
    )
    assert rest == []
    assert_sound(clients)
    assert sum(client.broken for client in clients) == 0
    assert took_s < CONVERGED_S * load * slack(long=long)
    assert_quick(clients, load * slack(long=long))


@pytest.mark.goal("R5")
def test_processes_are_killed_while_articles_change(
    storm: tuple[Pair, World], *, long: bool, measured: Measured
) -> None:
    pair, world = storm
    kills: list[str] = []
    load, edits = busy(), world.edits
    clients = run(pair, world, 180 if long else SHORT_S, kills=kills)
    load, edits = max(load, busy()), world.edits - edits
    took_s, rest = converged_within_s(world, pair.port, 60)
    broken = sum(client.broken for client in clients)
    measured(
        f"{len(kills)} kills ({kills.count('web')} of processes that answer), {edits} edits; "
        f"{told(clients, load)}, {broken} broken connections; converged in {took_s:.1f} s"
    )
    assert kills
    assert rest == []
    assert_sound(clients)
    assert broken <= kills.count("web")
    assert took_s < CONVERGED_S * load * slack(long=long)
    assert_quick(clients, load * slack(long=long))


@pytest.mark.goal("R5")
def test_the_whole_service_is_killed(storm: tuple[Pair, World], measured: Measured) -> None:
    """Kill -9 for the master: its processes end by themselves, and a new one takes the port."""
    pair, world = storm
    workers = pair.web_workers()
    os.kill(pair.web.process.pid, signal.SIGKILL)
    started = time.monotonic()
    wait_for(lambda: not any(is_there(worker) for worker in workers))
    wait_for(lambda: answers(pair.port))
    measured(
        f"the service's master killed: answered again after {time.monotonic() - started:.1f} s"
    )
    assert converged_within_s(world, pair.port, 20)[1] == []
