"""Several segments -> one, without the documents and files that are gone.

Postings are copied in slabs of terms, and the pages read for a slab are given back after it, so that
memory stays bounded; arrays are moved by index arithmetic, never posting by posting. `choose` says
which segments are worth merging.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.building.living import live_form_counts
from search.whoosh_engine.segments.arrays import POS_BLOCK, Segment, position_blocks
from search.whoosh_engine.segments.byte_rows import Bytes, joined
from search.whoosh_engine.segments.segment_file import SegmentFile

FACTOR = 6  # so many segments of one size make one of the next; reading pays for more
SMALLEST = 64  # documents; all segments below count as one size
LARGEST = 400_000  # documents; larger ones are merged no more, only cleared of the dead
MAX_DEAD_SHARE = 0.34  # of a segment; above it a rewrite pays
_SLAB = 4_000_000  # postings moved at a time: about 200 MB
_FILE_COLUMNS = ("file_size_bytes", "file_mtime_ns", "file_ctime_ns", "file_inode")

Array = NDArray[Any]


def choose(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The groups of segments to be merged now; each group becomes one segment.

    Sizes grow by FACTOR from tier to tier. Each document is rewritten once a tier, so that the
    amortised cost of a commit grows with the logarithm of the index, and there are at most
    FACTOR - 1 segments a tier.
    """
    groups: list[list[Segment]] = []
    tiers: dict[int, list[Segment]] = {}
    for segment in segments:
        live = segment.live_count
        if segment.doc_count >= LARGEST or live < segment.doc_count * (1 - MAX_DEAD_SHARE):
            if live < segment.doc_count * (1 - MAX_DEAD_SHARE):
                groups.append([segment])
            continue
        tier, size = 0, SMALLEST
        while size <= live:
            tier, size = tier + 1, size * FACTOR
        tiers.setdefault(tier, []).append(segment)
    carried: list[Segment] = []
    for tier in sorted(tiers):
        here = carried + tiers[tier]
        carried = here if len(here) >= FACTOR else []
        if carried and tier + 1 not in tiers:
            break
    return groups + ([carried] if len(carried) > 1 else [])


def pack(segments: Sequence[Segment]) -> list[list[Segment]]:
    """All segments in groups of up to LARGEST documents, in order: for an index built afresh."""
    groups: list[list[Segment]] = []
    total = 0
    for segment in segments:
        if groups and total + segment.live_count <= LARGEST:
            groups[-1].append(segment)
            total += segment.live_count
        else:
            groups.append([segment])
            total = segment.live_count
    return [group for group in groups if len(group) > 1]


def merge(segments: Sequence[Segment], file: BinaryIO) -> None:
    """Write one segment of all that lives in these, in their order."""
    out = SegmentFile(file)
    keeps = [~segment.deleted for segment in segments]
    doc_count = sum(int(keep.sum()) for keep in keeps)
    _merge_stored(segments, keeps, out)
    _merge_files(segments, keeps, out)
    for name in ("id", "published_day", "published_last_day", "published_s"):
        out.put(
            name, np.concatenate([s.column(name)[k] for s, k in zip(segments, keeps, strict=True)])
        )
    for name in ("source", "language"):
        _merge_codes(segments, keeps, name, out)
    for name in sorted({name for segment in segments for name in segment.field_names}):
        _Merge(segments, name, keeps).write(name, out)
    out.finish({"doc_count": doc_count})


def _merge_stored(segments: Sequence[Segment], keeps: Sequence[Array], out: SegmentFile) -> None:
    sizes = [
        np.diff(segment.sections["stored_starts"])[keep]
        for segment, keep in zip(segments, keeps, strict=True)
    ]
    starts = np.zeros(sum(map(len, sizes)) + 1, np.int64)
    np.cumsum(np.concatenate(sizes), out=starts[1:])
    out.put("stored_starts", starts)
    place = out.reserve("stored", np.dtype(np.uint8), int(starts[-1]))
    for segment, keep in zip(segments, keeps, strict=True):
        edges = np.flatnonzero(np.diff(keep, prepend=False, append=False))
        offsets = segment.sections["stored_starts"][edges].tolist()
        for begin, end in zip(offsets[::2], offsets[1::2], strict=True):
            place = out.piece("stored", place, segment.sections["stored"][begin:end])
        segment.release()


def _merge_codes(
    segments: Sequence[Segment], keeps: Sequence[Array], name: str, out: SegmentFile
) -> None:
    numbers: dict[bytes, int] = {}
    columns = []
    for segment, keep in zip(segments, keeps, strict=True):
        codes = segment.column(name)[keep]
        # The last row is for -1, which stays -1.
        renumbered = np.full(len(segment.names(name)) + 1, -1, np.int32)
        for code in np.unique(codes[codes >= 0]).tolist():
            renumbered[code] = numbers.setdefault(segment.names(name)[code], len(numbers))
        columns.append(renumbered[codes])
    blob, starts = joined(list(numbers))
    out.put(name, np.concatenate(columns))
    out.put(f"{name}_names", blob)
    out.put(f"{name}_name_starts", starts)


