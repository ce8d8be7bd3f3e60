"""Damaged files: caught before an answer, then the last sound generation serves, else nothing does.

Each damage is done to an index that a reader has open and to one that is opened after it.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from batches import batch_in, index_in, put_batch
from goals import Measured
from sample_site import make_app
from served import clean_environment
from sized import answers, fill, questions
from waiting import wait_for

from search import runs
from search.errors import IndexDamaged, IndexMissing
from search.model import Query
from search.whoosh_engine import WhooshIndex
from search.whoosh_engine.building import merge
from search.whoosh_engine.commits import generations

KINDS = ("flip", "zero", "cut", "empty", "gone", "longer", "swap")
BLOCK_BYTES = 4096
MOST_CUT_BYTES = 1 << 20  # of a large file the end alone: what is cut off has to be put back
STORY = (
    "Ferry {number} returns to the sound\n\n"
    "Ferry number {number} will sail again from Monday, the harbour office said on Thursday. The "
    "old ship had been in the dock for repairs since the winter storms.\n\n"
    "Islanders had rowed their milk and letters across the sound for eleven weeks. “We will miss "
    "the quiet, but not the blisters,” said one of the rowers of ferry {number}.\n"
)
TICK_S = 0.01  # older kernels write the same time on whatever happens within some milliseconds


@contextmanager
def damaged(path: Path, other: Path, dice: random.Random) -> Iterator[str]:
    """Damage a file in one of the ways that disks and people do, in place; then undo it."""
    kind = dice.choice(KINDS)
    while kind == "swap" and other.read_bytes() == path.read_bytes():
        kind = dice.choice(KINDS)
    time.sleep(TICK_S)
    size = path.stat().st_size
    kept = path.with_name(f"{path.name}.kept")
    if kind in {"flip", "zero"}:
        with _patched(path, dice.randrange(size), kind, dice):
            yield kind
            time.sleep(TICK_S)
    elif kind == "swap":
        _swap(path, other)
        yield kind
        _swap(path, other)
    elif kind == "gone":
        path.rename(kept)
        yield kind
        kept.rename(path)
    else:
        left = {"cut": size - dice.randrange(min(size, MOST_CUT_BYTES)) - 1, "empty": 0}
        with path.open("r+b", buffering=0) as file:
            tail = os.pread(file.fileno(), size, left.get(kind, size))
            file.truncate(left.get(kind, size + 1))
            yield kind
            file.truncate(size - len(tail))
            os.pwrite(file.fileno(), tail, size - len(tail))


@contextmanager
def _patched(path: Path, at: int, kind: str, dice: random.Random) -> Iterator[None]:
    with path.open("r+b", buffering=0) as file:
        at = at // BLOCK_BYTES * BLOCK_BYTES if kind == "zero" else at
        sound = os.pread(file.fileno(), BLOCK_BYTES if kind == "zero" else 1, at)
        changed = bytes(len(sound)) if any(sound) else b"\1" * len(sound)
        if kind == "flip":
            changed = bytes([sound[0] ^ 1 << dice.randrange(8)])
        os.pwrite(file.fileno(), changed, at)
        yield
        os.pwrite(file.fileno(), sound, at)


def _swap(one: Path, other: Path) -> None:
    kept = one.with_name("swapped")
    one.rename(kept)
    other.rename(one)
    kept.rename(other)


def like(path: Path, folder: Path) -> Path:
    """The file that plays the same part in another generation."""
    if path.name == generations.CURRENT:
        return path
    return next(folder.glob(f"{path.name.split('-')[0].split('_')[0]}*{path.suffix}"))


def served(index: WhooshIndex, asked: list[Query], right: dict[str, list[object]]) -> str:
    """What became of an index with a damaged file: wrong, unnoticed, fallen, or lost."""
    try:
        reader = index.reader()
        found = answers(reader, asked)
    except (IndexDamaged, IndexMissing):
        return "lost"
    if found != right[reader.generation]:
        return "wrong"
    return "fallen" if index.damage() else "unnoticed"


@pytest.mark.goal("R3")
def test_damage_is_caught_before_an_answer(
    tmp_path: Path, *, long: bool, measured: Measured
) -> None:
    """Answers are those of the live generation or, where it is damaged, of the one before."""
    directory, dice = tmp_path / "index", random.Random(9)
    fill(directory, 200)
    asked = questions(4)
    right = {"1.1": answers(index_in(directory).reader(), asked)}
    fill(directory, 20_000 if long else 400, fresh=True)
    open_before = index_in(directory)
    new = right["2.1"] = answers(open_before.reader(), asked)
    assert right["1.1"] != new
    live, current = directory / "gen-2", directory / generations.CURRENT
    files = [*live.glob("*.seg"), *live.iterdir(), current]
    counts: Counter[str] = Counter()
    for _ in range(400 if long else 30):
        path = dice.choice(files)
        with damaged(path, like(path, directory / "gen-1"), dice):
            later = served(index_in(directory), asked, right)
            now = served(open_before, asked, right)
        # What it has read of small files it holds: those may be damaged unnoticed, and harm nobody.
        assert now != "unnoticed" or path.suffix != ".seg"
        counts.update([later, f"open {now}"])
        assert answers(open_before.reader(), asked) == new, "what was put back serves again"
        assert open_before.damage() is None
    damages = 400 if long else 30
    wrong = counts["wrong"] + counts["open wrong"]
    measured(
        f"{damages - counts['unnoticed'] - counts['wrong']} of {damages} damages of {len(KINDS)} "
        f"kinds caught before the first answer; {wrong} wrong answers, from readers that were "
        f"open included; {counts['fallen']} times a sound generation served, {counts['lost']} "
        "times none"
    )
    assert not wrong
    assert not counts["unnoticed"]
    assert counts["fallen"] > counts["lost"]


def test_the_web_side_serves_what_is_sound_and_else_asks_to_come_back(tmp_path: Path) -> None:
    """Sound, fallen, lost, and sound again, in one process that is never restarted."""
    fill(tmp_path, 20)
    fill(tmp_path, 40, fresh=True)
    client = make_app(index_in(tmp_path)).test_client()

    def total() -> int | str:
        answer = client.get("/api/v1/search?q=the")
        if answer.status_code == 200:
            return int(answer.get_json()["total"])
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        return str(answer.get_json()["code"])

    new, old = (next((tmp_path / f"gen-{number}").glob("*.seg")) for number in (2, 1))
    assert total() == 40
    assert b"dateline_fallen 0.0" in client.get("/metrics").data
    sound = new.read_bytes()
    os.truncate(new, 100)
    assert total() == 20
    assert b"dateline_fallen 1.0" in client.get("/metrics").data
    os.truncate(old, 100)
    assert total() == "index_damaged"
    assert b"dateline_ready 0.0" in client.get("/metrics").data
    new.write_bytes(sound)
    assert total() == 40
    assert b"dateline_fallen 0.0" in client.get("/metrics").data


def test_damage_with_nothing_to_fall_back_on_is_an_error_that_names_the_file(
    tmp_path: Path,
) -> None:
    put_batch(tmp_path, 3)
    dice = random.Random(9)
    folder = tmp_path / "gen-1"
    files = [path for path in folder.iterdir() if path.is_file()]
    for _ in range(60):
        path = dice.choice(files)
        with damaged(path, dice.choice([f for f in files if f != path]), dice) as kind:
            with pytest.raises(IndexDamaged) as caught:
                batch_in(tmp_path)
            found = index_in(tmp_path).check()
            assert str(folder) in str(caught.value)
            if kind not in {"gone", "swap"}:
                assert path.name in str(caught.value)
                assert path.name in " ".join(found)
            assert found
        assert batch_in(tmp_path) == 3


@pytest.mark.goal("R3")
def test_no_bit_of_current_leads_to_another_generation(tmp_path: Path, measured: Measured) -> None:
    """One flipped bit makes gen-2 of gen-3: a sound generation, and the wrong one."""
    for number in range(3):
        put_batch(tmp_path, number, fresh=True)
    current = tmp_path / generations.CURRENT
    sound = current.read_bytes()
    for bit in range(len(sound) * 8):
        flipped = bytearray(sound)
        flipped[bit // 8] ^= 1 << bit % 8
        current.write_bytes(flipped)
        index = index_in(tmp_path)
        assert index.reader().generation == "3.1"
        assert current.name in str(index.damage())
    measured(f"each of {len(sound) * 8} bits of CURRENT flipped: caught, the newest serves")


def test_bytes_that_rot_unseen_are_found_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that forgets: nothing that can be asked of the file has changed."""
    put_batch(tmp_path, 1)
    put_batch(tmp_path, 2, fresh=True)
    monkeypatch.setattr(generations, "seal", lambda stat: (stat.st_ino,))
    index = index_in(tmp_path)
    assert index.reader().generation == "2.1"
    segment = next((tmp_path / "gen-2").glob("*.seg"))
    with _patched(segment, 700, "flip", random.Random(1)):
        assert index.damage() is None or index.reader().generation == "1.1"
        wait_for(lambda: index.reader().generation == "1.1")
        assert segment.name in str(index.damage())


