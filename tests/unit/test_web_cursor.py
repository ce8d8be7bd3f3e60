"""Cursors: the page after this one, of the same search and commit."""

import base64
import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_site import results

from search.errors import BadQuery
from search.model import Everything, Query
from web import cursor

HERE = {"generation": "g1", "committed_at": "2016-11-02T09:30:00+00:00"}


def test_a_cursor_leads_on_in_its_own_commit_and_search() -> None:
    first = results()
    token = cursor.following(first, HERE["committed_at"])
    assert token
    assert cursor.follow(token, first.query, **HERE).page == 2
    for other in ({"generation": "g2"}, {"committed_at": "2016-11-02T09:30:01+00:00"}):
        with pytest.raises(cursor.StaleCursor, match="Begin again"):
            cursor.follow(token, first.query, **(HERE | other))
    with pytest.raises(BadQuery, match="another search"):
        cursor.follow(token, dataclasses.replace(first.query, sort="newest"), **HERE)


@pytest.mark.parametrize("page", [0, 1, 2**32, 10**30, "2", None])
def test_a_page_that_no_answer_has_is_refused(page: object) -> None:
    first = results()
    token = cursor.following(first, HERE["committed_at"])
    assert token
    commit, _, digest = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps([commit, page, digest]).encode()).decode()
    with pytest.raises(BadQuery, match="another search"):
        cursor.follow(forged, first.query, **HERE)


def test_the_last_page_has_no_cursor() -> None:
    assert cursor.following(results(Query(text="a", tree=Everything(), page=10)), "now") is None


@given(st.text(max_size=80) | st.binary(max_size=80).map(lambda raw: raw.hex()))
def test_a_made_up_cursor_is_refused(token: str) -> None:
    with pytest.raises(BadQuery) as refused:
        cursor.follow(token, results().query, **HERE)
    assert refused.value.argument == "cursor"
