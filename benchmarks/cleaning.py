"""`python -m benchmarks.cleaning [FOLDER] [--rounds N]`: how fast articles are cleaned, on one core.

Texts a second, and the time of a page as a multiple of trafilatura's alone. Each round is a process
of its own that meets every file once, so that nothing is remembered of any; processor time, and the
median of the rounds. FOLDER holds articles as the indexer reads them (default: `articles`), or
labelled ones (`text_resi.jsonl`, `articles.jsonl` with the paths of gzipped pages).
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from trafilatura import extract

from indexer.cleaning.article import clean_html, clean_text
from indexer.folder.files import Unreadable
from indexer.lines.decode import decode

LABELLED_TEXTS, LABELLED_PAGES = "text_resi.jsonl", "articles.jsonl"
ENDINGS = {".txt": False, ".html": True, ".htm": True}


class Round(NamedTuple):
    """Milliseconds of processor time a file."""

    text: float
    page: float
    trafilatura: float


def samples(folder: Path) -> tuple[list[str], list[str]]:
    """The texts and the pages of a folder."""
    if (folder / LABELLED_TEXTS).exists():
        texts = [record["text"] for record in _records(folder / LABELLED_TEXTS)]
        places = [folder / record["html"] for record in _records(folder / LABELLED_PAGES)]
        return texts, [
            gzip.decompress(each.read_bytes()).decode(errors="replace") for each in places
        ]
    found: tuple[list[str], list[str]] = ([], [])
    for file in sorted(folder.rglob("*")):
        if file.suffix in ENDINGS and file.is_file():
            is_html = ENDINGS[file.suffix]
            with contextlib.suppress(Unreadable):  # pictures that are called texts
                found[is_html].append(decode(file.read_bytes(), is_html=is_html).text)
    return found


def once(folder: Path) -> Round:
    """One round: each file once."""
    texts, pages = samples(folder)
    warm_up = [
        f"Sentence {day} of a text on the harbour, of May {day}, 2024." for day in range(1, 21)
    ]
    clean_text("\n".join(warm_up))  # loads the weights and the loops
    clean_html("<p>".join(warm_up))
    extract("<p>A word.</p>")
    return Round(
        _each(clean_text, texts),
        _each(clean_html, pages),
        _each(lambda page: extract(page, include_comments=False), pages),
    )


def _each(clean: Callable[[str], object], files: Sequence[str]) -> float:
    start = time.process_time()
    for file in files:
        clean(file)
    return (time.process_time() - start) * 1_000 / max(1, len(files))


def _records(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cleaning", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("articles"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts, pages = samples(options.folder)
    if not texts or not pages:
        parser.error(
            f"{options.folder}: holds {len(texts)} texts and {len(pages)} pages; want both"
        )
    rounds = []
    for _ in range(options.rounds):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            rounds.append(process.submit(once, options.folder).result())
    text = statistics.median(each.text for each in rounds)
    page = statistics.median(each.page for each in rounds)
    ratio = statistics.median(each.page / each.trafilatura for each in rounds)
    print(f"{len(texts)} texts: {text:.2f} ms each, {1_000 / text:.0f} a second")
    print(f"{len(pages)} pages: {page:.1f} ms each, {ratio:.2f} times trafilatura alone")


if __name__ == "__main__":
    main()
