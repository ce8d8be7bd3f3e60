"""Segments against a slow, readable reference: building, merging, masks, stored articles, dates."""

from __future__ import annotations

import io
import json
import threading
import zlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import IndexDamaged, IndexOutdated, UnknownArticle
from search.model import Article, Fingerprint, Provenance, Removal, SourceFile
from search.whoosh_engine.building import build, merge
from search.whoosh_engine.building.build import (
    SegmentBuilder,
    segment_in_memory,
    snapshot_in_memory,
)
from search.whoosh_engine.schema import streams
from search.whoosh_engine.segments import arrays
from search.whoosh_engine.segments.arrays import NO_DAY, POS_BLOCK, FieldArrays, Segment
from search.whoosh_engine.segments.dates import day_from_number, moment
from search.whoosh_engine.segments.known import fingerprint_of
from search.whoosh_engine.segments.snapshot import Snapshot
from search.whoosh_engine.segments.stored import opened, pack_article, unpack_article

UTC = ZoneInfo("UTC")
WORDS = [
    *("Aleppo", "aleppo's", "rebels", "rebel", "al-Nusra", "alNusra", "U.S.", "don't", "the"),
    *("--", "64-bit", "élève", "выборы", "中文字", "x"),
]
texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)


@st.composite
def articles(draw: st.DrawFn) -> list[Article]:
    count = draw(st.integers(0, 6))
    return [
        Article(
            id=f"{number:016x}",
            path=f"{draw(st.sampled_from(['bbc', 'al-jazeera']))}/{number}.txt",
            title=draw(texts),
            body=draw(texts),
            published=draw(st.sampled_from([None, "2016", "2016-11", "2016-11-25T10:00:00+02:00"])),
            source=draw(st.sampled_from([None, "BBC News", "Xinhua"])),
            author=draw(st.sampled_from([None, "Ann O'Brien"])),
            language=draw(st.sampled_from([None, "en", "fr", "ru"])),
        )
        for number in range(count)
    ]


Postings = dict[tuple[str, str], dict[int, list[int]]]


def reference(found: list[Article]) -> tuple[Postings, dict[str, list[int]]]:
    """Positions by (field, term) and document, and lengths by field: one occurrence at a time."""
    postings: Postings = defaultdict(lambda: defaultdict(list))
    lengths: dict[str, list[int]] = defaultdict(list)
    for number, article in enumerate(found):
        for field, stream in streams(article).items():
            lengths[field].append(sum(not extra for _, _, extra in stream))
            for term, position, _ in stream:
                postings[field, term][number].append(position)
    for rows in postings.values():
        for number, row in rows.items():
            rows[number] = sorted(set(row))  # the same term twice at a position counts once
    return postings, lengths


def read(segment: Segment) -> tuple[Postings, dict[str, list[int]]]:
    """The same from a segment's arrays."""
    postings: Postings = defaultdict(lambda: defaultdict(list))
    lengths: dict[str, list[int]] = defaultdict(list)
    for name in ("text", "title", "author", "source", "path"):
        field = segment.field(name)
        lengths[name] = field.lengths.tolist()
        for number, term in enumerate(field.terms.texts()):
            docs, freqs = field.postings(number)
            rows = np.split(field.positions_of(number), np.cumsum(freqs.astype(int))[:-1])
            for doc, row in zip(docs.tolist(), rows, strict=True):
                postings[name, term][doc] = row.tolist()
    return postings, lengths


def check_equal(segment: Segment, found: list[Article]) -> None:
    postings, lengths = reference(found)
    arrays, array_lengths = read(segment)
    assert {k: dict(v) for k, v in arrays.items()} == {
        k: {doc: sorted(row) for doc, row in v.items()} for k, v in postings.items()
    }
    for name, row in lengths.items():
        assert array_lengths[name] == row
    assert [segment.article(doc) for doc in range(segment.doc_count)] == found
    for name in ("text", "title"):
        field = segment.field(name)
        terms = field.terms.texts()
        assert terms == sorted(terms)
        assert [field.find(term.encode()) for term in terms] == list(range(len(terms)))
        assert field.find(b"nosuchterm") == field.find(b"") == -1
        assert field.pos_blocks is not None
        begins = np.cumsum(field.freqs, dtype=np.int64) - field.freqs
        assert field.pos_blocks.tolist() == begins[::POS_BLOCK].tolist()


