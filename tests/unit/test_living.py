"""What deleted articles were spelt like is learnt piece by piece, and comes to the same as at once."""

import random
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from search.model import Article
from search.whoosh_engine.building.build import segment_in_memory
from search.whoosh_engine.building.living import live_counts, live_form_counts
from search.whoosh_engine.segments.arrays import Segment

WORDS = ["rebel", "rebels", "ferry", "ferries", "al-Nusra", "U.S.", "élève", "中文字"]


def segment(texts: list[str]) -> Segment:
    languages = [None, "en", "fr"]
    return segment_in_memory(
        (
            Article(
                id=f"{number:016x}",
                path=f"{number}.txt",
                title=text.partition(" ")[0],
                body=text,
                language=languages[number % len(languages)],
            )
            for number, text in enumerate(texts)
        ),
        ZoneInfo("UTC"),
    )


def without(whole: Segment, dead: list[int]) -> Segment:
    deleted = np.zeros(whole.doc_count, bool)
    deleted[dead] = True
    return whole.masked(deleted, whole.dead_files)


@given(
    texts=st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join),
        min_size=1,
        max_size=7,
    ),
    order=st.randoms(use_true_random=False),
    field=st.sampled_from(["text", "title"]),
)
@settings(max_examples=60)
def test_commit_after_commit_the_counts_are_those_of_what_lives(
    texts: list[str], order: random.Random, field: str
) -> None:
    """Segments keep what was learnt through all masks, older ones included."""
    whole = segment(texts)
    dead = list(range(len(texts)))
    order.shuffle(dead)
    masks = [dead[:count] for count in range(len(dead) + 1)]
    rows = np.arange(len(whole.field(field).forms))
    for mask in [*masks, *masks[:3]]:
        now = without(whole, mask)
        found = live_counts(now, field, rows, lambda: None)
        assert found.tolist() == live_form_counts(now, field).tolist()
