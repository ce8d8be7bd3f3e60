"""What a word is: folding, splitting, stemming. The only definition; indexing, queries and marks share it.

A text is cut at separators into *chunks* (`Aleppo`, `U.S.-led`, `Syria's`), and `analyse` says
which tokens a chunk holds, whatever stands around it. That makes a chunk's analysis a thing to
remember: a text costs one `bytes.translate`, one `split` and one look-up a chunk.

- Folding: compatibility forms, case, accents, Arabic and Persian letter variants and vowel signs;
  soft hyphens and zero-width characters vanish. Cyrillic `й` and the vowel signs of Indian
  scripts are letters, no accents, and stay.
- A token is a run of letters and digits; each has the next position. Dotted acronyms are joined
  (`U.S.` = `US`), `'s` goes.
- Compounds (`al-Nusra`, `alNusra`, `O'Brien`, `64-bit`) give their parts at successive positions
  and, as an *extra* that does not count towards the length, the joined form (`alnusra`) at the
  position of the first part. `McCain` and `MacArthur` are one word.
- Scripts written without spaces become overlapping pairs of characters; a single Han character is
  an extra, so that it can be searched alone.
- Terms are Snowball stems of the folded form, in the article's language, and say which unless that
  is English. A language's stemmer looks only at words in its own script: an English name in an
  Arabic article has an English stem.
"""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import Stemmer

ANALYSIS_VERSION = 2  # raise it with every change of what a token or a term is
MAX_FORM = 64  # characters; longer runs (base64, uninterrupted lines) are cut to it
MAX_PARTS = 4  # a compound of more parts has no joined form, a camel-cased one stays whole
POSITION_GAP = 128  # between title and body; no phrase or window reaches across it


class Token(NamedTuple):
    """A word of a text: `text[start:end]` (code points), its folded form, its place in the row.

    An `extra` (a joined compound, a single Han character) shares its position with another token
    and does not count towards the length.
    """

    start: int
    end: int
    form: str
    position: int
    extra: bool = False


@dataclass(frozen=True, slots=True)
class WordTerms:
    """The terms that one typed word stands for.

    A text has the word if it has one of `joined`, or one term of each of `parts` at successive
    positions. A plain word has one part and nothing joined.
    """

    parts: tuple[tuple[str, ...], ...]
    joined: tuple[str, ...] = ()


# --- folding -------------------------------------------------------------------------------------

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
_UNITS = re.compile(
    "[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[\uff66-\uff9d][\uff9e\uff9f]|"
    "[\u3041-\u30ff]\u3099|[\u3041-\u30ff]\u309a|[иИ]\u0306|.",
    re.DOTALL,
)

