"""The indexer's command line: the verbs, their options, and what they say.

Exit codes: 0 done, 1 done but some files failed (listed) or drift was found, 2 could not run.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from indexer import snapshots
from indexer.folder.sight import CannotRun
from indexer.limits import Failed
from indexer.outcomes import (
    in_words,
    list_failed,
    news,
    plain_drift,
    print_drift,
    print_report,
    print_status,
    program,
    say,
    summary,
    tell_if_empty,
    trip,
)
from indexer.progress import shown
from indexer.run import answer, carry_out, failed
from indexer.settings import Settings
from indexer.steps import Progress
from indexer.verify import Drift, compare
from indexer.workers import Workers
from search import runs, streams
from search.config import Config, load
from search.engine import Index
from search.errors import DatelineError, IndexDamaged, IndexLocked, IndexMissing, IndexOutdated
from search.model import Rejection
from search.open import open_index
from search.runs import Report

DONE, SOME_FAILED, COULD_NOT_RUN = 0, 1, 2
GARBAGE_AFTER = 50_000  # objects: looking more often is a fifth of the time of a walk

EPILOG = "Exit codes: 0 done, 1 done but some files failed (listed), 2 could not run."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    streams.open_closed()
    given = parser().parse_args(arguments)
    gc.set_threshold(GARBAGE_AFTER)
    verb: Callable[[argparse.Namespace, Config], int] = given.verb
    try:
        with _politely():
            return verb(given, load(given.config))
    except (DatelineError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            # Whoever read our output has had enough; nothing more can be said there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return COULD_NOT_RUN
        say(in_words(error))
        return COULD_NOT_RUN
    except (KeyboardInterrupt, _Ended):
        say("stopped; the index is what it was at its last commit")
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001 - or the exit code would say that it was done
        trip(error)
        return COULD_NOT_RUN


def parser() -> argparse.ArgumentParser:
    """The verbs and their options."""
    top = argparse.ArgumentParser(
        prog=program(),
        description="Files -> clean articles -> index.",
        epilog=EPILOG,
    )
    _take_config(top)
    verbs = top.add_subparsers(title="verbs", metavar="VERB", required=True)

    def add(name: str, verb: Callable[..., int], summary: str) -> argparse.ArgumentParser:
        its = verbs.add_parser(name, help=summary, description=f"{summary}.", epilog=EPILOG)
        _take_config(its, default=argparse.SUPPRESS)  # what stands before the verb holds
        its.set_defaults(verb=verb)
        return its

    as_json = "print the outcome as JSON"
    may_rebuild = "build anew, beside the live index, if it was made by other rules or settings"
    its = add(
        "build", _build, "index everything into a new generation, and switch to it when whole"
    )
    its.add_argument(
        "dirs", nargs="*", type=Path, metavar="DIR", help="instead of [articles] roots"
    )
    its.add_argument("--json", action="store_true", help=as_json)
    its = add("update", _update, "index only what changed: new, edited, moved, deleted files")
    its.add_argument("--json", action="store_true", help=as_json)
    its.add_argument("--rebuild", action="store_true", help=may_rebuild)
    its = add("watch", _watch, "update, then follow the folders until told to stop")
    its.add_argument("--rebuild", action="store_true", help=may_rebuild)
    its = add("verify", _verify, "compare index and folder byte by byte, and list what differs")
    its.add_argument(
        "--repair", action="store_true", help="then update what differs; rebuild if damaged"
    )
    its.add_argument("--json", action="store_true", help=as_json)
    its = add("clean", _clean, "write clean articles as JSON Lines, without indexing them")
    its.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="files or folders; - reads records from standard input",
    )
    its.add_argument(
        "--explain", action="store_true", help="show every line with its verdict instead"
    )
    its = add("snapshot", _snapshot, "copy the live index, consistent and checked, as it runs")
    its.add_argument("dir", type=Path, metavar="DIR", help="a folder that does not exist yet")
    its = add("restore", _restore, "make a snapshot the live index, checked before the switch")
    its.add_argument("dir", type=Path, metavar="DIR", help="a snapshot")
    its = add("stats", _stats, "count what the index holds")
    its.add_argument("--json", action="store_true", help=as_json)
    return top


def _take_config(its: argparse.ArgumentParser, default: str | None = None) -> None:
    told = "the settings (default: ./config.toml)"
    its.add_argument("--config", type=Path, metavar="FILE", default=default, help=told)


# --- the verbs -----------------------------------------------------------------------------------


def _build(given: argparse.Namespace, config: Config) -> int:
    if given.dirs:
        for path in given.dirs:
            if not path.is_dir():
                raise CannotRun(f"{path}: is no folder; name folders of articles, or none at all")
        roots = tuple(path.absolute() for path in given.dirs)
        config = replace(config, articles=replace(config.articles, roots=roots))
    index = open_index(config)
    with _workers(config) as workers, shown() as progress:
        report = carry_out(config, index, workers, fresh=True, progress=progress)
    damage = index.check()
    if damage:
        raise CannotRun(f"the new generation is damaged ({damage[0]}): check the disk, build again")
    print_report(report, as_json=given.json)
    return SOME_FAILED if report.failed else DONE


def _update(given: argparse.Namespace, config: Config) -> int:
    # Who follows the folders answers those who ask; without him, the run that comes next does.
    asked = () if runs.is_watched(config.index.dir) else runs.take(config.index.dir)
    try:
        with _workers(config) as workers, shown() as progress:
            report = carry_out(
                config,
                open_index(config),
                workers,
                rebuild=given.rebuild,
                progress=progress,
                say=say,
            )
    except IndexLocked:
        raise  # the one who is at work is no failure: who asked is answered by the next run
    except (DatelineError, OSError) as error:
        answer(config, asked, failed(config, None, in_words(error)))
        raise
    answer(config, asked, report)
    print_report(report, as_json=given.json)
    return SOME_FAILED if report.failed else DONE


def _watch(given: argparse.Namespace, config: Config) -> int:
    from indexer.watch import Stop, Voice, watch  # noqa: PLC0415 - only this verb follows folders

    stop = Stop()
    stop.listen()
    told: list[Report] = []
    index = open_index(config)
    standing = _standing(index)

    def tell(report: Report) -> None:
        before = told[-1] if told else None
        told[:] = [report]
        if report.problem:
            if before is None or before.problem != report.problem:
                say(f"{report.problem}; trying again")
        elif before is None or before.problem or before.generation != report.generation:
            print(f"{time.strftime('%H:%M:%S')} {summary(report)}", flush=True)
            list_failed(news(report.rejections, before.rejections if before else standing))
            tell_if_empty(report)

    with _workers(config) as workers:
        voice = Voice(tell=tell, say=say, trip=trip)
        watch(config, index, workers, stop=stop, voice=voice, rebuild=given.rebuild)
    return DONE


def _standing(index: Index) -> Sequence[Rejection]:
    """The failed files that an earlier run has listed."""
    try:
        return index.reader().status().rejections
    except DatelineError:  # no index yet, or none that can be read: then all of them are news
        return ()


def _verify(given: argparse.Namespace, config: Config) -> int:
    index = open_index(config)
    with shown() as progress:
        drift, gone = _compared(config, index, progress)
    if given.repair and (drift or gone):
        with _workers(config) as workers, shown() as progress:
            carry_out(
                config,
                index,
                workers,
                fresh=bool(gone or drift.damaged),
                rebuild=True,
                retry=drift.paths,
                progress=progress,
                say=say,
            )
            if not given.json:
                print_drift(drift, "repaired ")
            drift, gone = _compared(config, index, progress)
    if given.json:
        print(json.dumps(plain_drift(drift, gone), ensure_ascii=False))
    else:
        print_drift(drift)
        if not drift:
            print(gone or f"index and folder agree: {index.reader().status().articles} articles")
    return SOME_FAILED if drift or gone else DONE


def _clean(given: argparse.Namespace, config: Config) -> int:
    from indexer.clean import clean_files  # noqa: PLC0415 - only for this verb
    from indexer.records import clean_stream  # noqa: PLC0415 - as well

    settings = Settings.of(config)
    code = DONE
    with _workers(config) as workers:
        if given.files == ["-"]:
            if given.explain:
                raise CannotRun("clean --explain takes files, not -")
            for line in clean_stream(sys.stdin.buffer, settings, workers):
                print(line, flush=True)
            return DONE
        if "-" in given.files:
            raise CannotRun("clean takes either files or -, not both")
        for path, answer in clean_files(given.files, settings, workers, explain=given.explain):
            if isinstance(answer, Failed):
                code = SOME_FAILED
                print(f"{path}: {answer.reason}", file=sys.stderr)
            else:
                print(answer)
    return code


def _stats(given: argparse.Namespace, config: Config) -> int:
    status = open_index(config).reader().status()
    print_status(status, as_json=given.json)
    return DONE


def _snapshot(given: argparse.Namespace, config: Config) -> int:
    taken = snapshots.take(config, given.dir)
    size = f"{taken.size_bytes / 1e6:,.1f} MB"
    print(f"{given.dir}: {taken.articles:,} articles of generation {taken.generation}, {size}")
    if not taken.has_counts:
        say(
            "the line counts were in use and are not in it: after a restore, the first update reads"
            " every file once"
        )
    return DONE


def _restore(given: argparse.Namespace, config: Config) -> int:
    taken = snapshots.restore(config, given.dir)
    print(
        f"{config.index.dir}: {taken.articles:,} articles as of {taken.taken_at};"
        " run `update` to take in what has changed since"
    )
    return DONE


# --- what they share -----------------------------------------------------------------------------


class _Ended(BaseException):
    """The process was asked to end."""


@contextlib.contextmanager
def _politely() -> Iterator[None]:
    """Let Ctrl-C and the polite kill unwind, so that the writer cancels and its lock is freed.

    The first one does; those that follow would interrupt that, and are not heard any more. Where
    Ctrl-C is ignored, as in a shell's background, it stays so.
    """
    ended = False

    def end(_signal: int, _frame: object) -> None:
        nonlocal ended
        if not ended:
            ended = True
            raise _Ended

    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    heard = [each for each, handler in before.items() if handler is not signal.SIG_IGN]
    try:
        for each in heard:
            signal.signal(each, end)
    except ValueError:  # not the main thread: whoever runs us there minds the signals
        yield
        return
    try:
        yield
    finally:
        for each in heard:
            if not ended and signal.getsignal(each) is end:
                signal.signal(each, before[each])


def _workers(config: Config) -> Workers:
    return Workers(Settings.of(config), max_file_seconds=config.cleaning.max_file_seconds)


def _compared(config: Config, index: Index, progress: Progress) -> tuple[Drift, str]:
    """The drift, or why there is no index to compare with; monitors are told."""
    drift, problem, generation = Drift(), "", None
    start_s = time.perf_counter()
    try:
        generation = index.reader().generation
        index.damage()  # an older generation may answer where the live one is outdated
        drift = compare(config, index, progress=progress)
    except (IndexMissing, IndexOutdated, IndexDamaged) as error:
        problem = str(error)
    took_s = time.perf_counter() - start_s
    with contextlib.suppress(
        OSError
    ):  # an index that may only be read can be compared all the same
        if config.index.dir.is_dir():
            audit = drift.audit(generation=generation, problem=problem, took_s=took_s)
            runs.note_audit(config.index.dir, audit)
    return drift, problem
