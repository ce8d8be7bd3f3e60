"""The file of articles and `workloads.toml` -> the searches of each workload, as plain values.

Only the standard library: the engines read this too, in whatever Python they run.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BANDS = {"high": (0.05, 0.40), "mid": (0.002, 0.02), "low": (0.00005, 0.0005)}
FEWEST_ARTICLES = 3
PREFIX_LETTERS = 4
SAMPLE = 20_000  # articles read to learn frequencies; in larger files the first ones stand for all
TABLE = Path(__file__).with_name("workloads.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search, in no engine's language. `words` are lower-case ASCII forms."""

    kind: str
    words: tuple[str, ...]
    source: str | None = None
    since: str | None = None
    until: str | None = None
    facets: bool = False
    sort: str = "relevance"
    page: int = 1
    size: int = 10
    excerpts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """A named list of searches; `equal` where all engines must find the same number."""

    name: str
    searches: tuple[Search, ...]
    equal: bool


def articles(path: Path) -> Iterator[dict[str, str]]:
    """The articles of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def draw(
    path: Path,
    *,
    seed: int,
    stem: Callable[[str], str],
    avoid: AbstractSet[str] = frozenset(),
    table: Path = TABLE,
) -> list[Workload]:
    """The searches for these articles. `stem` groups the forms of a word, as the engines do.

    Searches for single words leave out those of `avoid`: stop words, which some engines do not rank.
    """
    sample = list(itertools.islice(articles(path), SAMPLE))
    bands = _bands(sample, stem, avoid)
    sources = [source for source, _ in Counter(a["source"] for a in sample).most_common(5)]
    drawn = []
    for name, given in tomllib.loads(table.read_text("utf-8")).items():
        chance = random.Random(f"{seed} {name}")
        words = _phrases if given["kind"] == "phrase" else _single_words
        drawn.append(
            Workload(
                name=name,
                equal=given["equal"],
                searches=tuple(
                    _search(given, found, chance, sources)
                    for found in words(given, chance, bands, sample)
                ),
            )
        )
    return drawn


def _search(
    given: dict[str, Any], words: Sequence[str], chance: random.Random, sources: Sequence[str]
) -> Search:
    year = chance.randint(2015, 2024)
    bounded = given.get("since_until", False)
    return Search(
        kind=given["kind"],
        words=tuple(words),
        source=chance.choice(sources) if given.get("source", False) else None,
        since=f"{year}-01-01" if bounded else None,
        until=f"{year}-12-31" if bounded else None,
        facets=given.get("facets", False),
        sort=given.get("sort", "relevance"),
        page=given.get("page", 1),
        excerpts=given.get("excerpts", False),
    )


def _bands(
    sample: Sequence[dict[str, str]], stem: Callable[[str], str], avoid: AbstractSet[str]
) -> dict[str, dict[str, str]]:
    """Band -> form -> stem, for the forms whose stem has a frequency inside the band."""
    frequency: Counter[str] = Counter()
    stems: dict[str, str] = {}
    for article in sample:
        forms = set(forms_of(article["title"] + " " + article["text"]))
        for form in forms:
            if form not in stems:
                stems[form] = stem(form)
        frequency.update({stems[form] for form in forms})
    found: dict[str, dict[str, str]] = {}
    for band, (least, most) in BANDS.items():
        lowest = max(FEWEST_ARTICLES, least * len(sample))
        highest = max(lowest, most * len(sample))
        inside = {
            form: of
            for form, of in stems.items()
            if lowest <= frequency[of] <= highest and form not in avoid and _is_plain(form)
        }
        if not inside:
            raise ValueError(
                f"no word of these {len(sample)} articles is of {band} frequency"
                f" (in {lowest:g} to {highest:g} of them); generate more with --docs"
            )
        found[band] = inside
    return found


def _single_words(
    given: dict[str, Any],
    chance: random.Random,
    bands: dict[str, dict[str, str]],
    sample: Sequence[dict[str, str]],  # noqa: ARG001 - the phrases need it
) -> Iterator[list[str]]:
    """Words of the wanted bands, each of its own stem; of a prefix the first letters."""
    least = PREFIX_LETTERS + 2 if given["kind"] == "prefix" else 1
    choices = {
        band: sorted(form for form in forms if len(form) >= least) for band, forms in bands.items()
    }
    band = itertools.cycle(given["common"])
    for count, _ in zip(itertools.cycle(given["words"]), range(given["searches"]), strict=False):
        words: list[str] = []
        stems: set[str] = set()
        while len(words) < count:
            name = next(band)
            form = chance.choice(choices[name])
            if bands[name][form] not in stems:
                words.append(form)
                stems.add(bands[name][form])
        yield [word[:PREFIX_LETTERS] for word in words] if given["kind"] == "prefix" else words


def _phrases(
    given: dict[str, Any],
    chance: random.Random,
    bands: dict[str, dict[str, str]],
    sample: Sequence[dict[str, str]],
) -> Iterator[list[str]]:
    """Words in the order in which some article has them."""
    band = itertools.cycle(given["common"])
    for count, _ in zip(itertools.cycle(given["words"]), range(given["searches"]), strict=False):
        wanted = bands[next(band)]
        while True:
            forms = forms_of(chance.choice(sample)["text"])
            starts = [
                i
                for i in range(len(forms) - count + 1)
                if forms[i] in wanted and all(map(_is_plain, forms[i : i + count]))
            ]
            if starts:
                start = chance.choice(starts)
                yield forms[start : start + count]
                break


def forms_of(text: str) -> list[str]:
    """The words of a text in small letters, in their order."""
    return re.findall(r"\w+", text.lower())


def _is_plain(form: str) -> bool:
    """Whether all engines take it for one word, whatever they do with accents and numbers."""
    return form.isascii() and form.isalpha()


def to_json(workloads: Iterable[Workload]) -> str:
    """For another process."""
    return json.dumps(
        [
            {
                "name": workload.name,
                "equal": workload.equal,
                "searches": [
                    {name: getattr(search, name) for name in Search.__slots__}
                    for search in workload.searches
                ],
            }
            for workload in workloads
        ]
    )


def from_json(text: str) -> list[Workload]:
    """What `to_json` wrote."""
    return [
        Workload(
            name=given["name"],
            equal=given["equal"],
            searches=tuple(
                Search(**{**search, "words": tuple(search["words"])})
                for search in given["searches"]
            ),
        )
        for given in json.loads(text)
    ]
