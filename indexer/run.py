"""Carry out a plan: workers read and clean, one writer puts, one commit shows it all, one Report.

The order is what makes the result the same however many runs led to it: first the lines of every
new or changed file are counted, then those files are cleaned together with the ones in which a
line has started or stopped to recur.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from indexer import counts as line_counts
from indexer import files, jsonl
from indexer.counts import Counts
from indexer.files import Found, Seen, Unreadable, Unsettled
from indexer.jobs import Look, Looked, Read, Settings
from indexer.plan import Plan, file_of, is_same, plan
from indexer.workers import Failed, Workers
from search import runs
from search.config import Config
from search.engine import Index, Writer
from search.errors import DatelineError, IndexDamaged, IndexMissing, IndexOutdated
from search.model import Article, Fingerprint, Rejection, SourceFile
from search.runs import Report

Progress = Callable[[str, int, int], None]
"""(what is being done, how many files of it are done, how many there are)."""


class CannotRun(DatelineError):
    """The index cannot be brought up to date at all; nothing was changed."""


def silent(_phase: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True)
class _Tally:
    """What a run has done so far."""

    added: int = 0
    changed: int = 0
    read_again: int = 0
    failed: int = 0
    unsettled: int = 0
    phases_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start_s = time.perf_counter()
        try:
            yield
        finally:
            spent_ms = (time.perf_counter() - start_s) * 1e3
            self.phases_ms[name] = self.phases_ms.get(name, 0.0) + spent_ms


@dataclass(frozen=True, slots=True)
class _Live:
    """The index before the run."""

    generation: str | None
    rejections: Mapping[str, Rejection]


@dataclass(slots=True, kw_only=True)
class _Run:
    """One run's tools and its knowledge; its methods are the steps, in their order."""

    config: Config
    writer: Writer
    counts: Counts
    workers: Workers
    live: _Live
    states: Mapping[str, Fingerprint]
    dirty: Collection[str]
    progress: Progress
    tally: _Tally
    in_index: Collection[str]
    to_read: dict[str, tuple[Found, Fingerprint]] = field(default_factory=dict)
    """Files that are to be cleaned, by path, with the state in which their lines were counted."""
    again: set[str] = field(default_factory=set)
    """Those of them that were not touched, but hold such a line."""
    touched: bool = False
    """Whether there is anything to commit."""
    noted: bool = False
    """Whether there is anything to remember in the counts alone."""

    def forget(self, what: Plan) -> None:
        """Take out what has gone, list what can be no article."""
        for path in what.remove:
            self.writer.remove(path)
            self.counts.remove(path)
            self.touched = True
        for rejection in what.reject:
            before = self.live.rejections.get(rejection.path)
            if before is None or before.reason != rejection.reason:
                self.writer.reject(rejection)
                self.touched = True

    def look(self, candidates: Collection[Found]) -> None:
        """Read what may have changed, count its lines; what differs is to be cleaned."""
        for done, (found, answer) in enumerate(self._looked(candidates), start=1):
            self.progress("reading", done, len(candidates))
            if isinstance(answer, Failed):
                self._fail(found, answer, _state(found))
            else:
                self._judge(found, answer)

    def spread(self, seen: Seen) -> None:
        """Add the files in which a line has started or stopped to recur."""
        by_path = {found.path: found for found in seen.files}
        self.again = self.counts.crossed() - self.to_read.keys()
        for path in self.again & by_path.keys():
            self.to_read[path] = (by_path[path], self.states[path])
        self.counts.mark_dirty(self.again - by_path.keys())  # out of sight: when they are back

    def clean(self) -> None:
        """Make the articles of all that is to be read."""
        lines = {p: item for p, item in self.to_read.items() if item[0].is_json_lines}
        single = {p: item for p, item in self.to_read.items() if p not in lines}
        self.counts.expect(len(single))
        order = sorted(single)
        jobs = (
            Read(single[path][0], single[path][1].sha256, self.counts.recurs(path))
            for path in order
        )
        done = 0
        for number, answer in self.workers.each(jobs):
            done += 1
            self.progress("cleaning", done, len(self.to_read))
            found, state = single[order[number]]
            if isinstance(answer, Failed):
                self._fail(found, answer, state)
            else:
                self._put(found, state, answer)
        for path, (found, state) in sorted(lines.items()):
            self._put_lines(path, found, state)
            done += 1
            self.progress("cleaning", done, len(self.to_read))

    def _looked(self, candidates: Collection[Found]) -> Iterator[tuple[Found, Looked | Failed]]:
        single = [found for found in candidates if not found.is_json_lines]
        for number, answer in self.workers.each(Look(found) for found in single):
            yield single[number], answer
        for found in candidates:
            if found.is_json_lines:
                read_ns = time.time_ns()
                try:
                    yield found, Looked(files.fingerprint(found), read_ns, frozenset())
                except Unreadable as error:
                    yield found, Failed(str(error), passing=isinstance(error, Unsettled))

    def _judge(self, found: Found, looked: Looked) -> None:
        if files.is_young(looked.fingerprint, now_ns=looked.read_ns):
            self.tally.unsettled += 1
        if self._says_the_same(found, looked):
            self.counts.touch(found.path, looked.fingerprint, read_ns=looked.read_ns)
            self.noted = True
            return
        self.counts.put(found.path, looked.fingerprint, keys=looked.keys, read_ns=looked.read_ns)
        self.to_read[found.path] = (found, looked.fingerprint)
        self.touched = True

    def _says_the_same(self, found: Found, looked: Looked) -> bool:
        """Whether the file would give what it gave before. Touching one that failed tries again."""
        before = self.states.get(found.path)
        if before is None or before.sha256 != looked.fingerprint.sha256:
            return False
        if found.path in self.dirty:
            return False
        return found.path not in self.live.rejections or is_same(before, found)

    def _fail(self, found: Found, failed: Failed, state: Fingerprint) -> None:
        """List a file that gave no article; one that may soon give one is tried again."""
        if not state.sha256:
            self.counts.put(found.path, state, keys=(), read_ns=time.time_ns())
        if failed.passing or found.path in self.again:
            self.counts.mark_dirty([found.path])
            self.tally.unsettled += failed.passing
        self.tally.failed += 1
        self._reject(Rejection(path=found.path, reason=failed.reason, fingerprint=state))

    def _reject(self, rejection: Rejection) -> None:
        self.writer.reject(rejection)
        self.touched = True

    def _put(self, found: Found, state: Fingerprint, article: Article) -> None:
        try:
            self.writer.put(SourceFile(path=found.path, fingerprint=state), (article,))
        except (ValueError, TypeError, OverflowError) as error:
            self._fail(found, Failed(f"cannot be indexed: {error}"), state)
            return
        self._count_put(found.path)

    def _put_lines(self, path: str, found: Found, state: Fingerprint) -> None:
        bad: list[Rejection] = []
        limit = self.config.articles.max_file_bytes
        articles = jsonl.articles(found, state, max_line_bytes=limit, bad=bad.append)
        try:
            self.writer.put(SourceFile(path=path, fingerprint=state), articles)
        except Unreadable as error:
            self._fail(found, Failed(str(error), passing=isinstance(error, Unsettled)), state)
            return
        except (ValueError, TypeError, OverflowError) as error:
            self._fail(found, Failed(f"cannot be indexed: {error}"), state)
            return
        for old in self.live.rejections:
            if old != path and file_of(old) == path:
                self.writer.remove(old)
        for rejection in bad:
            self._reject(rejection)
        self._count_put(path)

    def _count_put(self, path: str) -> None:
        if path in self.again:
            self.tally.read_again += 1
        elif path in self.in_index:
            self.tally.changed += 1
        else:
            self.tally.added += 1


