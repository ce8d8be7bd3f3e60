"""A file's state, and when it is whole."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from indexer.folder.files import OPEN_NS, Unsettled, found_at, read, state_of


def test_what_is_dated_in_the_future_and_held_open_is_read_once_it_has_rested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.txt"
    with file.open("w", encoding="utf-8") as held:
        held.write("The bridge is open.")
        held.flush()
        os.utime(file, (4e9, 4e9))
        found = found_at("a.txt", tmp_path, "a.txt", file.stat())
        with pytest.raises(Unsettled):
            read(found, max_bytes=100, pause=lambda _seconds: None)
        later_ns = time.time_ns() + 2 * OPEN_NS
        monkeypatch.setattr(time, "time_ns", lambda: later_ns)
        assert read(found, max_bytes=100).data == b"The bridge is open."


def test_numbers_of_more_than_63_bits_are_told_apart() -> None:
    """An overlay of two file systems numbers its files so."""
    states = []
    for inode in (5, (1 << 63) + 5, (1 << 63) + 6):
        state: Any = SimpleNamespace(
            st_size=10, st_ino=inode, st_mtime_ns=10_413_792_000 * 10**9, st_ctime_ns=0
        )
        kept = state_of(state, "")
        found = found_at("a", Path(), "a", state)
        assert -(1 << 63) <= kept.inode < 1 << 63
        assert (found.inode, found.mtime_ns) == (kept.inode, kept.mtime_ns)
        states.append(kept)
    assert len(set(states)) == 3
