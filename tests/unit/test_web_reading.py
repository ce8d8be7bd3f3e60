"""An article on its page: marks, and where what is known of it comes from."""

import dataclasses

import pytest
from sample_site import article

from search.model import Provenance, Reading, Segment
from web.reading import lay_out

ARTICLE = article(
    "post/strike.txt",
    "Dockers walk out",
    "One.",
    provenance={
        "published": Provenance(found_in="json-ld", confidence=1.0),
        "author": Provenance(found_in="byline", confidence=0.7),
        "title": Provenance(found_in="first line", confidence=0.4),
    },
)


def test_marks_are_numbered_through_title_and_body() -> None:
    page = lay_out(
        Reading(
            article=ARTICLE,
            title=(Segment("Dockers", marked=True), Segment(" walk out")),
            paragraphs=(
                (Segment("The "), Segment("dockers", marked=True)),
                (Segment("Dockers", marked=True), Segment(" left")),
            ),
            mark_count=3,
        )
    )
    numbers = [piece.mark for row in (page.title, *page.paragraphs) for piece in row]
    assert numbers == [1, None, None, 2, 3, None]
    assert "".join(piece.text for piece in page.paragraphs[1]) == "Dockers left"


@pytest.mark.parametrize(
    ("found_in", "states"), [("line 3", True), ("derived", False), ("first words", False)]
)
def test_a_title_that_the_file_does_not_state_is_known_as_such(
    *, found_in: str, states: bool
) -> None:
    titled = dataclasses.replace(
        ARTICLE, provenance={"title": Provenance(found_in=found_in, confidence=0.2)}
    )
    page = lay_out(Reading(article=titled, title=(), paragraphs=(), mark_count=0))
    assert page.states_title is states


def test_provenance_is_told_in_words() -> None:
    page = lay_out(Reading(article=ARTICLE, title=(), paragraphs=(), mark_count=0))
    told = {field: (o.found_in, o.certainty) for field, o in page.origins.items()}
    assert told == {
        "published": ("json-ld", "certain"),
        "author": ("byline", "likely"),
        "title": ("first line", "a guess"),
    }
