"""Cursors: the page after this one, of the same search and generation."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_site import results

from search.errors import BadQuery
from search.model import Everything, Query
from web import cursor


def test_a_cursor_leads_on_in_its_own_generation_and_search() -> None:
    first = results()
    token = cursor.following(first)
    assert token
    assert cursor.follow(token, first.query, generation="g1").page == 2
    with pytest.raises(cursor.StaleCursor, match="Begin again"):
        cursor.follow(token, first.query, generation="g2")
    other = dataclasses.replace(first.query, sort="newest")
    with pytest.raises(BadQuery, match="another search"):
        cursor.follow(token, other, generation="g1")


def test_the_last_page_has_no_cursor() -> None:
    assert cursor.following(results(Query(text="a", tree=Everything(), page=10))) is None


@settings(deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.hex()))
def test_a_made_up_cursor_is_refused(token: str) -> None:
    with pytest.raises(BadQuery) as refused:
        cursor.follow(token, results().query, generation="g1")
    assert refused.value.argument == "cursor"
