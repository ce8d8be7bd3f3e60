"""Carry out a plan: workers read and clean, one writer puts, a commit shows it all, one Report.

A run looks at everything below the roots, or at some paths that are said to have changed. What
decides the index besides the files (program, settings, folders) must be what it was: if not, the
run asks for a rebuild, which is made beside the live index.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from indexer import counts as line_counts
from indexer.counts import Counts, States
from indexer.folder import sight, walk
from indexer.folder.plan import Plan, in_scope, plan
from indexer.folder.remembered import Remembered, remembered
from indexer.folder.sight import CannotRun
from indexer.folder.walk import Place, Seen
from indexer.progress import silent
from indexer.settings import Settings
from indexer.steps import Live, Progress, Run, Tally
from indexer.workers import Workers
from search import runs
from search.config import Config
from search.engine import Index, Writer
from search.errors import IndexDamaged, IndexMissing, IndexOutdated
from search.model import Rejection
from search.runs import Report

LARGE_BYTES = 500_000  # what may take seconds to read: pages of news are seldom half of it
DIGEST = re.compile(r"[0-9a-f]{64}")


class NeedsRebuild(CannotRun):
    """The index was made by other rules, or of other folders: nobody has asked for a rebuild yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did, and what should be looked at once more."""

    report: Report
    again: frozenset[Path]
    """Files that were still being written, or changed so short a time before that more may come."""
    left: tuple[Path, ...] = ()
    """Files beyond the limit, which were not looked at; what comes first next time at the end."""


def nobody(_said: str) -> None:
    """Where nobody listens."""


def carry_out(  # noqa: PLR0913 - everything that a run needs, by name
    config: Config,
    index: Index,
    workers: Workers,
    *,
    fresh: bool = False,
    rebuild: bool = False,
    retry: Collection[str] = (),
    progress: Progress = silent,
    say: Callable[[str], None] = nobody,
) -> Report:
    """Make the index what the folder says, and say what was done; see `follow`."""
    return follow(
        config,
        index,
        workers,
        fresh=fresh,
        rebuild=rebuild,
        retry=retry,
        progress=progress,
        say=say,
    ).report


def follow(  # noqa: PLR0913 - everything that a run needs, by name
    config: Config,
    index: Index,
    workers: Workers,
    *,
    paths: Collection[Path] | None = None,
    fresh: bool = False,
    rebuild: bool = False,
    retry: Collection[str] = (),
    limit: int | None = None,
    progress: Progress = silent,
    say: Callable[[str], None] = nobody,
) -> Outcome:
    """Make the index what the folder says, everywhere or at these absolute `paths`.

    `fresh` builds a new generation from every file, beside the live one; so does an index that is
    damaged, and, if `rebuild` allows it, one that was made by other rules or of other folders.
    `say` hears why. `retry` names files that are read again, whatever their state says. With a
    `limit`, only so many files are read where there is an index already, those that changed last,
    and of large ones as many as at once: others need not wait for them. What is over is left.
    Raises CannotRun, BadConfig, IndexLocked or OSError; then the index is what it was at the last
    commit of this run, or before it.
    """
    started_at, start_s = runs.now(), time.perf_counter()
    tally = Tally()
    settings = Settings.of(config)
    workers.use(settings)
    walk.check_roots(config.articles.roots, index_dir=config.index.dir)
    made_with = {**settings.rules, **_folders(config)}
    before = remembered(config.index.dir)
    live, had_index = _live(index)
    if not fresh and (why := _why_rebuild(index, before, made_with, allowed=rebuild)):
        say(f"building anew, since {why}")
        fresh = True
    with tally.phase("scan"):
        seen = _look(config, live, before, None if fresh else paths)
    sight.check(seen, config.articles.roots, before, fresh=fresh or live.generation is None)
    with _writer(index, fresh=fresh, say=say) as (writer, is_fresh):
        live = Live(None, {}) if is_fresh else live
        with line_counts.opened(
            config.index.dir, made_with=made_with, generation=live.generation, fresh=is_fresh
        ) as counts:
            with tally.phase("scan"):
                states = _states(config, writer, counts, seen)
                if before is not None and not is_fresh and seen.scope is None:
                    seen = sight.held(seen, states.files, before.places)
                dirty = _dirty(counts, seen) | set(retry)
                listed = {path for path in live.rejections if in_scope(path, seen)}
                what = plan(
                    states.files,
                    seen,
                    # A run that was cut short may have put files that nothing else tells of.
                    listed=listed | dirty,
                    young=states.young,
                    dirty=dirty,
                )
            left: tuple[Path, ...] = ()
            if limit is not None and before is not None and before.file_count:
                what, left = _within(limit, what, large=workers.count)
            run = Run(
                config=config,
                writer=writer,
                counts=counts,
                workers=workers,
                live=live,
                known=states.files,
                dirty=dirty,
                places=_places(seen, before),
                in_slices=not (is_fresh and had_index),
                progress=progress,
                tally=tally,
                generation=live.generation,
                noted=before is None or _places(seen, before) != before.places,
            )
            with tally.phase("count"):
                run.forget(what)
                run.look((*what.put, *what.check))
                run.spread(seen)
            with tally.phase("clean"):
                run.clean()
            run.commit()
            report = _report(index, run, seen, what)
    report = replace(
        report,
        started_at=started_at,
        finished_at=runs.now(),
        took_ms=(time.perf_counter() - start_s) * 1e3,
    )
    with contextlib.suppress(OSError):  # a note for monitors; what counts is done
        runs.note_run(config.index.dir, report)
    return Outcome(report=report, again=frozenset(tally.again), left=left)


def _report(index: Index, run: Run, seen: Seen, what: Plan) -> Report:
    """What a run did, in numbers; its times are still to be filled in."""
    tally, counts = run.tally, run.counts
    rejections = _standing(index)
    file_count = counts.file_count()
    failing = sum(counts.has(path) for path in rejections)
    put = tally.added + tally.changed + tally.read_again
    return Report(
        generation=run.generation,
        started_at="",
        finished_at="",
        took_ms=0.0,
        files_seen=len(seen.files) if seen.scope is None else file_count,
        added=tally.added,
        changed=tally.changed,
        removed=sum(path in run.known or path in run.live.rejections for path in what.remove),
        moved=len(what.moved),
        kept=max(0, file_count - failing - put),
        held=tally.held,
        read_again=tally.read_again,
        articles=index.reader().status().articles,
        failed=len(rejections),
        unsettled=tally.young + tally.held,
        rejections=tuple(rejections[path] for path in sorted(rejections)),
        phases_ms=tuple(tally.phases_ms.items()),
    )


def _within(limit: int, what: Plan, *, large: int) -> tuple[Plan, tuple[Path, ...]]:
    """A plan with no more files to put, and the others: those that changed last at the end."""
    by_age = sorted(what.put, key=lambda found: found.mtime_ns)
    slow = [found for found in by_age if found.size_bytes > LARGE_BYTES]
    quick = [found for found in by_age if found.size_bytes <= LARGE_BYTES]
    slow_left, quick_left = max(0, len(slow) - large), max(0, len(quick) - limit)
    left = slow[:slow_left] + quick[:quick_left]
    now = slow[slow_left:] + quick[quick_left:]
    return replace(what, put=tuple(now)), tuple(found.root / found.relative for found in left)


def _folders(config: Config) -> dict[str, str]:
    """Which files are read, so that it can be compared: roots as they lie from the index."""
    articles = config.articles
    base = os.path.realpath(config.index.dir)
    roots = [os.path.relpath(os.path.realpath(root), base) for root in articles.roots]
    return {
        "[articles] roots": json.dumps(roots),
        "[articles] include": json.dumps(articles.include),
        "[articles] exclude": json.dumps(articles.exclude),
    }


def _why_rebuild(
    index: Index, before: Remembered | None, made_with: Mapping[str, str], *, allowed: bool
) -> str:
    """Why everything is to be read again, for another reason than a change of files; mostly "".

    Raises NeedsRebuild where there is a reason and it is not allowed.
    """
    reason = ""
    try:
        index.damage()  # an older generation may answer where the live one is outdated
        index.reader()
        if before is not None:
            names = before.made_with.keys() | made_with.keys()
            pairs = [(n, before.made_with.get(n, ""), made_with.get(n, "")) for n in sorted(names)]
            other = [_other(*pair) for pair in pairs if pair[1] != pair[2]]
            reason = f"the index was made with other {' and '.join(other)}" if other else ""
    except IndexOutdated as error:
        reason = str(error).partition(": ")[2].partition(";")[0]
    except (IndexMissing, IndexDamaged):
        return ""  # what is to be done then does not depend on anybody's leave
    if reason and not allowed:
        raise NeedsRebuild(
            f"{reason}, so every file must be read again. Run `python -m indexer build`, or give"
            " --rebuild: the present index stays as it is until the new one is whole"
        )
    return reason


def _other(name: str, then: str, now: str) -> str:
    """What is not as it was, with its values where people can read them."""
    if DIGEST.fullmatch(then) or DIGEST.fullmatch(now):
        return name
    return f"{name} ({then} then, {now} now)"


def _look(
    config: Config, live: Live, before: Remembered | None, paths: Collection[Path] | None
) -> Seen:
    """What there is at the paths; everywhere, if there are none or they cannot be all."""
    if paths is None or before is None or before.generation != live.generation:
        return walk.scan(config.articles)
    seen = walk.glance(config.articles, paths)
    if seen.scope is not None and before.places != _places(seen, before):
        return walk.scan(config.articles)  # a root has become another folder
    return seen


def _places(seen: Seen, before: Remembered | None) -> Mapping[str, Place]:
    return seen.places if seen.scope is None or before is None else {**before.places, **seen.places}


def _states(config: Config, writer: Writer, counts: Counts, seen: Seen) -> States:
    """What is known of the files in the scope, and in which state they were read last."""
    if counts.all_dirty:
        return States(dict(writer.known()), set())
    return counts.states(seen.scope, roots=len(config.articles.roots))


def _dirty(counts: Counts, seen: Seen) -> set[str]:
    """Files that must be read again, whatever their state says."""
    if counts.all_dirty:
        return {found.path for found in seen.files}
    return {path for path in counts.dirty() if in_scope(path, seen)}


@contextlib.contextmanager
def _writer(
    index: Index, *, fresh: bool, say: Callable[[str], None]
) -> Iterator[tuple[Writer, bool]]:
    """The writer, and whether it starts an empty index."""
    try:
        writer = index.writer(fresh=fresh)
    except IndexDamaged as error:
        say(f"building anew, since {str(error).partition(';')[0]}")
        writer, fresh = index.writer(fresh=True), True
    with writer:
        yield writer, fresh


def _live(index: Index) -> tuple[Live, bool]:
    """What can be read of the index, and whether there is one that somebody may be reading."""
    try:
        reader = index.reader()
    except IndexOutdated:
        return Live(None, {}), True
    except (IndexMissing, IndexDamaged):
        return Live(None, {}), False
    return Live(reader.generation, _standing(index)), True


def _standing(index: Index) -> dict[str, Rejection]:
    return {rejection.path: rejection for rejection in index.reader().status().rejections}


def failed(config: Config, last: Report | None, problem: str) -> Report:
    """The report of a run that could not be carried out: what was served before still is."""
    at = runs.now()
    nothing = Report(generation=None, started_at=at, finished_at=at, took_ms=0.0, files_seen=0)
    report = replace(last or nothing, started_at=at, finished_at=at, took_ms=0.0, problem=problem)
    with contextlib.suppress(OSError):  # a note for monitors
        runs.note_run(config.index.dir, report)
    return report


def answer(config: Config, asked: Collection[runs.Run], report: Report) -> None:
    """Tell everyone who had asked for a run before it began what became of it."""
    with contextlib.suppress(OSError):  # the index folder may just have been taken away
        for each in asked:
            runs.answer(config.index.dir, each, report)
