"""Answers that were made before are given again, until a commit, and never more than fit."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from zoneinfo import ZoneInfo

from brute_force import BruteIndex, BruteReader
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sample_site import CEASEFIRE, NOW, fill, make_app

from search.config import Config
from search.errors import OverBudget
from search.model import Query, Results
from web.answers import MAX_ANSWER_BYTES, Answers
from web.metrics import stages_s


def searches() -> float:
    """How many searches were carried out so far."""
    return sum(
        sample.value
        for metric in stages_s.collect()
        for sample in metric.samples
        if sample.name.endswith("_count") and sample.labels["stage"] == "search"
    )


def test_the_same_question_is_searched_once_and_answered_twice(client: FlaskClient) -> None:
    for address in ("/?q=strike&size=20", "/api/v1/search?q=strike&size=7"):
        before = searches()
        first, again = client.get(address), client.get(address)
        assert searches() == before + 1
        assert again.data == first.data
        names = {"Content-Type", "ETag", "Cache-Control", "Vary", "Content-Security-Policy"}
        assert {name: again.headers[name] for name in names} == {
            name: first.headers[name] for name in names
        }
        assert client.get(address + "0").data != first.data


def test_a_client_that_has_the_answer_gets_304(client: FlaskClient) -> None:
    address = "/api/v1/search?q=ferry&size=8"
    etag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert client.get(address, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_mistakes_are_not_kept(client: FlaskClient) -> None:
    for _ in range(2):
        assert client.get("/api/v1/search?q=ferry&size=x").status_code == 400
        assert client.get("/?q=ferry&page=x").status_code == 400


def test_an_index_built_anew_from_nothing_answers_for_itself() -> None:
    """Bug: its generation has the name of the one that was taken away, whose answers were given."""
    index = BruteIndex()
    fill(index)
    client = make_app(index).test_client()
    for address in ("/api/v1/search?q=strike", "/?q=strike"):
        etag = client.get(address).headers["ETag"]
        assert index.live
        old = index.live
        index.live = dataclasses.replace(old, files={}, committed_at="1970-01-01T00:00:01Z")
        answer = client.get(address, headers={"If-None-Match": etag})
        assert answer.status_code == 200
        assert '"total":0' in answer.text or "Nothing found" in answer.text
        index.live = old


def test_the_reader_is_another_page_on_another_day(index: BruteIndex) -> None:
    """Bug: its citation says when it was read, and yesterday's was confirmed."""
    moments = [NOW]
    client = make_app(index, clock=lambda: moments[-1]).test_client()
    address = f"/articles/{CEASEFIRE.id}"
    had = {"If-None-Match": client.get(address).headers["ETag"]}
    assert client.get(address, headers=had).status_code == 304
    moments.append(NOW + timedelta(days=1))
    assert "2 March 2025" in client.get(address, headers=had).text


def test_the_day_of_the_commit_is_that_of_its_time() -> None:
    """Bug: a day in the configured zone stood before a time in UTC."""
    index = BruteIndex()
    fill(index)
    assert index.live
    index.live = dataclasses.replace(index.live, committed_at="2025-02-28T23:30:00+00:00")
    plain = Config()
    tokyo = dataclasses.replace(plain.articles, timezone=ZoneInfo("Asia/Tokyo"))
    app = make_app(index, dataclasses.replace(plain, articles=tokyo))
    assert "28 February 2025, 23:30 UTC" in app.test_client().get("/indexed").text


def test_a_page_whose_ways_out_were_cut_short_is_neither_kept_nor_confirmed() -> None:
    """Bug: whoever asked next was given the page without them, as long as there was no commit."""
    asked: list[Query] = []

    class Busy(BruteIndex):
        def reader(self) -> BruteReader:
            reader = super().reader()
            search = reader.search

            def once_too_slow(query: Query) -> Results:
                asked.append(query)
                if len(asked) == 2:
                    raise OverBudget("after 2,000 ms")
                return search(query)

            reader.search = once_too_slow  # type: ignore[method-assign]
            return reader

    index = Busy()
    fill(index)
    client = make_app(index).test_client()
    address, way = "/?q=ceasefire&until=2020", "The same at any time"
    cut = client.get(address)
    assert way not in cut.text
    assert ("ETag" in cut.headers, cut.headers["Cache-Control"]) == (False, "no-store")
    whole = client.get(address)
    assert way in whole.text
    assert client.get(address).data == whole.data
    assert len(asked) == 4, "the whole page is kept"


def test_short_answers_take_their_headers_with_them() -> None:
    """Bug: bodies alone were counted, and thousands of short ones took three times their room."""
    answers = Answers(max_bytes=10_000)
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-cache")]
    for number in range(1_000):
        answers.put(str(number), b"{}", headers)
    kept = [number for number in range(1_000) if answers.get(str(number))]
    assert 10 <= len(kept) <= 25
    assert kept[-1] == 999


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60)), max_size=30))
def test_kept_answers_never_take_more_than_their_room(puts: list[tuple[str, int]]) -> None:
    answers = Answers(max_bytes=100)
    last: dict[str, bytes] = {}
    for etag, size in puts:
        body = answers.get(etag)
        if body is None:
            answers.put(etag, bytes(size), [])
            last[etag] = bytes(size)
        assert answers.get(etag) == (last[etag], []), "what was put last is there"
        kept = [found[0] for each in "abcdef" if (found := answers.get(each))]
        assert sum(map(len, kept)) <= 100
    answers.put("big", bytes(101), [])
    assert answers.get("big") is None


def test_what_was_asked_for_last_stays_longest() -> None:
    answers = Answers(max_bytes=100)
    answers.put("a", bytes(50), [])
    answers.put("b", bytes(50), [])
    assert answers.get("a")
    answers.put("c", bytes(50), [])
    assert [bool(answers.get(etag)) for etag in "abc"] == [True, False, True]
    answers = Answers()
    answers.put("huge", bytes(MAX_ANSWER_BYTES + 1), [])
    assert answers.get("huge") is None
