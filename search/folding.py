"""Letters as the index compares them: by their sound, not by their dress.

Compatibility forms, case, accents, Arabic and Persian letter variants and vowel signs go; soft hyphens
and zero-width characters vanish. Cyrillic `й` and the vowel signs of Indian scripts are letters, no
accents, and stay.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_LETTERS = {
    "ı": "i", "ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d",
    "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "þ": "th", "Þ": "th", "ħ": "h", "Ħ": "h",
    "й": "й", "Й": "й",
    "ى": "ي", "ی": "ي", "ې": "ي", "ے": "ي", "ۓ": "ي", "ک": "ك", "ڪ": "ك", "ة": "ه", "ۀ": "ه",
    "ہ": "ه", "ۂ": "ه", "ۃ": "ه", "ە": "ه", "ۆ": "و", "ٱ": "ا", "ٲ": "ا", "ٳ": "ا", "\u0640": "",
    "‘": "'", "’": "'", "‛": "'", "ʼ": "'", "＇": "'", "′": "'", "`": "'", "´": "'",
    "‐": "-", "‑": "-", "⁃": "-", "﹣": "-", "－": "-",
    "．": ".", "_": " ",
}  # fmt: skip

# Signs that only colour a letter: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowels.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)

# Several code points that are one letter: Hangul by parts, voiced half-width kana, й by parts.
UNITS = re.compile(
    "[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[\uff66-\uff9d][\uff9e\uff9f]|"
    "[\u3041-\u30ff]\u3099|[\u3041-\u30ff]\u309a|[иИ]\u0306|.",
    re.DOTALL,
)

# The letters of UNITS that make one with what stands before or behind them.
JOINING = frozenset("\u0306\u3099\u309a\uff9e\uff9f") | frozenset(map(chr, range(0x1100, 0x1200)))

# Scripts written without spaces: Han, kana, Hangul (spaced, but by phrase), Thai, Lao, Burmese, Khmer.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"
)
HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


@lru_cache(maxsize=65_536)
def fold_unit(unit: str) -> str:
    """One letter (or sign) folded: none, one or several characters."""
    known = _LETTERS.get(unit)
    if known is not None:
        return known
    if len(unit) == 1 and (unicodedata.category(unit) == "Cf" or _ACCENTS.match(unit)):
        return ""
    whole = unicodedata.normalize("NFKC", unit).casefold()
    if "й" in whole or UNSPACED.match(whole):
        return whole
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", whole))
    folded = "".join(_LETTERS.get(letter, letter) for letter in bare)
    folded = "".join(
        str(unicodedata.decimal(letter, letter)) if letter.isdigit() else letter
        for letter in folded
    )
    if len(folded) > 1 and not all(kind(letter) in "adcm" for letter in folded):
        return " "  # ½, ㏂, ﷺ: a sign that spells out to more than a word
    return unicodedata.normalize("NFC", folded)


def fold(text: str) -> str:
    """The text as the index spells it: compared by sound of the letters, not by their dress."""
    if text.isascii():
        return text.lower().replace("_", " ").replace("`", "'")
    return "".join(fold_unit(unit) for unit in UNITS.findall(text))


def kind(letter: str) -> str:
    """`a` letter, `d` digit, `c` of a script without spaces, `m` sign in a word, or itself."""
    if letter.isdigit():
        return "d"
    if UNSPACED.match(letter):
        return "c"
    if letter.isalnum():
        return "a"
    if letter in "-'.":
        return letter
    return "m" if unicodedata.category(letter) in ("Mn", "Mc") else " "


def folds_plainly(letter: str) -> bool:
    """Whether one character folds to what it is in lower case, or to a sign that no word holds."""
    folded = fold_unit(letter)
    if len(folded) != 1 or unicodedata.combining(letter):
        return False  # what combines makes one letter with the one before it
    # A capital sigma is another letter in lower case where it ends a word.
    return (folded == letter.lower() and letter != "Σ") or kind(folded) == " "