@settings(max_examples=50)
@given(articles())
def test_a_segment_holds_what_the_streams_of_its_articles_say(found: list[Article]) -> None:
    check_equal(segment_in_memory(found, UTC), found)


@settings(max_examples=50)
@given(articles())
def test_forms_are_the_words_as_spelt_with_their_terms_and_counts(found: list[Article]) -> None:
    field = segment_in_memory(found, UTC).field("text")
    forms = field.forms.texts()
    assert forms == sorted(forms)
    occurrences = {term: int(field.freqs[a:z].sum()) for term, a, z in zip(
        field.terms.texts(), field.starts, field.starts[1:], strict=False)}  # fmt: skip
    by_term: dict[str, int] = defaultdict(int)
    for term, count in zip(field.form_terms.tolist(), field.form_counts.tolist(), strict=True):
        by_term[field.terms[term].decode()] += count
    assert by_term == occurrences


@settings(max_examples=40)
@given(articles(), articles(), st.data())
def test_merging_is_building_anew_without_the_dead(
    first: list[Article], second: list[Article], data: st.DataObject
) -> None:
    second = [replace(a, id="f" + a.id[1:], path="x" + a.path) for a in second]
    segments, alive = [], []
    for group in (first, second):
        segment = segment_in_memory(group, UTC)
        dead_files = np.array([data.draw(st.booleans()) for _ in group], bool)
        deleted = dead_files[segment.column("file")]
        segments.append(segment.masked(deleted, dead_files))
        alive += [article for article, gone in zip(group, deleted, strict=True) if not gone]
    file = io.BytesIO()
    merge.merge(segments, file)
    merged = Segment("merged", file.getvalue())
    check_equal(merged, alive)
    anew = segment_in_memory(alive, UTC)
    for name in ("id", "published_day", "published_last_day", "published_s"):
        assert merged.column(name).tolist() == anew.column(name).tolist()
    for name in ("source", "language", "file"):
        assert _named(merged, name) == _named(anew, name)
    for field in ("text", "title"):
        assert _forms(merged.field(field)) == _forms(anew.field(field))


def _forms(field: FieldArrays) -> list[tuple[str, str, int]]:
    terms = [field.terms[term].decode() for term in field.form_terms.tolist()]
    return list(zip(field.forms.texts(), terms, field.form_counts.tolist(), strict=True))


def _named(segment: Segment, column: str) -> list[bytes | None]:
    names = segment.names(column)
    return [names[code] if code >= 0 else None for code in segment.column(column).tolist()]


@settings(max_examples=50)
@given(articles())
def test_merging_in_small_slabs_changes_nothing(found: list[Article]) -> None:
    segments = [segment_in_memory(found[:3], UTC), segment_in_memory(found[3:], UTC)]
    whole, slabs = io.BytesIO(), io.BytesIO()
    merge.merge(segments, whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(merge, "_SLAB", 2)
        merge.merge(segments, slabs)
    assert whole.getvalue() == slabs.getvalue()


def test_a_merge_widens_what_no_longer_fits() -> None:
    short = Article(id="0" * 16, path="a", title="", body="word")
    long = Article(id="1" * 16, path="b", title="", body="other " * 300 + "more " * 70_000)
    segments = [segment_in_memory([article], UTC) for article in (short, long)]
    assert segments[0].field("text").freqs.dtype == np.uint8
    assert segments[1].field("text").positions is not None
    file = io.BytesIO()
    merge.merge(segments, file)
    check_equal(Segment("merged", file.getvalue()), [short, long])


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(1, 500_000), st.floats(0, 1)), max_size=60))
def test_segments_to_merge_are_few_and_bounded(sizes: list[tuple[int, float]]) -> None:
    class Sized:
        def __init__(self, name: object, doc_count: int, share: float) -> None:
            self.name = str(name)
            self.doc_count, self.live_count = doc_count, int(doc_count * share)

    segments = [Sized(n, size, share) for n, (size, share) in enumerate(sizes)]
    for number in range(20):
        groups = merge.choose(segments)  # type: ignore[arg-type]
        chosen = [segment.name for group in groups for segment in group]
        assert len(chosen) == len(set(chosen))
        if not groups:
            break
        merged = [
            Sized(f"{number}.{index}", sum(s.live_count for s in group), 1.0)
            for index, group in enumerate(groups)
        ]
        segments = [s for s in segments if s.name not in chosen] + merged
    assert not groups
    small = [s for s in segments if s.doc_count < merge.LARGEST]
    assert len(small) <= (merge.FACTOR - 1) * 7


