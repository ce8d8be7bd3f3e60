"""Articles that change while clients search for them, with what must be found of each.

Every article has a word of its own and states its edition in its title, so that one search says
whether it is found exactly once and one export says whether the newest edition is.
"""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from benchmarks.corpus import documents

EDITS_AT_ONCE = 8
EDIT_EVERY_S = 0.5
IDLE_SHARE = 0.2
PACE_S = 0.02  # between two searches of a client: a person is slower, a script may be as quick


def own_word(number: int) -> str:
    """A word that one article alone has: without vowels, so that no two have one stem."""
    return "zx" + "".join("bcdfghjklm"[int(digit)] for digit in f"{number:05}")


def title_of(number: int, edition: int | None) -> str:
    """What an article is called in an edition."""
    return f"The story of {own_word(number)} in edition {edition}"


@dataclass(slots=True)
class World:
    """The folder, and what it holds: the edition of each article, None where it is deleted."""

    folder: Path
    chance: random.Random
    editions: list[int | None]
    places: list[Path]
    texts: list[str]
    steady: int
    """The first so many are edited, but never deleted or moved: found exactly once, always."""
    edits: int = 0

    @classmethod
    def begin(cls, folder: Path, count: int, *, seed: int) -> World:
        """Write the articles in their first edition."""
        texts = [document.text for document in documents(count, seed=seed)]
        places = [folder / f"{number:05}.html" for number in range(count)]
        world = cls(folder, random.Random(seed), [0] * count, places, texts, count * 3 // 4)
        for number in range(count):
            world.write(number)
        return world

    def write(self, number: int, *, in_place: bool = False) -> None:
        """Write an article's edition: all at once as most programs do, or into the open file."""
        title = title_of(number, self.editions[number])
        paragraphs = self.texts[number].replace("\n\n", "</p>\n<p>")
        content = (
            f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article>"
            f"<h1>{title}</h1>\n<p>{paragraphs}</p></article></body></html>"
        )
        place = self.places[number]
        target = place if in_place else place.with_suffix(".part")
        target.write_text(content, encoding="utf-8")
        if not in_place:
            target.replace(place)

    def change(self) -> None:
        """A few edits, deletions, returns and moves."""
        for number in self.chance.sample(range(len(self.editions)), EDITS_AT_ONCE):
            self.edits += 1
            edition, kind = self.editions[number], self.chance.random()
            if edition is None or number < self.steady or kind < 0.4:
                self.editions[number] = self.edits
                self.write(number, in_place=kind < 0.3)
            elif kind < 0.7:
                self.places[number].unlink()
                self.editions[number] = None
            else:
                moved = self.folder / f"{number:05}-{self.edits}.html"
                self.places[number].replace(moved)
                self.places[number] = moved

    def wanted(self) -> dict[str, str]:
        """Title by path, of everything that is there."""
        return {
            place.name: title_of(number, edition)
            for number, (place, edition) in enumerate(zip(self.places, self.editions, strict=True))
            if edition is not None
        }


@dataclass(slots=True)
class Seen:
    """What the clients of a service saw."""

    took_ms: list[float] = field(default_factory=list)
    idle_ms: list[float] = field(default_factory=list)
    """How long `/healthz` took, asked in between: what the machine itself makes a client wait."""
    broken: int = 0
    errors: list[str] = field(default_factory=list)
    """Answers of 500 and above."""
    wrong: list[str] = field(default_factory=list)


def p99(times: list[float]) -> float:
    """The time within which 99 of 100 were answered."""
    return sorted(times)[int(len(times) * 0.99)] if times else 0.0


def search_until(stop: threading.Event, world: World, port: int, *, seed: int) -> Seen:
    """One client: a search after the other, each on a connection of its own."""
    seen, chance = Seen(), random.Random(seed)
    while not stop.wait(PACE_S):
        number = chance.randrange(len(world.editions))
        idle = chance.random() < IDLE_SHARE
        started = time.perf_counter()
        try:
            status, body = ask(port, "/healthz" if idle else f"/api/v1/search?q={own_word(number)}")
        except (OSError, http.client.HTTPException):
            seen.broken += 1
            continue
        (seen.idle_ms if idle else seen.took_ms).append((time.perf_counter() - started) * 1e3)
        if status != 200:
            told = f"{status} {body[:200]!r}"
            (seen.errors if status >= 500 else seen.wrong).append(told)
            continue
        if idle:
            continue
        found = [hit["path"] for hit in json.loads(body)["hits"]]
        if len(found) > 1 or (number < world.steady and len(found) != 1):
            seen.wrong.append(f"{own_word(number)}: {found}")
    return seen


def ask(port: int, target: str, *, timeout_s: float = 20.0) -> tuple[int, bytes]:
    """One request on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def differing(world: World, port: int) -> list[str]:
    """Articles that are not found as they are in the folder, or are found though they are not."""
    status, body = ask(port, f"/api/v1/search?q={quote('title:edition')}&format=ndjson")
    if status != 200:
        return [f"{status} {body[:200]!r}"]
    rows = [json.loads(line) for line in body.splitlines()]
    found = {
        row["path"].rpartition("/")[2]: row["title"]
        for row in rows
        if "story of zx" in row["title"]
    }
    twice = len([row for row in rows if "story of zx" in row["title"]]) - len(found)
    wanted = world.wanted()
    wrong = [path for path in found.keys() | wanted.keys() if found.get(path) != wanted.get(path)]
    return [f"{path}: {found.get(path)}" for path in sorted(wrong)] + ["found twice"] * twice


def converged_within_s(world: World, port: int, give_up_s: float) -> tuple[float, list[str]]:
    """How long until everything is found as it is, and what still differed at the end."""
    started = time.monotonic()
    while True:
        try:
            rest = differing(world, port)
        except (OSError, http.client.HTTPException) as error:
            rest = [str(error)]
        took_s = time.monotonic() - started
        if not rest or took_s > give_up_s:
            return took_s, rest
        time.sleep(0.05)


def every(seconds: float, stop: threading.Event, act: Callable[[], None]) -> None:
    """Act again and again until told to stop."""
    while not stop.wait(seconds):
        act()
