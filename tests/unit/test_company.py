"""What the second forest is told of a line's neighbours."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning.article import clean_html, clean_text
from indexer.cleaning.looks import FEW_LINES
from indexer.cleaning.models import COLUMNS, shipped
from indexer.learned.columns import COLUMN, FEATURES, UNKNOWN, Floats
from indexer.learned.company import COMPANY_FEATURES, best_expected, company_rows
from indexer.learned.forest import Model, from_trees
from indexer.loops.company import IN_CORE

LINES = st.integers(0, 40)
SEEDS = st.integers(0, 2**32 - 1)
AT = {name: i for i, name in enumerate(COMPANY_FEATURES)}


def a_file(lines: int, seed: int) -> tuple[Floats, Floats]:
    """Random answers of a first forest, and rows of which only words and sentences are filled."""
    draw = np.random.default_rng(seed)
    rows = np.zeros((lines, len(FEATURES)), np.float32)
    rows[:, COLUMN["words"]] = np.log1p(draw.integers(1, 50, lines))
    rows[:, COLUMN["prose"]] = draw.random(lines) < 0.5
    return draw.random(lines).astype(np.float32), rows


def company_table(chances: Floats, rows: Floats) -> Floats:
    """What stands behind the columns that are known without the first forest."""
    whole = company_rows(chances, rows)
    assert np.array_equal(whole[:, : len(FEATURES)], rows)
    return whole[:, len(FEATURES) :]


def mirrored(name: str) -> str:
    """The column that says of a file read backwards what this one says of it read forwards."""
    for here, there in (("before", "after"), ("since", "until"), ("chance+", "chance-")):
        if here in name:
            return name.replace(here, there)
        if there in name:
            return name.replace(there, here)
    return name


@given(LINES, SEEDS)
def test_a_file_read_backwards_has_before_and_behind_the_other_way_round(
    lines: int, seed: int
) -> None:
    chances, rows = a_file(lines, seed)
    forwards = company_table(chances, rows)
    backwards = company_table(chances[::-1].copy(), rows[::-1].copy())[::-1]
    for name, column in AT.items():
        expected = forwards[:, AT[mirrored(name)]]
        if name == "from_core":
            if not (chances > IN_CORE).any():
                continue  # no line speaks for a core
            expected = -expected
        assert np.allclose(backwards[:, column], expected, atol=1e-4), name


@given(st.integers(2, 40), SEEDS)
def test_a_copy_says_nothing_of_the_lines_around_it(lines: int, seed: int) -> None:
    chances, rows = a_file(lines, seed)
    rows[1, COLUMN["copies_before"]] = 1
    doubted = chances.copy()
    doubted[1] = 0.123
    others = np.arange(lines) != 1
    assert np.array_equal(
        company_table(chances, rows)[others], company_table(doubted, rows)[others]
    )
    assert company_table(chances, rows)[1, AT["chance"]] == chances[1]


def test_neighbours_that_there_are_not_are_unknown() -> None:
    chances, rows = a_file(1, 7)
    row = company_table(chances, rows)[0]
    assert {row[AT["chance-1"]], row[AT["chance+3"]], row[AT["sentences_before"]]} == {UNKNOWN}


@given(st.integers(1, 30), SEEDS)
def test_the_best_expected_f1_is_the_best_of_all_thresholds(lines: int, seed: int) -> None:
    chances, rows = a_file(lines, seed)
    words = np.expm1(rows[:, COLUMN["words"]])
    likely = chances * words
    each = [
        2 * likely[chances >= chance].sum() / (words[chances >= chance].sum() + likely.sum())
        for chance in chances
    ]
    assert np.isclose(best_expected(chances, words), max(each), atol=1e-4)


def test_the_second_forests_have_the_last_word_on_texts_and_on_pages() -> None:
    places = "harbour school theatre market station library museum garden airport hospital bakery stadium bridge"
    sentences = [
        f"The council said that the {place} near the river would not be open to people before May."
        for place in places.split()
    ]
    assert len(sentences) > FEW_LINES
    contrary = {
        name: Model(from_trees([["chance", 0.5, 5.0, -5.0]], features=COLUMNS[name], base=0.0), 0.5)
        for name in ("company", "html_company")
    }
    use = replace(shipped(), **contrary)
    page = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    page = f"<html><body><article>{page}</article></body></html>"
    assert sentences[5] in clean_text("\n\n".join(sentences)).body
    assert sentences[5] in clean_html(page).body
    assert sentences[5] not in clean_text("\n\n".join(sentences), use=use).body
    assert sentences[5] not in clean_html(page, use=use).body