def carry_out(  # noqa: PLR0913 - everything that a run needs, by name
    config: Config,
    index: Index,
    workers: Workers,
    *,
    fresh: bool = False,
    retry: Collection[str] = (),
    progress: Progress = silent,
) -> Report:
    """Make the index what the folder says, and say what was done.

    `fresh` builds a new generation from every file, beside the live one; so does an index that is
    damaged or was made by another version. `retry` names files that are read again, whatever their state says.
    Raises CannotRun, BadConfig, IndexLocked or OSError; then the index is what it was.
    """
    started_at, start_s = runs.now(), time.perf_counter()
    tally = _Tally()
    settings = Settings.of(config)
    workers.use(settings)
    files.check_roots(config.articles.roots, index_dir=config.index.dir)
    with tally.phase("scan"):
        seen = files.scan(config.articles)
    with _writer(index, fresh=fresh) as (writer, is_fresh):
        _check_sight(config, seen, fresh=is_fresh)
        live = _Live(None, {}) if is_fresh else _live(index)
        with line_counts.opened(
            config.index.dir, rules=settings.rules, generation=live.generation, fresh=is_fresh
        ) as counts:
            dirty = dirty_in(counts, seen) | set(retry)
            run = _Run(
                config=config,
                writer=writer,
                counts=counts,
                workers=workers,
                live=live,
                states=counts.states(),
                dirty=dirty,
                in_index=writer.known().keys(),
                progress=progress,
                tally=tally,
            )
            what = planned(writer.known(), counts, seen, listed=live.rejections.keys(), dirty=dirty)
            with tally.phase("count"):
                run.forget(what)
                run.look((*what.put, *what.check))
                run.spread(seen)
            with tally.phase("clean"):
                run.clean()
            with tally.phase("commit"):
                generation = _commit(run, what)
    rejections = _standing(index) if run.touched else live.rejections
    return Report(
        generation=generation,
        started_at=started_at,
        finished_at=runs.now(),
        took_ms=(time.perf_counter() - start_s) * 1e3,
        files_seen=len(seen.files),
        added=tally.added,
        changed=tally.changed,
        removed=len(what.remove),
        moved=len(what.moved),
        kept=len(seen.files) - tally.added - tally.changed - tally.read_again - tally.failed,
        read_again=tally.read_again,
        articles=index.reader().status().articles,
        failed=len(rejections),
        unsettled=tally.unsettled,
        rejections=tuple(rejections[path] for path in sorted(rejections)),
        phases_ms=tuple(tally.phases_ms.items()),
    )


