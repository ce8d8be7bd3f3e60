"""`python -m benchmarks [--docs N] [--engines a,b] [--json] [--http]`: ours beside the others.

Generates N articles (the same for the same seed) or takes those of a file, builds and asks each
engine in processes of its own, and prints a table of figures and ratios, or one JSON value. The
totals of generated articles, which all engines cut into the same words, are held against each
other. An engine that is not installed is named and left out. Exit code 1: engines disagree about a
total, or one that `--engines` names is not installed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import Stemmer

from benchmarks import compare, corpus, load, workloads
from search.stop_words import STOP_WORDS


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for; returns the exit code."""
    options = _options(arguments)
    quiet = options.json and not sys.stderr.isatty()

    def say(message: str) -> None:
        if not quiet:
            print(message, file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.dir) as scratch:
        folder = Path(scratch)
        say(f"preparing {options.docs:,} articles")
        job = _prepared(folder, options)
        report: dict[str, Any] = {
            "corpus": {
                "name": options.corpus.name if options.corpus else "generated",
                "seed": options.seed,
                "bytes": job.articles.stat().st_size,
            },
            "docs": job.docs,
            "clock": options.clock,
            "engines": {},
            "missing": {},
        }
        totals = {}
        asked = compare.NAMES if options.engines is None else options.engines
        for entry in (entry for entry in compare.ENTRIES if entry.name in asked):
            python = compare.python_for(entry)
            if python is None:
                report["missing"][entry.name] = f"no Python here can import {entry.needs}"
                continue
            say(f"{entry.name}: building and asking")
            measured = compare.run(entry, job, python)
            totals[entry.name] = measured.pop("totals")
            report["engines"][entry.name] = measured
        drawn = workloads.from_json(job.workloads.read_text("utf-8"))
        differing = [] if options.corpus else compare.disagreements(drawn, totals)
        if options.http:
            say("http: building, serving and loading")
            report["http"] = load.run(job.articles, folder / "http", drawn, seconds=options.seconds)
    print(json.dumps(report, indent=1) if options.json else _shown(report))
    missing = [f"{name}: not measured: {why}" for name, why in report["missing"].items()]
    for line in [*missing, *differing]:
        print(line, file=sys.stderr)
    return 1 if differing or (missing and options.engines is not None) else 0


def _prepared(folder: Path, options: argparse.Namespace) -> compare.Job:
    """The articles and the searches, written to files that every engine reads."""
    articles = folder / "articles.jsonl"
    if options.corpus:
        documents = corpus.from_file(options.corpus, options.docs, seed=options.seed)
    else:
        documents = corpus.documents(options.docs, seed=options.seed)
    job = compare.Job(
        articles=articles,
        workloads=folder / "workloads.json",
        docs=corpus.write(articles, documents),
        passes=options.passes,
        seconds=options.seconds,
        clock=options.clock,
        folder=folder,
    )
    drawn = workloads.draw(
        job.articles,
        seed=options.seed,
        stem=Stemmer.Stemmer("english").stemWord,
        avoid=STOP_WORDS | set(corpus.FUNCTION_WORDS),
    )
    job.workloads.write_text(workloads.to_json(drawn), encoding="utf-8")
    return job


def _shown(report: dict[str, Any]) -> str:
    name, seed = report["corpus"]["name"], report["corpus"]["seed"]
    parts = [f"{report['docs']:,} articles ({name}), seed {seed}, {report['clock']} time"]
    if report["engines"]:
        parts.append(compare.table(report))
    if "http" in report:
        parts.append(load.table(report["http"]))
    return "\n\n".join(parts)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--docs", type=int, default=20_000, help="how many articles (20,000)")
    parser.add_argument(
        "--corpus", type=Path, help="JSON Lines (.gz) with title and text, not generated articles"
    )
    parser.add_argument("--engines", help=f"some of {','.join(compare.NAMES)} (all that are there)")
    parser.add_argument("--seed", type=int, default=1, help="of the articles and searches (1)")
    parser.add_argument("--passes", type=int, default=5, help="over each workload, at most (5)")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="for each workload's passes, and each HTTP load"
    )
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: the processors' time, for a machine that others use too",
    )
    parser.add_argument("--dir", type=Path, help="where the scratch folder is made")
    parser.add_argument("--json", action="store_true", help="one JSON value instead of a table")
    parser.add_argument("--http", action="store_true", help="also load the real server over HTTP")
    options = parser.parse_args(arguments)
    if options.engines is not None:
        options.engines = [name for name in options.engines.split(",") if name]
    unknown = set(options.engines or ()) - set(compare.NAMES)
    if unknown:
        parser.error(
            f"--engines {', '.join(sorted(unknown))}: want some of {', '.join(compare.NAMES)}"
        )
    if options.docs < 1_000:
        parser.error("--docs: want at least 1000; fewer have no words of every frequency")
    return options


if __name__ == "__main__":
    sys.exit(main())
