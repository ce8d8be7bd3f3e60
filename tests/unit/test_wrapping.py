"""Texts that were broken into lines of one width, and texts that only look like it."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.cleaning.article import clean_text, line_keys
from indexer.lines.wrapping import unwrapped

PARAGRAPHS = (
    "The people of the harbour town voted on Tuesday to keep the old crane, which has not moved for nineteen years and leans a little towards the sea.",
    "“It holds up the sky,” said the mayor, who had wanted to sell it for scrap two winters ago and has since changed his mind, as he told the council in a short speech that was met with applause.",
    "The crane will be painted in spring, and a café is to open in the cabin of its driver. Children under six will be let in without paying, on condition that they do not pull the levers.",
    "Nobody knows who built it. The oldest photograph shows it already standing, with a goat on the arm and a man below who seems to be asking the goat to come down again before dark.",
)
TITLE = "Harbour town votes to keep its old crane"


@pytest.mark.parametrize("width", [60, 66, 72, 78, 90])
def test_wrapped_paragraphs_become_lines(width: int) -> None:
    text = "\n\n".join([TITLE, *(textwrap.fill(part, width) for part in PARAGRAPHS)])
    whole = unwrapped(text)
    assert [line for line in whole.split("\n") if line] == [TITLE, *PARAGRAPHS]
    assert whole.count("\n") == text.count("\n")  # what follows keeps its line number
    assert clean_text(text).body == "\n\n".join(PARAGRAPHS)
    assert line_keys(text) == line_keys("\n".join([TITLE, *PARAGRAPHS]))


def test_a_text_with_a_line_for_each_paragraph_stays_as_it_is() -> None:
    text = "\n\n".join([TITLE, *PARAGRAPHS])
    assert unwrapped(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(
            f"{n}. Headline number {n} of the morning, with some more words" for n in range(30)
        ),
        "\n".join(["Home News Sport Weather Opinion Letters Puzzles and the rest"] * 20),
        "One line\nTwo lines\nThree lines",
        "\n".join(f"The {word} boat came home." for word in ("red", "blue", "old", "long") * 6),
        "",
    ],
    ids=["headlines", "menus", "short", "verse", "empty"],
)
def test_lists_and_verse_are_not_joined(text: str) -> None:
    assert unwrapped(text) == text


def test_words_broken_at_the_end_of_a_line() -> None:
    body = textwrap.fill(" ".join(PARAGRAPHS), 72)
    text = f"{body}\n\nThe well-\nknown har\u00ad\nbour of the north is very well liked by all who came to it"
    plain = unwrapped(text)
    assert " ".join(PARAGRAPHS) in plain


@settings(max_examples=60)
@given(st.text(alphabet="ab \n-.\u00ad\r", max_size=3_000))
def test_no_letter_is_lost_and_no_line_moves(text: str) -> None:
    whole = unwrapped(text)
    strip = str.maketrans("", "", " \n\r\u00ad")
    assert whole.translate(strip) == text.translate(strip)


@pytest.mark.timeout(60)
def test_a_wrapped_file_of_many_megabytes_takes_time_in_proportion() -> None:
    line = "word " * 14 + "wo"
    assert unwrapped("\n".join([line] * 200_000)).count(line) == 200_000