def _merge_files(segments: Sequence[Segment], keeps: Sequence[Array], out: SegmentFile) -> None:
    """The live files; one that several segments share (a long JSON Lines file) becomes one row."""
    rows = [np.flatnonzero(~segment.dead_files) for segment in segments]
    keys = np.concatenate([s.sections["file_keys"][r] for s, r in zip(segments, rows, strict=True)])
    names = [
        name for s, r in zip(segments, rows, strict=True) for name in _picked(s.names("file"), r)
    ]
    unique, first, renumbered = np.unique(keys, return_index=True, return_inverse=True)
    columns, begin = [], 0
    for segment, live, keep in zip(segments, rows, keeps, strict=True):
        new_rows = np.full(segment.file_count, -1, np.int32)
        new_rows[live] = renumbered[begin : begin + len(live)]
        begin += len(live)
        columns.append(new_rows[segment.column("file")[keep]])
    out.put("file", np.concatenate(columns))
    blob, starts = joined([names[index] for index in first.tolist()])
    out.put("file_keys", unique)
    out.put("file_names", blob)
    out.put("file_name_starts", starts)
    for column in _FILE_COLUMNS:
        parts = [s.sections[column][r] for s, r in zip(segments, rows, strict=True)]
        out.put(column, np.concatenate(parts)[first])
    hashes = [
        s.sections["file_sha256"].reshape(-1, 33)[r] for s, r in zip(segments, rows, strict=True)
    ]
    out.put("file_sha256", np.concatenate(hashes)[first].reshape(-1))


def _picked(names: Bytes, rows: Array) -> Iterator[bytes]:
    return (names[row] for row in rows.tolist())


