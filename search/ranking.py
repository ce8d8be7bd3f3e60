"""Why one article stands before another: BM25 as plain functions, the reference for every engine.

An article is ranked by one text: its title twice, then its body (BM25F with equal length norms).
A *word* of a query may stand for several terms (the stems of several languages, the forms of a
prefix): they count together, as one word. What an engine computes on arrays must equal these
functions, which a test holds it to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from search.stop_words import STOP_WORDS

K1 = 1.5  # cross-validated on seven judged sets, see Q1 in docs/design.md; re-run make quality
B = 0.6  # the same
PAIR_WEIGHT = 0.1  # of a phrase of two adjacent words beside the words themselves, see Q3

RANKED_FIELDS = frozenset({None, "title"})
"""Words in these fields add to a score; `source:` and the like only filter."""


def idf(article_count: int, holding_count: int) -> float:
    """How telling a word is: near 0 for one that is everywhere, larger the rarer it is.

    The form that Lucene uses (org.apache.lucene.search.similarities.BM25Similarity), never
    negative: ln(1 + (N - n + 0.5) / (n + 0.5)).
    """
    return math.log1p((article_count - holding_count + 0.5) / (holding_count + 0.5))


def length_norm(length: int, mean_length: float) -> float:
    """What the length of a text adds to the denominator: K1 for a text of mean length."""
    return K1 * (1 - B + B * length / mean_length)


def word_score(frequency: int, length: int, mean_length: float, word_idf: float) -> float:
    """BM25 of one word in one text; 0 where it does not occur.

    Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), eq. 3.15,
    with the factor K1 + 1 of section 3.4.3.
    """
    if not frequency:
        return 0.0
    return word_idf * frequency * (K1 + 1) / (frequency + length_norm(length, mean_length))


def phrase_idf(word_idfs: Sequence[float]) -> float:
    """The idf of a phrase, and of a pair: the sum of its words', as in Lucene's PhraseQuery.

    A phrase's own idf would have to be counted over all articles before the first can be scored.
    """
    return math.fsum(word_idfs)


def telling(words: Sequence[str]) -> tuple[str, ...]:
    """The folded words of a query that rank: no stop words, unless there are no others."""
    kept = tuple(word for word in words if word not in STOP_WORDS)
    return kept or tuple(words)


def pairs(words: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Neighbours among the words that rank, each pair once, no word beside itself."""
    kept = tuple(words)
    return tuple(dict.fromkeys(pair for pair in pairwise(kept) if pair[0] != pair[1]))
