"""Carrying out a plan: whatever happened before, the index is what the folder says."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from brute_force import BruteIndex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import run
from indexer.counts import CountsFailed
from indexer.folder.remembered import NAME
from indexer.folder.sight import CannotRun
from indexer.jsonl import article_id
from indexer.settings import Settings
from indexer.workers import Workers
from search.config import Articles, Cleaning, Config
from search.config import Index as IndexSettings
from search.errors import BadConfig, IndexLocked
from search.model import Article
from search.runs import Report

STORY = (
    "The council of {place} voted on Tuesday to rebuild the old bridge over the river. Work is to "
    "begin in the spring, the mayor told reporters.\n"
    "Residents of {place} had asked for the repair for more than ten years. Many of them came to "
    "the meeting with lanterns and cheered when the vote was counted.\n"
    "The cost to {place} is put at four million crowns, a third of which the province will pay."
)
# The second is told from an article's sentence only by standing in other files.
SHARED = [
    "Subscribe to our weekly letter for the best of the valley",
    "You can read more about the river towns on our website every day.",
    "Weather for the coming days: mild and dry with some fog in the morning.",
]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(Settings.of(Config()), max_file_seconds=10.0, count=1) as pool:
        pool.warm_up()  # or the first test would find its files older than they are
        yield pool


class Desk:
    """A folder of articles, an index of it, and the command to bring the two together."""

    def __init__(self, folder: Path, workers: Workers) -> None:
        self.folder = folder / "articles"
        self.folder.mkdir()
        self.config = Config(
            articles=Articles(roots=(self.folder,), timezone=ZoneInfo("UTC")),
            index=IndexSettings(dir=folder / "index"),
        )
        self.index = BruteIndex()
        self.workers = workers

    def write(self, name: str, text: str) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def update(
        self, *, fresh: bool = False, rebuild: bool = False, retry: tuple[str, ...] = ()
    ) -> Report:
        return run.carry_out(
            self.config, self.index, self.workers, fresh=fresh, rebuild=rebuild, retry=retry
        )

    def contents(self) -> tuple[dict[str, Article], dict[str, str]]:
        """Every article and every rejection, by path."""
        reader = self.index.reader()
        rejections = {r.path: r.reason for r in reader.status().rejections}
        paths = [path for path in reader.known() if not path.endswith(".jsonl")]
        held = {}
        for path in paths:
            if path not in rejections:
                held[path] = reader.article(article_id(path))
        return held, rejections

    def from_scratch(self) -> tuple[dict[str, Article], dict[str, str]]:
        """What a build of the folder as it is now gives."""
        with tempfile.TemporaryDirectory() as folder:
            other = Desk(Path(folder), self.workers)
            shutil.rmtree(other.folder)
            shutil.copytree(self.folder, other.folder)
            other.update(fresh=True)
            return other.contents()


@pytest.fixture
def desk(tmp_path: Path, workers: Workers) -> Desk:
    return Desk(tmp_path, workers)


ALL_NAMES = ["a.txt", "b.txt", "c.txt", "sub/d.html"]
NAMES = st.sampled_from([*ALL_NAMES, "sub/e.txt"])
TEXTS = st.builds(
    lambda place, before, after: "\n".join(
        [f"{place} to rebuild its bridge", *before, STORY.format(place=place), *after]
    ),
    st.sampled_from(["Aldham", "Brack", "Corvel", "Delm", "Eskow", "Farrow"]),
    st.lists(st.sampled_from(SHARED), unique=True),
    st.lists(st.sampled_from(SHARED), unique=True, min_size=2),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, TEXTS),
        st.tuples(st.just("write"), NAMES, st.sampled_from(["", "\x01\x02\x03\x04\x05\x06"])),
        st.tuples(st.just("delete"), NAMES, st.just("")),
        st.tuples(st.just("move"), NAMES, NAMES),
        st.tuples(st.just("touch"), NAMES, st.just("")),
        st.tuples(st.just("update"), st.just(""), st.just("")),
    ),
    max_size=8,
)


def take(desk: Desk, step: tuple[str, str, str]) -> None:
    what, name, more = step
    file = desk.folder / name
    if what == "write":
        paragraphs = "".join(f"<p>{line}</p>" for line in more.split("\n"))
        desk.write(name, f"<html><body>{paragraphs}</body>" if name.endswith("html") else more)
    elif what == "update":
        desk.update()
    elif file.exists():
        if what == "delete":
            file.unlink()
        elif what == "touch":
            os.utime(file)
        else:
            (desk.folder / more).parent.mkdir(exist_ok=True)
            file.rename(desk.folder / more)


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=st.fixed_dictionaries(dict.fromkeys(ALL_NAMES, TEXTS)), steps=STEPS)
def test_any_sequence_of_updates_ends_where_a_build_from_scratch_does(
    workers: Workers, first: dict[str, str], steps: list[tuple[str, str, str]]
) -> None:
    """Lines that recur are the hard part: they change what untouched files say."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), workers)
        for step in [("write", *item) for item in first.items()]:
            take(desk, step)
        desk.update()
        for step in steps:
            take(desk, step)
        desk.update()
        held, rejected = desk.contents()
        wanted, wanted_rejected = desk.from_scratch()
        # A file that has become unreadable keeps its last good version; a build has none.
        assert {p: a for p, a in held.items() if p not in rejected} == wanted
        assert rejected == wanted_rejected
        assert desk.update().generation == desk.index.reader().generation


