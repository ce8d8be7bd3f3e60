"""Who wrote, sent or published an article, as its own lines credit them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.lines import Line

AGENCIES = (
    "Xinhua",
    "AP",
    "AFP",
    "Reuters",
    "dpa",
    "EFE",
    "ANSA",
    "TASS",
    "Interfax",
    "RIA Novosti",
    "Anadolu Agency",
    "SANA",
    "IRNA",
    "Mehr",
    "Fars",
    "PTI",
    "ANI",
    "IANS",
    "UPI",
    "Bloomberg",
    "Kyodo",
    "Yonhap",
    "Bernama",
    "APA",
    "PA Media",
    "CP",
    "AAP",
    "WAM",
    "KUNA",
    "SPA",
    "MENA",
    "Petra",
)
SPELT = {
    "associated press": "AP",
    "the associated press": "AP",
    "agence france-presse": "AFP",
    "agence france presse": "AFP",
    "thomson reuters": "Reuters",
    "deutsche presse-agentur": "dpa",
    "xinhua news agency": "Xinhua",
    "anadolu": "Anadolu Agency",
    "aa": "Anadolu Agency",
    "ria": "RIA Novosti",
    "sputnik": "Sputnik",
    "press association": "PA Media",
    "the canadian press": "CP",
    "新华社": "Xinhua",
    "رويترز": "Reuters",
    "سانا": "SANA",
    **{name.lower(): name for name in AGENCIES},
}
CREDIT = re.compile(r"\(([^()]{2,40})\)\W*$|[-–—/]\s*([A-Z][A-Za-z ]{1,24})\.?\s*$")
DATELINE = re.compile(
    r"^([A-Z][A-Z.'’-]+(?:[ /,]+(?:[A-Z][A-Z.'’-]+|[A-Z][a-z]+\.?)){0,4})"
    r"(?:,? (?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.?))?"
    r"(?:\s*\(([^()]{2,40})\))?\s*(?:[-–—]{1,2}|:)\s+(?=\S)"
)
AGENCY_NAME = re.compile(r"^[A-Z][\w.-]+(?: [A-Z][\w.-]+){0,2}$")
"""In a dateline (`HARWICK (Meridian) - `) a name that is not known is a wire service all the same."""
AGENCY_OPENING = re.compile(r"^\(([^()]{2,30})\)\s*[-–—]")
SOURCE_LINE = re.compile(
    r"^(?:sources?|via|credit|kaynak|источник|المصدر|منبع|fuente|quelle|来源)\s*[:：]\s*(.{2,60})$",
    re.IGNORECASE,
)
BYLINE = re.compile(
    r"^(?:by|written by|reported by|reporting by|posted by|words by|story by|author)\b\s*:?\s+(.{3,80})$",
    re.IGNORECASE,
)
BYLINE_END = re.compile(
    r"\s*(?:[|•·–—]|\s-\s|,|\(|\d|\b(?:on|at|for|updated|published|posted|staff|senior|contribut|correspondent|reporter|editor|associated|reuters|afp)\b).*$",
    re.IGNORECASE,
)
SIGNING = frozenset(
    {"by", "written", "reported", "reporting", "posted", "words", "story", "author"}
)
NAME = re.compile(
    r"^[^\W\d_][\w.'’-]*(?: (?:and |& |de |van |von |bin |al-)?[^\W\d_][\w.'’-]*){1,5}$"
)


def agency_of(words: str) -> str | None:
    """The wire service with this name, as it is usually written."""
    return SPELT.get(" ".join(words.lower().split()).strip(" .:"))


def agency(body: Sequence[Line]) -> tuple[str, str] | None:
    """The wire service that a text credits, and where: at its end, in its dateline."""
    for line in body[:3]:
        match = DATELINE.match(line.text)
        name = match[2] if match and match[2] else None
        opening = AGENCY_OPENING.match(line.text)
        found = agency_of(name or (opening[1] if opening else ""))
        if found is None and name and AGENCY_NAME.match(name):
            found = name
        if found:
            return found, "dateline"
    for line in reversed(body[-3:]):
        match = CREDIT.search(line.text)
        if match:
            for part in re.split(r"[/,&;]| and ", match[1] or match[2]):
                found = agency_of(part)
                if found:
                    return found, "credit at the end"
    return None


def dateline(body: Sequence[Line]) -> str | None:
    """The place a report is sent from (`DAMASCUS`)."""
    for line in body[:3]:
        match = DATELINE.match(line.text)
        if match and len(match[1]) > 2:
            return match[1].strip(" ,")
    return None


def is_signed(line: Line) -> bool:
    """Whether the line begins as a byline does."""
    return bool(line.words) and line.words[0] in SIGNING and BYLINE.match(line.text) is not None


def source_line(lines: Sequence[Line]) -> tuple[str, Line] | None:
    """The source that a line of its own states (`Source: Arab News`)."""
    for line in lines:
        if len(line.words) > 9 or not (":" in line.text or "：" in line.text):
            continue
        if match := SOURCE_LINE.match(line.text):
            return match[1].strip(" .()"), line
    return None


def byline(lines: Sequence[Line]) -> tuple[str, Line] | None:
    """The author that a byline states (`By Jane Roe`)."""
    for line in lines:
        match = BYLINE.match(line.text) if is_signed(line) and len(line.words) <= 16 else None
        if match:
            name = BYLINE_END.sub("", match[1]).strip(" .,:")
            if NAME.match(name) and len(name) > 3:
                return (name.title() if name.isupper() else name), line
    return None


OWNER = re.compile(
    r"(?:©|\(c\)|\bcopyright)[\s©,]*(?:(?:19|20)\d\d(?:\s*[-–]\s*(?:(?:19|20)\d\d|present))?)?[\s,]*"
    r"(?:by |the copyright of )?(?P<owner>[^\W\d_][^.|•·©()]{2,48}?)"
    r"\s*(?:[.|•·©(]|,? (?:all rights|inc|ltd|llc|limited|gmbh|media group|verlag)\b|$)",
    re.IGNORECASE,
)
OWNER_END = re.compile(
    r"\s*\b(?:(?:19|20)\d\d|all rights|reserved|do not|terms|privacy)\b.*$", re.IGNORECASE
)


def owner(lines: Sequence[Line]) -> str | None:
    """Whom a copyright line names (`© 2024 The Quay Courier. All rights reserved`)."""
    for line in reversed(lines[-40:]):
        if len(line.words) > 25 or len(line.text) > 300:
            continue
        match = OWNER.search(line.text)
        name = OWNER_END.sub("", match["owner"]).strip(" ,-–") if match else ""
        if name[:1].isupper() and len(name) > 3 and 1 <= len(name.split()) <= 6:
            return name
    return None
