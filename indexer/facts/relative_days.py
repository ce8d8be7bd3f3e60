"""`Yesterday`, `vor 3 Tagen`, `3天前` -> a day, but only by a day that the text itself states."""

from __future__ import annotations

import re
from datetime import date, timedelta

from indexer.facts.credit_words import LABEL_WORDS
from indexer.facts.dates import EASTERN_DIGITS

MAX_DAYS = 6
"""`10 days ago` is rounded by some sites, and weeks and months always are."""
DAYS_BACK = {
    0: (
        "today", "heute", "aujourd'hui", "aujourd’hui", "hoy", "oggi", "hoje", "vandaag", "bugün", "сегодня", "сьогодні", "днес",
        "dzisiaj", "dziś", "idag", "i dag", "hari ini", "اليوم", "امروز", "آج", "今天", "今日", "오늘",
    ),
    1: (
        "yesterday", "gestern", "hier", "ayer", "ieri", "ontem", "gisteren", "dün", "вчера", "вчора", "wczoraj", "igår", "i går",
        "kemarin", "أمس", "امس", "دیروز", "昨天", "昨日", "어제",
    ),
    2: (
        "vorgestern", "avant-hier", "anteayer", "l'altro ieri", "anteontem", "eergisteren", "evvelsi gün", "позавчера",
        "позавчора", "przedwczoraj", "förrgår", "forgårs", "أول أمس", "پریروز", "前天", "一昨日", "그저께",
    ),
}  # fmt: skip
BACK = {word: days for days, words in DAYS_BACK.items() for word in words}
_NUMBER = r"(?P<n>\d{1,2}|a|one|two|three|four|five|six)"
COUNTED = re.compile(
    rf"{_NUMBER} ?(?:days? ago|jours?|días? atrás|giorni fa|giorno fa|dias? atrás|dagen geleden|dag geleden|gün önce"
    r"|дн(?:я|ей|і|ів)? (?:назад|тому)|день назад|dni temu|dzień temu|dagar sedan|dage siden|hari (?:yang )?lalu|روز پیش|أيام"
    r"|天前|日前|일 전)"
    rf"|(?:vor|il y a|hace|há|för|قبل|منذ) {_NUMBER.replace('<n>', '<m>')} ?(?:tag(?:en)?|jours?|días?|dias?|dagar|أيام|يوم)",
    re.IGNORECASE,
)
NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
WORD = re.compile(
    r"(?<!\w)(?:" + "|".join(sorted(map(re.escape, BACK), key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)
PLAIN = re.compile(r"[^\W\d_]+")


def days_back(text: str) -> int | None:
    """How many days ago a stamp says it was made; None for a line that says more, or nothing."""
    text = text.translate(EASTERN_DIGITS)
    match = COUNTED.search(text) or WORD.search(text)
    if match is None:
        return None
    rest = text[: match.start()] + " " + text[match.end() :]
    if any(word.lower() not in LABEL_WORDS for word in PLAIN.findall(rest)):
        return None
    if match.re is WORD:
        return BACK[match[0].lower()]
    said = (match["n"] or match["m"]).lower()
    days = NUMBERS.get(said) or int(said)
    return days if days <= MAX_DAYS else None


def day_before(day: str, days: int) -> str:
    """The day that many days earlier, both as ISO 8601."""
    return (date.fromisoformat(day[:10]) - timedelta(days=days)).isoformat()