# Scripts written without spaces: Han, kana, Hangul (spaced, but by phrase), Thai, Lao, Burmese, Khmer.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af]"
)
_HAN = re.compile("[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


@lru_cache(maxsize=65_536)
def _fold_unit(unit: str) -> str:
    """One letter (or sign) folded: none, one or several characters."""
    known = _LETTERS.get(unit)
    if known is not None:
        return known
    if len(unit) == 1 and (unicodedata.category(unit) == "Cf" or _ACCENTS.match(unit)):
        return ""
    whole = unicodedata.normalize("NFKC", unit).casefold()
    if "й" in whole or _UNSPACED.match(whole):
        return whole
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", whole))
    folded = "".join(_LETTERS.get(letter, letter) for letter in bare)
    folded = "".join(
        str(unicodedata.decimal(letter, letter)) if letter.isdigit() else letter
        for letter in folded
    )
    if len(folded) > 1 and not all(_kind(letter) in "adcm" for letter in folded):
        return " "  # ½, ㏂, ﷺ: a sign that spells out to more than a word
    return unicodedata.normalize("NFC", folded)


def fold(text: str) -> str:
    """The text as the index spells it: compared by sound of the letters, not by their dress."""
    if text.isascii():
        return text.lower().replace("_", " ").replace("`", "'")
    return "".join(_fold_unit(unit) for unit in _UNITS.findall(text))


def folds_plainly(letter: str) -> bool:
    """Whether one character folds to what it is in lower case, or to a sign that no word holds."""
    folded = _fold_unit(letter)
    if len(folded) != 1 or unicodedata.combining(letter):
        return False  # what combines makes one letter with the one before it
    # A capital sigma is another letter in lower case where it ends a word.
    return (folded == letter.lower() and letter != "Σ") or _kind(folded) == " "


# --- chunks --------------------------------------------------------------------------------------

# Cutting here never cuts a word: inside a chunk remain letters, digits, `.`, `'`, "`", `-` and all that
# is not ASCII, which `analyse` looks at closely.
_SEPARATORS = bytes(
    byte if byte >= 128 or chr(byte).isalnum() or chr(byte) in ".'`-" else 32 for byte in range(256)
)
# For texts in which no dot stands between letters: the dots end sentences and part words too, and
# `Aleppo.` need not be another chunk than `Aleppo`. Most texts are such.
_SEPARATORS_AND_DOT = _SEPARATORS.replace(b".", b" ")
_INNER_DOT = re.compile(rb"\.[0-9A-Za-z\x80-\xff]")
# Frequent signs outside ASCII, replaced one for one before the cut so that `“Aleppo` and `Aleppo`
# are one chunk. Only speed depends on them.
_COMMON_SIGNS = (("’", "'"), ("“", '"'), ("”", '"'), ("—", " "), ("–", " "), ("\u00a0", " "))


def plainer(text: str) -> str:
    """The text with the frequent signs outside ASCII replaced, one for one."""
    if not text.isascii():
        for sign, plain in _COMMON_SIGNS:
            text = text.replace(sign, plain)
    return text


def separated(text: str) -> bytes:
    """The text as UTF-8, every ASCII separator a space, code points unmoved."""
    text = plainer(text)
    # What cannot be encoded (half of a surrogate pair) becomes `?`, one for one.
    raw = text.encode("utf-8", "replace")
    return raw.translate(_SEPARATORS if _INNER_DOT.search(raw) else _SEPARATORS_AND_DOT)


def chunks(text: str) -> list[bytes]:
    """The text cut at ASCII separators, as UTF-8: what `analyse_chunk` takes."""
    return separated(text).split()


def analyse_chunk(chunk: bytes) -> list[Token]:
    """The tokens of one chunk; places and positions count from the chunk's start."""
    if b"." in chunk and chunk.replace(b".", b"0").isalnum():
        parts = _dotted(chunk)
        if parts is not None:
            return parts
    if chunk.isalnum():
        form = plain_form(chunk)
        if form is not None:
            return [Token(0, len(chunk), form, 0)]
    return analyse(chunk.decode("utf-8"))


def _dotted(chunk: bytes) -> list[Token] | None:
    """The tokens of plain words with dots between (`0001.txt`); None where there is more to it."""
    found: list[Token] = []
    place = 0
    for part in chunk.split(b"."):
        form = plain_form(part)
        if part and (form is None or len(part) == 1):
            return None  # a single letter may be part of an acronym
        if form is not None:
            found.append(Token(place, place + len(part), form, len(found)))
        place += len(part) + 1
    return found


# --- analysis of a chunk -------------------------------------------------------------------------

_COMPOUND = re.compile(
    r"(?P<unspaced>c[cm]*)|"
    # parts, joined by a hyphen, an apostrophe or a camel's hump (`^`); a part is an acronym or a run
    r"(?P<word>(?:a(?:\.a)+(?![adm])\.?|[ad][adm]*)(?:[-'^](?:a(?:\.a)+(?![adm])\.?|[ad][adm]*))*)"
)
_PART = re.compile(r"a(?:\.a)+(?![adm])\.?|[ad][adm]*")


def _kind(letter: str) -> str:
    """`a` letter, `d` digit, `c` of a script without spaces, `m` sign in a word, or itself."""
    if letter.isdigit():
        return "d"
    if _UNSPACED.match(letter):
        return "c"
    if letter.isalnum():
        return "a"
    if letter in "-'.":
        return letter
    return "m" if unicodedata.category(letter) in ("Mn", "Mc") else " "


def plain_form(chunk: bytes) -> str | None:
    """The form of a chunk that is one plain token, by far the most; None for any other.

    Signs around it are of no account: they change neither form nor position.
    """
    bare = chunk.strip(b".'`-")
    if bare.isalnum() and (
        bare.islower() or bare[1:].islower() or bare.isupper() or bare.isdigit()
    ):
        return bare.lower()[:MAX_FORM].decode("ascii")
    return None


def analyse(text: str) -> list[Token]:
    """The tokens of any text: the general path, one character at a time. The reference."""
    letters, kinds, places = _spell_ascii(text) if text.isascii() else _spell(text)
    found: list[Token] = []
    position = 0
    for match in _COMPOUND.finditer(kinds):
        begin, end = match.span()
        if match["unspaced"]:
            row = list(_pairs(letters, places, begin, end, position))
        else:
            row = list(_compound(letters, kinds, places, (begin, end), position))
        position += sum(not token.extra for token in row)
        found += row
    return found


_ASCII_KINDS = {code: _kind(fold(chr(code))) for code in range(128)}
_HUMP = re.compile("(?<=[a-z])[A-Z]")


def _spell_ascii(text: str) -> tuple[str, str, list[tuple[int, int]]]:
    """As `_spell`, where one character is one letter; words with humps go the long way."""
    if _HUMP.search(text):
        return _spell(text)
    letters = fold(text)
    places = [(index, index + 1) for index in range(len(text))]
    return letters, letters.translate(_ASCII_KINDS), places


def _spell(text: str) -> tuple[str, str, list[tuple[int, int]]]:
    """Folded letters, the kind of each, and where in the text each comes from.

    A hump (`alNusra`) is a letter of its own, of the kind `^`, that spans nothing.
    """
    letters: list[str] = []
    kinds: list[str] = []
    places: list[tuple[int, int]] = []
    before = ""
    for match in _UNITS.finditer(text):
        unit = match.group()
        folded = _fold_unit(unit)
        start, end = match.span()
        if not folded:
            if places and unicodedata.category(unit[0])[0] == "M":
                places[-1] = (places[-1][0], end)  # an accent belongs to what it stands on
            continue
        if before.islower() and unit.isupper() and not _is_mac(letters, kinds):
            letters.append("^")
            kinds.append("^")
            places.append((start, start))
        before = unit
        for letter in folded:
            letters.append(letter)
            kinds.append(_kind(letter))
            places.append((start, end))
    return "".join(letters), "".join(kinds), places


def _is_mac(letters: list[str], kinds: list[str]) -> bool:
    """Whether the word so far is only Mc or Mac."""
    word = "".join(letters[-4:])
    for head in ("mc", "mac"):
        if word.endswith(head):
            ahead = kinds[-len(head) - 1 : -len(head)]
            if not ahead or ahead[0] not in "adm^":
                return True
    return False


def _pairs(
    letters: str, places: list[tuple[int, int]], begin: int, end: int, position: int
) -> Iterator[Token]:
    """Overlapping pairs of a run without spaces; a run of one is itself."""
    if end - begin == 1:
        yield Token(*places[begin], letters[begin], position)
        return
    for offset, index in enumerate(range(begin, end)):
        if index + 1 < end:
            start, stop = places[index][0], places[index + 1][1]
            yield Token(start, stop, letters[index : index + 2], position + offset)
        if _HAN.match(letters[index]):
            last = min(position + offset, position + end - begin - 2)
            yield Token(*places[index], letters[index], last, extra=True)


def _compound(
    letters: str,
    kinds: str,
    places: list[tuple[int, int]],
    span: tuple[int, int],
    position: int,
) -> Iterator[Token]:
    """The parts of a word and, if there are several, its joined form."""
    begin, end = span
    parts = [match.span() for match in _PART.finditer(kinds, begin, end)]
    humps = kinds.count("^", begin, end)
    if humps >= MAX_PARTS:
        parts = [
            match.span()
            for match in re.finditer(r"[adm.^]+", kinds[:end])
            if match.start() >= begin
        ]
    if len(parts) > 1:
        parts = [part for part in parts if not _is_possessive(letters, part)] or parts[:1]
    forms = [letters[a:z].replace(".", "").replace("^", "")[:MAX_FORM] for a, z in parts]
    for offset, ((a, z), form) in enumerate(zip(parts, forms, strict=True)):
        # The dot that ends `U.S.` belongs to the word where more letters were dotted.
        yield Token(places[a][0], places[z - 1][1], form, position + offset)
    if 1 < len(parts) <= MAX_PARTS and not all(form.isdigit() for form in forms):
        start, stop = places[parts[0][0]][0], places[parts[-1][1] - 1][1]
        yield Token(start, stop, "".join(forms)[:MAX_FORM], position, extra=True)


def _is_possessive(letters: str, part: tuple[int, int]) -> bool:
    a, z = part
    return letters[a:z] == "s" and a > 0 and letters[a - 1] == "'"


# --- tokens of a text ----------------------------------------------------------------------------

_REMEMBERED_CHUNKS = 200_000  # about 60 MB when full of long ones; then it starts anew
_MAX_REMEMBERED = 40  # bytes; longer chunks (addresses, unspaced scripts) hardly come again


class Finder(dict[bytes, tuple[Token, ...]]):
    """Finds the tokens of texts whose folded form is wanted, and passes quickly over the others.

    It remembers the analysis of chunks: keep one for many texts with the same wanted forms.
    """

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        super().__init__()
        self._wanted = wanted
        self._steps: dict[bytes, int] = {}  # positions that a chunk takes, where that is not one

    def __missing__(self, chunk: bytes) -> tuple[Token, ...]:
        row = analyse_chunk(chunk)
        steps = sum(not token.extra for token in row)
        found = tuple(token for token in row if self._wanted(token.form))
        if len(self) >= _REMEMBERED_CHUNKS:
            self.clear()  # the steps stay: a text that is being read may still need them
        if len(chunk) <= _MAX_REMEMBERED:
            self[chunk] = found
        if steps != 1:
            self._steps[chunk] = steps
        return found

    def find(self, text: str) -> list[Token]:
        """The wanted tokens of a text, in order, with their places and positions in it."""
        cleared = separated(text)
        pieces = cleared.split()
        rows = list(map(self.__getitem__, pieces))
        starts = chunk_starts(cleared).tolist()
        found: list[Token] = []
        shift = 0
        steps_of = self._steps.get
        make = tuple.__new__  # a third of the time of Token(...), which checks its arguments
        for index, (row, piece) in enumerate(zip(rows, pieces, strict=True)):
            if row:
                start, position = starts[index], index + shift
                found += [
                    make(
                        Token,
                        (
                            start + token[0],
                            start + token[1],
                            token[2],
                            position + token[3],
                            token[4],
                        ),
                    )
                    for token in row
                ]
            shift += steps_of(piece, 1) - 1
        return found


def chunk_starts(cleared: bytes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Where each chunk starts, in code points."""
    letters = np.frombuffer(cleared, np.uint8)
    inside = np.empty(len(letters) + 1, bool)
    inside[0] = False
    np.not_equal(letters, ord(" "), out=inside[1:])
    starts = np.flatnonzero(inside[1:] & ~inside[:-1])
    if cleared.isascii():
        return starts
    points_before = np.cumsum((letters & 0xC0) != 0x80) - 1
    return points_before[starts]


_every_token = Finder(lambda _form: True)


def tokens(text: str) -> list[Token]:
    """Every token of a text, in order; an extra follows the parts that it joins."""
    return _every_token.find(text)


def forms(text: str) -> list[str]:
    """The folded forms of a text in order, extras left out."""
    return [token.form for token in tokens(text) if not token.extra]


# --- stems ---------------------------------------------------------------------------------------

_LATIN, _ARABIC, _CYRILLIC, _GREEK = "latin", "arabic", "cyrillic", "greek"
# ISO 639-1 -> Snowball's name and the script whose words it knows.
STEMMERS: dict[str, tuple[str, str]] = {
    "ar": ("arabic", _ARABIC), "ca": ("catalan", _LATIN), "cs": ("czech", _LATIN),
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
    with _stemming:
        found = str(_stemmer(name).stemWord(form)) or form
    return found + _tag(name, language)


def stem_all(forms: list[str], language: str | None) -> list[str]:
    """`stem` of many forms at once."""
    name, script = STEMMERS.get(language or "en", ("", _LATIN))
    if script != _LATIN:
        name = "english"
    if not name or not "".join(forms).isascii():
        return [stem(form, language) for form in forms]
    with _stemming:
        stems: list[str] = _stemmer(name).stemWords(forms)
    tag = _tag(name, language)
    return [(found or form) + tag for found, form in zip(stems, forms, strict=True)]


def _tag(name: str, language: str | None) -> str:
    return "" if name == "english" else f"|{language}"


def _stemmer(name: str) -> Stemmer.Stemmer:
    stemmer = _stemmers.get(name)
    if stemmer is None:
        stemmer = _stemmers[name] = Stemmer.Stemmer(name, 0)
    return stemmer


def query_terms(word: str, languages: Iterable[str | None]) -> WordTerms:
    """The terms that a typed word means in articles of any of these languages.

    Nothing typed but signs gives no parts. A typed text of several words is taken as one compound.
    """
    asked = sorted(set(languages), key=lambda language: language or "") or [None]

    def in_each(form: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(stem(form, language) for language in asked))

    row = tokens(word)
    parts = tuple(in_each(token.form) for token in row if not token.extra)
    if len(parts) < 2:
        return WordTerms(parts)
    # Only a form that joins all parts stands for the whole word; a single Han character does not.
    position = min(token.position for token in row)
    whole = [
        token.form
        for token in row
        if token.extra
        and token.position == position
        and not _HAN.match(token.form)
        and len(token.form) >= sum(len(part.form) for part in row if not part.extra)
    ]
    return WordTerms(parts, tuple(term for form in whole for term in in_each(form)))


def analysis_digest() -> str:
    """Sixteen hex digits that change whenever the same text may give other terms."""
    settings = (
        ANALYSIS_VERSION,
        MAX_FORM,
        MAX_PARTS,
        POSITION_GAP,
        Stemmer.version(),
        sorted(STEMMERS.items()),
    )
    return hashlib.blake2b(repr(settings).encode(), digest_size=8).hexdigest()
