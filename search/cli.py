"""`python -m search "words"`: search from a shell, one query or a list of them.

Exit codes: 0 done (also when nothing was found), 2 could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, get_args

from search import batch, streams, terminal
from search.answer import as_json
from search.config import load
from search.days import read_period
from search.engine import Reader
from search.errors import BadQuery, DatelineError
from search.model import Everything, Match, Query, Results, Sort
from search.open import open_index
from search.query import parse
from search.tables import csv_lines

DONE, COULD_NOT_RUN = 0, 2
MAX_SIZE = 1_000  # hits in one answer, as over HTTP
MAX_PAGE = 1_000_000

EXAMPLES = """examples:
  python -m search 'aleppo "security source" -russia after:2016-11'
  python -m search aleppo truce --sort newest --source "Arab Today" --json
  python -m search --batch names.txt > counts.csv

The query language is described in docs/query-syntax.md.
Exit codes: 0 done (also when nothing was found), 2 could not run."""


class Asked(NamedTuple):
    """What the command line asked for."""

    options: argparse.Namespace
    query: Query
    """Its text and tree are empty for a batch."""
    today: date


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer the query (or the batch) of a command line; returns the exit code."""
    streams.open_closed()
    words = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args([_shielded(word) for word in words])
    try:
        return _answer(options)
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing more can be said there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except DatelineError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename or 'standard output'}: {error.strerror}")


def _refuse(why: str) -> int:
    print(f"python -m search: {why}", file=sys.stderr)
    return COULD_NOT_RUN


def parser() -> argparse.ArgumentParser:
    """The options."""
    top = argparse.ArgumentParser(
        prog="python -m search",
        description="Search the index from a shell.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = top.add_argument
    add("words", nargs="*", help="the query; quote it to keep quotation marks and parentheses")
    add("--config", type=Path, metavar="FILE", help="the settings (default: ./config.toml)")
    add("--json", action="store_true", help="the answer as JSON, as the HTTP interface gives it")
    add("--size", type=int, default=10, metavar="N", help=f"hits, 1 to {MAX_SIZE} (10)")
    add("--page", type=int, default=1, metavar="N", help="which page of them (1)")
    add("--sort", choices=get_args(Sort), default="relevance", help="the order (relevance)")
    add("--match", choices=get_args(Match), default="auto", help="whether all words must be there")
    add(
        "--source",
        action="append",
        default=[],
        metavar="NAME",
        help="only this source; repeat for more",
    )
    add("--since", metavar="DAY", help="published then or later: 2016, 2016-11, 2016-11-25, 7d")
    add("--until", metavar="DAY", help="published then or earlier")
    add("--batch", metavar="FILE", help="one query a line (or a CSV with a column q); - is stdin")
    return top


def _shielded(word: str) -> str:
    """`-russia` is a word of the query: argparse takes what begins with a space for one."""
    is_option = word.startswith("--") or word in {"-", "-h"} or not word.startswith("-")
    return word if is_option else f" {word}"


def _answer(options: argparse.Namespace) -> int:
    if options.batch is None and not options.words:
        raise BadQuery(
            "no words: say what to look for, as in: python -m search aleppo", argument="words"
        )
    if options.batch is not None and options.words:
        raise BadQuery("give either words or --batch FILE, not both", argument="words")
    config = load(options.config)
    today = datetime.now(config.articles.timezone).date()
    query = _query(options, today=today)
    if options.batch is not None:
        texts = batch.queries_of(_lines(options.batch))
        return _print_batch(open_index(config).reader(), texts, Asked(options, query, today))
    results = open_index(config).reader().search(query)
    if options.json:
        more = options.page < results.page_count
        print(
            json.dumps(
                as_json(results, next_page=str(options.page + 1) if more else None),
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        _print(results)
    return DONE


def _query(options: argparse.Namespace, *, today: date) -> Query:
    typed = " ".join(options.words).strip()
    text = typed.encode("utf-8", "replace").decode("utf-8")  # bytes that no encoding explains
    parsed = parse(text, today=today)
    since, until = (_day(options, name, today=today) for name in ("since", "until"))
    return Query(
        text=text,
        tree=parsed.tree if text else Everything(),
        match=options.match,
        sort=options.sort,
        sources=tuple(options.source),
        since=since,
        until=until,
        page=_number(options, "page", MAX_PAGE),
        size=_number(options, "size", MAX_SIZE),
        warnings=parsed.warnings,
    )


def _number(options: argparse.Namespace, name: str, high: int) -> int:
    value: int = getattr(options, name)
    if not 1 <= value <= high:
        raise BadQuery(f"--{name} {value}: want a number from 1 to {high:,}", argument=name)
    return value


def _day(options: argparse.Namespace, name: str, *, today: date) -> date | None:
    """`--since` is the first day of what is given, `--until` its last."""
    text: str | None = getattr(options, name)
    if text is None:
        return None
    period = read_period(text, today=today)
    if period is None:
        wanted = "2016, 2016-11, 2016-11-25, today, or 7d for seven days ago"
        raise BadQuery(f"--{name} {text}: want a date like {wanted}", argument=name)
    return period.first if name == "since" else period.last


def _lines(name: str) -> list[str]:
    octets = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    try:
        return octets.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadQuery(f"{name}: not UTF-8: {error}; save it as UTF-8", argument="batch") from error


def _print(results: Results) -> None:
    for each in results.warnings:
        for line in terminal.warning(each, results.query.text):
            print(line, file=sys.stderr)
    bold = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for line in terminal.answer(results, bold=bold, width=shutil.get_terminal_size().columns):
        print(line)


def _print_batch(reader: Reader, texts: Sequence[str], asked: Asked) -> int:
    """The rows on stdout as they come, and on stderr what found nothing."""
    rows = batch.run(reader, texts, asked=asked.query, today=asked.today)
    done: list[batch.Row] = []
    if asked.options.json:
        done = list(rows)
        print(json.dumps([row.as_json() for row in done], ensure_ascii=False, indent=2))
    else:
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]  # CSV ends its lines itself
        for line in csv_lines((row.as_json() for row in _noted(rows, done)), batch.COLUMNS):
            sys.stdout.write(line)
    for row in done:
        if row.error or not row.total:
            nearest = f"; did you mean: {row.suggestion}" if row.suggestion else ""
            print(
                terminal.printable(f"{row.error or 'nothing found'}: {row.query}{nearest}"),
                file=sys.stderr,
            )
    return DONE


def _noted(rows: Iterable[batch.Row], done: list[batch.Row]) -> Iterator[batch.Row]:
    for row in rows:
        done.append(row)
        yield row
