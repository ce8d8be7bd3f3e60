"""Asking for an update of the index, and its report: small JSON files in `runs/` of the index.

The web side asks and looks; the indexer's `watch` answers. Neither imports the other: these files
are all they share. A run is `runs/ID.request.json` while it waits, `runs/ID.running.json` once it
has been taken up, and `runs/ID.report.json` when it is done; `runs/watching` is touched while
somebody is there to answer. `runs/last-run.json` and `runs/last-verify.json` tell monitors how the
folder and the index stood when somebody looked last.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from search.model import Rejection

FOLDER = "runs"
LAST_RUN, LAST_VERIFY = "last-run.json", "last-verify.json"
KEPT_REPORTS = 100  # older reports are forgotten; a report is under 100 kB
LISTED_REJECTIONS = 1_000  # a report names at most so many files; the index lists them all
SILENT_AFTER_S = 30.0  # `watch` touches its sign of life every few seconds, also while it updates

State = Literal["waiting", "running", "done", "failed"]
ID = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run of the indexer did, in numbers and names."""

    generation: str | None
    """What is served afterwards; None if there is no index."""
    started_at: str
    finished_at: str
    """ISO 8601, UTC."""
    took_ms: float
    files_seen: int
    """Files below the roots that are to be indexed, whether or not they were touched."""
    added: int = 0
    changed: int = 0
    removed: int = 0
    moved: int = 0
    """Among the added ones: files that were there before under another name."""
    kept: int = 0
    """Files whose articles stand as they were. One that failed is not among them."""
    held: int = 0
    """Files that are still being written: what the index has of them stays until they are whole."""
    read_again: int = 0
    """Untouched files that were cleaned again because a line in them started or stopped recurring."""
    articles: int = 0
    """How many the index holds afterwards."""
    failed: int = 0
    """Files that gave no article in this run, with the ones that failed before and still stand."""
    unsettled: int = 0
    """Files that changed so short a time ago that they are to be looked at once more."""
    rejections: tuple[Rejection, ...] = ()
    """Those files and the reasons, at most `LISTED_REJECTIONS` of them."""
    phases_ms: tuple[tuple[str, float], ...] = ()
    """Where the time went: scan, count, clean, index, commit."""
    problem: str | None = None
    """Why the run could not be carried out; None if it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """How many files and damages `verify` found to differ, and when. All zero: they agreed."""

    generation: str | None
    """What was compared; None if there was no index that could be."""
    finished_at: str
    """ISO 8601, UTC."""
    took_ms: float
    new: int = 0
    changed: int = 0
    missing: int = 0
    moved: int = 0
    unreadable: int = 0
    damaged: int = 0
    problem: str | None = None
    """Why nothing could be compared; None if it was."""

    @property
    def agrees(self) -> bool:
        """Whether the index was what the folder said, and sound."""
        found = (self.new, self.changed, self.missing, self.moved, self.unreadable, self.damaged)
        return self.problem is None and not any(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that was asked for, and how it stands."""

    id: str
    state: State
    asked_at: str
    report: Report | None = None


