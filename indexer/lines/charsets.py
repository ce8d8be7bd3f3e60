"""Bytes of which nobody said what they mean -> the likeliest encoding. One rule, no library.

Every candidate is an encoding with the letters of one of its languages. The bytes above ASCII are
scored as if drawn from those letters: the smaller the alphabet that explains them, the likelier.
`docs/design/folder.md` has the comparison with a library that does this for a living.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache

SAMPLE_BYTES = 65_536  # a guess gets no better after that much

LETTERS = {
    "cp1252": [
        "äöüß",
        "éèàçùâêîôûëïüœ",
        "áéíóúñü¿¡",
        "åäöé",
        "ãõáéíóúâêôç",
        "àèéìòù",
        "æøåé",
        "éëïüöèó",
        "áéíóúýðþæö",
        "çàèéíòóúï",
    ],
    "cp1250": [
        "ąćęłńóśźż",
        "ěščřžýáíéúůďťňó",
        "áéíóöőúüű",
        "čćđšž",
        "ăâîşţ",
        "áäčďéíľĺňóôŕšťúýž",
    ],
    "iso8859-2": [
        "ąćęłńóśźż",
        "ěščřžýáíéúůďťňó",
        "áéíóöőúüű",
        "čćđšž",
        "ăâîşţ",
        "áäčďéíľĺňóôŕšťúýž",
    ],
    "cp1254": ["çğıöşüâîİ"],
    "cp1257": ["ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"],
    "cp1258": ["ăâđêôơưàáèéìíòóùúý\u0300\u0301\u0303\u0309\u0323"],
    "cp1251": [
        "абвгдежзийклмнопрстуфхцчшщъыьэюяё",
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        "абвгдежзийклмнопрстуфхцчшщъьюя",
        "абвгдђежзијклљмнњопрстћуфхцчџш",
    ],
    "koi8-r": ["абвгдежзийклмнопрстуфхцчшщъыьэюяё"],
    "koi8-u": ["абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"],
    "cp1253": ["αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊ"],
    "cp1255": ["אבגדהוזחטיךכלםמןנסעףפץצקרשת"],
    "cp1256": [
        "ابةتثجحخدذرزسشصضطظعغفقكلمنهويىئءأإآؤ،؟",
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويئءأآپچژگک،؟",
    ],
    "cp874": ["".join(map(chr, range(0xE01, 0xE4F)))],
}
OTHER_SCRIPTS = {"cp1251", "koi8-r", "koi8-u", "cp1253", "cp1255", "cp1256", "cp874"}
EAST_ASIAN = ("euc_jp", "cp932", "gb18030", "big5", "cp949")
TYPOGRAPHY = "“”‘’–—…«»„‚\u00a0°€•·"
# Where two explain the bytes equally well, the one that more files are in: in log-likelihood.
HEAD_START = {"cp1252": 0.3, "iso8859-2": -0.2}
# A Latin text has single letters above ASCII; other scripts have runs, and many of them.
RUNS_SHARE, HIGH_SHARE = 0.6, 0.1
EAST_ASIAN_START = -2.9  # what a fitting single-byte alphabet of thirty letters scores, about

# Before a year or behind the word, 0xA9 is no letter in any of them.
COPYRIGHT = re.compile(rb"\xa9(?=\s?(?:19|20)\d\d)|(?<=[Cc]opyright )\xa9")

RUN = re.compile(rb"[\x80-\xff]{2,}")
LETTER = re.compile(rb"[\xc0-\xff]")
LETTER_RUN = re.compile(rb"[\xc0-\xff]{2,}")
ASCII_LETTER = re.compile(rb"[a-zA-Z]")
COMMON_HAN = {
    "gb18030": re.compile(rb"[\xb0-\xd7][\xa1-\xfe]"),
    "big5": re.compile(rb"[\xa4-\xc6][\x40-\xfe]"),
}


def guess(data: bytes) -> str:
    """The likeliest encoding of a text that is not UTF-8; always one that Python knows."""
    sample, notices = COPYRIGHT.subn(b"", data[:SAMPLE_BYTES])
    high = Counter(byte for byte in sample if byte > 127)
    count = high.total()
    if not count:
        return "cp1252" if notices else "ascii"
    share = count / (count + len(ASCII_LETTER.findall(sample)))
    letters = len(LETTER.findall(sample))
    in_runs = sum(map(len, LETTER_RUN.findall(sample))) / max(1, letters)
    other_script = in_runs > RUNS_SHARE and share > HIGH_SHARE
    best_score, best = -math.inf, "cp1252"
    for encoding, scores in _alphabets():
        if (encoding in OTHER_SCRIPTS) == other_script:
            score = sum(scores[byte] * times for byte, times in high.items()) / count
            score += HEAD_START.get(encoding, 0.0)
            if score > best_score:
                best_score, best = score, encoding
    if sum(map(len, RUN.findall(sample))) / count > RUNS_SHARE:
        for encoding in EAST_ASIAN:
            score = _east_asian(sample, encoding, count)
            if score > best_score:
                best_score, best = score, encoding
    return best


@lru_cache(maxsize=1)
def _alphabets() -> tuple[tuple[str, tuple[float, ...]], ...]:
    """(encoding, log-likelihood of each byte) for every language of every encoding."""
    return tuple(
        (encoding, tuple(_log_likelihood(byte, encoding, letters) for byte in range(256)))
        for encoding, languages in LETTERS.items()
        for letters in languages
    )


def _log_likelihood(byte: int, encoding: str, letters: str) -> float:
    try:
        character = bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return -14.0
    if character in letters:
        return math.log(0.88 / len(letters))
    if character.lower() in letters:
        return math.log(0.06 / len(letters))
    if character in TYPOGRAPHY:
        return math.log(0.05 / len(TYPOGRAPHY))
    return math.log(2e-4 if character.isalpha() else 5e-5)


def _east_asian(sample: bytes, encoding: str, high_count: int) -> float:
    """How well a text reads as kana, hangul and common ideographs, on the scale of the others."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            return -math.inf
        text = sample[: error.start].decode(encoding)
    wide = [ord(character) for character in text if character > "\x7f"]
    fit = sum(map(_east_asian_fit, wide)) / max(1, len(wide))
    common = COMMON_HAN.get(encoding)
    if common:
        fit *= 0.3 + 0.7 * min(1.0, 2 * len(common.findall(sample)) / high_count)
    return EAST_ASIAN_START - 3 * (1 - fit)


def _east_asian_fit(code: int) -> float:
    if 0x3040 <= code <= 0x30FF or 0xAC00 <= code < 0xD7B0 or 0x3000 <= code < 0x3003:
        return 1.0
    if 0x4E00 <= code < 0x9FFF:
        return 0.8  # found in a misread text, too
    if 0xFF00 <= code <= 0xFF60:
        return 0.5
    return -1.0
