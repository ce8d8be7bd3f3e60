"""A text cut into chunks, and the tokens of a chunk: the same whatever stands around it.

- A token is a run of letters and digits; each has the next position. Dotted acronyms are joined
  (`U.S.` = `US`), `'s` goes.
- Compounds (`al-Nusra`, `alNusra`, `O'Brien`, `64-bit`) give their parts at successive positions
  and, as an *extra* that does not count towards the length, the joined form (`alnusra`) at the
  position of the first part. `McCain` and `MacArthur` are one word.
- Scripts written without spaces become overlapping pairs of characters; a single Han character is
  an extra, so that it can be searched alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from search.folding import HAN, UNITS, fold, fold_unit, kind

MAX_FORM = 64  # characters; longer runs (base64, uninterrupted lines) are cut to it
MAX_PARTS = 4  # a compound of more parts has no joined form, a camel-cased one stays whole


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
    return _plain(chunk) or analyse(chunk.decode("utf-8"))


def _plain(chunk: bytes) -> list[Token]:
    """The tokens of a plain word or of several with hyphens between (`solid-state`), `'s` cut off.

    Nothing where there is more to it: the general path takes ten times as long.
    """
    if chunk.endswith((b"'s", b"'S")):
        chunk = chunk[:-2]
    parts = chunk.split(b"-")
    if len(parts) > MAX_PARTS:
        return []
    found: list[Token] = []
    place = 0
    for part in parts:
        form = plain_form(part) if part.isalnum() else None
        if form is None:
            return []
        found.append(Token(place, place + len(part), form, len(found)))
        place += len(part) + 1
    if len(parts) > 1 and not chunk.replace(b"-", b"").isdigit():
        joined = "".join([token.form for token in found])[:MAX_FORM]
        found.append(Token(0, len(chunk), joined, 0, extra=True))
    return found


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


_ASCII_KINDS = {code: kind(fold(chr(code))) for code in range(128)}
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
    for match in UNITS.finditer(text):
        unit = match.group()
        folded = fold_unit(unit)
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
            kinds.append(kind(letter))
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
        if HAN.match(letters[index]):
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
