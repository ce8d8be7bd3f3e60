"""The columns of the table of features: what is known of every line, by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


UNKNOWN = -1.0

STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "all",
        "also",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "being",
        "below",
        "between",
        "both",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "doing",
        "down",
        "during",
        "each",
        "few",
        "for",
        "from",
        "further",
        "had",
        "has",
        "have",
        "having",
        "he",
        "her",
        "here",
        "hers",
        "herself",
        "him",
        "himself",
        "his",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "me",
        "more",
        "most",
        "my",
        "myself",
        "no",
        "nor",
        "not",
        "now",
        "of",
        "off",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "our",
        "ours",
        "out",
        "over",
        "own",
        "said",
        "same",
        "says",
        "she",
        "should",
        "so",
        "some",
        "such",
        "than",
        "that",
        "the",
        "their",
        "theirs",
        "them",
        "then",
        "there",
        "these",
        "they",
        "this",
        "those",
        "through",
        "to",
        "too",
        "two",
        "under",
        "until",
        "up",
        "very",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "while",
        "who",
        "whom",
        "why",
        "will",
        "with",
        "would",
        "you",
        "your",
    ]
)

LINE_FEATURES = (
    "words", "characters", "word_length", "upper_words", "upper_letters", "digits", "marks",
    "commas", "inner_ends", "quotes", "pipes", "ends", "ends_comma", "ends_colon", "ends_question",
    "starts_lower", "starts_mark", "starts_quote", "stop_words", "tale", "address", "family", "in_family",
    "has_date", "has_address", "image_name", "glued", "code", "blank_before", "blank_after", "name_like",
    "picture_words", "author_words", "site_words", "ing", "ed",
    "begins_article", "begins_linking", "begins_asking", "begins_order", "starts_number",
)  # fmt: skip
CONTEXT_FEATURES = (
    "place", "from_first", "from_last", "words_before", "prose_before", "in_run", "from_run",
    "from_first_prose", "from_last_prose",
    "window_prose", "window_prose_before", "window_prose_after", "window_words", "window_family",
    "copies", "copies_before", "part_of_other", "begins_other", "topic", "lead_topic",
    "head_topic", "previous_topic", "named_elsewhere", "first_word_lines",
    "mark_run", "shape_run", "from_strong", "until_strong",
    "since_comments", "since_stories", "until_prose", "words_after_prose_gap",
    "run_lines", "run_words", "run_ends", "run_marked", "run_families", "run_dates", "run_before", "run_after",
    "text_lines", "text_words", "text_prose", "text_blank",
)  # fmt: skip
NEIGHBOUR_FEATURES = (
    "words",
    "prose",
    "ends",
    "stop_words",
    "upper_words",
    "in_family",
    "has_date",
)
NEIGHBOUR_STEPS = (-3, -2, -1, 1, 2, 3)
FEATURES: tuple[str, ...] = (
    *LINE_FEATURES,
    "prose",
    *CONTEXT_FEATURES,
    *(f"{name}{step:+d}" for step in NEIGHBOUR_STEPS for name in NEIGHBOUR_FEATURES),
)
COLUMN = {name: i for i, name in enumerate(FEATURES)}


def bounded(values: NDArray[Any], least: int, most: int) -> NDArray[Any]:
    """The values within bounds; `np.clip` takes three times as long for the few of one text."""
    result: NDArray[Any] = np.minimum(np.maximum(values, least), most)
    return result


def positions(names: Iterable[str]) -> Ints:
    """Where the columns of those names stand."""
    return np.array([COLUMN[name] for name in names], np.int64)


def put(rows: Floats, name: str, values: ArrayLike) -> None:
    """Fill the column of that name."""
    rows[:, COLUMN[name]] = values
