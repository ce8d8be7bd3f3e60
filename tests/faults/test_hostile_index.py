"""An index from a hostile hand: nothing in it is run, even where every checksum fits."""

from __future__ import annotations

import json
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from batches import batch_in, index_in, put_batch
from goals import Measured

from search.errors import IndexDamaged
from search.whoosh_engine.stock import safe_pickle


class _Attack:
    """Unpickling it makes a folder."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self.marker),)


@pytest.mark.goal("R13")
def test_a_hostile_table_of_contents_runs_no_code(tmp_path: Path, measured: Measured) -> None:
    """Even with every checksum made to fit: nothing of ours unpickles it."""
    directory, marker = tmp_path / "index", tmp_path / "attacked"
    put_batch(directory, 1)
    live = directory / "gen-1"
    toc, manifest = live / "_MAIN_1.toc", live / "manifest-1.json"
    toc.write_bytes(pickle.dumps(_Attack(marker), 2))
    body = json.loads(manifest.read_bytes().partition(b"\n")[2])
    body["toc"] |= {"size": toc.stat().st_size, "crc": zlib.crc32(toc.read_bytes())}
    text = json.dumps(body).encode()
    manifest.write_bytes(f"{zlib.crc32(text):08x}\n".encode() + text)
    assert batch_in(directory) == 1
    assert index_in(directory).check() == ()
    put_batch(directory, 2)
    measured("a table of contents that attacks whoever unpickles it: read, and not run")
    assert not marker.exists()


@pytest.mark.goal("R13")
def test_a_stored_value_may_name_plain_types_only(tmp_path: Path, measured: Measured) -> None:
    marker = tmp_path / "attacked"
    with pytest.raises(IndexDamaged, match="mkdir"):
        safe_pickle.loads(pickle.dumps({"title": _Attack(marker)}, 2))
    measured("a stored value that does: refused")
    assert not marker.exists()
    plain = {"a": [1, 2.5, None, b"x"], "b": {"c"}, "d": (True, "e")}
    assert safe_pickle.loads(pickle.dumps(plain, 2)) == plain
