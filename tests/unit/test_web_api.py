"""The JSON API over the reference engine: answers, exports, batches."""

import csv
import io
import json
from typing import Any

import pytest
from brute_force import BruteIndex
from flask.testing import FlaskClient
from sample_site import (
    ARTICLES,
    ATTACK,
    CEASEFIRE,
    SCRIPT,
    UNDATED,
    article,
    configured,
    fill,
    make_app,
)

from search.config import Config


def found(client: FlaskClient, **arguments: object) -> dict[str, Any]:
    answer = client.get("/api/v1/search", query_string=arguments)
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict)
    return answer.json


# --- the JSON API ---------------------------------------------------------------------------------


def test_the_answer_of_a_search(client: FlaskClient) -> None:
    answer = found(client, q="ceasefire")
    assert answer["total"] == 1
    hit = answer["hits"][0]
    assert hit["path"] == CEASEFIRE.path
    assert hit["title"] == CEASEFIRE.title
    assert any(segment["marked"] for excerpt in hit["excerpts"] for segment in excerpt)
    assert answer["query"]["clauses"] == [{"clause": "ceasefire", "count": 1}]
    assert answer["next"] is None


def test_next_leads_through_the_whole_answer(client: FlaskClient) -> None:
    ids: list[str] = []
    answer = found(client, q="dockers", size=7, sort="newest")
    ids += [hit["id"] for hit in answer["hits"]]
    while answer["next"]:
        following = client.get(answer["next"])
        assert following.json
        answer = following.json
        assert answer["query"]["warnings"] == []
        ids += [hit["id"] for hit in answer["hits"]]
    assert len(ids) == len(set(ids)) == answer["total"] == 40


def test_a_cursor_does_not_outlive_its_generation() -> None:
    index = BruteIndex()
    client = make_app(fill(index)).test_client()
    following = found(client, q="dockers")["next"]
    fill(index, [article("new/one.txt", "One more", "The dockers again.")])
    stale = client.get(following)
    assert (stale.status_code, stale.json and stale.json["code"]) == (410, "stale_cursor")