@pytest.mark.parametrize("kind", ["cut", "gone"])
def test_a_damaged_index_is_built_anew_by_the_next_update(tmp_path: Path, kind: str) -> None:
    """While `python -m indexer update` works, the generation before serves."""
    folder, directory = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.txt").write_text(STORY.format(number=number))
    _index(tmp_path, "build")
    (folder / "8.txt").write_text(STORY.format(number=8))
    _index(tmp_path, "build")
    segment = next((directory / "gen-2").glob("*.seg"))
    if kind == "cut":
        os.truncate(segment, segment.stat().st_size // 2)
    else:
        segment.unlink()
    serving = index_in(directory)
    assert serving.reader().status().articles == 8
    assert segment.name in str(serving.damage())
    _index(tmp_path, "update")
    assert serving.reader().status().articles == 9
    assert serving.damage() is None
    assert serving.check() == ()


def test_watch_builds_a_damaged_index_anew_by_itself(tmp_path: Path) -> None:
    """Also while an older generation stands in for it, and though no file of the folder changes."""
    folder, directory = tmp_path / "articles", tmp_path / "index"
    folder.mkdir()
    (folder / "one.txt").write_text(STORY.format(number=1))
    _index(tmp_path, "build")
    _index(tmp_path, "build")
    watch = subprocess.Popen(
        [sys.executable, "-m", "indexer", "watch"],
        cwd=tmp_path,
        env=clean_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: runs.last_run(directory) is not None)
        segment = next((directory / "gen-2").glob("*.seg"))
        os.truncate(segment, 100)
        serving = index_in(directory)
        assert serving.reader().generation == "1.1"
        wait_for(lambda: serving.reader().generation == "3.1")
        assert serving.damage() is None
        assert serving.check() == ()
    finally:
        watch.terminate()
        watch.wait()


def _index(base: Path, verb: str) -> None:
    (base / "config.toml").write_text('[articles]\nroots = ["articles"]\ntimezone = "UTC"\n')
    subprocess.run(
        [sys.executable, "-m", "indexer", verb, "--config", str(base / "config.toml")],
        env=clean_environment(),
        cwd=base,
        check=True,
        capture_output=True,
    )


def test_damage_is_not_merged_into_sound_looking_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A merge writes a checksum of its own: what it takes in is compared first."""
    monkeypatch.setattr(merge, "FACTOR", 2)
    monkeypatch.setattr(generations, "seal", lambda stat: (stat.st_ino,))
    put_batch(tmp_path, 0)
    fill(tmp_path, 3)
    segment = max((tmp_path / "gen-1").glob("*.seg"), key=lambda path: path.stat().st_size)
    rot = _patched(segment, segment.stat().st_size // 2, "flip", random.Random(1))
    with rot, pytest.raises(IndexDamaged, match=segment.name):
        put_batch(tmp_path, 1)
