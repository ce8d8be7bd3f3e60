"""The index that a benchmark asks: one that is there, or one built of generated or given articles."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import corpus, workloads
from benchmarks.engines import dateline
from search.engine import Reader
from search.model import Everything, Query

SAMPLE = 500  # articles that words are taken from


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which articles are searched."""
    parser.add_argument("--docs", type=int, default=30_000, help="how many articles (30,000)")
    parser.add_argument(
        "--corpus", type=Path, help="JSON Lines (.gz) with title and text, not generated articles"
    )
    parser.add_argument("--index", type=Path, help="an index that is there: nothing is built")
    parser.add_argument("--seed", type=int, default=1, help="of articles and searches (1)")
    parser.add_argument("--dir", type=Path, help="where the scratch folder is made")
    parser.add_argument("--json", action="store_true", help="one JSON value instead of lines")


@contextmanager
def index_of(options: argparse.Namespace) -> Iterator[Path]:
    """The folder of the index that the options name; one that was built goes again."""
    if options.index:
        yield options.index
        return
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.dir) as scratch:
        articles, index_dir = Path(scratch) / "articles.jsonl", Path(scratch) / "index"
        if options.corpus:
            documents = corpus.from_file(options.corpus, options.docs, seed=options.seed)
        else:
            documents = corpus.documents(options.docs, seed=options.seed)
        corpus.write(articles, documents)
        index_dir.mkdir()
        dateline.build(index_dir, workloads.articles(articles))
        yield index_dir


def words(reader: Reader) -> list[str]:
    """The words of the newest articles, as often as they occur there."""
    query = Query(text="", tree=Everything(), sort="newest", size=SAMPLE)
    articles = (reader.article(hit.id) for hit in reader.search(query).hits)
    return [word for article in articles for word in f"{article.title} {article.body}".split()]
