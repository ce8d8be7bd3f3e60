"""A folder full of things that are no articles, or hardly: each with the wanted result, none hangs."""

from __future__ import annotations

import codecs
import gzip
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from goals import Measured
from kept import busy

from indexer import run
from indexer.folder import files, walk
from indexer.folder.files import Unreadable, Unsettled
from indexer.jsonl import article_id
from indexer.settings import Settings
from indexer.workers import Workers
from search.config import Articles, Cleaning, Config
from search.config import Index as IndexSettings
from search.errors import BadConfig
from search.model import Article
from search.open import open_index

STORY = (
    "Ferry service returns to {place}\n\n"
    "The ferry between {place} and the islands will sail again from Monday, the harbour office "
    "said on Thursday. The old ship had been in the dock for repairs since the winter storms.\n\n"
    "Islanders had rowed their milk and letters across the sound for eleven weeks. “We will miss "
    "the quiet, but not the blisters,” said one of the rowers from {place}.\n"
)
PERSIAN = (
    "کتابخانه شهر دوباره باز شد\n\n"
    "شهردار روز دوشنبه گفت که کتابخانه مرکزی شهر پس از دو سال تعمیر دوباره باز شده است. "
    "او افزود که صدها نفر برای دیدن ساختمان تازه آمده بودند.\n\n"
    "ساکنان محله می‌گویند که مدت‌ها منتظر این روز بوده‌اند و از شهرداری سپاسگزارند.\n"
)
MAX_SECONDS = 1.5


def page(body: str) -> bytes:
    return f"<html><head><title>Ferry</title></head><body>{body}</body></html>".encode()


def paragraphs(place: str) -> str:
    return "".join(f"<p>{part}</p>" for part in STORY.format(place=place).split("\n\n"))