def test_a_mapped_segment_gives_its_pages_back_and_can_still_be_read(tmp_path: Path) -> None:
    builder = SegmentBuilder(ZoneInfo("UTC"))
    for number in range(2000):
        name = f"{number:016x}"
        stamp = Fingerprint(size_bytes=0, mtime_ns=0, ctime_ns=0, inode=0, sha256="")
        file = SourceFile(path=name, fingerprint=stamp)
        words = " ".join(f"{name}{word}" for word in range(60))
        builder.add(
            Article(id=name, path=name, title="Storm", body=words), builder.begin_file(file)
        )
    path = tmp_path / "segment"
    with path.open("wb") as out:
        builder.write(out)
    segment = Segment.open(path)
    terms = list(segment.field("text").terms)

    def mapped_kb() -> int:
        lines = Path("/proc/self/smaps").read_text("utf-8").split(str(path), 1)[1].splitlines()
        return int(next(line for line in lines if line.startswith("Rss:")).split()[1])

    before = mapped_kb()
    segment.release()
    assert mapped_kb() < before / 10
    assert list(segment.field("text").terms) == terms


def test_an_article_comes_back_as_it_was_put() -> None:
    article = Article(
        id="0123456789abcdef",
        path="a/b.txt",
        title="Title\nwith a line",
        body="One.\n\nTwo “quoted”.",
        published="2016-11",
        url="https://example.org/",
        agency="AP",
        removed=(Removal(line=3, text="Share", reason="furniture"),),
        provenance={"published": Provenance(found_in="byline", confidence=0.5)},
    )
    packed = pack_article(article)
    assert unpack_article(packed) == article
    fields, body = opened(packed)
    assert body == article.body
    assert (fields["title"], fields["published"], fields.get("source")) == (
        article.title,
        article.published,
        None,
    )


def test_an_article_of_an_older_index_is_read() -> None:
    """All of its record is one zlib stream, what was removed in its first line."""
    head = {"id": "0" * 16, "path": "a", "title": "T", "removed": [[3, "Share", "furniture"]]}
    packed = zlib.compress(json.dumps(head).encode() + b"\nBody.\n")
    assert opened(packed) == (head, "Body.\n")
    removed = (Removal(line=3, text="Share", reason="furniture"),)
    assert unpack_article(packed) == Article(
        id="0" * 16, path="a", title="T", body="Body.\n", removed=removed
    )


def test_half_a_character_does_not_spoil_an_article() -> None:
    article = Article(id="0" * 16, path="a", title="bad \ud800 title", body="bad \udfff body")
    segment = segment_in_memory([article], UTC)
    assert segment.article(0).title == "bad ? title"


