"""Words that are written together with an apostrophe and are looked for without what was added.

French, Italian and Catalan elide an article before a vowel (`l'accord`, `dell'Etna`), Turkish sets
case endings apart from names (`Ankara'da`). Whoever types such a form means the word in it. This
is about queries; the index holds every part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from search.text import fold, query_terms

_FRONT = {
    "fr": "l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu|quoiqu",
    "it": "l|d|c|v|m|t|s|un|all|dall|dell|nell|sull|coll|quell|quest|sant",
    "ca": "l|d|m|t|s|n",
}
_ELIDED = {language: re.compile(rf"(?:{front})'(?=\w\w)(.+)") for language, front in _FRONT.items()}
_ENDED = {language: re.compile(r"(\w\w[^']*)'\w+") for language in ("tr", "az")}


def core(word: str, language: str | None) -> str | None:
    """The folded word without what its language writes on with an apostrophe; None: as it is."""
    if language is None or "'" not in (folded := fold(word)):
        return None
    written = _ELIDED.get(language) or _ENDED.get(language)
    match = written.fullmatch(folded) if written else None
    return match[1] if match else None


def ways(word: str, languages: Sequence[str | None]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Rows of terms, each of which is the typed word in articles of some of these languages.

    A slot of a row is a choice of terms. None of them for a word of signs alone.
    """
    whole = [language for language in languages if core(word, language) is None]
    found: list[tuple[tuple[str, ...], ...]] = []
    if whole or not languages:
        terms = query_terms(word, whole or languages)
        found += [terms.parts] if terms.parts else []
        found += [(terms.joined,)] if terms.joined else []
    cores: dict[str, list[str | None]] = {}
    for language in languages:
        if language not in whole and (bare := core(word, language)) is not None:
            cores.setdefault(bare, []).append(language)
    for bare, those in cores.items():
        found += [terms.parts] if (terms := query_terms(bare, those)).parts else []
        found += [(terms.joined,)] if terms.joined else []
    return tuple(dict.fromkeys(found))
