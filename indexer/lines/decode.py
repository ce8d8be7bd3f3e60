"""Bytes -> text, with the encoding and how it was found; or the reason why it is no text."""

from __future__ import annotations

import codecs
import html
import re
import unicodedata
from dataclasses import dataclass

from indexer.folder.files import Unreadable
from indexer.lines import charsets

SNIFF_BYTES = 4_096
BINARY_SHARE = 0.02  # of control bytes in the beginning; texts with stray ones stay far below it
MAX_STRAY_CONTROLS = 4  # however short the file is
# UTF-16 without a mark has its zero bytes (spaces) on one side; in Korean a few on the other, too.
MAX_ZEROS_ASTRAY = 0.3
READABLE_SHARE = 0.97  # of what is to pass for UTF-16; binary data has a tenth of unassigned codes
# A text is UTF-8 with some damage if it has so many times more right sequences than wrong bytes.
RIGHT_PER_WRONG = 4
# Text counts as garbled if so much of what is not ASCII looks like UTF-8 read byte by byte. Texts
# in thirty languages, printed right, have none; half garbled ones have two thirds and more.
GARBLED_SHARE = 0.5

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "a sound, film or picture"),
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "gzip-compressed"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ", "xz-compressed"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\0", "a database"),
)
DECLARED = re.compile(
    rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w:.\-]{1,40})"
    rb"|^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([\w:.\-]{1,40})",
    re.IGNORECASE,
)
# What pages declare and what they mean by it (WHATWG Encoding Standard, section 4.2).
MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "latin-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
MARKUP = re.compile(
    rb"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^<>]{0,2000}>", re.IGNORECASE | re.DOTALL
)
# A C1 control is in truth a windows-1252 character that was read as Latin-1: `\x92` is `’`.
CONTROLS = dict.fromkeys((*range(32), 0x7F, 0xFFFE, 0xFFFF), " ")
CONTROLS |= {c: bytes([c]).decode("cp1252", "ignore") or " " for c in range(0x80, 0xA0)}
CONTROLS |= {0: "", 9: "\t", 10: "\n", 13: "\r"}
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A file's text, and how its bytes were read."""

    text: str
    encoding: str
    how: str
    """`bom`, `utf-8`, `cut` (in the middle of a character), `damaged` (UTF-8 with some wrong
    bytes), `declared` (by the page), `nulls` (UTF-16 or 32 without a mark) or `guessed`."""
    repaired: bool = False
    """Whether characters that had been read in a wrong encoding before were put right."""


def decode(data: bytes, *, is_html: bool) -> Decoded:
    """The text of a file. Raises Unreadable with the reason if there is none."""
    if not data.strip(b"\0 \t\r\n\f\v"):
        raise Unreadable("is empty" if not data else "holds nothing but white space")
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _with_mark(data[len(mark) :], encoding, is_html=is_html)
    for signature, kind in SIGNATURES:
        if data.startswith(signature):
            raise Unreadable(f"is {kind}, not text")
    head = data[:SNIFF_BYTES]
    if b"\0" in head:
        wide = _wide(data, head)
        if wide:
            return _finished(wide[0], wide[1], "nulls", is_html=is_html)
    controls = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    if controls > max(MAX_STRAY_CONTROLS, BINARY_SHARE * len(head)):
        raise Unreadable("is binary, not text")
    text, encoding, how = _unmarked(data, is_html=is_html)
    return _finished(text, encoding, how, is_html=is_html)


def clean_characters(text: str) -> str:
    """The text without control characters, halves of characters and non-characters.

    Lines stay lines and keep their numbers.
    """
    if not CONTROL.search(text):
        return text
    if SURROGATE.search(text):
        # Two halves that belong together become their character; a lone one a question mark.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.translate(CONTROLS)


def unescape(text: str) -> str:
    """A plain text with `&eacute;` and `&#39;` resolved, also where they were escaped twice."""
    for _ in range(2):
        if "&" not in text or not ENTITY.search(text):
            break
        text = ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text


