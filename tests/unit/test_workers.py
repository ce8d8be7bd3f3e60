"""Worker processes: whatever a job does to its process costs that job and no other."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from indexer.folder.files import Unreadable, Unsettled
from indexer.limits import Failed
from indexer.settings import Settings
from indexer.workers import Workers, WorkersFailed
from search.config import Config

MAX_SECONDS = 2.0  # an answer comes in a hundredth, on a busy machine in a whole one


@dataclass(frozen=True, slots=True)
class Do:
    """A job that does as it is told."""

    what: str
    number: int = 0

    def do(self, settings: Settings) -> int:
        match self.what:
            case "loop":
                while True:
                    pass
            case "hang outside of Python":
                ctypes.PyDLL(None).sleep(30)
            case "die":
                os._exit(3)
            case "be killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "eat memory":
                bytearray(5_000_000_000)
            case "recurse":
                return self.do(settings)
        if self.what in REFUSALS:
            raise REFUSALS[self.what]
        return self.number


REFUSALS = {
    "trip": KeyError("x"),
    "refuse": Unreadable("is empty"),
    "refuse for now": Unsettled("is being written"),
}
WANTED = {
    "loop": Failed("took longer than the 2 s of [cleaning] max_file_seconds"),
    "hang outside of Python": Failed("took longer than the 2 s of [cleaning] max_file_seconds"),
    "die": Failed("ended the process that read it (exit code 3)"),
    "be killed": Failed("ended the process that read it (signal 9; out of memory?)"),
    "eat memory": Failed("needs more than 512 MB of memory"),
    "recurse": Failed("is nested too deeply"),
    "trip": Failed("trips the cleaner: KeyError: 'x'"),
    "refuse": Failed("is empty"),
    "refuse for now": Failed("is being written", passing=True),
}


@pytest.fixture(scope="module", params=[1, 2])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    settings = Settings.of(Config())
    with Workers(settings, max_file_seconds=MAX_SECONDS, count=request.param) as pool:
        yield pool


@pytest.mark.parametrize("what", WANTED)
def test_a_bad_job_costs_itself_and_nothing_else(workers: Workers, what: str) -> None:
    jobs = [Do("answer", number) for number in range(30)]
    jobs[7] = Do(what)
    answers = dict(workers.each(jobs))
    assert answers.pop(7) == WANTED[what]
    assert answers == {number: number for number in range(30) if number != 7}


def test_every_job_may_be_bad(workers: Workers) -> None:
    assert dict(workers.each([Do("die")] * 5)) == dict.fromkeys(range(5), WANTED["die"])


def test_who_stops_listening_hears_no_old_answers(workers: Workers) -> None:
    for _ in workers.each(Do("answer", 1) for _ in range(100)):
        break
    assert {answer for _, answer in workers.each(Do("answer", 2) for _ in range(100))} == {2}


def test_no_jobs_start_no_process() -> None:
    before = multiprocessing.active_children()
    with Workers(Settings.of(Config()), max_file_seconds=1.0) as pool:
        assert list(pool.each(iter([]))) == []
        assert multiprocessing.active_children() == before


def test_jobs_are_taken_from_their_source_only_as_they_are_needed(workers: Workers) -> None:
    taken = []

    def source() -> Iterator[Do]:
        for number in range(1_000):
            taken.append(number)
            yield Do("answer", number)

    answers = workers.each(source())
    next(answers)
    assert len(taken) < 50
    answers.close()  # type: ignore[attr-defined]  # it is a generator


def test_what_is_wrong_for_every_file_is_no_file_s_fault(tmp_path: Path) -> None:
    """Broken overrides (or weights that are missing) stop the run instead of failing every file."""
    (tmp_path / "overrides.toml").write_text("nonsense", encoding="utf-8")
    settings = replace(Settings.of(Config()), overrides=tmp_path / "overrides.toml")
    with Workers(settings, max_file_seconds=1.0) as pool:
        with pytest.raises(WorkersFailed, match=r"could be started: BadConfig: .*overrides\.toml"):
            list(pool.each([Do("answer")]))
        pool.use(Settings.of(Config()))
        assert list(pool.each([Do("answer", 1)])) == [(0, 1)]