class _Merge:
    """One field of several segments."""

    def __init__(self, segments: Sequence[Segment], name: str, keeps: Sequence[Array]) -> None:
        self.segments = segments
        self.fields = fields = [segment.field(name) for segment in segments]
        self.keeps = keeps
        self.form_counts = [live_form_counts(segment, name) for segment in segments]
        self.with_positions = any(field.positions is not None for field in fields)
        offsets = np.cumsum([0, *(int(keep.sum()) for keep in keeps)])
        self.new_docs = [
            (np.cumsum(keep) - 1 + offset).astype(np.uint32)
            for keep, offset in zip(keeps, offsets[:-1].tolist(), strict=True)
        ]
        lists = [list(field.terms) for field in fields]
        self.terms = sorted(set().union(*lists))
        numbers = {term: number for number, term in enumerate(self.terms)}
        self.term_maps = [
            np.fromiter(map(numbers.__getitem__, terms), np.int64, len(terms)) for terms in lists
        ]
        self._count()

    def _count(self) -> None:
        """How many postings and positions of each term live, in each field and in all."""
        self.dfs = [self._live(index, positions=False) for index in range(len(self.fields))]
        self.pcs = [self._live(index, positions=True) for index in range(len(self.fields))]
        self.starts = self._totals(self.dfs)
        self.pos_starts = self._totals(self.pcs)

    def _totals(self, counts: Sequence[Array]) -> NDArray[np.int64]:
        total = np.zeros(len(self.terms) + 1, np.int64)
        for term_map, count in zip(self.term_maps, counts, strict=True):
            total[term_map + 1] += count
        return np.cumsum(total)

    def _live(self, index: int, *, positions: bool) -> NDArray[np.int64]:
        field, keep = self.fields[index], self.keeps[index]
        starts = field.pos_starts if positions else field.starts
        if starts is None:
            return np.zeros(len(field.terms), np.int64)
        if keep.all():
            return np.diff(starts)
        counts = np.zeros(len(field.terms), np.int64)
        for first, last in _slabs(field.starts):
            begin, end = field.starts[first], field.starts[last]
            alive = keep[field.docs[begin:end]]
            weight = alive * field.freqs[begin:end].astype(np.int64) if positions else alive
            sums = np.concatenate([[0], np.cumsum(weight, dtype=np.int64)])
            counts[first:last] = np.diff(sums[field.starts[first : last + 1] - begin])
        return counts

    def write(self, name: str, out: SegmentFile) -> None:
        """Write all sections of the field."""
        lengths = [field.lengths[keep] for field, keep in zip(self.fields, self.keeps, strict=True)]
        out.put(f"{name}/lengths", np.concatenate(lengths))
        occurring = np.diff(self.starts) > 0
        kept = np.flatnonzero(occurring)
        blob, starts = joined([self.terms[number] for number in kept.tolist()])
        out.put(f"{name}/terms", blob)
        out.put(f"{name}/term_starts", starts)
        out.put(f"{name}/starts", self.starts[np.append(kept, len(self.terms))])
        if self.with_positions:
            out.put(f"{name}/pos_starts", self.pos_starts[np.append(kept, len(self.terms))])
        self._write_postings(name, out)
        if any(len(field.forms) for field in self.fields):
            new_numbers = np.cumsum(occurring) - 1
            self._write_forms(name, out, np.where(occurring, new_numbers, -1))

    def _write_postings(self, name: str, out: SegmentFile) -> None:
        total, position_total = int(self.starts[-1]), int(self.pos_starts[-1])
        freq_type = max((field.freqs.dtype for field in self.fields), key=lambda d: d.itemsize)
        docs_at = out.reserve(f"{name}/docs", np.dtype(np.uint32), total)
        freqs_at = out.reserve(f"{name}/freqs", freq_type, total)
        positions_at = blocks_at = 0
        if self.with_positions:
            types = [f.positions.dtype for f in self.fields if f.positions is not None]
            position_type = max(types, key=lambda d: d.itemsize)
            positions_at = out.reserve(f"{name}/positions", position_type, position_total)
            block_type = np.dtype(np.uint32 if position_total < 1 << 32 else np.uint64)
            blocks_at = out.reserve(f"{name}/pos_blocks", block_type, -(-total // POS_BLOCK))
        for first, last in _slabs(self.starts):
            begin, end = int(self.starts[first]), int(self.starts[last])
            docs, freqs = np.empty(end - begin, np.uint32), np.empty(end - begin, freq_type)
            filled = self.starts[first:last] - begin
            pos_begin, pos_end = int(self.pos_starts[first]), int(self.pos_starts[last])
            pos_filled = self.pos_starts[first:last] - pos_begin
            if self.with_positions:
                positions = np.empty(pos_end - pos_begin, position_type)
            for index, field in enumerate(self.fields):
                a, z = np.searchsorted(self.term_maps[index], (first, last)).tolist()
                if a == z:
                    continue
                terms = self.term_maps[index][a:z] - first
                span = slice(field.starts[a], field.starts[z])
                old_docs, old_freqs = field.docs[span], field.freqs[span]
                alive = self.keeps[index][old_docs]
                whole = bool(alive.all())
                to = _targets(filled, terms, self.dfs[index][a:z])
                docs[to] = self.new_docs[index][old_docs if whole else old_docs[alive]]
                freqs[to] = old_freqs if whole else old_freqs[alive]
                if field.positions is not None and field.pos_starts is not None:
                    pos_span = slice(field.pos_starts[a], field.pos_starts[z])
                    moved = field.positions[pos_span]
                    if not whole:
                        moved = moved[np.repeat(alive, old_freqs)]
                    positions[_targets(pos_filled, terms, self.pcs[index][a:z])] = moved
            docs_at = out.piece(f"{name}/docs", docs_at, docs)
            freqs_at = out.piece(f"{name}/freqs", freqs_at, freqs)
            if self.with_positions:
                positions_at = out.piece(f"{name}/positions", positions_at, positions)
                blocks = position_blocks(freqs, first=begin, before=pos_begin)
                blocks_at = out.piece(f"{name}/pos_blocks", blocks_at, blocks)
            for segment in self.segments:
                segment.release()

    def _write_forms(self, name: str, out: SegmentFile, new_terms: Array) -> None:
        """Forms with their terms; counts are summed, and forms that no live article has go."""
        lists = [list(field.forms) for field in self.fields]
        forms = sorted(set().union(*lists))
        numbers = {form: number for number, form in enumerate(forms)}
        keys, counts = [], []
        for index, (field, mine) in enumerate(zip(self.fields, lists, strict=True)):
            terms = new_terms[self.term_maps[index][field.form_terms]]
            ranks = np.fromiter(map(numbers.__getitem__, mine), np.int64, len(mine))
            alive = (terms >= 0) & (self.form_counts[index] > 0)
            keys.append(((ranks << 32) | terms)[alive])
            counts.append(self.form_counts[index][alive])
        key, where = np.unique(np.concatenate(keys), return_inverse=True)
        totals = np.bincount(where, np.concatenate(counts), minlength=len(key))
        blob, starts = joined([forms[rank] for rank in (key >> 32).tolist()])
        out.put(f"{name}/forms", blob)
        out.put(f"{name}/form_starts", starts)
        out.put(f"{name}/form_terms", (key & 0xFFFFFFFF).astype(np.uint32))
        out.put(f"{name}/form_counts", totals.astype(np.uint32))


def _targets(filled: Array, terms: Array, counts: Array) -> Array:
    """Where the entries of these terms go; moves the marks in `filled` on behind them."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    to = np.repeat(filled[terms] - (ends - counts), counts) + np.arange(total)
    filled[terms] += counts
    return to


def _slabs(starts: Array) -> Iterator[tuple[int, int]]:
    """Ranges of terms with about _SLAB postings each; at least one term, if it is a large one."""
    count = len(starts) - 1
    first = 0
    while first < count:
        last = int(np.searchsorted(starts, starts[first] + _SLAB, "right")) - 1
        last = min(max(last, first + 1), count)
        yield first, last
        first = last
