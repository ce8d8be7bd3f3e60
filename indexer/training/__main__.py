"""`python -m indexer.training DATA`: fit the models anew and write their data files.

DATA is a folder of labelled articles (`text_*.jsonl`, `articles.jsonl`, `html/`). For each fold of
sites the same models are fitted without those sites and written to `--folds DIR/0` … `DIR/4`, for
`indexer.training.exam`, which measures each article with models that have not seen its site.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import numpy as np

from indexer.cleaning.models import file_name
from indexer.facts import placed_dates, titles
from indexer.facts.metadata import letters
from indexer.learned.columns import Floats
from indexer.training.examples import FOLDS, Example, pages, text_rows, texts
from indexer.training.fit import Labelled
from indexer.training.stages import THRESHOLDS, Apart, Fitted, fit

DAY = re.compile(r"\d{4}-\d\d-\d\d")


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, write, say how long it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of labelled articles")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "cleaning")
    parser.add_argument("--folds", type=Path, help="where the models of the folds go")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    plain, html = list(texts(options.data)), list(pages(options.data))
    _say(started, f"{len(plain)} texts and {len(html)} pages read")
    forests = Apart("text", plain, lambda what: _say(started, what))
    page_forests = Apart("html", html, lambda what: _say(started, what))
    whole = [each for each in plain if each.record["variant"] != "bs4"]  # its lines are torn
    unseen = {id(each): forests.chances(each) for each in whole}
    title_rows = {id(e): title_candidates(e, unseen[id(e)]) for e in whole}
    date_rows = {id(e): date_candidates(e, unseen[id(e)]) for e in whole}

    def models_without(folds: AbstractSet[int]) -> dict[str, Fitted]:
        known = [id(each) for each in whole if each.fold not in folds]
        return {
            "text": forests.without(folds),
            "company": fit("company", forests.labelled(folds)),
            "html": page_forests.without(folds),
            "html_company": fit("html_company", page_forests.labelled(folds)),
            "title": fit("title", _given(title_rows[each] for each in known)),
            "date": fit("date", _given(date_rows[each] for each in known)),
        }

    for fold in range(FOLDS) if options.folds else ():
        write(models_without({fold}), options.folds / str(fold))
        _say(started, f"all but fold {fold}")
    write(models_without(set()), options.out)
    _say(started, "done")
    return 0


def write(models: dict[str, Fitted], folder: Path) -> None:
    """One file a model, one tree a line."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in models.items():
        head = {key: value for key, value in model.items() if key != "trees"}
        trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in model["trees"])
        text = json.dumps(head, indent=0)[:-2] + ',\n"trees": [\n' + trees + "\n]\n}\n"
        (folder / file_name(name)).write_text(text, encoding="utf-8")


def title_candidates(example: Example, probabilities: Floats) -> Labelled | None:
    """The candidates of a text whose title is known, labelled."""
    title = example.record.get("title")
    if not title:
        return None
    kept = (probabilities >= THRESHOLDS["text"]).tolist()
    found = titles.candidates(example.lines, text_rows(example), kept)
    rows = titles.title_table(found, example.lines, text_rows(example), kept)
    right = [letters(candidate.text) == letters(title) for candidate in found]
    return _even(rows, right)


def date_candidates(example: Example, probabilities: Floats) -> Labelled | None:
    """The candidates of a text whose date is known, labelled; none may be right."""
    day = (example.record.get("date") or "")[:10]
    if not DAY.fullmatch(day) or example.record.get("date_doubtful"):
        return None
    kept = (probabilities >= THRESHOLDS["text"]).tolist()
    found = placed_dates.date_candidates(example.lines)
    said = letters(example.record.get("title") or "")
    title = next(
        (i for i, line in enumerate(example.lines) if said and letters(line.text) == said), None
    )
    rows = placed_dates.date_table(found, example.lines, text_rows(example), kept, title)
    return _even(rows, [candidate.found.iso == day for candidate in found])


def _even(rows: Floats, right: Sequence[bool]) -> Labelled | None:
    if not len(rows):
        return None
    weights = np.full(len(rows), 1 / len(rows) ** 0.5, np.float32)
    return Labelled(rows, np.array(right, np.bool_), weights)


def _given(parts: Any) -> list[Labelled]:
    return [part for part in parts if part is not None]


def _say(started: float, what: str) -> None:
    print(f"{time.monotonic() - started:6.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