def now() -> str:
    """This moment as the times in a Report are written."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def ask(index_dir: Path) -> Run:
    """Ask for an update. While one still waits, asking again gives the same run.

    One that has been taken up is another matter: it may have looked at a file already that was
    changed since, so whoever asks then has a run of his own.
    """
    folder = index_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    standing = waiting(index_dir)
    if standing:
        return standing[-1]
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    run = Run(id=run_id, state="waiting", asked_at=now())
    _write(folder / f"{run_id}.request.json", {"id": run_id, "asked_at": run.asked_at})
    return run


def waiting(index_dir: Path) -> tuple[Run, ...]:
    """The runs that nobody has taken up yet, oldest first."""
    found = (find(index_dir, name) for name in _names(index_dir, ".request.json"))
    return tuple(run for run in found if run and run.state == "waiting")


def take(index_dir: Path) -> tuple[Run, ...]:
    """Take up what waits, and what an indexer that was ended had taken up. For the indexer."""
    folder = index_dir / FOLDER
    for name in _names(index_dir, ".request.json"):
        with contextlib.suppress(OSError):  # gone, or it may not be moved: then it waits on
            (folder / f"{name}.request.json").replace(folder / f"{name}.running.json")
    taken = []
    for name in _names(index_dir, ".running.json"):
        run = find(index_dir, name)
        if run is None:  # damaged: nobody can be told
            with contextlib.suppress(OSError):
                (folder / f"{name}.running.json").unlink()
        else:
            taken.append(run)
    return tuple(taken)


def find(index_dir: Path, run_id: str) -> Run | None:
    """How a run stands; None if there is none with this id, or no longer."""
    if not ID.fullmatch(run_id):
        return None
    folder = index_dir / FOLDER
    # In the order in which a run passes through them: whatever happens meanwhile, one is found.
    states: tuple[tuple[str, State], ...] = (("request", "waiting"), ("running", "running"))
    for ending, state in states:
        asked = _read(folder / f"{run_id}.{ending}.json")
        if asked is not None and "asked_at" in asked:
            return Run(id=run_id, state=state, asked_at=asked["asked_at"])
    done = _read(folder / f"{run_id}.report.json")
    report = _report(done["report"]) if done is not None and "asked_at" in done else None
    if done is None or report is None:
        return None
    ended: State = "failed" if report.problem else "done"
    return Run(id=run_id, state=ended, asked_at=done["asked_at"], report=report)


def answer(index_dir: Path, run: Run, report: Report) -> None:
    """Write what became of a run, and forget the oldest reports. For the indexer."""
    folder = index_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _write(
        folder / f"{run.id}.report.json",
        {"id": run.id, "asked_at": run.asked_at, "report": _plain(report)},
    )
    for ending in ("request", "running"):
        (folder / f"{run.id}.{ending}.json").unlink(missing_ok=True)
    for old in _names(index_dir, ".report.json")[:-KEPT_REPORTS]:
        (folder / f"{old}.report.json").unlink(missing_ok=True)


def note_run(index_dir: Path, report: Report) -> None:
    """Keep the report of the latest run, whoever asked for it. For the indexer."""
    (index_dir / FOLDER).mkdir(exist_ok=True)  # an index that was taken away is not made again
    _write(index_dir / FOLDER / LAST_RUN, _plain(report))


def last_run(index_dir: Path) -> Report | None:
    """The report of the latest run; None if there was none yet."""
    plain = _read(index_dir / FOLDER / LAST_RUN)
    return _report(plain) if plain is not None else None


def note_audit(index_dir: Path, audit: Audit) -> None:
    """Keep what `verify` found. For the indexer."""
    (index_dir / FOLDER).mkdir(exist_ok=True)  # an index that was taken away is not made again
    _write(index_dir / FOLDER / LAST_VERIFY, dataclasses.asdict(audit))


def last_audit(index_dir: Path) -> Audit | None:
    """What the latest `verify` found; None if there was none yet."""
    plain = _read(index_dir / FOLDER / LAST_VERIFY)
    try:
        return Audit(**plain) if plain is not None else None
    except TypeError:
        return None  # written by another version


def sign_of_life(index_dir: Path) -> None:
    """Say that somebody is there to answer. For the indexer."""
    folder = index_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "watching").write_text(f"{os.getpid()}\n", encoding="ascii")


def sign_off(index_dir: Path) -> None:
    """Say that nobody answers any longer. For the indexer."""
    (index_dir / FOLDER / "watching").unlink(missing_ok=True)


def is_watched(index_dir: Path) -> bool:
    """Whether somebody is there to answer, as far as the sign of life tells."""
    try:
        touched_s = (index_dir / FOLDER / "watching").stat().st_mtime
    except OSError:
        return False
    return abs(datetime.now(UTC).timestamp() - touched_s) < SILENT_AFTER_S


def _names(index_dir: Path, ending: str) -> list[str]:
    """The ids that have a file with this ending, oldest first."""
    try:
        names = [file.name for file in (index_dir / FOLDER).iterdir()]
    except OSError:
        return []
    ids = (name.removesuffix(ending) for name in names if name.endswith(ending))
    return sorted(run_id for run_id in ids if ID.fullmatch(run_id))


def _write(file: Path, value: dict[str, Any]) -> None:
    """Whole or not at all: nobody reads half a file."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    scratch.write_text(json.dumps(value), encoding="ascii")
    scratch.replace(file)


def _read(file: Path) -> dict[str, Any] | None:
    """The value in a file; None where there is none that can be read."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def _plain(report: Report) -> dict[str, Any]:
    listed = dataclasses.replace(report, rejections=report.rejections[:LISTED_REJECTIONS])
    # A fingerprint tells the reader of a report nothing, and a rejection reads the same without.
    return dataclasses.asdict(listed) | {
        "rejections": [{"path": r.path, "reason": r.reason} for r in listed.rejections]
    }


def _report(plain: dict[str, Any]) -> Report | None:
    """A report as it was written; None if another version wrote it."""
    try:
        rejections = [Rejection(path=r["path"], reason=r["reason"]) for r in plain["rejections"]]
        phases = tuple((str(name), float(ms)) for name, ms in plain["phases_ms"])
        return Report(**(plain | {"rejections": tuple(rejections), "phases_ms": phases}))
    except (KeyError, TypeError, ValueError):
        return None
