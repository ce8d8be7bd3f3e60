"""The index follows the folder, whatever happens to it: real files, real mounts, real kernel limits."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from indexer_desk import ROOT, STORY, Desk, ended
from waiting import wait_for

from search import runs
from search.config import load
from search.errors import IndexMissing
from search.open import open_index

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


def says(desk: Desk, name: str, place: str) -> bool:
    return place in (desk.body(name) or "")


def in_namespace(*words: str) -> list[str]:
    """A command that runs in namespaces of its own, where limits and mounts touch nobody else."""
    apart = ["unshare", "--user", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("needs namespaces for users and mounts")
    return [*apart, *words]


@pytest.mark.parametrize("verb", ["update", "watch"])
def test_an_edit_that_shows_in_neither_size_nor_time_is_found(desk: Desk, verb: str) -> None:
    """As `cp -p`, `touch -r`, a rename over the file, and an editor in the same instant leave it."""
    names = ("copied", "touched", "renamed", "rewritten")
    for name in names:
        desk.write(f"{name}.txt", "Aldham")
    desk.run("update")
    process = desk.start("watch") if verb == "watch" else None
    if process:
        wait_for(lambda: runs.is_watched(desk.index_dir), process)
    for name in names:
        file = desk.folder / f"{name}.txt"
        before = file.stat()
        other = desk.base / "other.txt"
        other.write_text(file.read_text().replace("Aldham", "Norham"))
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        if name == "copied":
            shutil.copy2(other, file)
        elif name == "renamed":
            other.rename(file)
        else:
            file.write_text(other.read_text())
        if name == "touched":
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        after = file.stat()
        assert after.st_size == before.st_size
        assert name == "rewritten" or after.st_mtime_ns == before.st_mtime_ns
    if process:
        with ended(process):
            wait_for(lambda: all(says(desk, f"{name}.txt", "Norham") for name in names), process)
    else:
        assert "4 changed" in desk.run("update")
        assert all(says(desk, f"{name}.txt", "Norham") for name in names)


def test_a_file_that_is_written_slowly_is_indexed_when_it_is_whole(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    """Also one that was there before: until the new one is whole, the old one is found."""
    desk.write("old.txt", "Brack")
    wait_for(lambda: says(desk, "old.txt", "Brack"), watching)
    first, rest = STORY.format(place="Corvel").split("\n\n", 1)
    with (desk.folder / "new.txt").open("w") as new, (desk.folder / "old.txt").open("w") as old:
        for stream in (new, old):
            stream.write(f"{first}\n\n")
            stream.flush()
        for sentence in rest.split(". "):
            # A run that looks at both while they are open and quiet for longer than any pause.
            report = desk.asked_for(watching).report
            assert report is not None
            assert report.held == 2
            assert desk.body("new.txt") is None
            assert says(desk, "old.txt", "Brack")
            for stream in (new, old):
                stream.write(f"{sentence}. ")
                stream.flush()
    for name in ("new.txt", "old.txt"):
        wait_for(partial(says, desk, name, "nobody had dusted it"), watching)
        assert says(desk, name, "Corvel")
    assert open_index(load(desk.config)).reader().status().rejections == ()


def test_update_leaves_a_file_that_is_open_for_the_next_run(desk: Desk) -> None:
    with (desk.folder / "open.txt").open("w") as stream:
        stream.write(STORY.format(place="Aldham"))
        stream.flush()
        assert "1 still being written: 0 articles" in desk.run("update")
    assert "1 new" in desk.run("update")


def test_a_root_that_appears_late_goes_and_is_made_again_is_followed(
    desk: Desk, tmp_path: Path
) -> None:
    desk.folder.rmdir()
    with ended(desk.start("watch")) as process:
        wait_for(lambda: runs.is_watched(desk.index_dir), process)
        desk.folder.mkdir()
        for name in ("a", "b", "c"):
            desk.write(f"{name}.txt", f"Old {name}")
        wait_for(lambda: desk.body("c.txt"), process)
        other = tmp_path / "made while the first is there, so that its number is another"
        other.mkdir()
        shutil.rmtree(desk.folder)
        other.rename(desk.folder)
        desk.write("d.txt", "Delm")
        wait_for(lambda: desk.body("d.txt"), process)
        # Most of what was there has gone with the folder itself: that is no deletion, and is said.
        assert desk.body("a.txt")
        (rejection,) = open_index(load(desk.config)).reader().status().rejections
        assert (
            "is not the folder that was here, and 3 of its 3 files are missing" in rejection.reason
        )
        for name in ("a", "b"):
            desk.write(f"{name}.txt", f"New {name}")
        wait_for(lambda: says(desk, "a.txt", "New a") and says(desk, "b.txt", "New b"), process)
    assert "index of 4 files" not in desk.run("build")
    assert desk.body("c.txt") is None
    assert "index and folder agree: 3 articles" in desk.run("verify")


def test_a_disk_that_is_not_mounted_costs_nothing(desk: Desk, tmp_path: Path) -> None:
    """A real one: its mount point stays behind, and looks like a folder that was emptied.

    A folder below the root is a mount point as well.
    """
    script = tmp_path / "disk.sh"
    script.write_text(
        f"""set -eu
        cd {ROOT}
        run() {{ {sys.executable} -m indexer "$1" --config {desk.config} || echo "code $?"; }}
        story() {{ printf '%s\\n\\nThe town of %s has a new hall, the mayor said on Monday.' "$2" "$2" > "$1"; }}
        mount -t tmpfs none {desk.folder}
        mkdir {desk.folder}/inner
        mount -t tmpfs none {desk.folder}/inner
        story {desk.folder}/a.txt Aldham
        story {desk.folder}/inner/b.txt Brack
        run update
        umount {desk.folder}/inner
        run update
        umount {desk.folder}
        run update
        run build
        """,
        encoding="utf-8",
    )
    done = subprocess.run(
        in_namespace("sh", str(script)), capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "2 new, 0 changed, 0 removed" in said
    assert f"{desk.folder}/inner: is not the folder that was here, and 1 of its 1 files" in said
    assert (
        f"{desk.folder}: is not the folder that was here, and 2 of its 2 files are missing" in said
    )
    assert (
        "no file to read was found, so nothing was built, and the index of 2 files stands" in said
    )
    assert said.count(": 2 articles") == 3
    assert desk.body("a.txt")
    assert desk.body("inner/b.txt")


def test_news_that_the_system_lost_is_made_good_by_a_walk(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    """More changes than its queue holds, while the indexer could not listen."""
    length = int(QUEUE.read_text())
    if length > 100_000:
        pytest.skip("the system's queue is too long to be filled in a test")
    watching.send_signal(signal.SIGSTOP)
    scratch = desk.folder / ".x"
    scratch.mkdir()
    names = [desk.folder / "x.jpg", desk.folder / "y.jpg"]
    names[0].touch()
    for number in range(length // 2 + 2):
        names[number % 2].rename(names[1 - number % 2])
    desk.write("lost.txt", "Brack")
    watching.send_signal(signal.SIGCONT)
    wait_for(lambda: desk.body("lost.txt"), watching)


def test_where_the_system_follows_no_more_folders_they_are_walked(desk: Desk) -> None:
    for number in range(5):
        desk.write(f"sub{number}/a.txt", f"Place {number}")
    limited = 'echo 3 > /proc/sys/user/max_inotify_watches; exec "$@"'
    by = in_namespace("sh", "-c", limited, "sh", sys.executable, "-m", "indexer")
    with ended(desk.start("watch", by=by)) as process:
        wait_for(lambda: desk.body("sub4/a.txt"), process)
        assert process.stderr is not None
        said = process.stderr.readline()
        assert "the system follows no more folders than the" in said
        assert "fs.inotify.max_user_watches; walking the folders instead" in said
        desk.write("sub4/b.txt", "Brack")
        wait_for(lambda: desk.body("sub4/b.txt"), process)
        (desk.folder / "sub4" / "a.txt").unlink()
        wait_for(lambda: not desk.body("sub4/a.txt"), process)


def test_a_burst_is_taken_up_in_parts_the_latest_first(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    """What comes in the middle of it need not wait for its end."""
    for number in range(1_100):
        desk.write(f"burst/{number}.txt", f"Place {number}")
    desk.write("late.txt", "Corvel")
    wait_for(lambda: desk.body("late.txt"), watching)
    assert articles(desk) < 1_102
    wait_for(lambda: articles(desk) == 1_102, watching)
    generation = open_index(load(desk.config)).reader().generation
    assert int(generation.partition(".")[2]) < 20  # commits


def test_a_good_file_does_not_wait_for_many_large_ones(desk: Desk) -> None:
    desk.write("first.txt", "Aldham")
    with ended(desk.start("watch")) as process:
        wait_for(lambda: desk.body("first.txt"), process)
        for number in range(9):
            scratch = desk.folder / f".slow{number}"
            scratch.write_text("Page\n" * 110_000, encoding="utf-8")
        for number in range(9):
            (desk.folder / f".slow{number}").rename(desk.folder / f"slow{number}.txt")
        desk.write("good.txt", "Brack")
        wait_for(lambda: desk.body("good.txt"), process)
        assert failed(desk) < 9
        wait_for(lambda: failed(desk) == 9, process)


def failed(desk: Desk) -> int:
    return len(open_index(load(desk.config)).reader().status().rejections)


def articles(desk: Desk) -> int:
    try:
        return open_index(load(desk.config)).reader().status().articles
    except IndexMissing:
        return 0


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_run_goes_on_where_it_was(desk: Desk, end: signal.Signals) -> None:
    """What was committed is not done again."""
    for number in range(600):
        desk.write(f"{number}.txt", f"Place {number}")
    often = (
        "import indexer.steps, sys; indexer.steps.COMMIT_EVERY_S = 0.1; "
        "from indexer.cli import main; sys.exit(main())"
    )
    process = desk.start("build", by=[sys.executable, "-c", often])
    wait_for(lambda: articles(desk) > 30, process)
    process.send_signal(end)
    process.communicate(timeout=60)
    assert process.returncode != 0
    done = articles(desk)
    assert 0 < done < 600
    said = desk.run("update")
    redone = 600 - done
    assert f"{redone} new, 0 changed" in said or f"0 new, {redone} changed" in said
    assert ": 600 articles" in said
    assert "index and folder agree" in desk.run("verify")


def test_a_restored_index_is_brought_up_to_date(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    """Nothing in the folder tells of it."""
    desk.run("snapshot", str(desk.base / "copy"))
    desk.write("second.txt", "Brack")
    wait_for(lambda: desk.body("second.txt"), watching)

    def restored() -> bool:
        """False while the process that watches still holds the lock of its commit."""
        with desk.start("restore", str(desk.base / "copy")) as process:
            process.communicate(timeout=60)
        return process.returncode == 0

    wait_for(restored, watching)
    assert desk.body("first.txt")
    wait_for(lambda: desk.body("second.txt"), watching)


def test_a_moved_folder_moves_its_articles(desk: Desk, watching: subprocess.Popen[str]) -> None:
    for name in ("a", "b"):
        desk.write(f"old/deep/{name}.txt", f"Place {name}")
    wait_for(lambda: desk.body("old/deep/b.txt"), watching)
    (desk.folder / "old").rename(desk.folder / "new")
    wait_for(lambda: desk.body("new/deep/a.txt") and not desk.body("old/deep/a.txt"), watching)
    wait_for(lambda: articles(desk) == 3, watching)
    desk.write("new/deep/c.txt", "Place c")
    wait_for(lambda: desk.body("new/deep/c.txt"), watching)
    shutil.rmtree(desk.folder / "new")
    wait_for(lambda: articles(desk) == 1, watching)


def test_names_that_are_no_utf8_come_and_go_while_it_is_watched(
    desk: Desk, watching: subprocess.Popen[str]
) -> None:
    """As archives of other systems bring them: such a file costs itself, not the process."""
    odd = [desk.folder / os.fsdecode(name) for name in (b"caf\xe9.txt", b"d\xe9j\xe0/vu.txt")]
    for file in odd:
        file.parent.mkdir(exist_ok=True)
        file.write_text(STORY.format(place="Crewe"), encoding="utf-8")
    wait_for(lambda: listed(desk) == {r"caf\xe9.txt", r"d\xe9j\xe0/vu.txt"}, watching)
    desk.write(r"caf\xe9.txt", "Literal")  # the name that the other one is listed by
    wait_for(lambda: says(desk, r"caf\xe9.txt", "Literal"), watching)
    odd[0].unlink()
    shutil.rmtree(odd[1].parent)
    wait_for(lambda: not listed(desk), watching)
    assert says(desk, r"caf\xe9.txt", "Literal")
    assert desk.run("verify").startswith("index and folder agree: 2 articles")


def listed(desk: Desk) -> set[str]:
    status = open_index(load(desk.config)).reader().status()
    return {rejection.path for rejection in status.rejections}


def test_other_settings_ask_for_a_rebuild_and_the_old_index_serves_on(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    desk.write("drafts/b.txt", "Brack")
    desk.run("update")
    generation = open_index(load(desk.config)).reader().generation
    for setting, name in (
        (
            '[articles]\nexclude = ["drafts"]\n',
            'with other [articles] exclude ([] then, ["drafts"] now), so',
        ),
        ("[cleaning]\nenabled = false\n", "other [cleaning] enabled (true then, false now), so"),
    ):
        desk.config.write_text(setting, encoding="utf-8")
        said = desk.run("update", code=2)
        assert name in said
        assert "Run `python -m indexer build`, or give --rebuild" in said
        assert open_index(load(desk.config)).reader().generation == generation
    desk.config.write_text('[articles]\ntimezone = "Asia/Tokyo"\n', encoding="utf-8")
    assert "timezone UTC, this program works with Asia/Tokyo, so every" in desk.run(
        "update", code=2
    )
    desk.config.write_text('[articles]\nexclude = ["drafts"]\n', encoding="utf-8")
    assert "1 new, 0 changed, 0 removed, 0 kept: 1 articles" in desk.run("update", "--rebuild")
    assert "0 new, 0 changed, 0 removed, 1 kept: 1 articles" in desk.run("update")


def test_a_folder_that_is_none_is_told_and_leaves_nothing_behind(desk: Desk) -> None:
    said = desk.run("build", str(desk.base / "nowhere"), code=2)
    assert f"{desk.base}/nowhere: is no folder; name folders of articles" in said
    desk.folder.rmdir()
    desk.run("build", code=2)
    assert not desk.index_dir.exists()


def test_a_build_of_nothing_leaves_an_index_that_has_something(desk: Desk) -> None:
    file = desk.write("a.txt", "Aldham")
    desk.run("build")
    file.unlink()
    assert "the index of 1 files stands" in desk.run("build", code=2)
    assert desk.body("a.txt")
    assert "1 removed" in desk.run(
        "update"
    )  # the folder is the one that it was: this is a deletion


def test_verify_and_runs_leave_notes_for_monitors(desk: Desk) -> None:
    desk.write("a.txt", "Aldham")
    desk.run("update")
    last = runs.last_run(desk.index_dir)
    assert last is not None
    assert (last.added, last.problem) == (1, None)
    desk.write("b.txt", "Brack")
    desk.run("verify", code=1)
    audit = runs.last_audit(desk.index_dir)
    assert audit is not None
    assert (audit.new, audit.agrees, audit.generation) == (1, False, last.generation)
    desk.run("verify", "--repair")
    audit = runs.last_audit(desk.index_dir)
    assert audit is not None
    assert audit.agrees