def _with_mark(data: bytes, encoding: str, *, is_html: bool) -> Decoded:
    width = {"utf-16": 2, "utf-32": 4}.get(encoding[:6], 1)
    whole = data[: len(data) // width * width]
    text = whole.decode(encoding, "replace")
    if text.count("\ufffd") > 1 + 0.05 * len(text):
        raise Unreadable(f"says that it is {encoding.upper()}, but is not")
    if not text.strip():
        raise Unreadable("holds nothing but white space")
    return _finished(text, encoding, "bom", is_html=is_html)


def _wide(data: bytes, head: bytes) -> tuple[str, str] | None:
    """UTF-16 or UTF-32 without a mark, told by where the zero bytes stand."""
    for encoding, upper in (
        ("utf-32-le", head[3::4] + head[2::4]),
        ("utf-32-be", head[0::4] + head[1::4]),
    ):
        # Half of the bytes of a text in UTF-32 are zero but for rare characters (emoji).
        if len(head) >= 8 and upper.count(0) > 0.95 * len(upper):
            return data[: len(data) // 4 * 4].decode(encoding, "replace"), encoding
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if min(even, odd) > MAX_ZEROS_ASTRAY * (even + odd):
        return None
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    text = data[: len(data) // 2 * 2].decode(encoding, "replace")
    begin = text[: len(head) // 2]
    readable = sum(unicodedata.category(character)[0] in "LMNPSZ" for character in begin)
    readable += sum(begin.count(character) for character in "\t\r\n")
    return (text, encoding) if readable > READABLE_SHARE * len(begin) else None


def _unmarked(data: bytes, *, is_html: bool) -> tuple[str, str, str]:
    """(text, encoding, how) of bytes in an encoding that has ASCII as its first half."""
    try:
        return data.decode("utf-8"), "utf-8", "utf-8"
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":
            return data[: error.start].decode("utf-8"), "utf-8", "cut"
    right, wrong = _utf8_sequences(data)
    if right >= RIGHT_PER_WRONG * wrong:
        return data.decode("utf-8", "dateline-mixed"), "utf-8", "damaged"
    if is_html:
        declared = _declared(data[:SNIFF_BYTES])
        if declared:
            try:
                return data.decode(declared), declared, "declared"
            except (UnicodeDecodeError, LookupError):
                pass  # it is not what it says: guess
    encoding = charsets.guess(MARKUP.sub(b" ", data) if is_html else data)
    return data.decode(encoding, "replace"), encoding, "guessed"


UTF8_SEQUENCE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
HIGH_BYTE = re.compile(rb"[\x80-\xff]")


def _utf8_sequences(data: bytes) -> tuple[int, int]:
    """How many sequences are UTF-8, and how many bytes above ASCII stand outside of them."""
    right = UTF8_SEQUENCE.findall(data)
    return len(right), len(HIGH_BYTE.findall(data)) - sum(map(len, right))


def _mixed(error: UnicodeError) -> tuple[str, int]:
    """For a wrong byte in UTF-8: what it is in windows-1252, where such bytes mostly come from.

    Halves of a pair, as some programs write characters above U+FFFF, are passed on as they are.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    three = error.object[error.start : error.start + 3]
    if len(three) == 3 and three[0] == 0xED and 0xA0 <= three[1] <= 0xBF:
        return three.decode("utf-8", "surrogatepass"), error.start + 3
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", "replace"), error.start + 1


codecs.register_error("dateline-mixed", _mixed)


def _declared(head: bytes) -> str | None:
    """The encoding that a page states, in the name that Python has for what is meant by it."""
    match = DECLARED.search(head)
    if not match:
        return None
    try:
        name = codecs.lookup((match[1] or match[2]).decode("ascii")).name
    except (LookupError, UnicodeDecodeError):
        return None
    # A page that reads as ASCII up to here is in none of the wide ones; and no codec that is
    # not a charset (`rot13`, `zip`, `idna`, `unicode_escape`) is ever asked.
    if name.startswith(("utf-", "utf_")) or not re.match(
        r"iso8859|iso2022|cp\d|koi8|mac|gb|big5|euc|shift|johab|tis|kz|hz|hp|ptcp|latin|ascii", name
    ):
        return None
    return MEANT.get(name, name)


def _finished(text: str, encoding: str, how: str, *, is_html: bool) -> Decoded:
    text = text.removeprefix("\ufeff")
    better = ungarbled(text)
    plain = clean_characters(better)
    if not is_html:
        plain = clean_characters(unescape(plain))
    if not plain.strip():
        raise Unreadable("holds nothing but white space")
    return Decoded(text=plain, encoding=encoding, how=how, repaired=better is not text)


def _byte_characters() -> dict[str, int]:
    """Character -> the byte that reads as it in windows-1252 or, in its gaps, Latin-1."""
    table = {bytes([byte]).decode("latin-1"): byte for byte in range(128, 256)}
    for byte in range(128, 160):
        table[bytes([byte]).decode("cp1252", "ignore") or chr(byte)] = byte
    return table


BYTE_OF = _byte_characters()


def _class_of(low: int, high: int) -> str:
    return "[" + "".join(re.escape(c) for c, b in BYTE_OF.items() if low <= b <= high) + "]"


_TAIL = _class_of(0x80, 0xBF)
GARBLED = re.compile(
    f"(?:{_class_of(0xC2, 0xDF)}{_TAIL}|{_class_of(0xE0, 0xEF)}{_TAIL}{{2}}"
    f"|{_class_of(0xF0, 0xF4)}{_TAIL}{{3}})+"
)
HIGH_CHARACTER = re.compile(r"[^\x00-\x7f]")


def ungarbled(text: str) -> str:
    """The text with `cafÃ©` made `café`, once or twice over, if that is clearly what happened."""
    for _ in range(2):
        runs = GARBLED.findall(text)
        if not runs or sum(map(len, runs)) < GARBLED_SHARE * len(HIGH_CHARACTER.findall(text)):
            break
        better = GARBLED.sub(_ungarble_run, text)
        if better == text:
            break
        text = better
    return text


def _ungarble_run(match: re.Match[str]) -> str:
    try:
        return bytes(BYTE_OF[character] for character in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]
