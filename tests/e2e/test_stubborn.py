"""`watch` goes on whatever a run trips over, says so each time, and never in a hurry."""

from __future__ import annotations

import signal
import sys

import pytest
from indexer_desk import Desk, ended
from waiting import wait_for

from search import runs

# The first runs trip over something that nobody has foreseen.
TRIPPING = """
import sys
from indexer import cli, watch
real, left = watch.follow, [{times}]
def follow(*given, **named):
    if left[0]:
        left[0] -= 1
        raise TypeError("the moon is full")
    return real(*given, **named)
watch.follow, watch.RETRY_S = follow, 0.3
sys.exit(cli.main())
"""
# The process that workers are forked from is killed as soon as it is there, once.
KILLING = """
import os, signal, sys, threading
from multiprocessing import forkserver
from indexer import cli, watch
def kill():
    while not forkserver._forkserver._forkserver_pid:
        pass
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
threading.Thread(target=kill, daemon=True).start()
watch.RETRY_S = 0.3
sys.exit(cli.main())
"""
BROKEN = """
import sys
from indexer import cli
def carry_out(*_given, **_named):
    raise TypeError("the moon is full")
cli.carry_out = carry_out
sys.exit(cli.main())
"""


def python(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def test_watch_goes_on_after_an_error_that_nobody_has_foreseen(desk: Desk) -> None:
    """Each time is told with its number and a longer pause, its cause in full the first time."""
    desk.write("a.txt", "Aldham")
    asked = runs.ask(desk.index_dir)
    with ended(desk.start("watch", by=python(TRIPPING.format(times=3)))) as process:
        assert process.stdout
        assert "1 new" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors.count("Traceback") == 1
    told = [line for line in errors.splitlines() if "a run ended with" in line]
    assert ["in a row" in line for line in told] == [False, True, True]
    assert "TypeError: the moon is full, 3 times in a row." in told[2]
    assert [line.rpartition("Next run in ")[2].split()[0] for line in told] == ["0.3", "0.6", "1.2"]
    run = runs.find(desk.index_dir, asked.id)
    assert run
    assert run.state == "failed"


def test_who_asks_and_what_changes_do_not_shorten_the_pause(desk: Desk) -> None:
    """Or a folder that is written to all the time would make the same run trip without end."""
    with ended(desk.start("watch", by=python(TRIPPING.format(times=1_000)))) as process:
        for number in range(20):
            desk.write(f"{number}.txt", "Aldham")
            desk.asked_for(process) if number < 2 else runs.ask(desk.index_dir)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert 2 <= errors.count("a run ended with") <= 4


def test_watch_goes_on_when_what_starts_its_workers_is_killed(desk: Desk) -> None:
    """It once ended with a traceback of an EOFError."""
    desk.write("a.txt", "Aldham")
    with ended(desk.start("watch", by=python(KILLING))) as process:
        wait_for(lambda: desk.body("a.txt"), process)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert "no process to read files with could be started: the one that starts them" in errors
    assert "Traceback" not in errors


def test_an_error_that_nobody_has_foreseen_is_no_run_with_failed_files(desk: Desk) -> None:
    with desk.start("build", by=python(BROKEN)) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "TypeError is a fault of the program: please report it" in errors


def test_a_second_interrupt_does_not_spoil_the_first(desk: Desk) -> None:
    """It once broke what the first had begun to unwind, with a traceback."""
    for number in range(50):
        desk.write(f"{number}.txt", f"Place {number}")
    process = desk.start("update")
    wait_for(lambda: list(desk.index_dir.glob("lines.sqlite-journal")), process)
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert errors == "python -m indexer: stopped; the index is what it was at its last commit\n"
    assert process.returncode in {2, -signal.SIGINT, -signal.SIGTERM}  # hit after the last word
    assert "50 new" in desk.run("update")


def test_update_answers_those_who_have_asked(desk: Desk) -> None:
    """Where no `watch` runs, as with an update from a timer."""
    desk.write("a.txt", "Aldham")
    asked = runs.ask(desk.index_dir)
    desk.run("update")
    run = runs.find(desk.index_dir, asked.id)
    assert run
    assert run.report
    assert (run.state, run.report.added) == ("done", 1)
    desk.folder.rename(desk.base / "away")
    asked = runs.ask(desk.index_dir)
    desk.run("update", code=2)
    run = runs.find(desk.index_dir, asked.id)
    assert run
    assert run.report
    assert "folder cannot be opened" in str(run.report.problem)
    assert runs.last_run(desk.index_dir) == run.report


def test_update_leaves_those_who_have_asked_to_the_watcher(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    runs.sign_of_life(desk.index_dir)
    asked = runs.ask(desk.index_dir)
    desk.run("update")
    assert runs.waiting(desk.index_dir) == (asked,)


def test_a_rebuild_says_why(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    desk.run("update")
    desk.config.write_text("[cleaning]\nenabled = false\n", encoding="utf-8")
    with ended(desk.start("watch", "--rebuild")) as process:
        assert process.stderr
        said = process.stderr.readline()
    assert said == (
        "python -m indexer: building anew, since the index was made with other"
        " [cleaning] enabled (true then, false now)\n"
    )
    segment = max(desk.index_dir.glob("gen-*/*.seg"))
    segment.write_bytes(b"")
    for newest in desk.index_dir.glob("gen-*/*.seg"):
        newest.write_bytes(b"")
    said = desk.run("update")
    assert f"building anew, since {segment}: it has 0 bytes instead of" in said


@pytest.mark.parametrize("verb", ["build", "update", "watch"])
@pytest.mark.parametrize("below", ["", "further/down"])
def test_a_file_in_the_way_of_the_index_is_told(desk: Desk, verb: str, below: str) -> None:
    desk.write("a.txt", "Aldham")
    place = desk.base / "in-the-way"
    place.write_text("no folder", encoding="utf-8")
    desk.config.write_text(f'[index]\ndir = "{place / below}"\n', encoding="utf-8")
    said = desk.run(verb, code=2)
    assert f"{place / below}" in said
    assert "the index would be a folder here, and a file is in the way; move it" in said