def test_a_line_that_starts_to_recur_leaves_the_files_that_were_not_touched(desk: Desk) -> None:
    for place in ("Aldham", "Brack"):
        desk.write(f"{place}.txt", f"{place}\n\n{STORY.format(place=place)}\n{SHARED[1]}")
    desk.update()
    assert SHARED[1] in desk.contents()[0]["Aldham.txt"].body
    desk.write("Corvel.txt", f"Corvel\n\n{STORY.format(place='Corvel')}\n{SHARED[1]}")
    report = desk.update()
    assert (report.added, report.read_again, report.kept) == (1, 2, 0)
    assert SHARED[1] not in desk.contents()[0]["Aldham.txt"].body
    (desk.folder / "Brack.txt").unlink()
    report = desk.update()
    assert (report.removed, report.read_again) == (1, 2)
    assert SHARED[1] in desk.contents()[0]["Aldham.txt"].body


def test_a_report_counts_what_was_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "indexer.folder.files.YOUNG_NS", 60 * 10**9
    )  # a busy machine is slow to read them
    for place in ("Aldham", "Brack", "Corvel"):
        desk.write(f"{place}.txt", f"{place} votes\n\n{STORY.format(place=place)}")
    desk.write("empty.txt", "")
    first = desk.update()
    assert (first.files_seen, first.added, first.articles, first.failed) == (4, 3, 3, 1)
    assert first.rejections[0].reason == "is empty"
    assert first.unsettled == 4  # all written a moment ago
    (desk.folder / "Aldham.txt").rename(desk.folder / "moved.txt")
    (desk.folder / "Brack.txt").unlink()
    desk.write("Corvel.txt", f"Corvel votes again\n\n{STORY.format(place='Corvel')}")
    second = desk.update()
    assert (second.added, second.moved, second.removed, second.changed) == (1, 1, 2, 1)
    assert (second.articles, second.failed, second.kept) == (2, 1, 0)


def test_nothing_to_do_makes_no_generation(desk: Desk) -> None:
    desk.write("a.txt", STORY.format(place="Aldham"))
    first = desk.update()
    os.utime(desk.folder / "a.txt")
    second = desk.update()
    assert second.generation == desk.update().generation
    assert (second.changed, second.kept) == (0, 1)
    assert first.articles == second.articles


