"""A seed -> any number of news-like articles, streamed. The same seed gives the same bytes.

Words are drawn by rank after Zipf and Mandelbrot, p(r) ~ 1 / (r + 2.7) ** 1.07 over 200,000 word
forms; the first ranks are English function words, the others are made of syllables and an English
ending. Two habits of real text are added, because engines feel them: a word that has occurred in an
article tends to occur again in it (so that term frequencies rise above one), and some words have
favourite followers (so that phrases match). Sentences, paragraphs, titles, sources and dates have
the lengths and shares of news.

Every form has the same stem under Porter's stemmer of 1980 and Snowball's English one, and holds
ASCII letters alone: all engines then find the same words, and their totals can be compared.
"""

from __future__ import annotations

import datetime as dt
import gzip
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import Stemmer

VOCABULARY = 200_000
_MOST_FREQUENT = """
    the of and to in a that for it as with be by on not he i or from at which but an had they you
    were their one all we can her there been if more when will would who so no said out what up
    its about into than them only some could time these two may then do first any my now such like
    our over man me even most made after also did many off before must through back where much
    your way well down should because each just those people how too little state good very make
    world still see own men work long here get both between life being under never day same
"""
_ONSETS = "b bl br c ch cr d dr f fl g gr h j k kl l m n p pl pr r s sh sk sl st t tr v w z"
_VOWELS = "a e i o u ai ea oo ou"
_CODAS = "b ck d g k l ld m n nd ng nt p r rk rn rt sk st t x"
FUNCTION_WORDS = _MOST_FREQUENT.split()
ONSETS, VOWELS, CODAS = _ONSETS.split(), _VOWELS.split(), _CODAS.split()
ENDINGS = ("", "", "", "", "s", "s", "ed", "ing")
FIRST_DAY = dt.date(2015, 1, 1)
DAYS = 3653  # ten years
SOURCES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One generated article, with the keys of the project's JSON Lines files."""

    id: str
    title: str
    text: str
    published: str
    source: str
    language: str = "en"


def documents(count: int, *, seed: int) -> Iterator[Document]:
    """`count` articles of about 400 words. The first n are the same however many are asked for."""
    random = np.random.default_rng(seed)
    forms = np.array(_vocabulary(), dtype=object)
    ranks = np.arange(1, VOCABULARY + 1)
    shares = 1 / (ranks + 2.7) ** 1.07
    cumulated = np.cumsum(shares / shares.sum())
    followers = np.searchsorted(cumulated, random.random(VOCABULARY)).clip(max=VOCABULARY - 1)
    source_shares = 1 / np.arange(2, SOURCES + 2)
    sources = np.cumsum(source_shares / source_shares.sum())
    for number in range(count):
        length = int(random.lognormal(5.87, 0.5))
        words = _words(random, max(60, min(length, 2500)), cumulated, followers)
        day = FIRST_DAY + dt.timedelta(days=int(random.integers(DAYS)))
        source = int(np.searchsorted(sources, random.random()))
        yield Document(
            id=f"{number:07d}",
            title=_title(random, words, forms),
            text=_text(random, forms[words].tolist()),
            published=day.isoformat(),
            source=f"Paper {min(source, SOURCES - 1) + 1}",
        )


def write(path: Path, articles: Iterable[Document]) -> int:
    """The articles as JSON Lines, one article a line; returns how many."""
    with path.open("w", encoding="utf-8") as file:
        return sum(1 for a in articles if file.write(json.dumps(asdict(a)) + "\n"))


def from_file(path: Path, count: int, *, seed: int) -> Iterator[Document]:
    """The first `count` articles of a JSON Lines file (`.gz` or not) with `title` and `text`.

    They are numbered anew; one without date or source is given those that a seed draws for it.
    """
    random = np.random.default_rng(seed)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(itertools.islice(file, count)):
            given = json.loads(line)
            day = FIRST_DAY + dt.timedelta(days=int(random.integers(DAYS)))
            source = int(random.integers(SOURCES))
            yield Document(
                id=f"{number:07d}",
                title=given["title"],
                text=given["text"],
                published=given.get("published") or day.isoformat(),
                source=given.get("source") or f"Paper {source + 1}",
            )


def _words(
    random: np.random.Generator,
    length: int,
    cumulated: np.ndarray[tuple[int], np.dtype[np.float64]],
    followers: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The ranks of an article's words: int64[length]."""
    words = np.searchsorted(cumulated, random.random(length)).clip(max=VOCABULARY - 1)
    kind = random.random(length)
    kind[0] = 0.0
    again = np.flatnonzero((kind > 0.8) & (words >= len(FUNCTION_WORDS)))
    words[again] = words[(random.random(len(again)) * again).astype(np.int64)]
    following = np.flatnonzero((kind > 0.6) & (kind <= 0.8))
    words[following] = followers[words[following - 1]]
    return words


def _title(
    random: np.random.Generator,
    words: np.ndarray[tuple[int], np.dtype[np.int64]],
    forms: np.ndarray[tuple[int], np.dtype[np.object_]],
) -> str:
    """Six to ten of the article's own words, rarer ones preferred, as headlines have them."""
    picked = random.choice(words, size=int(random.integers(6, 11)))
    rarer = random.choice(words, size=len(picked))
    return " ".join(forms[np.maximum(picked, rarer)].tolist()).capitalize()


def _text(random: np.random.Generator, words: list[str]) -> str:
    """Sentences of about 20 words, paragraphs of one to three sentences."""
    count = len(words) // 8 + 2
    lengths = random.lognormal(2.95, 0.4, size=count).clip(5, 50).astype(np.int64)
    ends = np.cumsum(lengths).tolist()
    breaks = (random.random(count) < 0.5).tolist()
    parts = []
    for start, end, breaks_here in zip([0, *ends], ends, breaks, strict=False):
        if start >= len(words):
            break
        sentence = words[start:end]
        if len(sentence) > 12:
            sentence[6] += ","
        parts.append(" ".join(sentence).capitalize() + "." + ("\n\n" if breaks_here else " "))
    return "".join(parts).rstrip()


@cache
def _vocabulary() -> list[str]:
    """Word forms by rank, each with one stem under both stemmers. The same for every seed."""
    random = np.random.default_rng(1)
    english, porter = Stemmer.Stemmer("english"), Stemmer.Stemmer("porter")
    known: dict[str, None] = {}
    for batch in itertools.chain([FUNCTION_WORDS], _invented(random)):
        stems = zip(batch, english.stemWords(batch), porter.stemWords(batch), strict=True)
        known.update((form, None) for form, one, other in stems if one == other)
        if len(known) >= VOCABULARY:
            return list(known)[:VOCABULARY]
    raise AssertionError("the words never end")


def _invented(random: np.random.Generator) -> Iterator[list[str]]:
    """Batches of made-up words, for ever: one syllable to three, a coda, and often an ending."""
    while True:
        draws = random.random((4096, 8)).T
        longer = draws[0] >= 0.3, draws[0] >= 0.8
        words = np.full(draws.shape[1], "", object)
        for more, onset, vowel in zip(longer, draws[1:3], draws[4:6], strict=True):
            words[more] += _of(ONSETS, onset[more]) + _of(VOWELS, vowel[more])
        words += _of(ONSETS, draws[3]) + _of(VOWELS, draws[6]) + _of(CODAS, draws[7])
        yield (words + _of(ENDINGS, draws[0] * 7 % 1)).tolist()


def _of(
    choices: Sequence[str], draws: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(choices, object)[(draws * len(choices)).astype(np.int64)]
