"""From which probability on a line stays depends on what its file promises."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning.features import table
from indexer.cleaning.looks import (
    BETWEEN,
    FEW_LINES,
    LOWEST,
    RARE_SENTENCE,
    kept_at_first,
    threshold_of,
)
from indexer.learned.columns import Floats
from indexer.lines.lines import text_lines

USUAL = 0.45
FILES = st.lists(st.tuples(st.floats(0, 1, width=16), st.integers(1, 60)), min_size=1, max_size=40)


def expected_f1(chances: Floats, words: Floats, threshold: float) -> float:
    """What F1 over words can be expected of a file if lines stay from a threshold on."""
    kept = chances >= threshold
    return float(2 * (chances * words)[kept].sum() / (words[kept].sum() + (chances * words).sum()))


@given(FILES)
def test_a_threshold_of_its_own_promises_no_less_than_the_usual_one(
    file: list[tuple[float, int]],
) -> None:
    chances, words = (np.array(column, np.float32) for column in zip(*file, strict=True))
    own = threshold_of(chances, words, USUAL)
    assert LOWEST <= own <= USUAL
    if chances.any():
        usual = expected_f1(chances, words, USUAL)
        assert expected_f1(chances, words, own) >= usual - 1e-6


def test_a_file_in_which_no_line_is_likely_keeps_its_likeliest() -> None:
    chances = np.array([0.01, 0.4, 0.02, 0.01], np.float32)
    words = np.array([3, 900, 5, 4], np.float32)
    assert threshold_of(chances, words, USUAL) < 0.4


def test_a_sure_file_has_the_usual_threshold() -> None:
    chances = np.array([0.01, 0.99, 0.98, 0.02], np.float32)
    assert threshold_of(chances, np.full(4, 20, np.float32), USUAL) == USUAL


SENTENCE = (
    "The harbour master said on day {} that no ferry would leave before the storm had passed."
)


def kept(text: list[str], chances: list[float]) -> list[bool]:
    """What stays of a text by its looks."""
    lines = text_lines("\n".join(text))
    by_looks = kept_at_first(lines, table(lines), np.array(chances, np.float32), threshold=USUAL)
    return [bool(stays) for stays in by_looks]


def test_an_unlikely_line_between_two_sentences_stays_unless_hardly_anything_speaks_for_it() -> (
    None
):
    text = [SENTENCE.format(day) for day in range(FEW_LINES + 1)]
    text[5] = "Ferries stay in port"
    chances = [0.95] * len(text)
    for chance, stays in ((BETWEEN + 0.05, True), (BETWEEN - 0.05, False)):
        chances[5] = chance
        assert kept(text, chances)[5] is stays
        assert all(kept(text, chances)[:5] + kept(text, chances)[6:])


def test_of_a_short_text_sentences_stay_unless_hardly_anything_speaks_for_them() -> None:
    text = [SENTENCE.format(day) for day in range(4)]
    for chance, stays in ((RARE_SENTENCE + 0.05, True), (RARE_SENTENCE - 0.05, False)):
        assert kept(text, [0.95, 0.95, chance, 0.95])[2] is stays
