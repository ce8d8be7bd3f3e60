"""The index against the folder, byte by byte: what has drifted apart, and what is damaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.folder import files, walk
from indexer.folder.files import Found, Unreadable
from indexer.folder.walk import Seen, is_below
from indexer.progress import silent
from indexer.steps import Progress
from search.config import Config
from search.engine import Index
from search.model import Fingerprint, Rejection
from search.runs import Audit, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Where the index and the folder differ. Empty: they agree, and every byte is sound."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """In the index, and no longer in the folder."""
    moved: tuple[tuple[str, str], ...] = ()
    """(old, new): a missing and a new path with the same bytes; they stand nowhere else."""
    unreadable: tuple[Rejection, ...] = ()
    """Cannot be read now, and the index does not list them for that."""
    damaged: tuple[str, ...] = ()
    """Files of the index whose bytes are not what was written."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file that is to be looked at again."""
        moved = [path for pair in self.moved for path in pair]
        named = (*self.new, *self.changed, *self.missing, *moved)
        return (*named, *(rejection.path for rejection in self.unreadable))

    def __bool__(self) -> bool:
        return bool(self.paths or self.damaged)

    def audit(self, *, generation: str | None, problem: str, took_s: float) -> Audit:
        """How much was found, as monitors are told."""
        return Audit(
            generation=generation,
            finished_at=now(),
            took_ms=took_s * 1e3,
            new=len(self.new),
            changed=len(self.changed),
            missing=len(self.missing),
            moved=len(self.moved),
            unreadable=len(self.unreadable),
            damaged=len(self.damaged),
            problem=problem or None,
        )


def compare(config: Config, index: Index, *, progress: Progress = silent) -> Drift:
    """Read every file and every byte of the index. Raises IndexMissing, IndexOutdated, BadConfig."""
    damaged = index.check()
    reader = index.reader()
    listed = {rejection.path: rejection for rejection in reader.status().rejections}
    known = {path: state.sha256 for path, state in reader.known().items()}
    # A file that failed is in the index with its last good version: what failed is the later state.
    known |= {p: r.fingerprint.sha256 for p, r in listed.items() if r.fingerprint}
    seen = walk.scan(config.articles)
    digests, unreadable = _digests(seen, progress)
    new = {path for path in digests if path not in known}
    changed = {path for path, digest in digests.items() if known.get(path, digest) != digest}
    there = {*digests, *unreadable, *(rejection.path for rejection in seen.rejections)}
    gone = {path for path in known if path not in there and not is_below(path, seen.out_of_sight)}
    moved = _moved({p: known[p] for p in gone}, {p: digests[p] for p in new})
    unreadable |= {r.path: r for r in seen.rejections}
    return Drift(
        new=tuple(sorted(new - {path for _, path in moved})),
        changed=tuple(sorted(changed)),
        missing=tuple(sorted(gone - {path for path, _ in moved})),
        moved=moved,
        unreadable=tuple(unreadable[path] for path in sorted(unreadable) if path not in listed),
        damaged=damaged,
    )


def _digests(seen: Seen, progress: Progress) -> tuple[dict[str, str], dict[str, Rejection]]:
    digests: dict[str, str] = {}
    unreadable: dict[str, Rejection] = {}
    for done, found in enumerate(seen.files, start=1):
        progress("comparing", done, len(seen.files))
        state = _fingerprint(found)
        if isinstance(state, Fingerprint):
            digests[found.path] = state.sha256
        else:
            unreadable[found.path] = state
    return digests, unreadable


def _fingerprint(found: Found) -> Fingerprint | Rejection:
    try:
        return files.fingerprint(found, at_rest=False)
    except Unreadable as error:
        return Rejection(path=found.path, reason=str(error))


def _moved(gone: Mapping[str, str], new: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    old_by_digest = {digest: path for path, digest in sorted(gone.items()) if digest}
    moves = []
    for path, digest in sorted(new.items()):
        old = old_by_digest.pop(digest, None)
        if old is not None:
            moves.append((old, path))
    return tuple(moves)
