"""Generated articles in an index of some size, and questions that use every operator."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from batches import article_id, index_in

from benchmarks.corpus import documents
from search.engine import Reader
from search.model import Article, Fingerprint, Query, Results, SourceFile
from search.query import parse

SEED = 11
FINGERPRINT = Fingerprint(size_bytes=1, mtime_ns=1, ctime_ns=1, inode=1, sha256="")
TODAY = date(2025, 1, 1)


def generated(count: int) -> Iterator[Article]:
    """The first so many articles; the same ones every time."""
    for document in documents(count, seed=SEED):
        path = f"{document.id[-2:]}/{document.id}.txt"
        yield Article(
            id=article_id(path),
            path=path,
            title=document.title,
            body=document.text,
            published=document.published,
            source=document.source,
            language=document.language,
        )


def fill(directory: Path, count: int, *, fresh: bool = False, first: int = 0) -> None:
    """One commit of articles, each a file of its own."""
    with index_in(directory).writer(fresh=fresh) as writer:
        for article in islice(generated(count), first, None):
            writer.put(SourceFile(path=article.path, fingerprint=FINGERPRINT), [article])
        writer.commit()


def questions(count: int, *, seed: int = 5) -> list[Query]:
    """Words of all frequencies, phrases, operators, patterns, dates, sources and orders."""
    dice = random.Random(seed)
    texts = [article.body.replace("\n\n", " ").split() for article in generated(60)]
    return [_question(dice, texts) for _ in range(count)]


def _question(dice: random.Random, texts: list[list[str]]) -> Query:
    words = [word.strip(".,").lower() for word in dice.choice(texts)]
    at = dice.randrange(len(words) - 4)
    one, two, three = dice.sample(words, 3)
    near = words[at : at + dice.randrange(2, 5)]
    typed = dice.choice(
        [
            f"{one}",
            f"{one} {two}",
            f"{one} {two} {three}",
            f"{one} OR {two}",
            f"{one} AND {two}",
            f"{one} -{two}",
            f"({one} OR {two}) AND NOT {three}",
            f'"{" ".join(near)}"',
            f'"{near[0]} {near[-1]}"~{dice.randrange(2, 6)}',
            f"title:{one} {two}",
            f"{one[:4]}* {two}",
            f"{one[:1]}?{one[2:]} {two}",
            f"{one}~ {two}",
            f"after:{dice.randrange(2015, 2024)}-0{dice.randrange(1, 10)} {one}",
            f'source:"paper {dice.randrange(1, 9)}" {one} {two}',
        ]
    )
    return Query(
        text=typed,
        tree=parse(typed, today=TODAY).tree,
        match=dice.choice(["auto", "auto", "all", "any"]),
        sort=dice.choice(["relevance", "relevance", "relevance", "newest", "oldest"]),
        page=dice.choice([1, 1, 1, 2]),
    )


def answers(reader: Reader, asked: list[Query]) -> list[object]:
    """Everything in the answers that must not differ."""
    return [what_counts(reader.search(query)) for query in asked]


def what_counts(results: Results) -> object:
    """An answer without its time."""
    hits = [(hit.id, hit.score, hit.title, hit.excerpts) for hit in results.hits]
    return results.total, hits, results.sources, results.published, results.clauses