def test_an_answer_is_asked_for_again_only_after_a_commit() -> None:
    index = BruteIndex()
    client = make_app(fill(index)).test_client()
    for address in ("/?q=ferry", "/api/v1/search?q=ferry", "/feed.atom?q=ferry", "/"):
        first = client.get(address)
        etag = first.headers["ETag"]
        assert etag.startswith("W/")
        again = client.get(address, headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == etag
        other = client.get(address.replace("ferry", "strike"), headers={"If-None-Match": etag})
        assert other.status_code == (304 if address == "/" else 200)
        fill(index, [article("new/one.txt", f"One more {address}", "The ferry again.")])
        assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_the_forms_of_an_answer_do_not_share_an_etag(client: FlaskClient) -> None:
    etags = {
        client.get("/api/v1/search?q=ferry", headers={"Accept": form}).headers["ETag"]
        for form in ("application/json", "text/csv", "application/x-ndjson")
    }
    assert len(etags) == 3


@pytest.mark.parametrize("how", ["accept", "format"])
def test_csv_holds_every_match(client: FlaskClient, how: str) -> None:
    answer = (
        client.get("/api/v1/search?q=dockers&size=3", headers={"Accept": "text/csv"})
        if how == "accept"
        else client.get("/api/v1/search?q=dockers&size=3&format=csv")
    )
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert len({row["id"] for row in rows}) == len(rows) == 40
    assert rows[0]["source"] in {"Harbour Post", "Varnholm Courier", "Meridian"}
    assert "attachment" in answer.headers["Content-Disposition"]


def test_ndjson_holds_every_match_exactly(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=lighthouse", headers={"Accept": "application/x-ndjson"})
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert {row["id"] for row in rows} == {UNDATED.id, ATTACK.id}
    assert any(row["title"] == ATTACK.title for row in rows)


def test_no_cell_of_a_csv_is_a_formula() -> None:
    index = BruteIndex()
    fill(index, [article("a.txt", '=HYPERLINK("http://evil.example")', "A lighthouse.")])
    text = make_app(index).test_client().get("/api/v1/search?q=lighthouse&format=csv").text
    row = next(csv.DictReader(io.StringIO(text, newline="")))
    assert row["title"].startswith("'=HYPERLINK")


def test_a_spreadsheet_is_the_same_csv_with_a_mark_of_its_encoding(client: FlaskClient) -> None:
    plain = client.get("/api/v1/search?q=dockers&format=csv")
    marked = client.get("/api/v1/search?q=dockers&format=spreadsheet")
    assert marked.data == b"\xef\xbb\xbf" + plain.data
    assert marked.mimetype == "text/csv"
    assert plain.headers["ETag"] != marked.headers["ETag"]


def test_an_export_of_nothing_has_a_header_only(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=nothinghasthis&format=csv")
    assert len(answer.text.splitlines()) == 1


def test_a_form_that_is_not_given_is_refused(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=a", headers={"Accept": "application/pdf"})
    assert (answer.status_code, answer.json and answer.json["code"]) == (406, "not_acceptable")
    answer = client.get("/api/v1/search?q=a&format=pdf")
    assert (answer.status_code, answer.json and answer.json["argument"]) == (400, "format")


def test_an_article_comes_with_provenance_and_removals(client: FlaskClient) -> None:
    body = client.get(f"/api/v1/articles/{CEASEFIRE.id}").json
    assert body
    assert body["body"] == CEASEFIRE.body
    assert body["provenance"]["published"] == {"from": "json-ld", "confidence": 1.0}
    assert body["removed"][0] == {
        "line": 1,
        "text": "Subscribe to our newsletter",
        "reason": "newsletter",
    }


def test_what_the_index_holds(client: FlaskClient) -> None:
    body = client.get("/api/v1/index").json
    assert body
    assert body["articles"] == len(ARTICLES)
    assert body["undated"] == 2
    assert body["age_s"] >= 0
    assert body["rejections"] == [{"path": f"evil/{SCRIPT}.txt", "reason": f"no text {SCRIPT}"}]
    assert (body["rejections_left_off"], body["watched"]) == (0, False)


def test_completions_begin_as_typed(client: FlaskClient) -> None:
    body = client.get("/api/v1/suggest?q=dock").json
    assert body
    assert "dockers" in [completion["text"] for completion in body["completions"]]
    assert client.get("/api/v1/suggest?q=").json == {"q": "", "completions": []}
    assert client.get("/api/v1/suggest?q=a&size=0").status_code == 400


# --- batches --------------------------------------------------------------------------------------


def test_a_batch_counts_dates_and_tells_what_found_nothing(client: FlaskClient) -> None:
    queries = ["dockers", {"q": "ceasefire", "since": "2024-11"}, "nothinghasthis"]
    body = client.post("/api/v1/batch", json=queries).json
    assert body
    dockers, ceasefire, nothing = body["queries"]
    dates = sorted(a.published or "" for a in ARTICLES if a.path.startswith("serial/"))
    assert dockers["total"] == 40
    assert (dockers["first_published"], dockers["last_published"]) == (dates[0], dates[-1])
    assert ceasefire["best"]["id"] == CEASEFIRE.id
    assert "ceasefire" in ceasefire["best"]["passage"]
    assert nothing["total"] == 0
    assert body["found_nothing"] == ["nothinghasthis"]


def test_a_bad_query_in_a_batch_stops_no_other(client: FlaskClient) -> None:
    body = client.post("/api/v1/batch", json=[{"q": "a", "since": "someday"}, "dockers"]).json
    assert body
    assert "someday" in body["queries"][0]["error"]
    assert body["queries"][0]["total"] is None
    assert body["queries"][1]["total"] == 40


def test_half_a_character_in_a_batch_is_answered(client: FlaskClient) -> None:
    """JSON can spell a lone surrogate, which no answer can be encoded with."""
    half = '"\\ud800*"'
    queries = f'[{half}, {{"q": "dockers", "source": {half}}}, {{"q": "dockers", {half}: {half}}}]'
    answer = client.post("/api/v1/batch", data=queries, content_type="application/json")
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict)
    assert [row["q"] for row in answer.json["queries"]] == ["?*", "dockers", "dockers"]


def test_a_batch_that_is_no_json_says_where(client: FlaskClient) -> None:
    answer = client.post("/api/v1/batch", data='["dockers",', content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith("The body is not valid JSON: ")
    assert "line 1 column" in answer.get_json()["detail"]


@pytest.mark.parametrize("nothing", [[], None])
def test_an_empty_list_or_null_in_a_batch_is_no_value(client: FlaskClient, nothing: object) -> None:
    query = {"q": "dockers", "source": nothing, "sort": nothing}
    body = client.post("/api/v1/batch", json=[query]).json
    assert body
    assert body["queries"][0]["total"] == 40


def test_a_batch_may_be_csv_both_ways(client: FlaskClient) -> None:
    answer = client.post(
        "/api/v1/batch",
        data='\ufeffq,since\r\n"""old port""",2024\r\nnothinghasthis,\r\n'.encode(),
        content_type="text/csv",
        headers={"Accept": "text/csv"},
    )
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["q"], row["total"]) for row in rows] == [
        ('"old port"', "1"),
        ("nothinghasthis", "0"),
    ]
    assert rows[0]["first_published"] == CEASEFIRE.published


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"[1]", "application/json", 422),
        (b'[{"q": 1}]', "application/json", 422),
        (b'[{"q": "a", "since": {}}]', "application/json", 422),
        (b"[" + b'"a",' * 500 + b'"a"]', "application/json", 422),
        (b"[" * 100_000, "application/json", 422),
        (b"not json", "application/json", 400),
        (b'["\xff"]', "application/json", 400),
        (b"since\n2024\n", "text/csv", 422),
        (b'q\n"unclosed', "text/csv", 422),
        (b"\xff\xfe", "text/csv", 422),
        (b"a", "text/plain", 415),
        (b'["' + b"a" * 1_100_000 + b'"]', "application/json", 413),
    ],
)
def test_a_body_that_is_no_batch_is_refused(
    client: FlaskClient, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post("/api/v1/batch", data=body, content_type=content_type)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_sizes_are_the_configured_ones(index: BruteIndex) -> None:
    config: Config = configured(page_size=5)
    client = make_app(index, config).test_client()
    assert len(found(client, q="dockers")["hits"]) == 5
    assert len(found(client, q="dockers", size=1000)["hits"]) == 40
    assert client.get("/?q=dockers&size=101").status_code == 400


def test_a_batch_counts_articles_that_have_all_words_where_match_is_auto(
    client: FlaskClient,
) -> None:
    """Bug: any word found some, and by date all had to be there: there was no first one."""
    words = "strike nothinghasthis"
    answer = client.post("/api/v1/batch", json=[{"q": words, "match": "auto"}, {"q": words}])
    assert answer.status_code == 200
    assert answer.json
    first, second = answer.json["queries"]
    assert first == second
    assert (first["total"], first["first_published"]) == (0, None)
