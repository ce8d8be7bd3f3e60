"""Wire services, and the datelines and credits that name them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.lines.lines import Line

AGENCIES = (
    "Xinhua", "AP", "AFP", "Reuters", "dpa", "EFE", "ANSA", "TASS", "Interfax", "RIA Novosti", "Anadolu Agency", "SANA", "IRNA",
    "ISNA", "Mehr", "Fars", "Tasnim", "PTI", "ANI", "IANS", "UPI", "Bloomberg", "Kyodo", "Jiji", "Yonhap", "Bernama", "Antara",
    "APA", "PA Media", "CP", "AAP", "WAM", "KUNA", "SPA", "MENA", "Petra", "NNA", "QNA", "APS", "MAP", "TAP", "Ukrinform",
    "Unian", "Belga", "ANP", "Lusa", "TT", "NTB", "Ritzau", "STT", "PAP", "CTK", "MTI", "Agerpres", "BTA", "Tanjug", "HINA",
    "AGI", "Adnkronos", "Europa Press", "DHA", "IHA", "APP", "BSS", "VNA", "CNA", "CNS", "SDA", "KNA", "epd",
)  # fmt: skip
SPELT = {
    "associated press": "AP", "the associated press": "AP", "agence france-presse": "AFP", "agence france presse": "AFP",
    "thomson reuters": "Reuters", "deutsche presse-agentur": "dpa", "xinhua news agency": "Xinhua", "anadolu": "Anadolu Agency",
    "aa": "Anadolu Agency", "anadolu ajansı": "Anadolu Agency", "ria": "RIA Novosti", "риа новости": "RIA Novosti",
    "тасс": "TASS", "интерфакс": "Interfax", "укринформ": "Ukrinform", "укрінформ": "Ukrinform", "sputnik": "Sputnik",
    "press association": "PA Media", "the canadian press": "CP", "新华社": "Xinhua", "新華社": "Xinhua", "中新社": "CNS",
    "路透社": "Reuters", "法新社": "AFP", "美联社": "AP", "共同": "Kyodo", "時事": "Jiji", "연합뉴스": "Yonhap", "رويترز": "Reuters",
    "سانا": "SANA", "أ ف ب": "AFP", "ا ف ب": "AFP", "أ.ف.ب": "AFP", "د ب أ": "dpa", "وام": "WAM", "واس": "SPA", "قنا": "QNA",
    "الأناضول": "Anadolu Agency", "ایرنا": "IRNA", "ایسنا": "ISNA", "فارس": "Fars", "مهر": "Mehr", "تسنیم": "Tasnim",
    **{name.lower(): name for name in AGENCIES},
}  # fmt: skip
"""How texts spell a wire service -> its usual name."""
CREDIT = re.compile(r"[(（]([^()（）]{2,40})[)）]\W*$|[-–—/]\s*([A-Z][A-Za-z ]{1,24})\.?\s*$")
LONE_CREDIT = re.compile(
    r"[.!?…。”\"’']\s*\((?P<name>[A-Z][\w-]{2,20}|[A-Z]{2,8}|[A-Z][\w-]{2,20} (?:News|Press|Agency|Newswire|Wire))\)$"
)
"""`… as judges." (Meridian)`: behind the last sentence a name is a wire service's, known or not."""
NO_AGENCY = frozenset(
    (
        "photo", "photos", "video", "file", "more", "end", "ends", "laughs", "laughter", "applause", "updated", "update", "sic",
        "editor", "continued", "source", "graphic", "opinion", "advertisement", "sponsored", "subscription", "registration",
        "read", "watch", "english", "arabic", "staff",
    )
)  # fmt: skip
_PLACE = r"[A-ZÀ-ÖØ-ÞА-ЯЁІЇЄ][A-ZÀ-ÖØ-ÞА-ЯЁІЇЄ.'’-]+"
_DAY = r"(?:[A-Z][a-z]{2,8}\.? \d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.?)(?:,? (?:19|20)\d\d)?"
DATELINE = re.compile(
    rf"^({_PLACE}(?:[ /,]+(?:{_PLACE}|[A-Z][a-z]+\.?)){{0,4}})(?:,? {_DAY})?"
    r"(?:\s*\(([^()]{2,40})\))?\s*[-–—]{1,2}\s+(?=\S)"
)
MIXED_DATELINE = re.compile(
    r"^([^\W\d_][\w.'’-]+(?:[ ,/]+[^\W\d_][\w.'’-]+){0,3})"
    rf"(?:,? {_DAY})?\s*(?:[-,،]\s*)?\(([^()]{{2,30}})\)\s*[-–—:]{{1,2}}\s*(?=\S)"
)
"""`Damascus (SANA) - `: a place not in capitals is one where a wire service stands behind it."""
DASHED = re.compile(r"[-–—]\s")
"""Stands in whatever DATELINE finds."""
CJK_DATELINE = re.compile(
    r"^[(（【]?(?P<agency>新华社|新華社|中新社|新华网|路透社|法新社|共同社?|時事)[)）]?\s*"
    r"(?P<place>[\u4e00-\u9fff]{2,8}?)\s*\d{1,2}月\d{1,2}日电?"
)
AGENCY_NAME = re.compile(r"^[A-Z][\w.-]+(?: [A-Z][\w.-]+){0,2}$")
"""In a dateline (`HARWICK (Meridian) - `) a name that is not known is a wire service all the same."""
AGENCY_OPENING = re.compile(r"^\(([^()]{2,30})\)\s*[-–—]")
NO_PLACE = frozenset(
    (
        "watch", "breaking", "opinion", "update", "updated", "exclusive", "live", "video", "analysis", "review", "photos",
        "gallery", "comment", "explainer", "editorial", "column", "feature", "correction", "note", "warning", "spoiler",
    )
)  # fmt: skip
OPENING_LINES = 3


