"""Short cuts of the cleaner find what the long way finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.cleaning import phrases
from indexer.cleaning.features import table
from indexer.cleaning.words import families_of, words_of_lines
from indexer.learned.columns import COLUMN
from indexer.lines.lines import Line, said_by, text_lines

WORDS = sorted(phrases.TRIGGERS)
MARKS = ["©", ":", "/", "(", ")", "2016", "12", "|", "the", "to", "us", "this", "…", "×"]
lines_of_phrases = st.lists(st.sampled_from([*WORDS, *MARKS]), min_size=1, max_size=8).map(" ".join)


in_families = st.one_of([st.from_regex(pattern) for _, pattern in phrases.FAMILIES])


def a_line(text: str) -> Line:
    return Line(1, text, *said_by([text])[0])


@settings(max_examples=300)
@given(in_families | lines_of_phrases)
def test_a_line_is_of_the_family_that_all_its_patterns_tell(text: str) -> None:
    line = a_line(" ".join(text.split()))
    if len(line.words) > phrases.MAX_WORDS or len(line.text) > phrases.MAX_CHARACTERS:
        return
    led_to = {n for word in line.words for n in phrases.TRIGGERS.get(word, ())}
    everything = "©" in line.text or "×" in line.text
    patterns = [pattern for _, pattern in phrases.FAMILIES]
    found = [
        n
        for n in range(len(patterns))
        if (n in led_to or everything) and patterns[n].search(line.text)
    ]
    assert phrases.family_of(line) == (found[0] if found else -1)
    assert families_of(np.bitwise_or.reduce(words_of_lines([line]).bits, keepdims=True)) == [
        tuple(sorted(led_to))
    ]


@given(
    st.lists(
        st.lists(st.sampled_from(["a", "b", "c", "d", "e", "7", "88"]), max_size=9), max_size=12
    )
)
def test_lines_inside_others_are_found_however_rare_their_words_are(said: list[list[str]]) -> None:
    lines = text_lines("\n".join(map(" ".join, said)))
    same = [line.same for line in lines]
    flat = "\n" + "\n".join(same) + "\n"
    wanted = [
        len(line.words) >= 4 and flat.count(line.same) > same.count(line.same) for line in lines
    ]
    assert (table(lines)[:, COLUMN["part_of_other"]] > 0).tolist() == wanted
