"""Where the article stands in the text of a whole page."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from indexer.cleaning import looks, models, whole_pages
from indexer.cleaning.article import clean_text
from indexer.cleaning.boilerplate import APART
from indexer.cleaning.features import table
from indexer.learned.columns import Floats
from indexer.learned.forest import Model
from indexer.lines.lines import text_lines

MENU = [f"Section {letter}" for letter in "abcdefghijklmnopqrstuvwxyzabcdefghij"]
SENTENCE = "The council of Harwick said on Monday that it will mend the old bridge over the river before winter."
PARAGRAPHS = [f"{SENTENCE} That is number {number}." for number in range(9)]
TEASER = "A teaser of another story stands here, and it is as long as a sentence of the article is."
HEADLINES = [
    f"• The mayor of town {number} says that she will not stay for long" for number in range(20)
]


def judged(parts: list[tuple[list[str], float]]) -> tuple[list[str], Floats, Floats]:
    """The lines, their rows and their chances."""
    said = [line for lines, _ in parts for line in lines]
    chances = np.array([chance for lines, chance in parts for _ in lines], np.float32)
    return said, table(text_lines("\n".join(said))), chances


def gone(parts: list[tuple[list[str], float]]) -> list[str]:
    """The likely lines that stand elsewhere."""
    said, rows, chances = judged(parts)
    found = whole_pages.elsewhere(rows, chances, chances >= 0.45)
    return [line for line, is_gone in zip(said, found.tolist(), strict=True) if is_gone]


TEASERS = [each for number in range(4) for each in (f"Number {number}", f"{TEASER} {number}")]
DOUBTFUL = [(["More of this"], 0.2), (TEASERS, 0.5), (["Last"], 0.05)]
BETWEEN = [(MENU[:12], 0.02)]


def test_doubtful_lines_far_below_the_article_go() -> None:
    assert gone([(MENU, 0.02), (PARAGRAPHS, 0.9), *BETWEEN, *DOUBTFUL]) == TEASERS


def test_doubtful_lines_far_above_the_article_go() -> None:
    assert gone([(MENU, 0.02), *DOUBTFUL, *BETWEEN, (PARAGRAPHS, 0.9)]) == TEASERS


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("no whole page", [(PARAGRAPHS, 0.9), *BETWEEN, *DOUBTFUL]),
        ("a doubtful core", [(MENU, 0.02), (PARAGRAPHS, 0.7), *BETWEEN, *DOUBTFUL]),
        ("likely lines", [(MENU, 0.02), (PARAGRAPHS, 0.9), *BETWEEN, (TEASERS[:2], 0.8)]),
        ("beside it", [(MENU, 0.02), (PARAGRAPHS, 0.9), (MENU[:4], 0.02), (TEASERS[:2], 0.5)]),
        ("no line kept", [(MENU, 0.02), (PARAGRAPHS, 0.4)]),
        ("nothing likely at all", [(MENU, 0.02)]),
    ],
)
def test_nothing_goes(name: str, parts: list[tuple[list[str], float]]) -> None:
    assert gone(parts) == [], name


def test_a_long_list_of_headlines_outside_goes_however_likely() -> None:
    above = [(MENU, 0.02), (HEADLINES, 0.95)]
    assert gone([*above, (["Published today"], 0.1), (PARAGRAPHS, 0.9)]) == HEADLINES


def test_a_list_within_the_article_stays() -> None:
    parts = [(MENU, 0.02), (PARAGRAPHS, 0.9), (HEADLINES, 0.95), (PARAGRAPHS[:5], 0.9)]
    assert gone(parts) == []


def test_a_list_of_sentences_is_none_of_headlines() -> None:
    rows = table(text_lines("\n".join(f"{line}." for line in HEADLINES)))
    assert not whole_pages.headlines(rows).any()


def test_a_short_list_is_none_of_headlines() -> None:
    rows = table(text_lines("\n".join([SENTENCE, *HEADLINES[:15], SENTENCE, *HEADLINES[:16]])))
    assert whole_pages.headlines(rows).tolist() == [False] * 17 + [True] * 16


def test_lines_elsewhere_are_not_kept_in_a_text_but_in_a_page() -> None:
    said, rows, chances = judged([(MENU, 0.02), (PARAGRAPHS, 0.9), *BETWEEN, *DOUBTFUL])
    lines = text_lines("\n".join(said))
    kept = {
        is_page: looks.kept_at_first(lines, rows, chances, threshold=0.45, is_page=is_page)
        for is_page in (False, True)
    }
    assert np.flatnonzero(kept[False]).tolist() == list(range(len(MENU), len(MENU) + 9))
    assert np.count_nonzero(kept[True]) > 9


@dataclass(frozen=True, slots=True)
class Told(Model):
    """A model that says what it was told."""

    chances: Floats

    def probabilities(self, rows: Floats) -> Floats:
        assert len(rows) == len(self.chances)
        return self.chances.copy()


def test_the_reason_says_that_likely_lines_stand_apart() -> None:
    said, _, chances = judged([(MENU, 0.02), (PARAGRAPHS, 0.9), *BETWEEN, *DOUBTFUL])
    told = Told(models.shipped().text.forest, 0.45, chances)
    cleaned = clean_text("\n".join(said), use=replace(models.shipped(), text=told, company=told))
    reasons = {removal.text: removal.reason for removal in cleaned.removed}
    assert {reasons[teaser] for teaser in TEASERS if teaser.startswith("A teaser")} == {APART}
    assert PARAGRAPHS[0] in cleaned.body
    assert APART not in {reasons[line] for line in MENU}
