"""The promises of search/engine.py on indexes and writing, kept by every engine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from little_corpus import article, fill, found, query, source_file

from search.engine import Index
from search.errors import IndexLocked, IndexMissing
from search.model import Article, Rejection

# --- an index -------------------------------------------------------------------------------------


def test_an_index_that_was_never_written_is_missing(index: Index) -> None:
    with pytest.raises(IndexMissing):
        index.reader()


def test_an_empty_index_answers_and_finds_nothing(index: Index) -> None:
    fill(index, [])
    reader = index.reader()
    for text in ("", "aleppo", '"a b"', "a*", "a~", "-a", "date:2016", "a OR b"):
        results = reader.search(query(text))
        assert (results.total, results.hits, results.sources, results.published) == (0, (), (), ())
    assert reader.status().articles == 0
    assert list(reader.every(query(""))) == []
    assert reader.suggest("al") == ()


def test_a_sound_index_has_no_damage(filled: Index) -> None:
    assert filled.check() == ()


def test_there_is_one_writer_at_a_time(index: Index) -> None:
    with index.writer(), pytest.raises(IndexLocked), index.writer():
        pass
    with index.writer() as writer:
        writer.commit()


# --- writing --------------------------------------------------------------------------------------


def test_a_commit_shows_at_once_and_the_generation_changes(index: Index) -> None:
    with index.writer() as writer:
        writer.put(source_file("a.txt"), [article("a.txt", "aleppo")])
        first = writer.commit()
    assert index.reader().generation == first
    with index.writer() as writer:
        writer.put(source_file("b.txt"), [article("b.txt", "aleppo")])
        assert found(index.reader(), "aleppo") == ["a.txt"]
        second = writer.commit()
    assert index.reader().generation == second != first
    assert sorted(found(index.reader(), "aleppo")) == ["a.txt", "b.txt"]


def test_a_reader_keeps_its_generation(index: Index) -> None:
    fill(index, [article("a.txt", "aleppo")])
    old = index.reader()
    generation = old.generation
    fill(index, [article("b.txt", "aleppo")])
    with index.writer() as writer:
        writer.remove("a.txt")
        writer.commit()
    assert (found(old, "aleppo"), old.generation) == (["a.txt"], generation)
    assert found(index.reader(), "aleppo") == ["b.txt"]


def test_what_is_put_again_replaces_what_was_there(index: Index) -> None:
    with index.writer() as writer:
        assert writer.put(source_file("a.txt"), [article("a.txt", "aleppo")]) == 1
        assert writer.put(source_file("a.txt"), [article("a.txt", "idlib")]) == 1
        writer.commit()
    assert (found(index.reader(), "aleppo"), found(index.reader(), "idlib")) == ([], ["a.txt"])
    fill(index, [article("a.txt", "homs")])
    assert (found(index.reader(), "idlib"), found(index.reader(), "homs")) == ([], ["a.txt"])
    assert index.reader().search(query("")).total == 1


def test_a_file_may_hold_many_articles_and_they_go_together(index: Index) -> None:
    many = [article(f"a.jsonl#{number}", f"aleppo n{number}") for number in range(5)]
    with index.writer() as writer:
        assert writer.put(source_file("a.jsonl"), many) == 5
        writer.commit()
    assert len(found(index.reader(), "aleppo")) == 5
    with index.writer() as writer:
        assert writer.put(source_file("a.jsonl"), many[:2]) == 2
        writer.commit()
    assert len(found(index.reader(), "aleppo")) == 2
    with index.writer() as writer:
        writer.remove("a.jsonl")
        writer.commit()
    assert found(index.reader(), "") == []
    assert index.reader().known() == {}


def test_a_file_whose_articles_fail_stays_as_it_was(index: Index) -> None:
    fill(index, [article("a.jsonl", "aleppo")])

    def broken() -> Iterator[Article]:
        yield article("a.jsonl", "idlib")
        raise OSError("the disk went away")

    with index.writer() as writer:
        with pytest.raises(OSError, match="went away"):
            writer.put(source_file("a.jsonl", version=2), broken())
        writer.put(source_file("b.txt"), [article("b.txt", "homs")])
        writer.commit()
    reader = index.reader()
    assert (found(reader, "aleppo"), found(reader, "idlib")) == (["a.jsonl"], [])
    assert reader.known()["a.jsonl"] == source_file("a.jsonl").fingerprint
    assert found(reader, "homs") == ["b.txt"]


def test_a_removed_file_is_gone_and_an_unknown_path_is_no_error(index: Index) -> None:
    fill(index, [article("a.txt", "aleppo"), article("b.txt", "aleppo")])
    with index.writer() as writer:
        writer.remove("a.txt")
        writer.remove("never-seen.txt")
        writer.commit()
    assert found(index.reader(), "aleppo") == ["b.txt"]
    assert set(index.reader().known()) == {"b.txt"}


@pytest.mark.parametrize("how", ["cancel", "error", "leave"])
def test_what_is_not_committed_never_shows(index: Index, how: str) -> None:
    fill(index, [article("a.txt", "aleppo")])
    before = index.reader().generation
    with contextlib.suppress(ZeroDivisionError), index.writer() as writer:
        writer.put(source_file("b.txt"), [article("b.txt", "aleppo")])
        writer.remove("a.txt")
        if how == "cancel":
            writer.cancel()
        if how == "error":
            1 / 0  # noqa: B018
    assert index.reader().generation == before
    assert found(index.reader(), "aleppo") == ["a.txt"]
    with index.writer() as writer:  # and the lock is free again
        assert set(writer.known()) == {"a.txt"}


def test_a_rejection_is_listed_and_what_the_index_holds_of_the_file_stays(index: Index) -> None:
    fill(index, [article("a.txt", "aleppo")])
    later = source_file("a.txt", version=2).fingerprint
    with index.writer() as writer:
        writer.reject(Rejection(path="a.txt", reason="holds no text", fingerprint=later))
        writer.reject(Rejection(path="b.txt", reason="cannot be read"))
        writer.commit()
    reader = index.reader()
    assert found(reader, "aleppo") == ["a.txt"]
    assert {(each.path, each.reason) for each in reader.status().rejections} == {
        ("a.txt", "holds no text"),
        ("b.txt", "cannot be read"),
    }
    assert reader.known() == {"a.txt": later}
    with index.writer() as writer:
        writer.put(source_file("a.txt", version=3), [article("a.txt", "idlib")])
        writer.remove("b.txt")
        writer.commit()
    assert index.reader().status().rejections == ()


def test_known_files_are_those_of_the_generation_before(index: Index) -> None:
    fill(index, [article("a.txt", "aleppo")])
    with index.writer() as writer:
        writer.put(source_file("b.txt"), [article("b.txt")])
        assert writer.known() == {"a.txt": source_file("a.txt").fingerprint}
        writer.commit()
    assert index.reader().known() == {
        path: source_file(path).fingerprint for path in ("a.txt", "b.txt")
    }


def test_a_fresh_writer_begins_with_nothing_and_is_switched_to_at_commit(index: Index) -> None:
    fill(index, [article("a.txt", "aleppo")])
    with index.writer(fresh=True) as writer:
        assert writer.known() == {}
        writer.put(source_file("b.txt"), [article("b.txt", "aleppo")])
        assert found(index.reader(), "aleppo") == ["a.txt"]
        writer.commit()
    assert found(index.reader(), "aleppo") == ["b.txt"]
    assert set(index.reader().known()) == {"b.txt"}


def test_a_writer_may_commit_more_than_once(index: Index) -> None:
    with index.writer() as writer:
        for number in range(3):
            writer.put(source_file(f"{number}.txt"), [article(f"{number}.txt", "aleppo")])
            assert writer.commit() == index.reader().generation
            assert len(found(index.reader(), "aleppo")) == number + 1
