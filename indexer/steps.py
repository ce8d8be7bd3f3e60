"""The steps of one run: read what may have changed, count its lines, clean what differs, put it.

The order is what makes the result the same however many runs led to it: first the lines of every
new or changed file are counted, then those files are cleaned together with the ones in which a
line has started or stopped to recur.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from indexer import jsonl
from indexer.counts import Counts
from indexer.folder import files
from indexer.folder.files import Found, Looked, Unreadable, Unsettled
from indexer.folder.plan import Plan, file_of, is_same
from indexer.folder.remembered import NO_INDEX
from indexer.folder.walk import Place, Seen, look_at, relative_of
from indexer.jobs import Look, Read
from indexer.limits import Failed
from indexer.workers import Workers
from search.config import Config
from search.engine import Writer
from search.model import Article, Fingerprint, Rejection, SourceFile

COMMIT_EVERY_S = 60.0  # so much of a long run can be lost at most; a commit takes part of a second
KEEP_COUNTS_FROM = 200  # files to be cleaned: for less, counting their lines again costs nothing

Progress = Callable[[str, int, int], None]
"""(what is being done, how many files of it are done, how many there are)."""


@dataclass(slots=True)
class Tally:
    """What a run has done so far."""

    added: int = 0
    changed: int = 0
    read_again: int = 0
    young: int = 0
    again: set[Path] = field(default_factory=set)
    """Files to be looked at once more: they are too young, or were still being written."""
    held: int = 0
    phases_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time that something takes to a phase."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            spent_ms = (time.perf_counter() - start_s) * 1e3
            self.phases_ms[name] = self.phases_ms.get(name, 0.0) + spent_ms


@dataclass(frozen=True, slots=True)
class Live:
    """The index before the run."""

    generation: str | None
    rejections: Mapping[str, Rejection]


@dataclass(slots=True, kw_only=True)
class Run:
    """One run's tools and its knowledge; its methods are the steps, in their order."""

    config: Config
    writer: Writer
    counts: Counts
    workers: Workers
    live: Live
    known: Mapping[str, Fingerprint]
    """Every file that was read before, within the scope of the run, and its state then."""
    dirty: Collection[str]
    places: Mapping[str, Place]
    in_slices: bool
    """Whether a part of the work may be committed: not when a rebuild must show as a whole."""
    progress: Progress
    tally: Tally
    generation: str | None = None
    to_read: dict[str, tuple[Found, Fingerprint]] = field(default_factory=dict)
    """Files that are to be cleaned, by path, with the state in which their lines were counted."""
    again: set[str] = field(default_factory=set)
    """Those of them that were not touched, but hold such a line."""
    touched: bool = False
    """Whether there is anything to commit."""
    noted: bool = False
    """Whether there is anything to remember in the counts alone."""
    gone: set[str] = field(default_factory=set)
    """Files that were removed, or have failed, before any was cleaned."""
    is_counted: bool = False
    """Whether the counts are committed, and only the index is behind."""
    done: list[str] = field(default_factory=list)
    """Files that were cleaned, or not, since the last commit."""
    left: set[str] = field(default_factory=set)
    """Those of them that are to be read again in the next run."""
    cleaned: int = 0
    total: int = 0
    committed_s: float = 0.0

    def forget(self, what: Plan) -> None:
        """Take out what has gone, list what can be no article."""
        for path in what.remove:
            self.writer.remove(path)
            self.counts.remove(path)
            self.touched = True
        self.gone.update(what.remove)
        for rejection in what.reject:
            before = self.live.rejections.get(rejection.path)
            if before is None or before.reason != rejection.reason:
                self._reject(rejection)

    def look(self, candidates: Collection[Found]) -> None:
        """Read what may have changed, count its lines; what differs is to be cleaned."""
        for done, (found, answer) in enumerate(self._looked(candidates), start=1):
            self.progress("reading", done, len(candidates))
            if not isinstance(answer, Failed):
                self._judge(found, answer)
            elif answer.passing:
                self._hold(found)
            else:
                self._fail(found, answer, _state(found))

    def spread(self, seen: Seen) -> None:
        """Add the files in which a line has started or stopped to recur."""
        crossed = self.counts.crossed() - self.to_read.keys()
        if seen.scope is None:
            there, states = seen.files, self.known
        else:
            articles = self.config.articles
            scope = {relative_of(path) for path in crossed}
            there = look_at(articles, scope).files
            states = self.counts.states(scope, roots=len(articles.roots)).files
        for found in there:
            if found.path in crossed:
                self.again.add(found.path)
                self.to_read[found.path] = (found, states[found.path])
        self.counts.mark_dirty(crossed - self.again)  # out of sight: when they are back

    def clean(self) -> None:
        """Make the articles of all that is to be read."""
        self.total, self.committed_s = len(self.to_read), time.monotonic()
        if self.in_slices and self.total >= KEEP_COUNTS_FROM:
            self._keep_counts()
        lines = {p: item for p, item in self.to_read.items() if item[0].is_json_lines}
        single = {p: item for p, item in self.to_read.items() if p not in lines}
        self.counts.expect(len(single))
        order = sorted(single)
        jobs = (
            Read(single[path][0], single[path][1].sha256, self.counts.recurs(path))
            for path in order
        )
        for number, answer in self.workers.each(jobs):
            found, state = single[order[number]]
            if not isinstance(answer, Failed):
                self._put(found, state, answer)
            elif answer.passing:
                self._hold(found)
            else:
                self._fail(found, answer, state)
            self._step(found.path)
        for path, (found, state) in sorted(lines.items()):
            self._put_lines(path, found, state)
            self._step(path)

    def commit(self) -> None:
        """Show what was done so far: the index first, the counts after it.

        See indexer/counts.py on what a crash in between leaves.
        """
        with self.tally.phase("commit"):
            done = [*set(self.done) - self.left, *self.gone]
            if self.touched or self.generation is None:
                changed = done if self.is_counted else [*self.to_read, *self.gone]
                self.counts.announce(changed, is_counted=self.is_counted)
                self.generation = self.writer.commit()
            elif not self.noted:
                return
            self.counts.mark_clean(done)
            for path in self.done:
                self.to_read.pop(path, None)
            self.counts.mark_dirty(self.to_read)
            self.counts.commit(self.generation, places=self.places)
        self.done.clear()
        self.left.clear()
        self.gone.clear()
        self.touched = self.noted = False
        self.committed_s = time.monotonic()

    def _keep_counts(self) -> None:
        """Commit the counts before anything of the index, all that it lacks marked as dirty.

        Then a commit of the index is told from what is still to be done, wherever it is cut short.
        """
        self.counts.mark_dirty([*self.to_read, *self.gone])
        self.counts.commit(self.generation or NO_INDEX, places=self.places)
        self.is_counted = True

    def _step(self, path: str) -> None:
        """A file is done with; now and then, show what there is."""
        self.done.append(path)
        self.cleaned += 1
        self.progress("cleaning", self.cleaned, self.total)
        if self.in_slices and time.monotonic() > self.committed_s + COMMIT_EVERY_S:
            self.commit()

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
            self.tally.young += 1
            self.tally.again.add(found.root / found.relative)
        if self._says_the_same(found, looked):
            self.counts.touch(found.path, looked.fingerprint, read_ns=looked.read_ns)
            self.noted = True
            return
        self.counts.put(found.path, looked.fingerprint, keys=looked.keys, read_ns=looked.read_ns)
        self.to_read[found.path] = (found, looked.fingerprint)
        self.touched = True

    def _says_the_same(self, found: Found, looked: Looked) -> bool:
        """Whether the file would give what it gave before. Touching one that failed tries again."""
        before = self.known.get(found.path)
        if before is None or before.sha256 != looked.fingerprint.sha256:
            return False
        if found.path in self.dirty:
            return False
        return found.path not in self.live.rejections or is_same(before, found)

    def _hold(self, found: Found) -> None:
        """Leave a file for later that is being written or has gone: what there is of it stays."""
        self.tally.held += 1
        self.tally.again.add(found.root / found.relative)
        if found.path in self.to_read:  # its lines are counted already, as it was a moment ago
            self.counts.mark_dirty([found.path])
            self.left.add(found.path)

    def _fail(self, found: Found, failed: Failed, state: Fingerprint) -> None:
        """List a file that gave no article."""
        if not state.sha256:
            self.counts.put(found.path, state, keys=(), read_ns=time.time_ns())
        if found.path in self.again:
            self.counts.mark_dirty([found.path])
            self.left.add(found.path)
        if found.path not in self.to_read:
            self.gone.add(found.path)
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
        except Unsettled:
            self._hold(found)
            return
        except Unreadable as error:
            self._fail(found, Failed(str(error)), state)
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
        self.touched = True
        if path in self.again:
            self.tally.read_again += 1
        elif path in self.known:
            self.tally.changed += 1
        else:
            self.tally.added += 1


def _state(found: Found) -> Fingerprint:
    return Fingerprint(
        size_bytes=found.size_bytes,
        mtime_ns=found.mtime_ns,
        ctime_ns=found.ctime_ns,
        inode=found.inode,
        sha256="",
    )
