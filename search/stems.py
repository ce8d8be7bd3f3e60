"""Folded forms -> terms: stems in the article's language, which say which unless it is English.

They are Snowball's, but for Arabic. A language's stemmer looks only at words in its own script: an
English name in an Arabic article has an English stem.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from itertools import compress

import Stemmer

_LATIN, _ARABIC, _CYRILLIC, _GREEK = "latin", "arabic", "cyrillic", "greek"
_LIGHT = "light10"  # Arabic: better than Snowball's, which cuts more and confuses more
# ISO 639-1 -> Snowball's name and the script whose words it knows.
STEMMERS: dict[str, tuple[str, str]] = {
    "ar": (_LIGHT, _ARABIC), "ca": ("catalan", _LATIN), "cs": ("czech", _LATIN),
    "da": ("danish", _LATIN), "de": ("german", _LATIN), "el": ("greek", _GREEK),
    "en": ("english", _LATIN), "eo": ("esperanto", _LATIN), "es": ("spanish", _LATIN),
    "et": ("estonian", _LATIN), "eu": ("basque", _LATIN), "fa": ("persian", _ARABIC),
    "fi": ("finnish", _LATIN), "fr": ("french", _LATIN), "ga": ("irish", _LATIN),
    "hi": ("hindi", "devanagari"), "hu": ("hungarian", _LATIN), "hy": ("armenian", "armenian"),
    "id": ("indonesian", _LATIN), "it": ("italian", _LATIN), "lt": ("lithuanian", _LATIN),
    "nb": ("norwegian", _LATIN), "ne": ("nepali", "devanagari"), "nl": ("dutch", _LATIN),
    "nn": ("norwegian", _LATIN), "no": ("norwegian", _LATIN), "pl": ("polish", _LATIN),
    "pt": ("portuguese", _LATIN), "ro": ("romanian", _LATIN), "ru": ("russian", _CYRILLIC),
    "sr": ("serbian", _LATIN), "sv": ("swedish", _LATIN), "ta": ("tamil", "tamil"),
    "tr": ("turkish", _LATIN), "yi": ("yiddish", "hebrew"),
}  # fmt: skip

_SCRIPT_STARTS = (
    (0x0370, ""), (0x0400, _GREEK), (0x0530, _CYRILLIC), (0x0590, "armenian"), (0x0600, "hebrew"),
    (0x0780, _ARABIC), (0x0900, ""), (0x0980, "devanagari"), (0x0B80, ""), (0x0C00, "tamil"),
)  # fmt: skip


def _script(form: str) -> str:
    """The script of a form's first letter; the empty string for one that has no stemmer."""
    if form.isascii():
        return _LATIN
    point = next((ord(letter) for letter in form if letter.isalpha()), 0)
    if point < 0x0250:
        return _LATIN
    return next((script for end, script in _SCRIPT_STARTS if point < end), "")


_stemmers: dict[str, Stemmer.Stemmer] = {}
_stemming = threading.Lock()  # a Snowball stemmer works in one buffer


@lru_cache(maxsize=400_000)
def stem(form: str, language: str | None) -> str:
    """The term of a folded form in an article of this language (ISO 639-1; None: not known).

    A Latin word is stemmed as English where the article's language is unknown or written in
    another script. A language without a stemmer keeps its words as they are. A stem of any other
    language than English ends in its code (`us|fr`, of *usa*): it is not the English word that is
    spelt the same.
    """
    script = _script(form)
    name, own_script = STEMMERS.get(language or "en", ("", _LATIN))
    if own_script != script:
        name = "english" if script == _LATIN else ""
    if not name:
        return form
    if name == _LIGHT:
        return light_arabic(form) + _tag(name, language)
    with _stemming:
        found = str(_stemmer(name).stemWord(form)) or form
    return found + _tag(name, language)


# Larkey, Ballesteros, Connell: Light Stemming for Arabic Information Retrieval (2007), "light10", on
# our folded letters: the feminine ending is already written as a plain h.
_ARABIC_FRONT = ("ال", "وال", "بال", "كال", "فال", "لل", "و")
_ARABIC_ENDS = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_LEFT = 2  # letters that must remain; 3 after the lone "and", which many words begin with


def light_arabic(form: str) -> str:
    """An Arabic word without its article, conjunction and common endings."""
    for front in _ARABIC_FRONT:
        if form.startswith(front) and len(form) - len(front) >= _LEFT + (len(front) == 1):
            form = form[len(front) :]
            break
    for end in _ARABIC_ENDS:
        if form.endswith(end) and len(form) - len(end) >= _LEFT:
            form = form[: -len(end)]
    return form


def stem_all(forms: list[str], language: str | None) -> list[str]:
    """`stem` of many forms at once."""
    name, script = STEMMERS.get(language or "en", ("", _LATIN))
    if script != _LATIN:
        name = "english"
    if not name:
        return [stem(form, language) for form in forms]
    latin = [form.isascii() or _script(form) == _LATIN for form in forms]
    with _stemming:
        found = iter(_stemmer(name).stemWords(list(compress(forms, latin))))
    tag = _tag(name, language)
    return [
        (next(found) or form) + tag if is_latin else stem(form, language)
        for form, is_latin in zip(forms, latin, strict=True)
    ]


def _tag(name: str, language: str | None) -> str:
    return "" if name == "english" else f"|{language}"


def _stemmer(name: str) -> Stemmer.Stemmer:
    stemmer = _stemmers.get(name)
    if stemmer is None:
        stemmer = _stemmers[name] = Stemmer.Stemmer(name, 0)
    return stemmer