def planned(
    known: Mapping[str, Fingerprint],
    counts: Counts,
    seen: Seen,
    *,
    listed: Collection[str],
    dirty: Collection[str],
) -> Plan:
    """The plan for what is seen, given what the index and the counts remember."""
    # The counts know better than the index in which state a file was read last: one that was
    # touched, or has failed since, is not written to the index again for that.
    return plan(
        dict(known) | counts.states(), seen, listed=listed, young=counts.young(), dirty=dirty
    )


def dirty_in(counts: Counts, seen: Seen) -> set[str]:
    """Files that must be read again, whatever their state says."""
    return {found.path for found in seen.files} if counts.all_dirty else counts.dirty()


def _commit(run: _Run, what: Plan) -> str:
    """The index first, the counts after it; see indexer/counts.py on what a crash leaves."""
    if not run.touched and run.live.generation is not None:
        if run.noted:
            run.counts.commit(run.live.generation)
        return run.live.generation
    run.progress("committing", 0, 1)
    run.counts.announce([*run.to_read, *what.remove])
    generation = run.writer.commit()
    run.counts.commit(generation)
    run.progress("committing", 1, 1)
    return generation


@contextmanager
def _writer(index: Index, *, fresh: bool) -> Iterator[tuple[Writer, bool]]:
    """The writer, and whether it starts an empty index."""
    try:
        writer = index.writer(fresh=fresh)
    except (IndexDamaged, IndexOutdated):
        writer, fresh = index.writer(fresh=True), True
    with writer:
        yield writer, fresh


def _live(index: Index) -> _Live:
    try:
        reader = index.reader()
    except IndexMissing:
        return _Live(None, {})
    return _Live(reader.generation, _standing(index))


def _standing(index: Index) -> dict[str, Rejection]:
    return {rejection.path: rejection for rejection in index.reader().status().rejections}


def _check_sight(config: Config, seen: Seen, *, fresh: bool) -> None:
    """Refuse to run where that would take an unreachable folder for an empty one."""
    unseen = [r for r in seen.rejections if r.reason.startswith(files.ROOT_UNSEEN)]
    if len(unseen) == len(config.articles.roots) or (unseen and fresh):
        raise CannotRun(
            f"{unseen[0].path}: {unseen[0].reason}; see [articles] roots in config.toml"
        )


def _state(found: Found) -> Fingerprint:
    return Fingerprint(
        size_bytes=found.size_bytes,
        mtime_ns=found.mtime_ns,
        ctime_ns=found.ctime_ns,
        inode=found.inode,
        sha256="",
    )


def failed_report(report: Report | None, problem: str) -> Report:
    """The report of a run that could not be carried out: what was served before still is."""
    at = runs.now()
    if report is None:
        return Report(
            generation=None,
            started_at=at,
            finished_at=at,
            took_ms=0.0,
            files_seen=0,
            problem=problem,
        )
    return replace(report, started_at=at, finished_at=at, took_ms=0.0, problem=problem)
