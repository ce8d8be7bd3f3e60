"""Asking for an update and reading its report, without either side knowing the other."""

from __future__ import annotations

import dataclasses
import os
import threading
from pathlib import Path

from search import runs
from search.model import Rejection

REPORT = runs.Report(
    generation="g2",
    started_at=runs.now(),
    finished_at=runs.now(),
    took_ms=12.5,
    files_seen=3,
    added=1,
    failed=1,
    articles=2,
    rejections=(Rejection(path="a b/\N{SNOWMAN}.txt", reason="empty"),),
    phases_ms=(("scan", 1.5), ("commit", 3.25)),
)


def test_a_run_that_was_asked_for_waits_until_it_is_answered(tmp_path: Path) -> None:
    asked = runs.ask(tmp_path)
    assert runs.find(tmp_path, asked.id) == asked
    assert runs.waiting(tmp_path) == (asked,)
    runs.answer(tmp_path, asked, REPORT)
    assert runs.waiting(tmp_path) == ()
    done = runs.find(tmp_path, asked.id)
    assert done == runs.Run(id=asked.id, state="done", asked_at=asked.asked_at, report=REPORT)


def test_asking_while_a_run_waits_gives_the_same_run(tmp_path: Path) -> None:
    first = runs.ask(tmp_path)
    assert runs.ask(tmp_path) == first
    runs.answer(tmp_path, first, REPORT)
    assert runs.ask(tmp_path).id != first.id


def test_whoever_asks_while_a_run_works_has_one_of_his_own(tmp_path: Path) -> None:
    """The one at work may have looked at a file already that was changed since."""
    first = runs.ask(tmp_path)
    (taken,) = runs.take(tmp_path)
    assert taken == dataclasses.replace(first, state="running")
    assert runs.find(tmp_path, first.id) == taken
    assert runs.waiting(tmp_path) == ()
    second = runs.ask(tmp_path)
    assert second.id != first.id
    runs.answer(tmp_path, taken, REPORT)
    assert runs.waiting(tmp_path) == (second,)


def test_what_a_killed_indexer_had_taken_up_is_taken_up_again(tmp_path: Path) -> None:
    first = runs.ask(tmp_path)
    runs.take(tmp_path)
    second = runs.ask(tmp_path)
    assert {run.id for run in runs.take(tmp_path)} == {first.id, second.id}
    for run in runs.take(tmp_path):
        runs.answer(tmp_path, run, REPORT)
    assert runs.take(tmp_path) == ()
    states = [found.state for run in (first, second) if (found := runs.find(tmp_path, run.id))]
    assert states == ["done", "done"]


def test_a_run_is_found_whatever_becomes_of_it_meanwhile(tmp_path: Path) -> None:
    """One that passed on between two looks at the folder used to be unknown for a moment."""
    done = threading.Event()

    def answer() -> None:
        while not done.is_set():
            for run in runs.take(tmp_path):
                runs.answer(tmp_path, run, REPORT)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        for _ in range(50):
            run = runs.ask(tmp_path)
            while True:
                found = runs.find(tmp_path, run.id)
                assert found is not None
                if found.state == "done":
                    break
    finally:
        done.set()
        thread.join()


def test_a_run_with_a_problem_has_failed(tmp_path: Path) -> None:
    asked = runs.ask(tmp_path)
    runs.answer(tmp_path, asked, dataclasses.replace(REPORT, problem="the disk is full"))
    found = runs.find(tmp_path, asked.id)
    assert found is not None
    assert found.state == "failed"


def test_an_unknown_or_hostile_id_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.report.json").write_text("{}", encoding="utf-8")
    for run_id in ["../x", "", "20240101T000000-00000000", "20240101T000000-0000000g", "\0"]:
        assert runs.find(tmp_path, run_id) is None


def test_a_damaged_request_is_passed_over(tmp_path: Path) -> None:
    asked = runs.ask(tmp_path)
    (tmp_path / "runs" / f"{asked.id}.request.json").write_text("{", encoding="utf-8")
    assert runs.find(tmp_path, asked.id) is None
    assert runs.waiting(tmp_path) == ()
    assert runs.ask(tmp_path).id != asked.id
    assert asked.id not in {run.id for run in runs.take(tmp_path)}
    assert not list((tmp_path / "runs").glob(f"{asked.id}*"))


def test_old_reports_and_long_lists_are_cut(tmp_path: Path) -> None:
    many = tuple(Rejection(path=f"{n}.txt", reason="empty") for n in range(1_500))
    last = first = runs.ask(tmp_path)
    runs.answer(tmp_path, first, dataclasses.replace(REPORT, rejections=many, failed=1_500))
    found = runs.find(tmp_path, first.id)
    assert found is not None
    assert found.report is not None
    assert (len(found.report.rejections), found.report.failed) == (1_000, 1_500)
    for number in range(runs.KEPT_REPORTS):
        # Ids are ordered by the second in which they were made: name later ones by hand.
        last = dataclasses.replace(first, id=f"99990101T{number:06}-00000000")
        runs.answer(tmp_path, last, REPORT)
    assert runs.find(tmp_path, first.id) is None
    assert runs.find(tmp_path, last.id) is not None


def test_a_sign_of_life_grows_old(tmp_path: Path) -> None:
    assert not runs.is_watched(tmp_path)
    runs.sign_of_life(tmp_path)
    assert runs.is_watched(tmp_path)
    os.utime(tmp_path / "runs" / "watching", (1, 1))
    assert not runs.is_watched(tmp_path)
    runs.sign_of_life(tmp_path)
    runs.sign_off(tmp_path)
    assert not runs.is_watched(tmp_path)


def test_what_runs_and_audits_found_last_is_there_for_monitors(tmp_path: Path) -> None:
    assert runs.last_run(tmp_path) is None
    assert runs.last_audit(tmp_path) is None
    runs.note_run(tmp_path, REPORT)
    assert runs.last_run(tmp_path) == REPORT
    audit = runs.Audit(generation="1.2", finished_at=runs.now(), took_ms=3.5, changed=2)
    runs.note_audit(tmp_path, audit)
    assert runs.last_audit(tmp_path) == audit
    assert not audit.agrees
    assert dataclasses.replace(audit, changed=0).agrees
    assert not dataclasses.replace(audit, changed=0, problem="no index").agrees


def test_a_note_of_another_version_is_passed_over(tmp_path: Path) -> None:
    runs.note_run(tmp_path, REPORT)
    for name in (runs.LAST_RUN, runs.LAST_VERIFY):
        (tmp_path / runs.FOLDER / name).write_text('{"moons": 2}', encoding="utf-8")
    assert runs.last_run(tmp_path) is None
    assert runs.last_audit(tmp_path) is None
