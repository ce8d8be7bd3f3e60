"""Short cuts of the cleaner find what the long way finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import phrases
from indexer.columns import COLUMN
from indexer.features import table
from indexer.lines import text_lines

WORDS = sorted(phrases.TRIGGERS)
MARKS = ["©", ":", "/", "(", ")", "2016", "12", "|", "the", "to", "us", "this", "…", "×"]
lines_of_phrases = st.lists(st.sampled_from([*WORDS, *MARKS]), min_size=1, max_size=8).map(" ".join)


in_families = st.one_of([st.from_regex(pattern) for _, pattern in phrases.FAMILIES])


@settings(max_examples=300)
@given(in_families | lines_of_phrases)
def test_the_alternatives_of_a_family_apart_find_what_its_pattern_finds(text: str) -> None:
    for (_, pattern), finders in zip(phrases.FAMILIES, phrases.FINDERS, strict=True):
        assert any(find(text) for find in finders) == (pattern.search(text) is not None)


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
