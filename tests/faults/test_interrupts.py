"""Ctrl-C and the polite kill raise wherever the program happens to be: no line of a commit minds."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from search.config import Config
from search.config import Index as IndexSettings
from search.model import Article, Fingerprint, SourceFile
from search.open import open_index
from search.whoosh_engine.writer import WhooshWriter

STATE = Fingerprint(size_bytes=1, mtime_ns=1, ctime_ns=1, inode=1, sha256="00" * 32)


class Interrupt:
    """Raises KeyboardInterrupt at the n-th line of the writer's commit."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __call__(self, frame: FrameType, event: str, _argument: object) -> Any:
        if frame.f_code is not WhooshWriter.commit.__code__:
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self


def put(config: Config, number: int, *, fresh: bool, interrupt: Interrupt | None = None) -> None:
    article = Article(
        id=f"{number:016x}", path=f"{number}.txt", title=f"No {number}", body=f"word{number} all"
    )
    with open_index(config).writer(fresh=fresh) as writer:
        writer.put(SourceFile(path=article.path, fingerprint=STATE), (article,))
        before = sys.gettrace()
        sys.settrace(interrupt)
        try:
            writer.commit()
        finally:
            sys.settrace(before)


@pytest.mark.parametrize("fresh", [False, True])
def test_an_interrupt_at_any_line_of_a_commit_leaves_a_sound_index(
    tmp_path: Path, *, fresh: bool
) -> None:
    """Once the writer took back segments that readers saw already."""
    seen = set()
    for line in range(1, 100):
        config = Config(index=IndexSettings(dir=tmp_path / f"index{line}"))
        put(config, 1, fresh=False)
        interrupt = Interrupt(line)
        try:
            put(config, 2, fresh=fresh, interrupt=interrupt)
        except KeyboardInterrupt:
            pass
        else:
            break
        assert open_index(config).check() == ()
        articles = open_index(config).reader().status().articles
        assert articles in ({1} if fresh else {1, 2})
        known = set(open_index(config).reader().known())
        seen.add(frozenset(known))
        put(config, 3, fresh=False)
        assert set(open_index(config).reader().known()) == known | {"3.txt"}
    else:
        pytest.fail("the commit never ended")
    assert len(seen) == 2  # interrupted before it was seen, and after
