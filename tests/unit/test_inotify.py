"""Where the kernel cannot tell of changes: known before anybody relies on it."""

from __future__ import annotations

import ctypes
import errno
from pathlib import Path

import pytest

from indexer import workers
from indexer.folder import inotify
from indexer.folder.inotify import CannotFollow, Changes
from indexer.folder.walk import MAX_DEPTH, left_out, scan
from search.config import Articles


def follow(root: Path) -> None:
    Changes([root], lambda _name, _path: False).close()


@pytest.mark.parametrize("name", ["plain", "with space", "Zürich", "back\\slash", "\udcff"])
def test_a_network_file_system_is_refused_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Bug: the name of a mount was read as Latin-1, so that one in Zürich was not seen."""
    root = tmp_path / name
    root.mkdir()
    follow(root)
    escaped = bytes(root).replace(b"\\", rb"\134").replace(b" ", rb"\040")
    mounts = tmp_path / "mounts"
    mounts.write_bytes(
        b"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / %s rw - nfs4 host:/ rw\n" % escaped
    )
    monkeypatch.setattr(inotify, "MOUNTS", mounts)
    with pytest.raises(CannotFollow, match="nfs4"):
        follow(root)


def test_a_system_without_news_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bug: where the call is there and refused, `watch` ended with a traceback."""

    class Refuses:
        @staticmethod
        def inotify_init1(_flags: int) -> int:
            ctypes.set_errno(errno.ENOSYS)
            return -1

    monkeypatch.setattr(inotify, "_libc", Refuses)
    with pytest.raises(CannotFollow, match="does not tell of changes: "):
        follow(tmp_path)


def test_a_system_without_affinity_has_workers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    assert workers._cores() == 7


def test_folders_are_followed_as_deep_as_they_are_walked(tmp_path: Path) -> None:
    """Bug: a folder a thousand deep ended the thread that hears of changes."""
    is_left_out = left_out(Articles(roots=(tmp_path,), exclude=("drafts",)))
    deepest = "/".join("d" * MAX_DEPTH)
    folder = tmp_path / deepest
    (folder / "d").mkdir(parents=True)
    (folder / "a.txt").touch()
    (folder / "d" / "b.txt").touch()
    seen = scan(Articles(roots=(tmp_path,)))
    assert [found.path for found in seen.files] == [f"{deepest}/a.txt"]
    assert not is_left_out("d", deepest)
    assert is_left_out("d", f"{deepest}/d")
    assert is_left_out("drafts", "drafts")


def test_there_is_no_more_news_of_a_root_that_has_gone(tmp_path: Path) -> None:
    """Bug: a folder made anew may have the number of the old one, and was taken for it."""
    root = tmp_path / "articles"
    (root / "below").mkdir(parents=True)
    with Changes([root], lambda _name, _path: False) as news:
        (root / "below").rmdir()
        assert not news.take(wait_s=5.0, settle_s=0.05, burst_s=0.3).is_over
        root.rmdir()
        assert news.take(wait_s=5.0, settle_s=0.05, burst_s=0.3).is_over