@pytest.mark.parametrize(
    ("published", "first", "last"),
    [
        ("2016", date(2016, 1, 1), date(2016, 12, 31)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2016-11-25", date(2016, 11, 25), date(2016, 11, 25)),
        ("2016-11-25T23:30:00+00:00", date(2016, 11, 26), date(2016, 11, 26)),
        ("2016-11-25T23:30:00", date(2016, 11, 25), date(2016, 11, 25)),
        ("0001-01-01", date(1, 1, 1), date(1, 1, 1)),
        ("9999-12-31T23:59:59Z", date(9999, 12, 31), date(9999, 12, 31)),
    ],
)
def test_a_stated_date_is_a_period_of_days_in_the_configured_zone(
    published: str, first: date, last: date
) -> None:
    found = moment(published, ZoneInfo("Europe/Paris"))
    assert (day_from_number(found.first_day), day_from_number(found.last_day)) == (first, last)


def test_times_sort_by_the_moment_and_not_by_the_clock() -> None:
    early = moment("2016-11-25T10:00:00+02:00", UTC).seconds
    late = moment("2016-11-25T09:00:00Z", UTC).seconds
    assert late - early == 3600
    assert moment("1970-01-01", UTC).seconds == 0


@pytest.mark.parametrize(
    "published", ["yesterday", "2016-13", "2016-02-30", "20161125", "2016-W47-5", ""]
)
def test_a_date_that_is_none_is_refused_and_nothing_is_taken_in(published: str) -> None:
    builder = SegmentBuilder(UTC)
    row = builder.begin_file(SourceFile(path="a", fingerprint=_print("")))
    with pytest.raises(ValueError, match="a: "):
        builder.add(Article(id="0" * 16, path="a", title="", body="", published=published), row)
    assert len(builder) == 0


@pytest.mark.parametrize("bad", ["", "xyz", "0" * 15, "0" * 17, "+" + "0" * 15, "0_0" + "0" * 13])
def test_an_id_that_is_none_is_refused(bad: str) -> None:
    builder = SegmentBuilder(UTC)
    row = builder.begin_file(SourceFile(path="a", fingerprint=_print("")))
    with pytest.raises(ValueError, match="16 hex digits"):
        builder.add(Article(id=bad, path="a", title="", body=""), row)


def _print(sha256: str) -> Fingerprint:
    return Fingerprint(
        size_bytes=2**40, mtime_ns=-1, ctime_ns=2**60, inode=2**63 + 1, sha256=sha256
    )


@pytest.mark.parametrize("sha256", ["", "00" * 32, "ab" * 31 + "00"])
def test_fingerprints_come_back(sha256: str) -> None:
    builder = SegmentBuilder(UTC)
    builder.begin_file(SourceFile(path="empty.jsonl", fingerprint=_print(sha256)))
    file = io.BytesIO()
    builder.write(file)
    assert fingerprint_of(Segment("s", file.getvalue()), 0) == _print(sha256)


def test_an_empty_segment_finds_nothing() -> None:
    segment = segment_in_memory([], UTC)
    field = segment.field("text")
    assert (field.find(b"word"), len(field.terms), field.forms.range_of(b"a")) == (-1, 0, (0, 0))
    assert segment.field("nosuchfield").find(b"word") == -1
    assert Snapshot("", "", (segment,)).languages == ()


def test_threads_that_first_ask_for_a_field_together_have_the_same_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Bug: each had its own, and what was remembered by its `id` told of another field later."""
    segment = segment_in_memory([Article(id="0" * 16, path="a", title="", body="ab")], UTC)
    both = threading.Barrier(2, timeout=30)
    read = arrays.field_from

    def together(*of_what: Any) -> FieldArrays:
        both.wait()
        return read(*of_what)

    monkeypatch.setattr(arrays, "field_from", together)
    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(segment.field, ["text", "text"])
    assert first is second is segment.field("text")


def test_an_undated_article_has_no_day() -> None:
    segment = segment_in_memory([Article(id="0" * 16, path="a", title="", body="")], UTC)
    assert segment.column("published_day").tolist() == [NO_DAY]


def test_a_snapshot_numbers_documents_across_segments() -> None:
    found = [Article(id=f"{n:016x}", path=str(n), title="", body="w " * n) for n in range(5)]
    snapshot = snapshot_in_memory([found[:2], [], found[2:]], UTC)
    assert snapshot.offsets == (0, 2, 2)
    for number, article in enumerate(found):
        segment, doc = snapshot.locate(number)
        assert segment.article(doc) == article
        assert snapshot.find(article.id) == number
    assert snapshot.total_length("text") == 10
    with pytest.raises(IndexError):
        snapshot.locate(5)
    for unknown in ("f" * 16, "nothex", "0", "g" * 16):
        with pytest.raises(UnknownArticle):
            snapshot.find(unknown)


def test_terms_are_found_by_prefix() -> None:
    field = segment_in_memory(
        [Article(id="0" * 16, path="a", title="", body="ab abc abd b ac")], UTC
    ).field("text")
    begin, end = field.terms.range_of(b"ab")
    assert field.terms[begin:end] == [b"ab", b"abc", b"abd"]
    assert field.terms.range_of(b"") == (0, 5)
    assert field.terms.range_of(b"\xff") == (5, 5)


def test_a_builder_is_full_before_memory_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "MAX_TOKENS", 10)
    builder = SegmentBuilder(UTC)
    row = builder.begin_file(SourceFile(path="a", fingerprint=_print("")))
    builder.add(Article(id="0" * 16, path="a", title="", body="one two"), row)
    assert not builder.full
    builder.add(Article(id="1" * 16, path="a", title="", body="word " * 20), row)
    assert builder.full


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", IndexDamaged),
        (b"short", IndexDamaged),
        (b"x" * 100, IndexDamaged),
        (b"DATELINE" + bytes(60), IndexOutdated),
        (b"DATELINE" + (1).to_bytes(4, "little") + bytes(60) + b"\1", IndexDamaged),
    ],
)
def test_a_file_that_is_no_segment_is_named(
    content: bytes, error: type[Exception], tmp_path: Path
) -> None:
    path = tmp_path / "segment"
    path.write_bytes(content)
    with pytest.raises(error, match="segment"):
        Segment.open(path)