# name -> (bytes, reason if it must be refused, else words that its article must hold)
BYTES: dict[str, tuple[bytes, str | None, str]] = {
    "empty.txt": (b"", "is empty", ""),
    "blank.txt": (b" \n\t\r\n", "holds nothing but white space", ""),
    "mark_only.txt": (codecs.BOM_UTF8, "holds nothing but white space", ""),
    "nulls.txt": (bytes(5_000), "holds nothing but white space", ""),
    "random.txt": (random.Random(5).randbytes(20_000), "is binary, not text", ""),
    "picture.txt": (b"\x89PNG\r\n\x1a\n" + bytes(99), "is a PNG image, not text", ""),
    "packed.html": (gzip.compress(page("x")), "is gzip-compressed, not text", ""),
    "paper.txt": (b"%PDF-1.7\n%\xe2\xe3", "is a PDF, not text", ""),
    "utf16.txt": (STORY.format(place="Aldham").encode("utf-16"), None, "Aldham"),
    "utf16_le.txt": (STORY.format(place="Aldham").encode("utf-16-le"), None, "Aldham"),
    "utf16_be.txt": (STORY.format(place="Aldham").encode("utf-16-be"), None, "Aldham"),
    "utf32.txt": (STORY.format(place="Aldham").encode("utf-32"), None, "Aldham"),
    "cp1252.txt": (STORY.format(place="Créville").encode("cp1252"), None, "Créville"),
    "cut.txt": ((STORY.format(place="Créville") + "é").encode()[:-1], None, "Créville"),
    "damaged.txt": (STORY.format(place="Créville").encode() + b"\xff", None, "Créville"),
    "garbled.txt": (
        STORY.format(place="Créville").encode().decode("cp1252", "replace").encode(),
        None,
        "Créville",
    ),
    "persian.txt": (PERSIAN.encode(), None, "کتابخانه"),
    "crlf.txt": (STORY.format(place="Brack").replace("\n", "\r\n").encode(), None, "Brack"),
    "stray_nulls.txt": (
        b"\0".join(STORY.format(place="Brack").encode().split(b"T")),
        None,
        "Brack",
    ),
    "page.html": (page(paragraphs("Corvel")), None, "Corvel"),
    "declared.html": (
        b'<meta charset="windows-1252">'
        + page("").replace(b"<body>", b"<body>" + paragraphs("Créville").encode("cp1252")),
        None,
        "Créville",
    ),
    "falsely_declared.html": (
        b'<meta charset="rot13">' + page(paragraphs("Corvel")),
        None,
        "Corvel",
    ),
    "entities_bomb.html": (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">'.encode() for n in range(9)
        )
        + b"]>"
        + page(paragraphs("Corvel") + "<p>&a8;</p>"),
        None,
        "Corvel",
    ),
    "outside_entity.html": (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        + page(paragraphs("Corvel") + "<p>&e;</p>"),
        None,
        "Corvel",
    ),
    "%2e%2e%2fetc.txt": (STORY.format(place="Delm").encode(), None, "Delm"),
    "<img src=x onerror=alert(1)>.txt": (STORY.format(place="Delm").encode(), None, "Delm"),
    "\u202egpj.txt": (STORY.format(place="Delm").encode(), None, "Delm"),
    "n" * 245 + ".txt": (STORY.format(place="Delm").encode(), None, "Delm"),
    "UPPER.TXT": (STORY.format(place="Delm").encode(), None, "Delm"),
}
# Inputs that are only required to end in time: an article or a reason, whichever is cheaper.
BOMBS: dict[str, Callable[[], bytes]] = {
    "nested.html": lambda: page("<div>" * 100_000 + "deep"),
    "attributes.html": lambda: page("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">x"),
    "comments.html": lambda: page("<!--" * 100_000),
    "unclosed.html": lambda: page("<a" * 200_000),
    "one_text.html": lambda: page("word " * 3_000_000),
    "one_line.txt": lambda: b"word " * 3_000_000,
    "one_word.txt": lambda: b"w" * 3_000_000,
    "many_words.txt": lambda: " ".join(f"w{n}" for n in range(300_000)).encode(),
    "many_lines.txt": lambda: b"short line\n" * 500_000,
    "no_ends.txt": lambda: b"a.b." * 500_000,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("bad")
    outside = base / "outside.txt"
    outside.write_text(STORY.format(place="Outside"), encoding="utf-8")
    root = base / "articles"
    root.mkdir()
    for name, (data, _, _) in BYTES.items():
        (root / name).write_bytes(data)
    with (root / "huge.txt").open("wb") as stream:
        stream.truncate(100_000_000)
    os.mkfifo(root / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)  # a socket's path may have a hundred letters only
        try:
            listener.bind("socket.txt")
        finally:
            os.chdir(here)
        (root / "out.txt").symlink_to(outside)
        (root / "in.txt").symlink_to(root / "page.html")
        (root / "dangling.txt").symlink_to(root / "nowhere")
        (root / "self.txt").symlink_to("self.txt")
        (root / "loop").symlink_to(root)
        (root / "slash").symlink_to("/")
        (root / ".hidden.txt").write_text(STORY.format(place="Hidden"), encoding="utf-8")
        (root / ".git").mkdir()
        (root / ".git" / "a.txt").write_text(STORY.format(place="Hidden"), encoding="utf-8")
        (root / "image.jpg").write_bytes(b"\xff\xd8\xff")
        Path(os.fsdecode(os.fsencode(root) + b"/\xff\xfe.txt")).write_bytes(b"x")
        (root / "line\nend.txt").write_bytes(b"x")
        (root / "a.jsonl#x.txt").write_bytes(b"x")
        deep = root.joinpath(*["d"] * 40)
        deep.mkdir(parents=True)
        (deep / "a.txt").write_text(STORY.format(place="Deep"), encoding="utf-8")
        yield root


class Outcome(NamedTuple):
    """What one run over a folder came to: articles and reasons by path."""

    articles: dict[str, Article]
    reasons: dict[str, str]
    seconds: float


def carried_out(folder: Path, index_folder: Path) -> Outcome:
    """One run over the folder, with the time for one file cut short."""
    config = Config(
        articles=Articles(roots=(folder,)),
        cleaning=Cleaning(max_file_seconds=MAX_SECONDS),
        index=IndexSettings(dir=index_folder),
    )
    index = open_index(config)
    start_s = time.monotonic()
    with Workers(Settings.of(config), max_file_seconds=MAX_SECONDS) as workers:
        report = run.carry_out(config, index, workers)
    took_s = time.monotonic() - start_s
    reasons = {each.path: each.reason for each in report.rejections}
    reader = index.reader()
    articles = {
        path: reader.article(article_id(path)) for path in reader.known() if path not in reasons
    }
    return Outcome(articles, reasons, took_s)


@pytest.fixture(scope="module")
def outcome(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return carried_out(folder, tmp_path_factory.mktemp("index"))


@pytest.mark.goal("R8")
@pytest.mark.parametrize("name", [name for name, (_, reason, _) in BYTES.items() if reason])
def test_what_is_no_text_is_listed_with_its_reason(outcome: Outcome, name: str) -> None:
    articles, reasons, _ = outcome
    assert name not in articles
    assert reasons[name] == BYTES[name][1]


@pytest.mark.goal("R8")
@pytest.mark.parametrize("name", [name for name, (_, reason, _) in BYTES.items() if not reason])
def test_odd_encodings_and_names_are_indexed(outcome: Outcome, name: str) -> None:
    articles, reasons, _ = outcome
    assert name not in reasons
    assert BYTES[name][2] in articles[name].body
    assert "root:" not in articles[name].body


NO_PLAIN_FILES = [
    ("pipe.txt", "is a pipe, not a file"),
    ("socket.txt", "is a socket, not a file"),
    *[
        (link, "is a symbolic link; links are not followed")
        for link in ("out.txt", "in.txt", "dangling.txt", "self.txt", "loop", "slash")
    ],
    ("huge.txt", "has 100.0 MB, more than the 20 MB of [articles] max_file_bytes"),
    ("\\xff\\xfe.txt", "has a name that is not UTF-8; rename it"),
    ("line\\x0aend.txt", "has a control character in its name; rename it"),
    (
        "a.jsonl#x.txt",
        "has .jsonl# in its name, which stands for a line of a JSON Lines file; rename it",
    ),
    ("/".join(["d"] * 33), "folder lies more than 32 deep"),
]


@pytest.mark.goal("R8")
@pytest.mark.parametrize(("path", "reason"), NO_PLAIN_FILES)
def test_what_is_no_plain_file_is_listed_with_its_reason(
    outcome: Outcome, path: str, reason: str
) -> None:
    articles, reasons, _ = outcome
    assert path not in articles
    assert reasons[path] == reason


@pytest.mark.goal("R8")
def test_everything_is_accounted_for(outcome: Outcome, measured: Measured) -> None:
    articles, reasons, _ = outcome
    measured(
        f"{len(BYTES) + len(NO_PLAIN_FILES)} classes: {len(articles)} articles, "
        f"{len(reasons)} listed with the reason"
    )
    assert articles.keys() | reasons.keys() >= BYTES.keys()
    assert not any("Hidden" in a.body or "Outside" in a.body for a in articles.values())
    assert not any("hidden" in path or "jpg" in path for path in reasons)


@pytest.mark.goal("R8")
def test_bombs_end_in_an_article_or_a_reason_in_time(tmp_path: Path, measured: Measured) -> None:
    root = tmp_path / "articles"
    root.mkdir()
    for name, make in BOMBS.items():
        (root / name).write_bytes(make())
    articles, reasons, took_s = carried_out(root, tmp_path / "index")
    measured(
        f"{len(BOMBS)} bombs: {len(articles)} articles, {len(reasons)} listed with the reason, "
        f"all in {took_s:.0f} s"
    )
    assert not articles.keys() & reasons.keys()
    assert articles.keys() | reasons.keys() == BOMBS.keys()
    # Each bomb may use its time twice (counting and cleaning), on two processes, and some more.
    assert took_s < len(BOMBS) * 2 * (MAX_SECONDS + 2) * busy()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    (tmp_path / "a.txt").chmod(0)
    (found,) = walk.scan(Articles(roots=(tmp_path,))).files
    with pytest.raises(Unreadable, match="may not be read by this user"):
        files.read(found, max_bytes=100)


def found_in(folder: Path, text: str = "words") -> files.Found:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.txt").write_text(text, encoding="utf-8")
    (found,) = walk.scan(Articles(roots=(folder,))).files
    return found


def test_a_file_that_vanished_is_said_to_have(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    (tmp_path / "sub" / "a.txt").unlink()
    with pytest.raises(Unsettled, match="vanished before it was read"):
        files.read(found, max_bytes=100)


@pytest.mark.goal("R8")
def test_a_folder_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    found = found_in(root)
    (root / "sub").rename(tmp_path / "elsewhere")
    (root / "sub").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unreadable):
        files.read(found, max_bytes=100)


@pytest.mark.goal("R8")
def test_a_file_swapped_for_a_link_or_a_pipe_is_not_opened(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    file = tmp_path / "sub" / "a.txt"
    file.unlink()
    file.symlink_to("/etc/passwd")
    with pytest.raises(Unreadable, match="is a symbolic link"):
        files.read(found, max_bytes=10_000)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(Unreadable, match="is a pipe, not a file"):
        files.read(found, max_bytes=10_000)


def test_a_file_that_is_being_written_is_read_when_it_rests(tmp_path: Path) -> None:
    """Appended to whenever the reader pauses, three times: the fourth reading is whole."""
    found = found_in(tmp_path, "one ")
    file = tmp_path / "sub" / "a.txt"
    left = [3]
    original = os.fstat

    def growing(descriptor: int) -> os.stat_result:
        state = original(descriptor)
        if left[0] and state.st_ino == found.inode:
            left[0] -= 1
            with file.open("a", encoding="utf-8") as stream:
                stream.write("more ")
        return state

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("indexer.folder.files.os.fstat", growing)
        content = files.read(found, max_bytes=1_000, pause=lambda _: None)
    assert content.data == b"one more more more "
    assert content.fingerprint.size_bytes == 19


def read_often(found: files.Found) -> None:
    for _ in range(1_000):
        files.read(found, max_bytes=3_000_000, pause=lambda _: None)


def test_a_file_that_never_rests_is_left_for_later(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    file = tmp_path / "sub" / "a.txt"
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            with file.open("a", encoding="utf-8") as stream:
                stream.write("more " * 1_000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(Unreadable):
            read_often(found)
    finally:
        done.set()
        writer.join()


def test_a_file_that_grows_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    found = found_in(tmp_path)
    (tmp_path / "sub" / "a.txt").write_text("x" * 101, encoding="utf-8")
    with pytest.raises(Unreadable, match=r"more than the 0\.0001 MB"):
        files.read(found, max_bytes=100)


def test_roots_that_overlap_are_refused(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for roots in [(tmp_path, tmp_path), (tmp_path, tmp_path / "sub"), (tmp_path / "sub", tmp_path)]:
        with pytest.raises(BadConfig, match="overlap; name only the outer one"):
            walk.scan(Articles(roots=roots))
    with pytest.raises(BadConfig, match="lies inside"):
        walk.check_roots((tmp_path,), index_dir=tmp_path / "index")


def test_two_roots_keep_equal_paths_apart(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(name, encoding="utf-8")
    roots = tuple(tmp_path / name for name in ("one", "two", "three"))
    found = walk.scan(Articles(roots=roots)).files
    assert [each.path for each in found] == ["@2/a.txt", "@3/a.txt", "a.txt"]
    assert {each.path: each.root.name for each in found}["a.txt"] == "one"


def test_include_and_exclude_look_at_names_and_paths(tmp_path: Path) -> None:
    for name in ("a.txt", "b.md", "drafts/c.txt", "old/d.txt", "x/drafts/e.txt", "f.bak.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x", encoding="utf-8")

    def seen(**options: tuple[str, ...]) -> list[str]:
        settings = Articles(roots=(tmp_path,), **options)  # type: ignore[arg-type]  # all are tuples
        return [each.path for each in walk.scan(settings).files]

    assert seen(exclude=("drafts/*", "*.bak.txt")) == ["a.txt", "old/d.txt", "x/drafts/e.txt"]
    assert seen(exclude=("drafts", "OLD")) == ["a.txt", "f.bak.txt"]
    assert seen(include=("*.md", "x/*")) == ["b.md", "x/drafts/e.txt"]