def agency_of(words: str) -> str | None:
    """The wire service with this name, as it is usually written."""
    return SPELT.get(" ".join(words.lower().split()).strip(" .:"))


def agency(body: Sequence[Line]) -> tuple[str, str] | None:
    """The wire service that a text credits, and where: in its dateline, at its end."""
    for line in body[:OPENING_LINES]:
        if found := _of_opening(line.text[:200]):
            return found, "dateline"
    for line in reversed(body[-OPENING_LINES:]):
        if match := CREDIT.search(line.text[-80:]):
            for part in re.split(r"[/,&;]| and ", match[1] or match[2]):
                if found := agency_of(part):
                    return found, "credit at the end"
    alone = LONE_CREDIT.search(body[-1].text[-80:]) if body else None
    if alone and alone["name"].lower() not in NO_AGENCY:
        return alone["name"], "credit at the end"
    return None


def _of_opening(text: str) -> str | None:
    if match := _cjk_dateline(text):
        return SPELT.get(match["agency"].removesuffix("网") + "社", SPELT.get(match["agency"]))
    if "(" not in text:
        return None
    match = _dateline(text)
    name = match[2] if match and match[2] else None
    if name is None and (mixed := MIXED_DATELINE.match(text)):
        return agency_of(mixed[2])
    opening = AGENCY_OPENING.match(text)
    found = agency_of(name or (opening[1] if opening else ""))
    if found is None and name and AGENCY_NAME.match(name):
        return name
    return found


def dateline(body: Sequence[Line]) -> str | None:
    """The place a report is sent from (`DAMASCUS`)."""
    for line in body[:OPENING_LINES]:
        text = line.text[:200]
        match = _dateline(text)
        if match and _is_place(match[1]):
            return match[1].strip(" ,")
        mixed = _mixed_dateline(text)
        if mixed:
            return mixed[1].strip(" ,")
        if cjk := _cjk_dateline(text):
            return cjk["place"]
    return None


def dateline_head(text: str) -> str:
    """The dateline that a report begins with, as it stands (`DAMASCUS, Nov 25, 2016 (SANA) - `)."""
    match = _dateline(text[:200])
    if match and _is_place(match[1]):
        return match[0]
    mixed = _mixed_dateline(text[:200])
    return mixed[0] if mixed else ""


def _dateline(text: str) -> re.Match[str] | None:
    return DATELINE.match(text) if DASHED.search(text) else None


def _mixed_dateline(text: str) -> re.Match[str] | None:
    match = MIXED_DATELINE.match(text) if "(" in text else None
    return match if match and agency_of(match[2]) else None


def _cjk_dateline(text: str) -> re.Match[str] | None:
    return None if text.isascii() else CJK_DATELINE.match(text)


def _is_place(name: str) -> bool:
    return len(name) > 2 and name.partition(" ")[0].lower() not in NO_PLACE