@pytest.mark.parametrize("year_s", [10_413_792_000, 32_503_680_000])  # 2300 and 3000
def test_a_file_of_a_far_day_is_a_file(desk: Desk, year_s: int) -> None:
    desk.write("a.txt", STORY.format(place="Aldham"))
    os.utime(desk.folder / "a.txt", (year_s, year_s))
    assert desk.update().added == 1
    assert desk.update().kept == 1
    desk.write("a.txt", STORY.format(place="Brackby"))
    assert desk.update().changed == 1


def test_touching_a_file_that_failed_tries_it_again(desk: Desk) -> None:
    desk.write("a.txt", "")
    assert desk.update().failed == 1
    generation = desk.index.reader().generation
    assert desk.update().generation == generation
    os.utime(desk.folder / "a.txt")
    assert desk.update().generation != generation
    assert desk.update(retry=("a.txt",)).failed == 1


def test_a_file_that_fails_keeps_its_last_good_version_and_is_listed(desk: Desk) -> None:
    desk.write("a.txt", STORY.format(place="Aldham"))
    desk.update()
    desk.write("a.txt", "")
    report = desk.update()
    assert report.failed == 1
    assert "Aldham" in desk.index.reader().article(article_id("a.txt")).body
    desk.write("a.txt", STORY.format(place="Brack"))
    report = desk.update()
    assert report.failed == 0
    assert "Brack" in desk.index.reader().article(article_id("a.txt")).body


def test_of_large_files_only_as_many_as_are_read_at_once_keep_others_waiting(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "LARGE_BYTES", 1_000)
    desk.write("first.txt", STORY.format(place="Aldham"))
    desk.update()
    for name in "abc":
        desk.write(f"{name}.txt", STORY.format(place=name) * 3)
        desk.write(f"small {name}.txt", STORY.format(place=name))
    outcome = run.follow(desk.config, desk.index, desk.workers, limit=500)
    assert len(outcome.left) == 2  # there is one worker
    assert {path.name for path in outcome.left} < {"a.txt", "b.txt", "c.txt"}
    for left in (1, 0):
        paths = outcome.left
        outcome = run.follow(desk.config, desk.index, desk.workers, paths=paths, limit=500)
        assert len(outcome.left) == left
    assert desk.contents() == desk.from_scratch()


def test_json_lines_are_articles_and_their_bad_lines_are_listed(desk: Desk) -> None:
    desk.write("a.jsonl", '{"id": 1, "text": "one"}\nnonsense\n{"id": 2, "text": "two"}\n')
    report = desk.update()
    assert (report.articles, report.failed) == (2, 1)
    assert report.rejections[0].path == "a.jsonl#line 2"
    assert desk.index.reader().article(article_id("a.jsonl#2")).body == "two"
    desk.write("a.jsonl", '{"id": 2, "text": "two"}\n')
    report = desk.update()
    assert (report.articles, report.failed, report.changed) == (1, 0, 1)


def test_a_root_that_cannot_be_seen_is_not_taken_for_empty(desk: Desk) -> None:
    desk.write("a.txt", STORY.format(place="Aldham"))
    desk.update()
    away = desk.folder.with_name("away")
    desk.folder.rename(away)
    with pytest.raises(CannotRun, match="folder cannot be opened: No such file"):
        desk.update()
    assert desk.index.reader().status().articles == 1
    away.rename(desk.folder)
    assert desk.update().articles == 1


def test_one_of_two_roots_out_of_sight_costs_nothing(desk: Desk) -> None:
    other = desk.folder.with_name("other")
    other.mkdir()
    desk.config = Config(articles=Articles(roots=(desk.folder, other)), index=desk.config.index)
    desk.write("a.txt", STORY.format(place="Aldham"))
    (other / "a.txt").write_text(STORY.format(place="Brack"), encoding="utf-8")
    assert desk.update().articles == 2
    assert "Brack" in desk.index.reader().article(article_id("@2/a.txt")).body
    other.rename(other.with_name("gone"))
    desk.write("b.txt", STORY.format(place="Corvel"))
    report = desk.update()
    assert (report.articles, report.added, report.removed, report.failed) == (3, 1, 0, 1)


