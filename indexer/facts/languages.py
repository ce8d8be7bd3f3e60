"""Which language a text is in: by its script, its commonest words, and what the page states."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.facts.metadata import Answer
from indexer.lines.lines import runs_of_letters

LOOKED_AT = 1_500
"""Characters of the text; more do not change the answer."""
SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("arabic", re.compile(r"[\u0600-\u06ff]")),
    ("cyrillic", re.compile(r"[\u0400-\u04ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
NOT_FOREIGN = re.compile(r"[\x00-\u024f\u2000-\u206f]+")
COMMON: dict[str, str] = {
    "en": "the of and to in that is was for on with as by at from his he it be are this have has an said not their",
    "fr": "le la les de des du et est une un dans que qui pour sur pas par au avec sont plus ce cette aux ont été il",
    "de": "der die das und in den von zu mit ist nicht ein eine auf für sich dem des im auch als wird war nach bei hat",
    "es": "el la los las de que y en un una por con para del se no es su al lo más como pero sus fue ha este sobre",
    "it": "il la di che e un una per in del della con non sono è dei le gli nel alla si da più come anche ha dal delle",
    "pt": "o a os as de que e do da em um uma para com não por dos das no na se mais ao foi como são pelo pela ele também",
    "nl": "de het een en van in is dat op te voor met zijn niet aan er om ook als door bij naar maar heeft wordt uit over",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi kadar sonra ise ancak oldu dedi etti yeni olduğunu en ki",
    "pl": "w i z na do się nie że to jest o jak po co za od przez ale dla był oraz są tym jego roku tak",
    "sv": "och i att det som en på är av för med den till har inte om ett men var från han vid de kan efter ska",
    "da": "og i at det er en til af på for med den som har ikke de der et var fra han men om ved kan efter skal blev",
    "id": "yang dan di untuk dengan dari ini pada itu dalam tidak akan adalah juga oleh ke karena sebagai telah ada bisa",
    "ru": "и в не на что с по как из он к за это от его но для был мы о у так все же также были она",
    "uk": "і в не на що з до як та за від у про його це для але був також які яка із щодо після було під",
    "bg": "и на в за да се от не че с е са по като но ще при това след до бе има към му той са си",
    "ar": "في من على إلى أن عن التي الذي هذا مع كان ما هذه قال لا بعد كما وقال بين ذلك حيث قد لم خلال",
    "fa": "در به از که این را با است برای آن یک خود تا کرد شد می بر هم نیز وی شده اما کرده های دارد گفت",
    "ur": "کے کی میں اور ہے کا سے کو نے پر یہ کہ ہیں اس بھی تھا نہیں ہو گیا ایک کر جو تھے لیے",
}
SCRIPT_OF = {
    "ar": "arabic",
    "fa": "arabic",
    "ur": "arabic",
    "ru": "cyrillic",
    "uk": "cyrillic",
    "bg": "cyrillic",
}
WORDS = {language: frozenset(words.split()) for language, words in COMMON.items()}
LANGUAGES_IN = {
    script: [language for language in WORDS if SCRIPT_OF.get(language, "latin") == script]
    for script in ("latin", "arabic", "cyrillic")
}
FIELD_BITS = 12
FIELD = (1 << FIELD_BITS) - 1
"""A field of a number holds LOOKED_AT."""
COUNTED_IN = {
    script: {
        word: sum((word in WORDS[each]) << FIELD_BITS * k for k, each in enumerate(languages))
        for language in languages
        for word in WORDS[language]
    }
    for script, languages in LANGUAGES_IN.items()
}
"""Script -> common word -> a one in the field of each language that it is common in."""
ENOUGH_WORDS = 12
"""With fewer words a page's own statement counts for more."""
MIN_SHARE = 0.08
"""Of all words; below it none of the languages is likely."""


def language_of(body: Sequence[str], stated: str = "") -> Answer | None:
    """ISO 639-1 code of the language, or None where neither the text nor the page tells."""
    text = _beginning(body)
    claim = re.split(r"[-_]", stated, maxsplit=1)[0].strip().lower()
    claimed = Answer(claim, "html lang", 0.6) if re.fullmatch(r"[a-z]{2}", claim) else None
    script = _script_of(text)
    if script is None:
        return claimed
    if script not in {"latin", "arabic", "cyrillic"}:
        return Answer(script, "script", 0.95)
    words = runs_of_letters(text)
    counted = COUNTED_IN[script]
    fields = sum(map(counted.__getitem__, filter(counted.__contains__, words)))
    hits = {
        language: fields >> FIELD_BITS * k & FIELD
        for k, language in enumerate(LANGUAGES_IN[script])
    }
    best, behind = sorted(hits, key=hits.__getitem__, reverse=True)[:2]
    share, second = (hits[language] / max(1, len(words)) for language in (best, behind))
    if share < MIN_SHARE or (len(words) < ENOUGH_WORDS and claimed):
        return claimed
    return Answer(best, "common words", min(0.99, 0.6 + share - second / 2))


def _script_of(text: str) -> str | None:
    """The script of most letters; None where there are none."""
    foreign = "" if text.isascii() else NOT_FOREIGN.sub("", text)
    if not foreign:
        return "latin" if LATIN.search(text) else None
    counts = {name: len(pattern.findall(foreign)) for name, pattern in SCRIPTS}
    counts["latin"] = len(LATIN.findall(text))
    chinese = counts["zh"] + counts["ja"]  # Japanese is written with both
    is_chinese = counts["ja"] * 10 < chinese
    counts["zh"], counts["ja"] = (chinese, 0) if is_chinese else (0, chinese)
    script, count = max(counts.items(), key=lambda item: item[1])
    return script if count else None


def _beginning(body: Sequence[str]) -> str:
    parts, length = [], 0
    for text in body:
        parts.append(text[: LOOKED_AT - length])
        length += len(text)
        if length >= LOOKED_AT:
            break
    return "\n".join(parts)
