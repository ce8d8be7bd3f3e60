"""Ranking quality: the judged sets of `../shared/ir` through our own index, parser and search.

`python -m tests.quality.judged_ranking [SET…]` indexes each set in a temporary folder, asks its
queries as a person would type them, scores the ten best with the sets' own `evaluate.py`, and
prints them beside Lucene, the best of each column among six other engines, and the floors. It
exits with 1 when a floor is broken, with 0 and a word when the sets are not there.
"""

# ruff: noqa: T201 - it is a command: what it prints is its answer

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

from search.model import Article, Fingerprint, Match, Query, SourceFile
from search.query import parse
from search.whoosh_engine import WhooshIndex

SETS = Path(os.environ.get("JUDGED_SETS", Path(__file__).parents[3] / "shared" / "ir"))
TODAY = date(2026, 1, 1)
NDCG, MRR = "ndcg", "mrr10"


@dataclass(frozen=True, slots=True)
class Exam:
    """A set, what to ask of it, and what others reach (nDCG@10, or MRR@10 of headlines)."""

    name: str
    metric: str
    lucene: float | None = None
    best: float | None = None
    """Of Whoosh, FTS5, tantivy, Xapian, bm25s, Lucene and the recipe."""
    language: str | None = "en"
    headlines: bool = False
    unaccented: bool = False


EXAMS = (
    Exam("cranfield", NDCG, 0.358, 0.374),
    Exam("cisi", NDCG, 0.375, 0.401),
    Exam("cacm", NDCG, 0.484, 0.517),
    Exam("med", NDCG, 0.690, 0.705),
    Exam("lisa", NDCG, 0.451, 0.462),
    Exam("checkthat2020", NDCG, 0.808, 0.843),
    Exam("reuters21578", NDCG, 0.706, 0.738),
    Exam("bbc", MRR, headlines=True),
    Exam("french_masakhane", MRR, language="fr", headlines=True),
    Exam("french_masakhane", MRR, language="fr", headlines=True, unaccented=True),
    Exam("turkish_ttc3600", MRR, language="tr", headlines=True),
    Exam("turkish_ttc3600", MRR, language="tr", headlines=True, unaccented=True),
    Exam("arabic_hespress_jazeera", MRR, language="ar", headlines=True),
)
MEAN_FLOOR = 0.571  # nDCG@10: the mean of the recipe that was cross-validated on the seven sets
BELOW_LUCENE = 0.01  # no set may be further below Lucene 9.5 with its own parameters


def documents(exam: Exam) -> Iterator[Article]:
    """The set's documents; those whose headlines are asked lose them."""
    file = next(path for path in _named(exam, "docs.jsonl") if path.exists())
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Article(
                id=hashlib.blake2b(row["id"].encode(), digest_size=8).hexdigest(),
                path=row["id"],
                title="" if exam.headlines else row.get("title") or "",
                body=row["text"],
                language=exam.language,
            )


def _named(exam: Exam, name: str) -> list[Path]:
    return [SETS / exam.name / name, SETS / exam.name / f"{name}.gz"]


def queries(exam: Exam) -> Iterator[tuple[str, str]]:
    """(number, text) of each query."""
    name = "headlines.queries.tsv" if exam.headlines else "queries.tsv"
    for line in (SETS / exam.name / name).read_text(encoding="utf-8").splitlines():
        number, _, text = line.partition("\t")
        yield number, without_accents(text) if exam.unaccented else text


def without_accents(text: str) -> str:
    """As it is typed on a keyboard that has none."""
    return text.translate(
        str.maketrans("çğıöşüâîûàäéèêëïôùÿÇĞİÖŞÜÉÈÀ", "cgiosuaiuaaeeeeiouycGIOSUEEA")
    )


def indexed(articles: Iterable[Article], folder: Path) -> WhooshIndex:
    """A committed index of the articles."""
    index = WhooshIndex(folder, timezone=ZoneInfo("UTC"), budget_ms=60_000)
    file = Fingerprint(size_bytes=0, mtime_ns=0, ctime_ns=0, inode=0, sha256="")
    with index.writer() as writer:
        writer.put(SourceFile(path="set.jsonl", fingerprint=file), articles)
        writer.commit()
    return index


def run(exam: Exam, match: Match, folder: Path) -> dict[str, list[str]]:
    """Query -> the ids of the ten best, as `evaluate.py` takes it."""
    reader = indexed(documents(exam), folder).reader()
    found: dict[str, list[str]] = {}
    for number, text in queries(exam):
        query = Query(text=text, tree=parse(text, today=TODAY).tree, match=match)
        found[number] = [hit.path for hit in reader.search(query).hits]
    return found


def score(exam: Exam, match: Match, evaluate: ModuleType) -> float:
    """The mean of the exam's metric over its queries."""
    name = "headlines.qrels.tsv" if exam.headlines else "qrels.tsv"
    with tempfile.TemporaryDirectory() as folder:
        found = run(exam, match, Path(folder))
    means, _ = evaluate.evaluate(evaluate.load_qrels(str(SETS / exam.name / name)), found)
    return float(means[exam.metric])


def evaluator() -> ModuleType:
    """The sets' own scoring program."""
    spec = importlib.util.spec_from_file_location("evaluate", SETS / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def broken_floors(scores: dict[Exam, float]) -> list[str]:
    """What is worse than it may be, in words."""
    judged = {exam: value for exam, value in scores.items() if exam.lucene is not None}
    broken = [
        f"{exam.name}: {value:.3f} is more than {BELOW_LUCENE} below Lucene's {exam.lucene:.3f}"
        for exam, value in judged.items()
        if exam.lucene is not None and value < exam.lucene - BELOW_LUCENE
    ]
    whole = sum(exam.lucene is not None for exam in EXAMS)
    mean = sum(judged.values()) / len(judged) if judged else 0.0
    if len(judged) == whole and mean < MEAN_FLOOR:
        broken.append(f"the mean of {whole} sets, {mean:.4f}, is below {MEAN_FLOOR}")
    return broken


def main(names: list[str]) -> int:
    """Print the table; 1 if a floor is broken."""
    if not (SETS / "evaluate.py").exists():
        print(f"ranking: the judged sets are not in {SETS}; set JUDGED_SETS to where they are")
        return 0
    evaluate = evaluator()
    print(f"{'set':24} {'metric':8} {'ours':>6} {'any':>6} {'Lucene':>7} {'best':>6} {'s':>6}")
    scores: dict[Exam, float] = {}
    for exam in EXAMS:
        if names and exam.name not in names:
            continue
        start = time.perf_counter()
        scores[exam] = score(exam, "auto", evaluate)
        any_word = score(exam, "any", evaluate)
        name = exam.name + (" (ascii)" if exam.unaccented else "")
        others = [f"{other:.3f}" if other else "" for other in (exam.lucene, exam.best)]
        metric = "nDCG@10" if exam.metric == NDCG else "MRR@10"
        print(
            f"{name:24.24} {metric:8} {scores[exam]:6.4f} {any_word:6.4f} {others[0]:>7} "
            f"{others[1]:>6} {time.perf_counter() - start:6.1f}",
            flush=True,
        )
    judged = [value for exam, value in scores.items() if exam.lucene is not None]
    if judged:
        print(f"{'mean of the judged sets':33} {sum(judged) / len(judged):6.4f}")
    broken = broken_floors(scores)
    for line in broken:
        print(f"FLOOR BROKEN: {line}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
