"""What compiled loops count of a line's letters is what one counts by hand, and no hint is missed."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.cleaning import features, phrases
from indexer.facts.dates import MONTHS
from indexer.learned.columns import COLUMN
from indexer.lines.lines import text_lines

DATE = re.compile(r"(?:19|20)\d\d|\d[/.-]\d{1,2}[/.-]\d\d")
PIECES = st.sampled_from(
    [
        "1", "9", "20", "24", "٣", ".", "/", "-", ":", "com", "www", "https", "@", "a", "Bc", "dE", " ", "<",
        "{", ";", "=", "»", "”", ")", "(AP)", "!", "?", ",", "، ", "…", "é", "你好", "。", "_", "\u0301", "Mai", "😀",
    ]
)  # fmt: skip
CLOSING = "\"“”„«»‘’'「」)]』*"
LINES = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=30)
TEXTS = st.lists(LINES, min_size=1, max_size=4).map("\n".join)


@settings(max_examples=300)
@given(TEXTS)
@example("1/2/2024\nwww.x\nhttp:a\nx{\nhe (Reuters).\n20٣٣")
def test_patterns_are_looked_for_wherever_they_would_be_found(text: str) -> None:
    lines = text_lines(text)
    rows = features.table(lines, english=True)
    for line, row in zip(lines, rows, strict=True):
        own = line.text
        numbered = re.search(r"\d", " ".join(line.words)) is not None
        clock = ("ago" in line.words or ":" in own) and phrases.CLOCK.search(own) is not None
        named = "ago" not in line.words and ":" not in own and bool(MONTHS.keys() & {*line.words})
        dated = numbered and (DATE.search(own) is not None or clock or named)
        assert row[COLUMN["has_date"]] == dated
        assert row[COLUMN["has_address"]] == (phrases.ADDRESS.search(own.lower()) is not None)
        assert row[COLUMN["code"]] == phrases.is_code(own)
        assert row[COLUMN["glued"]] == phrases.glued_count(own)
        assert row[COLUMN["image_name"]] == phrases.is_image_name(own)


@settings(max_examples=300)
@given(TEXTS)
def test_shares_of_letters_are_those_of_each_line(text: str) -> None:
    lines = text_lines(text)
    rows = features.table(lines)
    kinds = [[unicodedata.category(c) if ord(c) < 65_535 else "Cn" for c in x.text] for x in lines]
    has_case = any(kind in {"Lu", "Lt"} for line in kinds for kind in line)
    for line, row, own in zip(lines, rows, kinds, strict=True):
        size = len(line.text)
        assert row[COLUMN["digits"]] == np.float32(own.count("Nd") / size)
        assert row[COLUMN["characters"]] == np.float32(np.log1p(size))
        uppers, letters = own.count("Lu") + own.count("Lt"), sum(kind[0] == "L" for kind in own)
        share = uppers / max(1, letters) if has_case else -1
        assert row[COLUMN["upper_letters"]] == np.float32(share)
        assert row[COLUMN["commas"]] == min(8, sum(c in ",;،、，؛" for c in line.text))
        before_credit = line.text[: phrases.credit_start(line.text)]
        end = before_credit.rstrip(CLOSING)[-1:]
        assert row[COLUMN["ends"]] == (end != "" and end in ".!?…؟۔。！？।")
        assert row[COLUMN["ends_question"]] == (end != "" and end in "?؟？")
