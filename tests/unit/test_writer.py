"""The writer and the index directory: what a commit holds, and which generation is served."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search import durable
from search.errors import IndexDamaged, IndexLocked, IndexMissing, IndexOutdated
from search.model import Article, Fingerprint, Rejection, SourceFile
from search.whoosh_engine import WhooshIndex
from search.whoosh_engine.building import build, merge
from search.whoosh_engine.commits import generations, manifest
from search.whoosh_engine.commits.generations import live_generation
from search.whoosh_engine.commits.manifest import Settings
from search.whoosh_engine.segments import segment_file
from search.whoosh_engine.segments.known import Known
from search.whoosh_engine.segments.snapshot import Snapshot

UTC = ZoneInfo("UTC")


def index_in(directory: Path, *, keep: int = 2) -> WhooshIndex:
    return WhooshIndex(directory, timezone=UTC, keep_generations=keep, budget_ms=2000)


def file_at(path: str, size: int = 1) -> SourceFile:
    return SourceFile(
        path=path,
        fingerprint=Fingerprint(size_bytes=size, mtime_ns=2, ctime_ns=3, inode=4, sha256=""),
    )


def article(path: str, body: str = "word", number: int = 0) -> Article:
    key = build.file_key(f"{path} {number}")
    return Article(id=f"{key:016x}", path=path, title="", body=body)


def snapshot(directory: Path) -> Snapshot:
    return generations.retrying(directory, Settings.now("UTC")).snapshot


def held(directory: Path) -> dict[str, str]:
    """Path and body of every article that readers see."""
    found: dict[str, str] = {}
    for segment in snapshot(directory).segments:
        for doc in range(segment.doc_count):
            if not segment.deleted[doc]:
                one = segment.article(doc)
                assert one.path not in found, "twice in the index"
                found[one.path] = one.body
    return found


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., str]:
    """Put articles, each from its own file, in one commit."""

    def commit(**bodies: str) -> str:
        with index_in(tmp_path).writer() as writer:
            for path, body in bodies.items():
                writer.put(file_at(path), [article(path, body)])
            return writer.commit()

    return commit


def test_nothing_is_seen_before_the_commit(tmp_path: Path, put: Callable[..., str]) -> None:
    put(a="one")
    with index_in(tmp_path).writer() as writer:
        writer.put(file_at("b"), [article("b")])
        assert held(tmp_path) == {"a": "one"}
    assert held(tmp_path) == {"a": "one"}, "left without a commit: forgotten"


def test_the_last_put_of_a_path_counts(tmp_path: Path) -> None:
    with index_in(tmp_path).writer() as writer:
        for body in ("first", "second", "third"):
            writer.put(file_at("a"), [article("a", body)])
        writer.commit()
        writer.put(file_at("a"), [article("a", "fourth")])
        writer.commit()
    assert held(tmp_path) == {"a": "fourth"}


def test_the_last_word_counts_over_segments_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MAX_DOCS", 1)
    with index_in(tmp_path).writer() as writer:
        for body in ("first", "second"):
            writer.put(file_at("a"), [article("a", body)])
        writer.put(file_at("b"), [article("b")])
        writer.remove("b")
        writer.put(file_at("c"), [article("c", "kept")])
        writer.remove("c")
        writer.put(file_at("c"), [article("c", "again")])
        writer.commit()
    assert held(tmp_path) == {"a": "second", "c": "again"}


def test_a_failed_put_leaves_the_file_as_it_was(tmp_path: Path, put: Callable[..., str]) -> None:
    put(a="old")

    def broken() -> Iterator[Article]:
        yield article("a#1", "half")
        raise ValueError("unreadable")

    with index_in(tmp_path).writer() as writer:
        with pytest.raises(ValueError, match="unreadable"):
            writer.put(file_at("a", size=9), broken())
        writer.put(file_at("b"), [article("b")])
        writer.commit()
    assert held(tmp_path) == {"a": "old", "b": "word"}
    assert Known(snapshot(tmp_path))["a"].size_bytes == 1


def test_a_put_that_fails_after_many_segments_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MAX_DOCS", 2)

    def broken() -> Iterator[Article]:
        for number in range(7):
            yield article(f"a#{number}", number=number)
        raise OSError("disk gone")

    with index_in(tmp_path).writer() as writer:
        writer.put(file_at("b"), [article("b")])
        with pytest.raises(OSError, match="disk gone"):
            writer.put(file_at("a"), broken())
        writer.commit()
    assert set(held(tmp_path)) == {"b"}
    assert set(Known(snapshot(tmp_path))) == {"b"}


def test_a_file_of_many_articles_goes_and_comes_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "MAX_DOCS", 3)
    lines = [article(f"a.jsonl#{n}", number=n) for n in range(10)]
    with index_in(tmp_path).writer() as writer:
        assert writer.put(file_at("a.jsonl"), lines) == 10
        writer.commit()
    assert len(held(tmp_path)) == 10
    assert list(Known(snapshot(tmp_path))) == ["a.jsonl"]
    with index_in(tmp_path).writer() as writer:
        assert writer.put(file_at("a.jsonl"), lines[:2]) == 2
        writer.commit()
    assert set(held(tmp_path)) == {"a.jsonl#0", "a.jsonl#1"}
    with index_in(tmp_path).writer() as writer:
        assert writer.put(file_at("a.jsonl", size=0), []) == 0
        writer.commit()
    assert held(tmp_path) == {}
    assert Known(snapshot(tmp_path))["a.jsonl"].size_bytes == 0, "an empty file is known too"


def test_an_id_that_a_file_repeats_is_there_once(tmp_path: Path) -> None:
    twins = [article("a.jsonl#1", "first"), article("a.jsonl#1", "second")]
    with index_in(tmp_path).writer() as writer:
        writer.put(file_at("a.jsonl"), twins)
        writer.commit()
    assert held(tmp_path) == {"a.jsonl#1": "second"}


def test_a_very_long_article_has_a_segment_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_LARGE", 50)
    with index_in(tmp_path).writer() as writer:
        for path, body in (("a", "word"), ("b", "long " * 20), ("c", "word")):
            writer.put(file_at(path), [article(path, body)])
        assert [new.segment.doc_count for new in writer._new] == [1, 1]
        writer.commit()
    assert set(held(tmp_path)) == {"a", "b", "c"}


def test_rejections_are_listed_until_the_file_is_put_or_removed(tmp_path: Path) -> None:
    def listed() -> set[str]:
        return {rejection.path for rejection in snapshot(tmp_path).rejections}

    with index_in(tmp_path).writer() as writer:
        writer.reject(Rejection(path="a", reason="a picture", fingerprint=file_at("a").fingerprint))
        writer.reject(Rejection(path="b.jsonl#7", reason="no text"))
        writer.reject(Rejection(path="gone", reason="no permission"))
        writer.put(file_at("b.jsonl"), [article("b.jsonl#1")])
        writer.reject(Rejection(path="b.jsonl#8", reason="no text"))
        writer.commit()
    assert listed() == {"a", "b.jsonl#8", "gone"}, (
        "putting a file clears what was said of its lines"
    )
    assert set(Known(snapshot(tmp_path))) == {"a", "b.jsonl"}
    with index_in(tmp_path).writer() as writer:
        assert set(writer.known()) == {"a", "b.jsonl"}
        writer.put(file_at("a"), [article("a")])
        writer.remove("b.jsonl")
        writer.remove("never seen")
        writer.commit()
    assert listed() == {"gone"}
    assert set(held(tmp_path)) == {"a"}


def test_a_rejected_file_keeps_its_last_good_article(
    tmp_path: Path, put: Callable[..., str]
) -> None:
    put(a="good")
    broken = Rejection(path="a", reason="broken", fingerprint=file_at("a", size=7).fingerprint)
    with index_in(tmp_path).writer() as writer:
        writer.reject(broken)
        writer.commit()
    assert held(tmp_path) == {"a": "good"}
    assert Known(snapshot(tmp_path))["a"].size_bytes == 7, "so that it is not tried for ever"


def test_a_commit_without_change_is_none(tmp_path: Path, put: Callable[..., str]) -> None:
    before = put(a="one")
    with index_in(tmp_path).writer() as writer:
        assert writer.commit() == before


def test_a_rebuild_stands_beside_the_live_index_until_it_is_committed(
    tmp_path: Path, put: Callable[..., str]
) -> None:
    put(a="old")
    index = index_in(tmp_path)
    with index.writer(fresh=True) as writer:
        assert not writer.known()
        writer.put(file_at("b"), [article("b", "new")])
        assert held(tmp_path) == {"a": "old"}
        writer.commit()
    assert held(tmp_path) == {"b": "new"}


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_old_generations_are_kept_as_configured(tmp_path: Path, keep: int) -> None:
    index = index_in(tmp_path, keep=keep)
    for _ in range(4):
        with index.writer(fresh=True) as writer:
            writer.commit()
    assert generations.folders(tmp_path) == [4, 3, 2, 1][:keep]


def test_an_unfinished_rebuild_leaves_nothing(tmp_path: Path, put: Callable[..., str]) -> None:
    put(a="one")
    with index_in(tmp_path).writer(fresh=True) as writer:
        writer.put(file_at("b"), [article("b")])
    assert generations.folders(tmp_path) == [1]
    assert held(tmp_path) == {"a": "one"}


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    index = index_in(tmp_path)
    with index.writer(), pytest.raises(IndexLocked, match="is writing to this index"):
        index.writer()
    index.writer().cancel()


def test_no_index_yet(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="python -m indexer build"):
        index_in(tmp_path / "none").reader()


def test_the_reader_is_the_same_until_a_commit(tmp_path: Path, put: Callable[..., str]) -> None:
    first = put(a="one")
    index = index_in(tmp_path)
    reader = index.reader()
    assert index.reader() is reader
    second = put(b="two")
    assert index.reader() is not reader
    assert (reader.generation, index.reader().generation) == (first, second)
    assert reader.status().articles == 1, "a reader keeps what it opened"


@pytest.mark.parametrize("what", ["FORMAT_VERSION", "FEATURE_VERSION", "analysis", "timezone"])
def test_an_index_of_another_version_asks_for_a_rebuild(
    tmp_path: Path, put: Callable[..., str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    put(a="one")
    zone = UTC
    if what == "analysis":
        monkeypatch.setattr(manifest, "analysis_digest", lambda: "other")
    elif what == "timezone":
        zone = ZoneInfo("Europe/Paris")
    else:
        monkeypatch.setattr(manifest, what, 0)
    index = WhooshIndex(tmp_path, timezone=zone, budget_ms=2000)
    with pytest.raises(IndexOutdated, match="rebuild it"):
        index.reader()
    with pytest.raises(IndexOutdated, match="rebuild it"):
        index.writer()
    with index.writer(fresh=True) as writer:
        writer.commit()
    assert index.reader().status().articles == 0


def test_an_index_of_the_format_before_is_gone_on_with_and_hidden_from_its_own_version(
    tmp_path: Path, put: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        for module in (manifest, segment_file):
            before.setattr(module, "FORMAT_VERSION", segment_file.OLDEST_FORMAT)
        put(a="one")
    assert index_in(tmp_path).reader().status().articles == 1
    put(b="two")
    assert index_in(tmp_path).reader().status().articles == 2
    for module in (manifest, segment_file):
        monkeypatch.setattr(module, "FORMAT_VERSION", segment_file.OLDEST_FORMAT)
    with pytest.raises(IndexOutdated, match="rebuild it"):
        index_in(tmp_path).reader()


def test_a_damaged_index_falls_back_to_the_last_sound_generation(
    tmp_path: Path, put: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    put(a="old")
    with index_in(tmp_path).writer(fresh=True) as writer:
        writer.put(file_at("b"), [article("b", "new")])
        writer.commit()
    segment = next((tmp_path / "gen-2").glob("*.seg"))
    content = bytearray(segment.read_bytes())
    content[100] ^= 1
    segment.write_bytes(content)
    index = index_in(tmp_path)
    assert index.reader().generation == "1.1"
    assert index.reader() is index.reader()
    assert segment.name in caplog.text
    assert segment.name in index.check()[0]
    with pytest.raises(IndexDamaged, match=segment.name):
        index.writer()
    with index.writer(fresh=True) as writer:
        writer.put(file_at("c"), [article("c")])
        writer.commit()
    assert index.reader().generation == "3.1"
    assert index.check() == ()


def test_a_damaged_index_with_nothing_to_fall_back_on_says_so(
    tmp_path: Path, put: Callable[..., str]
) -> None:
    put(a="old")
    next((tmp_path / "gen-1").glob("*.toc")).write_bytes(b"")
    for _ in range(2):
        with pytest.raises(IndexDamaged, match=r"\.toc: it has 0 bytes"):
            index_in(tmp_path).reader()


def test_sealed_files_are_not_read_again_and_touched_ones_are(
    tmp_path: Path, put: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(a="one")
    read: list[str] = []
    whole = durable.checksum

    def noted(path: Path) -> int:
        read.append(path.suffix)
        return whole(path)

    monkeypatch.setattr(durable, "checksum", noted)
    index_in(tmp_path).reader()
    assert ".seg" not in read
    segment = next((tmp_path / "gen-1").glob("*.seg"))
    segment.touch()
    index_in(tmp_path).reader()
    assert read.count(".seg") == 1
    index_in(tmp_path).reader()
    assert read.count(".seg") == 1, "once in a process"


operations = st.lists(
    st.tuples(st.sampled_from("ppprcx"), st.sampled_from("abcdef"), st.integers(0, 99)), max_size=40
)


@settings(max_examples=40)
@given(operations)
def test_the_index_is_what_was_put_and_not_removed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int]]
) -> None:
    """Against a dictionary: puts, removals, commits and lost writers, over many small segments."""
    directory = tmp_path_factory.mktemp("index")
    index = index_in(directory)
    committed: dict[str, str] = {}
    pending: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "MAX_DOCS", 2)
        patch.setattr(merge, "FACTOR", 2)
        patch.setattr(merge, "SMALLEST", 1)
        writer = index.writer()
        writer.commit()
        for kind, path, number in steps:
            if kind == "p":
                writer.put(file_at(path, size=number), [article(path, f"w{number}")])
                pending[path] = f"w{number}"
            elif kind == "r":
                writer.remove(path)
                pending.pop(path, None)
            elif kind == "c":
                writer.commit()
                committed = dict(pending)
            else:
                writer.cancel()
                writer = index.writer()
                pending = dict(committed)
            assert held(directory) == committed
        writer.cancel()
    assert set(Known(snapshot(directory))) == set(committed)
    assert index.check() == ()


def test_segments_stay_few_over_many_commits(tmp_path: Path) -> None:
    index = index_in(tmp_path)
    dice = random.Random(1)
    with index.writer() as writer:
        for _ in range(80):
            for path in dice.sample(range(300), 3):
                writer.put(file_at(str(path)), [article(str(path), f"w{dice.random()}")])
            writer.commit()
    found = snapshot(tmp_path)
    assert len(found.segments) <= 3 * merge.FACTOR
    assert len(held(tmp_path)) == found.doc_count
    assert len(list(tmp_path.glob("gen-1/*"))) == len(found.segments) + 3, "nothing is left over"
    assert live_generation(tmp_path).commit == 80
