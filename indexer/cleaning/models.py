"""The small models of the cleaner, read from the data files beside this module."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from indexer.cleaning import extractors
from indexer.cleaning.tree_features import TREE_FEATURES
from indexer.facts.placed_dates import DATE_FEATURES
from indexer.facts.titles import TITLE_FEATURES
from indexer.learned import forest
from indexer.learned.columns import FEATURES
from indexer.learned.company import COMPANY_FEATURES
from indexer.learned.forest import Model

HTML_FEATURES = (*FEATURES, *TREE_FEATURES, *extractors.NAMES)
COLUMNS: dict[str, tuple[str, ...]] = {
    "text": FEATURES,
    "company": (*FEATURES, *COMPANY_FEATURES),
    "html": HTML_FEATURES,
    "html_company": (*HTML_FEATURES, *COMPANY_FEATURES),
    "title": TITLE_FEATURES,
    "date": DATE_FEATURES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """Which lines are the article's (text, html), which is its title, which its date.

    `company` judges a text's lines again, by what `text` says of the lines around them;
    `html_company` does so for a page's.
    """

    text: Model
    company: Model
    html: Model
    html_company: Model
    title: Model
    date: Model


def file_name(name: str) -> str:
    """The name of a model's data file."""
    return f"weights_{name}.json"


def read(folder: Any) -> Models:
    """The models in a folder. Raises ValueError when they ask for features that there are not."""
    found = {}
    for name, columns in COLUMNS.items():
        stored = json.loads((folder / file_name(name)).read_text(encoding="utf-8"))
        found[name] = Model(forest.decode(stored, columns), float(stored["threshold"]))
    return Models(**found)


@cache
def shipped() -> Models:
    """The models of this package."""
    return read(files(__package__))


@cache
def of_folder(folder: Path) -> Models:
    """Models from elsewhere: those of one fold of a cross-validation."""
    return read(folder)