@pytest.mark.parametrize("damage", ["missing", "garbage", "other"])
def test_lost_counts_are_made_again(desk: Desk, damage: str) -> None:
    for place in ("Aldham", "Brack", "Corvel"):
        desk.write(f"{place}.txt", f"{place}\n\n{STORY.format(place=place)}\n{SHARED[1]}")
    desk.update()
    before = desk.contents()
    base = desk.config.index.dir / NAME
    if damage == "missing":
        base.unlink()
    elif damage == "garbage":
        base.write_bytes(b"nonsense" * 1_000)
    else:
        stale = base.read_bytes()
        desk.write("d.txt", STORY.format(place="Delm"))
        desk.update()
        base.write_bytes(stale)  # as after a crash between the two commits, with no note left
        (desk.folder / "d.txt").unlink()
    report = desk.update()
    assert report.changed == 3
    assert desk.contents() == before


def test_a_crash_between_the_two_commits_is_made_good(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index shows the new run, the counts the old one: the run's files are read again."""
    for place in ("Aldham", "Brack"):
        desk.write(f"{place}.txt", f"{place}\n\n{STORY.format(place=place)}\n{SHARED[1]}")
    desk.update()
    desk.write("Corvel.txt", f"Corvel\n\n{STORY.format(place='Corvel')}\n{SHARED[1]}")

    class PowerCutError(Exception):
        pass

    def cut(*_: object, **__: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as patched:
        patched.setattr("indexer.counts.Counts.commit", cut)
        with pytest.raises(PowerCutError):
            desk.update()
    (desk.folder / "Corvel.txt").unlink()  # the line stops to recur before anyone noticed
    desk.update()
    assert desk.contents() == desk.from_scratch()


def test_changed_rules_ask_for_a_rebuild(desk: Desk) -> None:
    """With a warm pool: the workers must not go on with the rules that they know."""
    desk.write("a.txt", STORY.format(place="Aldham"))
    desk.update()
    assert desk.update().kept == 1
    overrides = desk.folder.parent / "overrides.toml"
    desk.config = replace(desk.config, cleaning=Cleaning(overrides=overrides))
    overrides.write_text('[[override]]\ndrop = "Four crowns"\n', encoding="utf-8")
    with pytest.raises(run.NeedsRebuild, match=r"made with other \[cleaning\] overrides, so every"):
        desk.update()
    assert desk.update(rebuild=True).added == 1
    assert desk.update(rebuild=True).kept == 1
    assert desk.workers.settings == Settings.of(desk.config)
    overrides.write_text("[[override]]\n", encoding="utf-8")
    with pytest.raises(BadConfig, match="override 1"):
        desk.update()


def test_overrides_that_were_named_must_be_there(desk: Desk) -> None:
    desk.write("a.txt", STORY.format(place="Aldham"))
    desk.update()  # without overrides.toml
    rules = desk.folder.parent / "rules.toml"
    desk.config = replace(desk.config, cleaning=Cleaning(overrides=rules))
    with pytest.raises(BadConfig, match=r"overrides: .*rules\.toml: no such file"):
        desk.update()
    assert set(desk.contents()[0]) == {"a.txt"}


def test_counts_that_cannot_be_written_are_a_clear_problem(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a full disk, of which SQLite tells in its own kind of error."""
    desk.write("a.txt", STORY.format(place="Aldham"))
    desk.update()
    desk.write("a.txt", STORY.format(place="Brack"))

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("indexer.counts.Counts.put", full)
        with pytest.raises(CountsFailed, match=r"lines\.sqlite: database or disk is full"):
            desk.update()
    assert "Aldham" in desk.index.reader().article(article_id("a.txt")).body
    assert desk.update().changed == 1


def test_a_second_writer_is_refused(desk: Desk) -> None:
    with desk.index.writer(), pytest.raises(IndexLocked):
        desk.update()
