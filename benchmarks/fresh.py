"""Drawn searches -> any number of others like them, no two the same: what nobody has asked before."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.workloads import Search, Workload, articles, forms_of

SAMPLE = 1_000  # articles that phrases and single words are taken from
FEWEST_LETTERS = 5  # of a single word: no function words
_TRIES = 50  # for a search that was not given yet


def fresh(drawn: Sequence[Workload], file: Path, *, seed: int = 1) -> Iterator[Search]:
    """Searches of the same kinds and lengths, from words of the same frequencies, for ever.

    Two to four words are put together from the words of the workload, phrases are cut from articles
    and begin as some of the workload do, single words are taken from articles. When a small
    collection holds no more, they begin to come again.
    """
    chance = random.Random(seed)
    texts = [forms_of(a["text"]) for a in itertools.islice(articles(file), SAMPLE)]
    pools = {
        id(search): _pool(search.kind, workload)
        for workload in drawn
        for search in workload.searches
    }
    given: set[tuple[str, tuple[str, ...]]] = set()
    for like in itertools.cycle([search for workload in drawn for search in workload.searches]):
        for _ in range(_TRIES):
            words = _words(like, pools[id(like)], texts, chance)
            if words and (like.kind, words) not in given:
                given.add((like.kind, words))
                yield replace(like, words=words)
                break
        else:
            yield like


def _pool(kind: str, workload: Workload) -> list[str]:
    """The words of a workload; of its phrases the first ones, for others may be of any frequency."""
    count = 1 if kind == "phrase" else None
    return sorted({word for search in workload.searches for word in search.words[:count]})


def _words(
    like: Search, pool: Sequence[str], texts: Sequence[Sequence[str]], chance: random.Random
) -> tuple[str, ...] | None:
    """Other words for a search; None if this try gave none."""
    count = len(like.words)
    text = chance.choice(texts)
    if count == 1:
        word = chance.choice(text)
        return (word,) if len(word) >= FEWEST_LETTERS else None
    if like.kind != "phrase":
        return tuple(chance.sample(pool, min(count, len(pool))))
    wanted = set(pool)
    starts = [i for i, form in enumerate(text[: 1 - count]) if form in wanted]
    if not starts:
        return None
    start = chance.choice(starts)
    return tuple(text[start : start + count])
