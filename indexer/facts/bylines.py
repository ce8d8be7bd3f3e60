"""Who wrote or published an article, as its own lines credit them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from indexer.facts.credit_words import (
    AUTHOR_LABELS,
    CJK_AUTHOR,
    FOREIGN_AUTHOR_LABELS,
    NEED_COLON,
    PUBLISHED_WORDS,
    SOURCE_LABELS,
    UPDATED_WORDS,
    WEEKDAYS_AND_MONTHS,
    any_of,
)
from indexer.facts.dates import dates_in, dates_of
from indexer.lines.lines import Line

SOURCE_LINE = re.compile(rf"^(?:{'|'.join(SOURCE_LABELS)})\s*[:：]\s*(.{{2,60}})$", re.IGNORECASE)
SOURCE_INSIDE = re.compile(r"(?:来源|來源|稿源|출처)\s*[:：]\s*([^\s:：|]{2,20})")
CREDITS = re.compile(
    rf"(?:{'|'.join(SOURCE_LABELS)}|{any_of((*AUTHOR_LABELS, *FOREIGN_AUTHOR_LABELS))}"
    r"|记者|記者|作者|编辑|編輯|责任编辑)\s*[:：]\s*[^\W\d_]+(?:[ .·'’-][^\W\d_]+){0,3}",
    re.IGNORECASE,
)
"""A label, a colon and a name (`来源：云汀晚报`, `Автор: Степан Лыжин`)."""
_LABEL = any_of((*AUTHOR_LABELS, *FOREIGN_AUTHOR_LABELS))
_KIND = "(?:review|news|interview|analysis|feature|opinion|column|essay|commentary|recipe) "
BYLINE = re.compile(
    rf"^\W{{0,3}}(?:{_KIND})?(?P<label>{_LABEL})(?P<mark>\s*[:：]\s*|\s+)(?P<name>.{{3,120}})$",
    re.IGNORECASE,
)
GLUED = re.compile(r"^(?P<label>By)(?P<mark>)(?P<name>[A-Z][a-z].{2,80})$")
REPORTING = re.compile(
    r"^\W{0,2}\(?(?:Additional )?[Rr]eporting (?:and writing )?by (?P<name>[^;()]{3,80})"
)
BYLINE_END = re.compile(
    r"\s*(?:[|•·–—/(;]|\s-\s|\d|\u00a0{2,}|\b(?:on|at|for|updated|published|posted|staff|senior|special|contribut\w*|avatar|news|correspondent"
    r"|reporters?|editors?|writers?|associated|reuters|afp|associate|additional|source|photo\w*|tags|le|am|el|il|em|op|den|في|و?تاريخ)\b).*$",
    re.IGNORECASE,
)
SIGNING = frozenset(
    word for label in (*AUTHOR_LABELS, *FOREIGN_AUTHOR_LABELS) for word in label.split()[:1]
)
_JOIN = r"(?:(?:and|&|und|et|y|e|ve|и|و|de|del|della|di|da|dos|la|le|van|von|der|den|ten|bin|ibn|al-?|el-?)\s+){0,3}"
NAME = re.compile(rf"^[^\W\d_][\w.'’-]*(?:\s+{_JOIN}[^\W\d_][\w.'’-]*){{1,6}}$")
LONE_NAME = re.compile(r"^[^\W\d_][\w'’-]{3,}$")
JOINS = frozenset(
    ("and", "&", "de", "del", "della", "di", "da", "dos", "la", "le", "van", "von", "der", "den", "ten", "bin", "ibn", "al", "el",
     "und", "et", "y", "e", "ve", "и", "و")
)  # fmt: skip
NO_NAME = frozenset((
    "staff", "agencies", "agency", "news", "desk", "newsroom", "editor", "editors", "editorial", "team", "report",
    "reports", "reporter", "reporters", "correspondent", "correspondents", "press", "times", "post", "daily",
    "journal", "gazette", "tribune", "herald", "media", "world", "sports", "sport", "business", "politics",
    "opinion", "updated", "published", "posted", "share", "read", "more", "comments", "comment", "photo", "photos",
    "video", "image", "credit", "source", "home", "latest", "top", "stories", "story", "breaking", "live", "watch",
    "subscribe", "log", "sign", "menu", "search", "privacy", "contact", "about", "the", "this", "that", "you",
    "your", "our", "advertisement", "national", "local", "international", "health", "science", "technology", "tech",
    "entertainment", "lifestyle", "culture", "music", "food", "travel", "style", "states", "united", "university",
    "institute", "city", "county", "new", "york", "guest", "columnists",
))  # fmt: skip
"""Words of lines that look like a name and are none: sections, desks, papers."""
OWNER = re.compile(
    r"(?:©|\(c\)|\bcopyright)[\s©,]*(?:(?:19|20)\d\d(?:\s*[-–]\s*(?:(?:19|20)\d\d|present))?)?[\s,]*"
    r"(?:by |the copyright of )?(?P<owner>[^\W\d_][^.|•·©()]{2,48}?)"
    r"\s*(?:[.|•·©(]|,? (?:all rights|inc|ltd|llc|limited|gmbh|media group|verlag)\b|,? (?:19|20)\d\d|$)",
    re.IGNORECASE,
)
RIGHTS = re.compile(
    r"(?:rights reserved (?:to|by)\s+|版权所有\s*[:：]?\s*|(?:جميع )?الحقوق محفوظة ل[ـ]?(?:صحيفة |موقع |جريدة )?|تمامی? حقوق .{0,30} متعلق به )"
    r"(?P<owner>[^\W\d_][^.|•·©()\d]{1,48}?)\s*(?:[.|•·©(،,]|(?:19|20)\d\d|\s(?=未经|است|می)|$)",
    re.IGNORECASE,
)
RIGHTS_MARKS = (
    "©",
    "opyright",
    "OPYRIGHT",
    "(c)",
    "(C)",
    "eserved",
    "ESERVED",
    "版权",
    "محفوظ",
    "حقوق",
)
OWNER_END = re.compile(
    r"\s*\b(?:(?:19|20)\d\d|all rights|reserved|do not|terms|privacy|reproduction|tüm hakları|все права|alle rechte|tous droits"
    r"|todos los|tutti i|todos os|designed|powered)\b.*$",
    re.IGNORECASE,
)
DATED = frozenset(PUBLISHED_WORDS) | frozenset(UPDATED_WORDS)
SMALL = frozenset({"desk", "team", "della", "redaktion"})
"""Words of names that are not written with a capital."""
ALONE = frozenset({"by", "von", "par", "por", "di", "door", "av", "af", "oleh", "автор", "بقلم"})
"""Labels that stand on a line of their own above the name."""
OWNER_LINES = 40
MAX_WORDS = 16
MAX_NAMES_CHARACTERS = 80


# --- writers -------------------------------------------------------------------------------------


def is_signed(line: Line) -> bool:
    """Whether the line begins as a byline does."""
    return bool(line.words) and line.words[0] in SIGNING and _labelled(line) is not None


def byline(lines: Iterable[Line]) -> tuple[str, Line] | None:
    """The author that a line of its own credits (`By Jane Roe`, `Автор: Степан Лыжин`)."""
    by = False
    for line in lines:
        if len(line.words) > MAX_WORDS:
            by = False
            continue
        if by and (name := cleaned_name(line.text)):
            return name, line
        by = len(line.words) == 1 and line.text.lower().strip(" :") in ALONE
        name = _labelled(line) if line.words and _may_sign(line) else None
        if name is None and not line.text.isascii() and (match := CJK_AUTHOR.search(line.text)):
            name = match["name"] or match["kr"]
        if name:
            return name, line
    return None


def _may_sign(line: Line) -> bool:
    return not SIGNING.isdisjoint(line.words[:2]) or line.text.startswith("By")


def _labelled(line: Line) -> str | None:
    match = BYLINE.match(line.text) or GLUED.match(line.text)
    if match is None:
        return None
    label = match["label"].lower()
    if label in NEED_COLON and not match["mark"].strip():
        return None
    name = cleaned_name(match["name"])
    if name is None:
        return None
    one_word = len(name.split()) == 1
    if one_word and not (" " in label or match["mark"].strip()):
        return None
    return name


def cleaned_name(text: str) -> str | None:
    """The name or names that a credit begins with, or None if it begins with none."""
    dated = dates_in(text) if any(map(str.isdigit, text)) else []
    head = text[: dated[0].span[0]] if dated else text
    first, *others = BYLINE_END.sub("", head).split(",")
    name = " ".join(first.split()).strip(" .:-")
    if not (NAME.match(name) or LONE_NAME.match(name)) or not _is_written_as_name(name):
        return None
    for other in others:
        plain = " ".join(other.split()).removeprefix("and ").strip(" .:-")
        if not NAME.match(plain) or not _is_written_as_name(plain) or plain.lower() in NO_NAME:
            break
        name = f"{name}, {plain}"
    if len(name) > MAX_NAMES_CHARACTERS:
        return None
    return name.title() if name.isupper() else name


def _is_written_as_name(text: str) -> bool:
    """Whether the words begin with capitals, where the script has them (`Economy desk` may pass)."""
    words = text.split()
    return not words[0][0].islower() and not any(
        word[0].islower() and len(word) > 3 and word not in SMALL for word in words
    )


def reporting(lines: Sequence[Line]) -> tuple[str, Line] | None:
    """`(Reporting by Ruy Almada; Editing by …)` below a text."""
    for line in reversed(lines):
        match = REPORTING.match(line.text) if len(line.words) <= MAX_WORDS * 2 else None
        if match and (name := cleaned_name(match["name"].split(" in ")[0])):
            return name, line
    return None


def dated_name(line: Line) -> str | None:
    """The name before a date of publication (`Inacio Freire — Tue 04 Jun 2024 18.30`)."""
    found = dates_of(line)
    if not found or len(line.words) > MAX_WORDS:
        return None
    head = line.text[: found[0].span[0]]
    return lone_name(re.split(r"\s*[|•·–—/]\s*|\s-\s|\s{3,}", head.strip(), maxsplit=1)[0])


def lone_name(text: str) -> str | None:
    """A text that is the name of one or more people, as far as its shape tells."""
    name = " ".join(text.split()).strip(" .,:-–—|")
    words = name.split()
    if not 2 <= len(words) <= 7 or not NAME.match(name) or name.isupper():
        return None
    lowered = {word.lower().strip(".") for word in words}
    if lowered & (NO_NAME | WEEKDAYS_AND_MONTHS | DATED):
        return None
    proper = [word for word in words if word.lower() not in JOINS]
    return name if len(proper) > 1 and not any(word[0].islower() for word in proper) else None


# --- sources -------------------------------------------------------------------------------------


def source_line(lines: Sequence[Line]) -> tuple[str, Line] | None:
    """The source that a line of its own states (`Source: Arab News`)."""
    for line in lines:
        if len(line.words) > 9 or not (":" in line.text or "：" in line.text):
            continue
        if match := SOURCE_LINE.match(line.text):
            return match[1].strip(" .()"), line
    return None


def source_inside(lines: Sequence[Line]) -> tuple[str, Line] | None:
    """The source that a date line credits (`2025年3月7日 来源：云汀晚报`)."""
    for line in lines:
        if "：" in line.text or ":" in line.text:
            match = SOURCE_INSIDE.search(line.text[:200])
            if match:
                return match[1], line
    return None


def owner(lines: Sequence[Line]) -> str | None:
    """Whom a copyright line names (`© 2024 The Quay Courier. All rights reserved`)."""
    last = [
        line for line in lines[-OWNER_LINES:] if len(line.words) <= 25 and len(line.text) <= 300
    ]
    whole = "\n".join([line.text for line in last])
    if not any(map(whole.__contains__, RIGHTS_MARKS)):
        return None
    for line in reversed(last):
        if not any(map(line.text.__contains__, RIGHTS_MARKS)):
            continue
        match = RIGHTS.search(line.text) or OWNER.search(line.text)
        name = OWNER_END.sub("", match["owner"]).strip(" ,-–") if match else ""
        if name and not name[0].islower() and len(name) > 2 and 1 <= len(name.split()) <= 6:
            return name
    return None
