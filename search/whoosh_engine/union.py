"""The best of a union of words without scoring all of it; how many articles the union has.

What is left out is certain not to be among the best: a word can add so much to a score and no more
(MaxScore: Turtle and Flood, Query evaluation: strategies and optimizations, 1995). Scores come out
of here as if everything had been scored, word by word in the query's order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.whoosh_engine.frequencies import Memory
from search.whoosh_engine.lists import Docs, Postings
from search.whoosh_engine.positions import once
from search.whoosh_engine.top import at_least, cut
from search.whoosh_engine.view import Scores, View

_OFTEN = 1 << 30  # no word is more frequent in an article
_LONG = 2_048  # postings; fewer are all scored sooner than it is found out which need not be
_ROUNDING = 1e-5  # more than float32 may lose in a few operations
AT_ONCE = 1_000_000  # words times documents: scored together they take nine bytes each
_SPARSE = 12  # fewer postings than one for so many documents are merged, more are laid on a row


class Ranked(NamedTuple):
    """A word of a union: where it occurs, and what an impact in it is worth."""

    field: str
    postings: Postings
    weight: float


Reach = Callable[[float], float]
"""A score -> the least one that what is added afterwards may lift to it."""


class Wanted(NamedTuple):
    """How many of the best, and what may be added to scores afterwards."""

    most: int
    reach: Reach


Found = tuple[int, Docs, Scores]
"""How many match in all; documents, ascending, with every one that can be among the best; scores."""


def best_of_union(
    view: View,
    words: Sequence[Ranked],
    wanted: Wanted,
    frequencies: Memory,
    check: Callable[[], None],
) -> Found:
    """The best of the articles that have any of the words, and those within reach of them."""
    count, reach = wanted
    words = [word for word in words if word.postings.size]
    if not words:
        return 0, np.empty(0, np.int64), np.empty(0, np.float32)
    check()
    if len(words) == 1:
        return _one(view, words[0], count, reach)
    found = _few_decide(view, words, wanted, frequencies, check)
    if found is not None:
        return found
    if sum([word.postings.size for word in words]) * _SPARSE < view.doc_count_all:
        return _merged(view, words, count, reach)
    return _laid_out(view, words, count, reach, check)


def scored(
    view: View,
    words: Sequence[Ranked],
    docs: Docs,
    frequencies: Memory,
    check: Callable[[], None],
) -> Scores:
    """What the words add to the score of each of these documents, in the order of the words."""
    if len(words) * len(docs) > AT_ONCE:
        return _one_by_one(view, words, docs, check)
    freqs = [frequencies.of(word.postings, docs) for word in words]
    weights = [word.weight for word in words]
    if len({word.field for word in words}) == 1:
        return view.summed(words[0].field, docs, freqs, weights)
    total = np.zeros(len(docs), np.float32)
    for word, row in zip(words, freqs, strict=True):
        total += view.summed(word.field, docs, [row], [word.weight])
    return total


def _one_by_one(
    view: View, words: Sequence[Ranked], docs: Docs, check: Callable[[], None]
) -> Scores:
    """The same in little room: a pasted page has hundreds of words, and nearly all articles some."""
    total = np.zeros(len(docs), np.float32)
    for word in words:
        check()
        freqs = view.rows.frequencies(word.postings, docs)
        total += view.summed(word.field, docs, [freqs], [word.weight])
    return total


def _one(view: View, word: Ranked, count: int, reach: Reach) -> Found:
    """One word: frequent ones are scored by their frequencies, from the highest down."""
    docs, freqs = word.postings.docs, word.postings.freqs
    total = len(docs)
    if total < _LONG or count * 4 > total:
        scores = view.impacts_of(word.field, docs, freqs) * np.float32(word.weight)
        return (total, *_cut(docs, scores, count, reach))
    least = int(freqs.max())
    while least > 1 and np.count_nonzero(freqs >= least) < 2 * count:
        least -= max(1, least // 3)
    while True:
        rows = at_least(freqs, least)
        some = docs.take(rows)
        scores = view.impacts_of(word.field, some, freqs.take(rows)) * np.float32(word.weight)
        low = reach(_low(count, scores))
        needed = least
        while needed > 1 and word.weight * view.most_impact(word.field, needed - 1) >= low:
            needed -= 1
        if needed == least:
            return (total, *_cut(some, scores, count, reach))
        least = needed


def _few_decide(
    view: View,
    words: Sequence[Ranked],
    wanted: Wanted,
    frequencies: Memory,
    check: Callable[[], None],
) -> Found | None:
    """A union whose rare words decide which articles are best, if they do."""
    count, reach = wanted
    by_length = sorted(words, key=lambda word: word.postings.size)
    sizes = [word.postings.size for word in by_length]
    for place in range(1, len(words)):
        few, many = sum(sizes[:place]), sum(sizes[place:])
        if many < max(_LONG, 4 * few):
            return None
        rare, common = by_length[:place], by_length[place:]
        most = sum(word.weight * view.most_impact(word.field, _OFTEN) for word in common)
        if few < count or most >= max(word.weight for word in rare) * 2:
            continue
        docs, sums, several = _added(view, rare)
        low = _low(count, sums)
        if most >= (reach(low) if len(common) > 1 else low):
            continue  # those with common words alone may be among the best, too
        known = {word.postings: view.rows.frequencies(word.postings, docs) for word in common}
        held = np.zeros(len(docs), np.bool_)
        for row in known.values():
            held |= row > 0
        total = len(docs) + union_size(view, [w.postings for w in common]) - np.count_nonzero(held)
        needed = np.full(len(docs), low, np.float32)
        needed[several] = reach(low)
        needed[held] = reach(low) - most
        frequencies.know(docs, known)
        some = frequencies.narrow(docs, at_least(sums, needed))
        return int(total), some, scored(view, words, some, frequencies, check)
    return None


def _merged(view: View, words: Sequence[Ranked], count: int, reach: Reach) -> Found:
    """All words, their postings put in one row."""
    docs, scores, several = _added(view, words)
    total = len(docs)
    if count < total:
        low = _low(count, scores)
        needed = np.where(several, np.float32(reach(low)), np.float32(low))
        rows = at_least(scores, needed)
        docs, scores = docs.take(rows), scores.take(rows)
    return total, docs, scores


def _added(view: View, words: Sequence[Ranked]) -> tuple[Docs, Scores, NDArray[np.bool_]]:
    """The documents that have any of the words, ascending; their scores; which have several."""
    docs = np.concatenate([word.postings.docs for word in words])
    scores = _worth(view, words, docs)
    if len(words) > 1:
        order = docs.argsort(kind="stable")  # merges the rows, and keeps the order of the words
        docs, scores = docs.take(order), scores.take(order)
    first = np.ones(len(docs), np.bool_)
    np.not_equal(docs[1:], docs[:-1], out=first[1:])
    again = np.logical_not(first).nonzero()[0]
    if not len(again):
        return docs, scores, ~first
    firsts = first.nonzero()[0]
    of = again - np.arange(1, len(again) + 1)  # so many rows before were not the first
    sums = scores.take(firsts)
    np.add.at(sums, of, scores.take(again))
    several = np.zeros(len(sums), np.bool_)
    several[of] = True
    return docs.take(firsts), sums, several


def _worth(view: View, words: Sequence[Ranked], docs: Docs) -> Scores:
    """The score of every posting of the words, one word after the other."""
    sizes = [word.postings.size for word in words]
    weights = np.array([word.weight for word in words], np.float32)
    if len({word.field for word in words}) == 1:
        freqs = np.concatenate([word.postings.freqs for word in words])
        impacts = view.impacts_of(words[0].field, docs, freqs)
    else:
        impacts = np.concatenate(
            [view.impacts_of(w.field, w.postings.docs, w.postings.freqs) for w in words]
        )
    impacts *= weights.repeat(sizes)
    return impacts


def _laid_out(
    view: View, words: Sequence[Ranked], count: int, reach: Reach, check: Callable[[], None]
) -> Found:
    """All words, on a row with a place for every document."""
    buffer = view.score_buffer()
    try:
        for word in words:
            check()
            docs = word.postings.docs.astype(np.intp)
            scores = view.impacts_of(word.field, docs, word.postings.freqs)
            scores *= np.float32(word.weight)
            np.add.at(buffer, docs, scores)
        held = buffer != 0
        total = int(np.count_nonzero(held))
        low = 0.0
        if count < total:
            low = reach(_low(count, buffer))
        docs = np.flatnonzero(buffer >= low if low > 0 else held)
        return total, docs, buffer.take(docs)
    finally:
        buffer.fill(0)


def _low(count: int, scores: Scores) -> float:
    """What surely all have that may be among the best, whatever float32 loses."""
    return float(cut(count, scores)) * (1 - _ROUNDING)


def _cut(docs: Docs, scores: Scores, count: int, reach: Reach) -> tuple[Docs, Scores]:
    """Those within reach of the best `count`."""
    if count >= len(docs):
        return docs, scores
    rows = at_least(scores, reach(_low(count, scores)))
    return docs.take(rows), scores.take(rows)


def union_size(view: View, lists: Sequence[Postings]) -> int:
    """How many documents are in any of the lists."""
    lists = sorted((each for each in lists if len(each)), key=len)
    if len(lists) < 2:
        return sum(map(len, lists))
    if len(lists) == 2:
        few, many = lists
        both = np.count_nonzero(view.rows.frequencies(many, few.docs))
        return len(few) + len(many) - int(both)
    mask = view.mask_buffer()
    for each in lists:
        mask[each.docs.astype(np.intp)] = True
    total = int(np.count_nonzero(mask))
    mask.fill(False)
    return total


def union_docs(view: View, rows: Sequence[Docs]) -> NDArray[np.int64]:
    """The documents of any of the rows, ascending."""
    if sum(map(len, rows)) * 8 < view.doc_count_all:
        return once(np.sort(np.concatenate(rows)))
    mask = view.mask_buffer()
    for row in rows:
        mask[row.astype(np.intp, copy=False)] = True
    found = np.flatnonzero(mask)
    mask.fill(False)
    return found
