"""What the index knows and what the folder holds -> what is to be done."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from indexer.folder.files import Found
from indexer.folder.plan import Plan, file_of, plan
from indexer.folder.walk import Seen
from search.model import Fingerprint, Rejection

PATHS = st.sampled_from(["a.txt", "b.txt", "sub/c.html", "sub/d.txt", "e.jsonl", "other/f.txt"])
STATES = st.builds(
    Fingerprint,
    size_bytes=st.integers(0, 2),
    mtime_ns=st.integers(0, 2),
    ctime_ns=st.integers(0, 2),
    inode=st.integers(0, 3),
    sha256=st.just("00"),
)
DISKS = st.dictionaries(PATHS, STATES)


def found(path: str, state: Fingerprint) -> Found:
    return Found(
        path=path,
        root=Path("/r"),
        relative=path,
        size_bytes=state.size_bytes,
        mtime_ns=state.mtime_ns,
        ctime_ns=state.ctime_ns,
        inode=state.inode,
    )


def seen_of(disk: dict[str, Fingerprint], *, out_of_sight: tuple[str, ...] = ()) -> Seen:
    return Seen(
        files=tuple(found(path, disk[path]) for path in sorted(disk)), out_of_sight=out_of_sight
    )


def carried_out(known: dict[str, Fingerprint], disk: dict[str, Fingerprint], what: Plan) -> object:
    """The index after the plan, if every file can be read."""
    index = {path: state for path, state in known.items() if path not in what.remove}
    return index | {file.path: disk[file.path] for file in what.put}


@given(known=DISKS, disk=DISKS)
def test_a_plan_carried_out_makes_the_index_equal_to_the_folder(
    known: dict[str, Fingerprint], disk: dict[str, Fingerprint]
) -> None:
    assert carried_out(known, disk, plan(known, seen_of(disk))) == disk


@given(disk=DISKS)
def test_an_index_that_is_equal_needs_nothing(disk: dict[str, Fingerprint]) -> None:
    assert plan(disk, seen_of(disk)) == Plan(keep=tuple(sorted(disk)))


@given(known=DISKS, disk=DISKS, young=st.sets(PATHS), dirty=st.sets(PATHS))
def test_every_path_gets_exactly_one_verdict(
    known: dict[str, Fingerprint],
    disk: dict[str, Fingerprint],
    young: set[str],
    dirty: set[str],
) -> None:
    what = plan(known, seen_of(disk), young=young, dirty=dirty)
    verdicts = [f.path for f in (*what.put, *what.check)] + [*what.keep, *what.remove]
    assert sorted(verdicts) == sorted(known.keys() | disk.keys())
    assert {f.path for f in what.check} <= young
    assert dirty & disk.keys() <= {f.path for f in what.put}


@given(known=DISKS, disk=DISKS)
def test_a_move_joins_a_removed_and_a_new_path_of_the_same_file(
    known: dict[str, Fingerprint], disk: dict[str, Fingerprint]
) -> None:
    what = plan(known, seen_of(disk))
    assert len({old for old, _ in what.moved}) == len({new for _, new in what.moved})
    for old, new in what.moved:
        assert old in what.remove
        assert new in disk
        assert new not in known
        assert known[old].inode == disk[new].inode


@given(known=DISKS, disk=DISKS)
def test_nothing_out_of_sight_is_taken_for_deleted(
    known: dict[str, Fingerprint], disk: dict[str, Fingerprint]
) -> None:
    below = plan(known, seen_of(disk, out_of_sight=("sub",)))
    assert not any(path.startswith("sub/") for path in below.remove)
    assert (
        "other/f.txt" in {*below.remove, *below.keep}
        or "other/f.txt" not in known
        or ("other/f.txt" in disk)
    )
    assert plan(known, seen_of(disk, out_of_sight=("",))).remove == ()


def test_a_listed_rejection_goes_when_its_entry_has_gone() -> None:
    link = Rejection(path="link.txt", reason="is a symbolic link")
    assert plan({}, Seen(rejections=(link,)), listed=["link.txt"]).remove == ()
    assert plan({}, Seen(), listed=["link.txt"]).remove == ("link.txt",)


def test_a_rejected_line_stands_and_falls_with_its_file() -> None:
    state = Fingerprint(size_bytes=1, mtime_ns=1, ctime_ns=1, inode=1, sha256="00")
    known = {"e.jsonl": state}
    assert plan(known, seen_of(known), listed=["e.jsonl#line 3"]).remove == ()
    assert plan(known, Seen(), listed=["e.jsonl#line 3"]).remove == ("e.jsonl", "e.jsonl#line 3")
    assert file_of("a/e.jsonl.gz#x#y") == "a/e.jsonl.gz"
    assert file_of("odd#name.txt") == "odd#name.txt"
