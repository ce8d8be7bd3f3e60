"""`python -m benchmarks.paint`: from the key to the painted answer, in a real browser.

Real gunicorn with the product's settings, Debian's Chromium without a window, the loopback address.
Two waits are measured. `results`: from the Enter key in the search box to the frame in which the
results stand (the later of the browser's first contentful paint and of the first frame after the
document is whole). `completions`: from the last letter typed to the frame in which the list under the
box stands; what the page waits for further letters is part of it. Every search is one that was not
asked before. A frame takes up to 16 ms, and the browser shares the processors with the server.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.load import served
from benchmarks.measure import nearest_rank
from benchmarks.scratch import add_options, index_of, words
from search.config import load
from search.open import open_index

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage")  # fmt: skip
MAX_SEARCHES = 500
PATIENCE_MS = 10_000
FEWEST_LETTERS = 4  # of a word that is searched for: no function words
PAUSE_MS = 250  # before a letter is typed: what came before is over
WATCH = """
addEventListener("keydown", (event) => {
  if (event.key === "Enter") sessionStorage.setItem("entered", performance.timeOrigin + event.timeStamp);
}, true);
addEventListener("DOMContentLoaded", () => {
  requestAnimationFrame(() => setTimeout(() => { window.whole = performance.now(); }));
});
"""
PAINTED = """() => {
  const [first] = performance.getEntriesByName("first-contentful-paint");
  if (!first || !window.whole) return null;
  const entered = Number(sessionStorage.getItem("entered")) - performance.timeOrigin;
  const [page] = performance.getEntriesByType("navigation");
  const loaded = [page, ...performance.getEntriesByType("resource")];
  return {
    painted: Math.max(first.startTime, window.whole) - entered,
    server: page.responseEnd - page.requestStart,
    weight: loaded.reduce((sum, each) => sum + each.encodedBodySize, 0),
  };
}"""
LISTEN = """() => {
  window.waited = null;
  let typed = 0;
  const list = document.getElementById("completions");
  document.getElementById("q").addEventListener("keydown", (event) => { typed = event.timeStamp; }, { once: true });
  const seen = new MutationObserver(() => {
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.waited = performance.now() - typed; }));
  });
  seen.observe(list, { childList: true });
}"""


def run(index_dir: Path, *, searches: int, seed: int) -> dict[str, Any]:
    """Type so many searches, and as many words for completion: percentiles in milliseconds."""
    reader = open_index(load(None, {"DATELINE_INDEX_DIR": str(index_dir)})).reader()
    chance = random.Random(seed)
    vocabulary = [word for word in words(reader) if len(word) >= FEWEST_LETTERS and word.isalpha()]
    count = min(searches, MAX_SEARCHES)
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-") as logs,
        served(index_dir, Path(logs)) as (port, _),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(WATCH)
        page.goto(f"http://127.0.0.1:{port}/")
        asked = [_typed(vocabulary, chance) for _ in range(count)]
        answers = [_search(page, text) for text in asked]
        completions = list(_completions(page, asked))
        browser.close()
    return {
        "articles": reader.status().articles,
        "searches": count,
        "load": round(os.getloadavg()[0], 1),
        "results_ms": _percentiles([answer["painted"] for answer in answers]),
        "server_ms": _percentiles([answer["server"] for answer in answers]),
        "completions_ms": _percentiles(completions),
        "page_bytes": _percentiles([answer["weight"] for answer in answers]),
    }


def _typed(vocabulary: Sequence[str], chance: random.Random) -> str:
    return " ".join(chance.sample(vocabulary, chance.choice((1, 1, 2, 2, 3))))


def _search(page: Page, text: str) -> dict[str, float]:
    """What the browser says of one search."""
    page.locator("#q").fill(text)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    answer: dict[str, float] = page.wait_for_function(PAINTED).json_value()
    return answer


def _completions(page: Page, asked: Sequence[str]) -> Iterator[float]:
    """How long the list under the box took, from the last of the first letters of each search."""
    for text in asked:
        begun = text.split()[0][:3]
        page.locator("#q").fill(begun[:-1])
        page.wait_for_timeout(PAUSE_MS)
        page.evaluate(LISTEN)
        page.locator("#q").press(begun[-1])
        yield float(page.wait_for_function("() => window.waited").json_value())


def _percentiles(measured: list[float]) -> dict[str, float]:
    ordered = sorted(measured)
    shares = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    return {name: round(nearest_rank(ordered, share), 1) for name, share in shares.items()}


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.paint", description=__doc__.split("\n")[0]
    )
    add_options(parser)
    parser.add_argument(
        "--searches", type=int, default=60, help=f"how many (60, at most {MAX_SEARCHES})"
    )
    options = parser.parse_args(arguments)
    with index_of(options) as index_dir:
        report = run(index_dir, searches=options.searches, seed=options.seed)
    print(json.dumps(report, indent=1) if options.json else _shown(report))
    return 0


def _shown(report: dict[str, Any]) -> str:
    head = (
        f"{report['searches']} searches of {report['articles']:,} articles, load {report['load']}"
    )
    rows = [
        f"{name}: " + ", ".join(f"{share} {value:,.0f}" for share, value in report[name].items())
        for name in ("results_ms", "server_ms", "completions_ms", "page_bytes")
    ]
    return "\n".join([head, *rows])


if __name__ == "__main__":
    sys.exit(main())
