"""The indexer as its users run it: real commands on real folders."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from indexer_desk import ROOT, STORY, Desk
from waiting import WAIT_S, wait_for

from search import runs
from search.config import load
from search.model import Query, Word, Words
from search.open import open_index


def loads(leader: int, library: str) -> bool:
    """Whether a process that `leader` has started is loading its libraries, and has this one."""
    for found in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            pid = int(found.name)
            if (
                pid != leader
                and os.getpgid(pid) == leader
                and library in (found / "maps").read_text()
            ):
                return True
    return False


def test_new_edited_moved_and_deleted_files_are_followed_by_update(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    desk.write("sub/b.txt", "Brack")
    assert "2 new, 0 changed, 0 removed, 0 kept: 2 articles" in desk.run("update")
    assert "0 new, 0 changed, 0 removed, 2 kept: 2 articles" in desk.run("update")
    desk.write("a.txt", "Corvel")
    (desk.folder / "sub" / "b.txt").rename(desk.folder / "c.txt")
    out = desk.run("update")
    assert "1 new, 1 changed, 1 removed, 0 kept, 1 of the new ones moved: 2 articles" in out
    assert "Corvel" in (desk.body("a.txt") or "")
    assert desk.body("sub/b.txt") is None
    (desk.folder / "c.txt").unlink()
    report = json.loads(desk.run("update", "--json"))
    assert (report["removed"], report["articles"], report["problem"]) == (1, 1, None)


def test_failed_files_are_listed_and_show_in_the_exit_code(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    (desk.folder / "bad.txt").touch()
    assert "  bad.txt: is empty\n" in desk.run("update", code=1)
    (desk.folder / "bad.txt").unlink()
    desk.run("update", code=0)


def test_failed_files_are_listed_once(desk: Desk) -> None:
    """`make serve` builds, then watches: what the one has listed the other does not list again."""
    desk.write("first.txt", "Aldham")
    (desk.folder / "bad.txt").touch()
    desk.run("build", code=1)
    (desk.folder / "worse.txt").write_text(" ")
    process = desk.start("watch")
    assert process.stdout
    assert process.stderr
    try:
        assert "2 failed" in process.stdout.readline()
        assert process.stderr.readline() == "  worse.txt: holds nothing but white space\n"
        (desk.folder / "worse.txt").write_text("  ")
        (desk.folder / "worst.txt").touch()
        assert process.stderr.readline() == "  worst.txt: is empty\n"
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=WAIT_S)
    assert "bad.txt" not in errors


def test_ctrl_c_while_it_starts_ends_it_quietly(desk: Desk) -> None:
    """The process that workers are forked from once told of it with a traceback."""
    desk.write("first.txt", "Aldham")
    process = desk.start("watch", start_new_session=True)

    wait_for(lambda: loads(process.pid, "numpy"), process)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=WAIT_S)
    assert "Traceback" not in errors


def test_ctrl_c_while_the_program_is_loaded_ends_it_quietly(desk: Desk) -> None:
    """It once told which import it was at."""
    process = desk.start("update")
    wait_for(lambda: "numpy" in Path(f"/proc/{process.pid}/maps").read_text(), process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode in {-signal.SIGINT, 2}  # it may have been quicker than we look
    assert "Traceback" not in errors


def test_an_empty_folder_is_told(desk: Desk) -> None:
    said = desk.run("update")
    assert "0 articles" in said
    assert "no files to read were found: see [articles] roots" in said
    process = desk.start("watch")
    assert process.stderr
    try:
        assert "no files to read were found: see [articles] roots" in process.stderr.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_S)


def test_what_cannot_run_says_what_where_and_what_to_do(desk: Desk) -> None:
    desk.folder.rmdir()
    said = desk.run("update", code=2)
    assert f"{desk.folder}: folder cannot be opened" in said
    assert "[articles] roots" in said
    desk.config.write_text("[articles]\nrots = []\n", encoding="utf-8")
    assert "rots is not a key" in desk.run("update", code=2)
    desk.config.unlink()
    assert "no such file" in desk.run("update", code=2)
    assert "Traceback" not in said


def test_build_takes_other_folders_and_leaves_nothing_of_the_old(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    desk.run("update")
    other = desk.base / "other"
    other.mkdir()
    (other / "b.txt").write_text(STORY.format(place="Brack"), encoding="utf-8")
    assert "1 new" in desk.run("build", str(other))
    assert desk.body("a.txt") is None
    assert "Brack" in (desk.body("b.txt") or "")
    assert "1 new" in desk.run("build")
    assert desk.body("b.txt") is None


def test_verify_lists_drift_and_repairs_it(desk: Desk) -> None:
    assert "no index" in desk.run("verify", code=1).lower()
    for name in ("a", "b", "c", "d"):
        desk.write(f"{name}.txt", f"Place {name}")
    desk.run("update")
    state = (desk.folder / "a.txt").stat()
    desk.write("a.txt", "Place z")  # as long as before, and with the same time stamp
    os.utime(desk.folder / "a.txt", ns=(state.st_atime_ns, state.st_mtime_ns))
    (desk.folder / "b.txt").rename(desk.folder / "moved.txt")
    (desk.folder / "c.txt").unlink()
    desk.write("new.txt", "Place n")
    (desk.folder / "link.txt").symlink_to("a.txt")
    said = desk.run("verify", code=1)
    for line in (
        "new: new.txt",
        "changed: a.txt",
        "missing: c.txt",
        "moved: b.txt -> moved.txt",
        "unreadable: link.txt: is a symbolic link; links are not followed",
    ):
        assert f"{line}\n" in said
    assert "repaired changed: a.txt" in desk.run("verify", "--repair")
    drift = json.loads(desk.run("verify", "--json"))
    assert (drift["agrees"], drift["changed"]) == (True, [])
    assert "Place z" in (desk.body("a.txt") or "")


def test_verify_finds_and_repairs_damage(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    desk.run("update")
    segment = max(desk.index_dir.glob("gen-*/*.seg"), key=lambda file: file.stat().st_size)
    data = bytearray(segment.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(byte ^ 0xFF for byte in data[middle : middle + 64])
    segment.write_bytes(data)
    assert segment.name in desk.run("verify", code=1)
    assert "index and folder agree: 1 articles" in desk.run("verify", "--repair")


def test_stats_count_what_the_index_holds(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    (desk.folder / "b.jsonl").write_text(
        '{"id": 1, "text": "x", "source": "The Courier", "published": "2020-02"}\n',
        encoding="utf-8",
    )
    desk.run("update")
    assert "The Courier" in desk.run("stats")
    status = json.loads(desk.run("stats", "--json"))
    assert (status["articles"], status["undated"]) == (2, 1)
    assert status["sources"] == [{"value": "The Courier", "count": 1}]
    assert {"value": "en", "count": 1} in status["languages"]


def test_clean_writes_json_lines_and_lists_what_failed(desk: Desk) -> None:
    file = desk.write("a.txt", "Aldham")
    answer = json.loads(desk.run("clean", str(file)))
    assert "Saturday after two years" in answer["body"]
    said = desk.run("clean", str(file), str(desk.folder / "nothing.txt"), code=1)
    assert "nothing.txt: cannot be read: No such file" in said
    assert "+    3  The library of Aldham" in desk.run("clean", "--explain", str(file))


def test_a_second_writer_and_a_second_watcher_are_refused(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    assert "another process follows the folders already" in desk.run("watch", code=2)
    with open_index(load(desk.config)).writer():
        said = desk.run("update", code=2)
        assert str(desk.index_dir) in said
        assert "Traceback" not in said
    assert watching.poll() is None


def test_watch_finds_a_new_file_about_a_second_later(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    desk.write("new/b.txt", "Brack")
    took_s = wait_for(lambda: desk.body("new/b.txt"), watching)
    assert took_s < 10  # about a second on a quiet machine; this one may be busy
    desk.write("new/b.txt", "Corvel")
    wait_for(lambda: "Corvel" in (desk.body("new/b.txt") or ""), watching)
    (desk.folder / "new").rename(desk.folder / "old")
    wait_for(lambda: desk.body("old/b.txt") and not desk.body("new/b.txt"), watching)
    (desk.folder / "old" / "b.txt").unlink()
    wait_for(lambda: not desk.body("old/b.txt"), watching)
    assert desk.body("first.txt")


def test_watch_survives_a_root_that_goes_and_comes_back(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    away = desk.base / "away"
    desk.folder.rename(away)
    run = desk.asked_for(watching)
    assert run.state == "failed"
    assert desk.body("first.txt")
    away.rename(desk.folder)
    desk.write("second.txt", "Brack")
    wait_for(lambda: desk.body("second.txt"), watching)
    assert desk.body("first.txt")


def test_watch_makes_an_index_again_that_was_taken_away(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    """It is lost at once for those who search: that must not wait for the next change."""
    desk.index_dir.rename(desk.base / "taken-away")
    assert desk.body("first.txt") is None
    wait_for(lambda: desk.body("first.txt"), watching)


def test_watch_ends_when_nothing_is_left_to_follow(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    """A watcher of a folder that was thrown away must not go on for ever, or make it again."""
    gone = desk.base.with_name(desk.base.name + "-gone")
    desk.base.rename(gone)
    wait_for(lambda: watching.poll() is not None)
    assert watching.returncode == 2
    assert not desk.base.exists()


def test_watch_answers_those_who_ask_for_an_update(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    assert runs.is_watched(desk.index_dir)
    run = desk.asked_for(watching)
    assert run.report is not None
    assert (run.state, run.report.articles, run.report.files_seen) == ("done", 1, 1)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_watch_ends_when_it_is_told_to(desk: Desk, end: signal.Signals) -> None:
    desk.write("a.txt", "Aldham")
    process = desk.start("watch")
    assert process.stdout is not None
    said = process.stdout.readline()
    process.send_signal(end)
    _, errors = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, errors
    assert "1 new" in said
    assert errors == ""
    assert not runs.is_watched(desk.index_dir)


def test_a_run_that_is_told_to_end_leaves_the_index_as_it_was(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    desk.run("update")
    for number in range(300):
        desk.write(f"{number}.txt", f"Place {number}")
    process = desk.start("update")
    wait_for(lambda: list(desk.index_dir.glob("lines.sqlite-journal")), process)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=WAIT_S)
    assert (process.returncode, errors) == (
        2,
        "python -m indexer: stopped; the index is what it was at its last commit\n",
    )
    assert "300 new" in desk.run("update")


@pytest.mark.parametrize("verb", ["update", "build"])
def test_a_killed_run_is_made_good_by_the_next(desk: Desk, verb: str) -> None:
    """Killed when it has begun to write; earlier articles stay, the next run converges."""
    desk.write("a.txt", "Aldham")
    desk.run("update")
    for number in range(200):
        desk.write(f"{number}.txt", f"Place {number}")
    desk.write("a.txt", "Brack")
    before = set(desk.index_dir.rglob("*"))
    process = desk.start(verb)
    wait_for(lambda: set(desk.index_dir.rglob("*")) != before, process)
    process.kill()
    process.communicate(timeout=WAIT_S)
    assert "Aldham" in (desk.body("a.txt") or "")
    assert ": 201 articles" in desk.run("update")
    assert open_index(load(desk.config)).check() == ()
    assert "Brack" in (desk.body("a.txt") or "")


def test_a_needle_at_the_end_of_a_file_of_five_megabytes_is_found_and_shown(desk: Desk) -> None:
    """No limit bites in silence, and none bites here."""
    row = "The councillors said on Monday that the ferry would sail again before the storms. "
    needle = "At last somebody found a needle in the hold, the harbour master said."
    (desk.folder / "long.txt").write_text(f"Ferry sails again\n\n{row * 62_500}{needle}\n")
    assert "1 new" in desk.run("update")
    query = Query(text="needle", tree=Words((Word("needle"),)))
    (hit,) = open_index(load(desk.config)).reader().search(query).hits
    (excerpt,) = hit.excerpts
    assert [segment.text for segment in excerpt if segment.marked] == ["needle"]


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams_lead_nowhere(desk: Desk, closed: str) -> None:
    desk.write("a.txt", "Aldham")
    command = f"{sys.executable} -m indexer update --config {desk.config} {closed}"
    said = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, check=False)  # noqa: S602
    assert (said.returncode, said.stderr) == (0, b"")
    assert bool(said.stdout) is (closed == "2>&-")
    assert desk.body("a.txt")
    assert "index and folder agree" in desk.run("verify")
