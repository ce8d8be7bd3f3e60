"""What the commands say of runs, audits and the index: as text for people, as JSON for programs."""

from __future__ import annotations

import dataclasses
import json
import sys
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from indexer.verify import Drift
from search.answer import rejection_json, status_json
from search.errors import DatelineError
from search.model import Rejection, Status
from search.runs import Report

LISTED = 20  # failed files that are named on the terminal; the index and --json name them all
NO_FILES = "no files to read were found: see [articles] roots and include in config.toml"


def program() -> str:
    """The command as it was called, for its messages."""
    return "dateline-index" if Path(sys.argv[0]).name == "dateline-index" else "python -m indexer"


def say(what: str) -> None:
    """What is no outcome."""
    print(f"{program()}: {what}", file=sys.stderr, flush=True)


def trip(error: Exception) -> None:
    """An error that nobody has foreseen, with all that helps to find its cause."""
    traceback.print_exception(error)
    say(f"{type(error).__name__} is a fault of the program: please report it with the lines above")


def in_words(error: DatelineError | OSError) -> str:
    """What, where, what to do. What fails in the system here is the writing of the index."""
    if isinstance(error, FileExistsError | NotADirectoryError):
        return (
            f"{error.filename}: the index would be a folder here, and a file is in the way; move it,"
            " or choose another [index] dir in config.toml"
        )
    if not isinstance(error, OSError):
        return str(error)
    if error.filename is None:
        return f"{error.strerror}: where the index is, or where this output goes"
    return f"{error.filename}: {error.strerror}; see [index] dir in config.toml"


def summary(report: Report) -> str:
    """What a run did, on one line."""
    parts = [
        f"{report.added:,} new",
        f"{report.changed:,} changed",
        f"{report.removed:,} removed",
        f"{report.kept:,} kept",
    ]
    if report.moved:
        parts.append(f"{report.moved:,} of the new ones moved")
    if report.read_again:
        parts.append(f"{report.read_again:,} read again")
    if report.failed:
        parts.append(f"{report.failed:,} failed")
    if report.held:
        parts.append(f"{report.held:,} still being written")
    return f"{', '.join(parts)}: {report.articles:,} articles, {report.took_ms / 1e3:.1f} s"


def print_report(report: Report, *, as_json: bool) -> None:
    """What a run did, and the files that failed."""
    if as_json:
        plain = dataclasses.asdict(report)
        plain["rejections"] = [*map(rejection_json, report.rejections)]
        plain["phases_ms"] = dict(report.phases_ms)
        print(json.dumps(plain, ensure_ascii=False))
    else:
        print(summary(report))
        list_failed(report.rejections)
        tell_if_empty(report)


def tell_if_empty(report: Report) -> None:
    """That there was nothing to read, and where to look."""
    if not report.files_seen:
        print(f"{program()}: {NO_FILES}", file=sys.stderr, flush=True)


def list_failed(rejections: Sequence[Rejection]) -> None:
    """Failed files with the reasons, not endlessly many."""
    for rejection in rejections[:LISTED]:
        print(f"  {rejection.path}: {rejection.reason}", file=sys.stderr)
    if len(rejections) > LISTED:
        more = len(rejections) - LISTED
        print(f"  … and {more:,} more: see `stats --json`", file=sys.stderr)


def news(rejections: Iterable[Rejection], known: Iterable[Rejection]) -> list[Rejection]:
    """Those that were not known. A file that has grown and fails as before is none."""
    told = {(each.path, each.reason) for each in known}
    return [each for each in rejections if (each.path, each.reason) not in told]


def print_drift(drift: Drift, prefix: str = "") -> None:
    """What differs, one a line."""
    for word, paths in (("new", drift.new), ("changed", drift.changed), ("missing", drift.missing)):
        for path in paths:
            print(f"{prefix}{word}: {path}")
    for old, new in drift.moved:
        print(f"{prefix}moved: {old} -> {new}")
    for rejection in drift.unreadable:
        print(f"{prefix}unreadable: {rejection.path}: {rejection.reason}")
    for damage in drift.damaged:
        print(f"{prefix}damaged: {damage}")


def plain_drift(drift: Drift, gone: str) -> dict[str, object]:
    """The same for programs; `gone` says why nothing could be compared."""
    plain = dataclasses.asdict(drift)
    plain["unreadable"] = [*map(rejection_json, drift.unreadable)]
    return plain | {"agrees": not drift and not gone, "problem": gone or None}


def print_status(status: Status, *, as_json: bool) -> None:
    """What the index holds."""
    if as_json:
        print(json.dumps(status_json(status), ensure_ascii=False))
        return
    dates = f"{status.first_published} to {status.last_published}"
    rows = [
        ("articles", f"{status.articles:,}"),
        ("undated", f"{status.undated:,}"),
        ("published", dates if status.first_published else "-"),
        ("failed files", f"{len(status.rejections):,}"),
        ("size", f"{status.size_bytes / 1e6:,.1f} MB"),
        ("generation", f"{status.generation}, committed {status.committed_at}"),
    ]
    for name, value in rows:
        print(f"{name:<14}{value}")
    for title, values in (("sources", status.sources), ("languages", status.languages)):
        print(f"{title}")
        for each in values:
            print(f"  {each.count:>8,}  {each.value}")
