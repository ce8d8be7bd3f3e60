"""Every route over the reference engine: what it answers, what it promises, what it refuses."""

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Never
from xml.etree import ElementTree as ET

import feedparser
import pytest
from brute_force import BruteIndex, BruteReader
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sample_site import (
    ARABIC,
    ARTICLES,
    ATTACK,
    CEASEFIRE,
    HOSTILE,
    NOW,
    SCRIPT,
    UNDATED,
    article,
    configured,
    fill,
    make_app,
)
from werkzeug.test import TestResponse

from search import runs
from search.config import Config, load
from search.errors import (
    BadConfig,
    DatelineError,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    OverBudget,
)
from search.model import Query, Results
from search.query import parse
from web import failures, params
from web.app import HEADERS
from web.pages import SYNTAX

PAGES = (
    "/",
    "/?q=strike",
    "/?q=nothinghasthis",
    "/help",
    f"/articles/{CEASEFIRE.id}?q=ceasefire",
    "/articles/unknown",
    "/nowhere",
    "/?page=0",
)
PROGRAMS = (
    "/api/v1/search?q=strike",
    "/api/v1/search?q=strike&format=csv",
    "/api/v1/search?q=strike&format=ndjson",
    f"/api/v1/articles/{CEASEFIRE.id}",
    f"/api/v1/articles/{CEASEFIRE.id}/similar",
    f"/api/v1/articles/{CEASEFIRE.id}/explain?q=ceasefire",
    "/api/v1/suggest?q=har",
    "/api/v1/index",
    "/api/openapi.json",
    "/api/problems/bad_query",
    "/feed.atom?q=strike",
    "/feed.json?q=strike",
    "/opensearch.xml",
    "/opensearch/suggest?q=har",
    "/healthz",
    "/readyz",
    "/metrics",
    "/robots.txt",
    "/static/style.css",
    f"/articles/{CEASEFIRE.id}.bib",
    "/api/v1/search?page=0",
    "/api/v1/nowhere",
)


@pytest.fixture(scope="module")
def index() -> BruteIndex:
    index = BruteIndex()
    fill(index)
    return index


@pytest.fixture(scope="module")
def app(index: BruteIndex) -> Flask:
    return make_app(index)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def found(client: FlaskClient, **arguments: object) -> dict[str, Any]:
    answer = client.get("/api/v1/search", query_string=arguments)
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict)
    return answer.json


# --- what every answer has ------------------------------------------------------------------------


@pytest.mark.parametrize("address", PAGES + PROGRAMS)
def test_every_answer_carries_the_security_headers(client: FlaskClient, address: str) -> None:
    with client.get(address) as answer:
        assert answer.status_code < 500, answer.get_data(as_text=True)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("address", PAGES)
def test_pages_have_nothing_inline_and_nothing_from_elsewhere(
    client: FlaskClient, address: str
) -> None:
    """What the Content-Security-Policy forbids must not be there to be forbidden."""
    page = client.get(address).text
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", re.sub(r">[^<]*<", "><", page))
    for loaded in re.findall(r'<(?:script|link rel="(?:stylesheet|icon)")[^>]*>', page):
        assert re.search(r'(?:src|href)="/static/', loaded)


@pytest.mark.parametrize("address", ["/?q=the", "/", f"/articles/{CEASEFIRE.id}?q=the"])
def test_a_page_with_all_it_loads_is_light(client: FlaskClient, address: str) -> None:
    page = client.get(address)
    loaded = set(re.findall(r'"(/static/[^"]+)"', page.text))
    weight = len(page.data)
    for name in loaded:
        with client.get(name) as answer:
            weight += len(answer.data)
    assert weight < 60_000


def test_static_files_are_kept_and_their_addresses_change_with_them(client: FlaskClient) -> None:
    name = re.search(r'"(/static/style\.css\?\w+)"', client.get("/help").text)
    assert name
    with client.get(name[1]) as answer:
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_no_link_is_built_from_the_host_header(client: FlaskClient) -> None:
    for address in PAGES + PROGRAMS:
        with client.get(address, headers={"Host": "attacker.example"}) as answer:
            assert "attacker.example" not in answer.get_data(as_text=True)
            assert "attacker.example" not in str(answer.headers)


def test_a_host_that_is_not_trusted_is_refused(index: BruteIndex) -> None:
    client = make_app(index, configured(trusted_hosts=("news.example.org",))).test_client()
    assert client.get("/healthz", headers={"Host": "news.example.org"}).status_code == 200
    refused = client.get("/?q=strike", headers={"Host": "attacker.example"})
    assert refused.status_code == 400
    assert "Content-Security-Policy" in refused.headers


# --- the page -------------------------------------------------------------------------------------


def test_a_search_shows_its_hits_with_marks_and_its_receipt(client: FlaskClient) -> None:
    page = client.get("/?q=ceasefire").text
    assert "1 article<" in page
    assert "<mark>Ceasefire</mark> in the old port" in page
    assert f'href="/articles/{CEASEFIRE.id}?q=ceasefire"' in page
    assert "25 November 2024" in page
    assert "Searched for ceasefire" in page


def test_the_whole_state_is_in_the_address(client: FlaskClient) -> None:
    page = client.get(
        "/?q=dockers&source=Harbour+Post&since=2024-02&sort=newest&size=20&match=all"
    ).text
    assert 'name="source" value="Harbour Post"' in page
    assert 'name="since" value="2024-02-01"' in page
    assert 'aria-current="true">newest first' in page
    assert "Harbour Post</bdi> <span" in page  # a chip to take off


def test_an_unknown_argument_is_told_on_the_page(client: FlaskClient) -> None:
    assert "&#34;colour&#34; is not known" in client.get("/?q=strike&colour=red").text


def test_pages_share_no_hit_and_hold_all(client: FlaskClient) -> None:
    shown: list[str] = []
    address: str | None = "/?q=dockers"
    while address:
        page = client.get(address).text
        shown += re.findall(r'<h2><a href="/articles/(\w+)', page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else None
    assert len(shown) == len(set(shown)) == 40


def test_a_page_beyond_the_last_says_so_and_leads_back(client: FlaskClient) -> None:
    page = client.get("/?q=dockers&page=50").text
    assert "The answer has 4 pages, and this is page 50" in page
    assert "/?q=dockers&amp;page=4" in page


def test_when_nothing_is_found_the_page_offers_what_does(client: FlaskClient) -> None:
    page = client.get("/?q=ceasefire&until=2020&source=Meridian").text
    assert "Nothing found" in page
    assert "The same in all sources" not in page  # it would find nothing either
    page = client.get("/?q=ceasefire&until=2020").text
    assert re.search(
        r'href="/\?q=ceasefire">The same at any time</a>\s*<span class="count">1<', page
    )


def test_the_undated_bar_leads_to_the_undated_articles(client: FlaskClient) -> None:
    page = client.get("/?q=lighthouse").text
    link = re.search(r'class="undated-bar" href="([^"]+)"', page)
    assert link
    hits = client.get(link[1].replace("&amp;", "&")).text
    assert UNDATED.id in hits
    assert ATTACK.id not in hits


def test_every_example_of_the_start_page_finds_something(client: FlaskClient) -> None:
    page = client.get("/").text
    examples = re.findall(r'<li><a href="(/\?q=[^"]+)" dir="auto">', page)
    assert len(examples) >= 4
    for example in examples:
        assert "Nothing found" not in client.get(example.replace("&amp;", "&")).text


def test_an_empty_index_has_a_friendly_page() -> None:
    client = make_app(fill(BruteIndex(), ())).test_client()
    page = client.get("/")
    assert page.status_code == 200
    assert "The index is empty" in page.text
    assert client.get("/?q=anything").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_the_help_page_teaches_searches_that_are_read_without_warnings() -> None:
    for text, _ in SYNTAX:
        assert parse(text, today=NOW.date()).warnings == ()


# --- the reader -----------------------------------------------------------------------------------


def test_the_reader_numbers_every_match(client: FlaskClient) -> None:
    page = client.get(f"/articles/{CEASEFIRE.id}?q=ceasefire").text
    assert re.findall(r'<mark id="m(\d+)">([A-Za-z]+)<', page) == [
        ("1", "Ceasefire"),
        ("2", "ceasefire"),
        ("3", "ceasefire"),
        ("4", "ceasefire"),
    ]
    assert "4 matches" in page
    assert 'href="#m3" aria-label="Next match">' in page


def test_the_reader_says_that_a_title_is_derived(client: FlaskClient) -> None:
    assert "The file states no title" in client.get(f"/articles/{UNDATED.id}").text
    assert "The file states no title" not in client.get(f"/articles/{CEASEFIRE.id}").text


def test_a_phrase_is_marked_as_a_phrase_only(client: FlaskClient) -> None:
    page = client.get(f'/articles/{CEASEFIRE.id}?q="old+port"').text
    marked = re.findall(r'<mark id="m\d+">([^<]+)<', page)
    assert marked
    assert set(marked) == {"old port"}


def test_the_reader_leads_back_to_the_very_results(client: FlaskClient) -> None:
    page = client.get(f"/articles/{CEASEFIRE.id}?q=dockers&page=2&sort=newest").text
    assert 'href="/?q=dockers&amp;sort=newest&amp;page=2">← Back to the results' in page


def test_the_reader_shows_what_was_removed_and_why(client: FlaskClient) -> None:
    page = client.get(f"/articles/{CEASEFIRE.id}").text
    assert "2 lines left out" in page
    assert "Subscribe to our newsletter" in page
    assert "from json-ld, certain" in page


def test_a_text_from_right_to_left_is_set_so(client: FlaskClient) -> None:
    page = client.get(f"/articles/{ARABIC.id}").text
    assert '<article lang="ar">' in page
    assert '<h1 dir="auto">' in page


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("bib", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("json", "application/vnd.citationstyles.csl+json"),
        ("txt", "text/plain"),
    ],
)
def test_an_article_can_be_cited(client: FlaskClient, form: str, media_type: str) -> None:
    answer = client.get(f"/articles/{CEASEFIRE.id}.{form}")
    assert answer.mimetype == media_type
    assert "Ceasefire in the old port" in answer.text
    assert client.get(f"/articles/unknown.{form}").status_code == 404


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


def test_an_empty_list_in_a_batch_is_no_value(client: FlaskClient) -> None:
    body = client.post("/api/v1/batch", json=[{"q": "dockers", "source": []}]).json
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


# --- runs -----------------------------------------------------------------------------------------


@pytest.fixture
def keyed(index: BruteIndex, tmp_path: Path) -> FlaskClient:
    config = load(None, {"DATELINE_INDEX_DIR": str(tmp_path), "DATELINE_WEB_API_KEYS": "k1,k2"})
    return make_app(index, config).test_client()


def test_an_update_is_asked_for_with_a_key(keyed: FlaskClient, tmp_path: Path) -> None:
    key = {"Authorization": "Bearer k2"}
    asked = keyed.post("/api/v1/index/runs", headers=key)
    assert asked.status_code == 202
    assert asked.json
    assert (asked.json["state"], asked.json["watched"]) == ("waiting", False)

    waiting = runs.waiting(tmp_path)
    assert [run.id for run in waiting] == [asked.json["id"]]
    report = runs.Report(
        generation="g2",
        started_at=runs.now(),
        finished_at=runs.now(),
        took_ms=3.0,
        files_seen=4,
        phases_ms=(("scan", 1.0),),
    )
    runs.answer(tmp_path, waiting[0], report)
    done = keyed.get(asked.headers["Location"], headers=key)
    assert done.json
    assert (done.json["state"], done.json["report"]["files_seen"]) == ("done", 4)
    assert done.json["report"]["phases_ms"] == {"scan": 1.0}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer k3", "Basic k1", "Bearer k1x", "Bearer kë", "k1"]
)
def test_without_a_right_key_nobody_asks(keyed: FlaskClient, tmp_path: Path, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    for answer in (
        keyed.post("/api/v1/index/runs", headers=headers),
        keyed.get("/api/v1/index/runs/x", headers=headers),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].lower().startswith("bearer")
    assert runs.waiting(tmp_path) == ()


def test_where_no_key_is_configured_nobody_may_ask(client: FlaskClient) -> None:
    answer = client.post("/api/v1/index/runs", headers={"Authorization": "Bearer "})
    assert (answer.status_code, answer.json and answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize("run_id", ["x", "..%2f..%2fetc", "20240101T000000-00000000"])
def test_an_unknown_run_is_not_found(keyed: FlaskClient, run_id: str) -> None:
    answer = keyed.get(f"/api/v1/index/runs/{run_id}", headers={"Authorization": "Bearer k1"})
    assert answer.status_code == 404


# --- failures -------------------------------------------------------------------------------------


class Failing(BruteIndex):
    """An index whose every use fails in one way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def reader(self) -> Never:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OverBudget("after 2,000 ms"), 422, "over_budget"),
        (IndexMissing("index: no index"), 503, "index_missing"),
        (IndexDamaged("a file"), 503, "index_damaged"),
        (IndexOutdated("format 1"), 503, "index_outdated"),
        (IndexLocked("another"), 503, "index_locked"),
        (BadConfig("not expected here"), 500, "internal"),
        (ZeroDivisionError("secret"), 500, "internal"),
    ],
)
def test_every_error_has_one_status_and_one_shape(error: Exception, status: int, code: str) -> None:
    client = make_app(Failing(error)).test_client()
    answer = client.get("/api/v1/search?q=a")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json
    assert list(answer.json) == ["type", "title", "status", "detail", "code"]
    assert (answer.json["status"], answer.json["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert "secret" not in answer.text
    described = client.get(answer.json["type"]).json
    assert described
    assert described["title"] == answer.json["title"]

    page = client.get("/?q=a")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert answer.json["title"] in page.text
    assert "secret" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_every_error_of_the_project_is_in_the_table() -> None:
    """BadConfig ends a start, never a request; every other error has an answer of its own."""
    kinds = {kind for kind, _ in failures.ERRORS}
    ours = {
        kind
        for kind in DatelineError.__subclasses__()
        if kind.__module__.startswith(("search.", "web."))  # the indexer's never get here
    }
    assert ours - {BadConfig} <= kinds


def test_codes_are_unique() -> None:
    codes = [problem.code for problem in failures.PROBLEMS]
    assert len(codes) == len(set(codes))


def test_alive_needs_no_index_and_ready_does() -> None:
    client = make_app(Failing(IndexMissing("none"))).test_client()
    assert client.get("/healthz").json == {"status": "alive"}
    assert client.get("/readyz").status_code == 503
    assert "dateline_ready 0.0" in client.get("/metrics").text


def test_a_wrong_method_is_told_with_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/api/v1/search")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


# --- limits that are off until configured ---------------------------------------------------------


def test_other_origins_may_not_read_unless_they_are_named(
    index: BruteIndex, client: FlaskClient
) -> None:
    origin = {"Origin": "https://reader.example"}
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/index", headers=origin).headers
    named = make_app(index, configured(cors_origins=("https://reader.example",))).test_client()
    allowed = named.get("/api/v1/index", headers=origin).headers
    assert allowed["Access-Control-Allow-Origin"] == "https://reader.example"
    assert "Access-Control-Allow-Credentials" not in allowed
    other = named.get("/api/v1/index", headers={"Origin": "https://other.example"}).headers
    assert "Access-Control-Allow-Origin" not in other
    assert "Access-Control-Allow-Origin" not in named.get("/", headers=origin).headers


def test_the_rate_limit_holds_for_programs_and_not_for_people(index: BruteIndex) -> None:
    client = make_app(index, configured(rate_limit="3 per hour")).test_client()
    statuses = [client.get("/api/v1/suggest?q=a").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = client.get("/api/v1/search?q=a")
    assert refused.json
    assert refused.json["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get("/?q=a").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_rate_limit_that_is_none_is_refused_at_the_start(index: BruteIndex) -> None:
    with pytest.raises(BadConfig, match="rate_limit"):
        make_app(index, configured(rate_limit="often"))


# --- hostile input --------------------------------------------------------------------------------

PAYLOADS = (
    HOSTILE,
    "'-alert(1)-'",
    "<svg/onload=alert(1)>",
    "\x00\x01\x7f",
    "\u202egnirts",
    "😀" * 50,
    "((((" * 200,
    '"' * 99,
    "a" * 3000,
    "%s%n{{config}}${7*7}",
    "../../etc/passwd",
    "\r\nSet-Cookie: a=b",
)


def unescaped(page: str) -> Iterator[str]:
    """The ways in which a payload would be alive in HTML."""
    for alive in (SCRIPT, "<img src=x", "<svg/onload", "</title></mark>", "49 </title>"):
        if alive in page:
            yield alive


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_words_are_words(client: FlaskClient, payload: str) -> None:
    for path in ("/", f"/articles/{ATTACK.id}", "/api/v1/search", "/feed.atom", "/feed.json"):
        answer = client.get(path, query_string={"q": payload})
        assert answer.status_code == 200, answer.text
        if answer.mimetype == "text/html":
            assert not list(unescaped(answer.text))
        if "xml" in str(answer.mimetype):
            ET.fromstring(answer.data)  # noqa: S314 - our own answer
        assert "Set-Cookie" not in answer.headers
    for name in params.NAMES:
        for path in ("/", "/api/v1/search"):
            answer = client.get(path, query_string={"q": "lighthouse", name: payload})
            assert answer.status_code in {200, 400}
            assert answer.mimetype != "text/html" or not list(unescaped(answer.text))


@pytest.mark.parametrize(
    "address",
    ["/", "/?q=lighthouse", f"/articles/{ATTACK.id}?q=lighthouse", "/?source=x&sort=newest"],
)
def test_hostile_articles_are_shown_as_text(client: FlaskClient, address: str) -> None:
    page = client.get(address).text
    assert not list(unescaped(page))
    assert 'href="javascript:' not in page


def test_hostile_articles_keep_feeds_well_formed(client: FlaskClient) -> None:
    feed = feedparser.parse(client.get("/feed.atom?q=lighthouse").data)
    assert not feed.bozo
    entry = next(entry for entry in feed.entries if entry.id.endswith(ATTACK.id))
    assert entry.title_detail.type == "text/plain"
    assert entry.title == " ".join(ATTACK.title.replace("\x0b", "").split())


@pytest.mark.parametrize(
    "path",
    [
        "/articles/..%2f..%2fetc%2fpasswd",
        "/articles/%00",
        f"/articles/{SCRIPT}",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        f"/{SCRIPT}",
        f"/api/problems/{SCRIPT}",
    ],
)
def test_no_address_reaches_a_file_or_comes_back_alive(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json" or not list(unescaped(answer.text))
    assert "create_app" not in answer.text


# --- feeds and the address bar --------------------------------------------------------------------


def test_a_search_is_an_atom_feed(client: FlaskClient) -> None:
    answer = client.get("/feed.atom?q=dockers&source=Meridian")
    assert answer.mimetype == "application/atom+xml"
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert feed.version == "atom10"
    expected = [a for a in ARTICLES if a.path.startswith("serial/") and a.source == "Meridian"]
    assert len(feed.entries) == len(expected)
    dates = [entry.published for entry in feed.entries]
    assert dates == sorted(dates, reverse=True)
    assert all(entry.id and entry.updated and entry.summary for entry in feed.entries)
    links = {link.rel: link.href for link in feed.feed.links}
    assert links["self"] == "http://127.0.0.1:8000/feed.atom?q=dockers&source=Meridian"


def test_a_search_is_a_json_feed(client: FlaskClient) -> None:
    answer = client.get("/feed.json?q=lighthouse")
    assert answer.mimetype == "application/feed+json"
    feed = answer.json
    assert feed
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {item["id"].rpartition("/")[2] for item in feed["items"]} == {UNDATED.id, ATTACK.id}
    undated = next(item for item in feed["items"] if item["id"].endswith(UNDATED.id))
    assert "date_published" not in undated


def test_the_opensearch_description_is_valid(index: BruteIndex) -> None:
    """The limits are those of OpenSearch 1.1 draft 6."""
    client = make_app(index, configured(public_url="https://news.example.org")).test_client()
    answer = client.get("/opensearch.xml")
    assert answer.mimetype == "application/opensearchdescription+xml"
    root = ET.fromstring(answer.data)  # noqa: S314 - our own answer
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert root.tag == f"{space}OpenSearchDescription"
    assert len(root.findtext(f"{space}ShortName") or "x" * 99) <= 16
    assert len(root.findtext(f"{space}Description") or "x" * 2000) <= 1024
    urls = {url.get("type"): url.get("template") or "" for url in root.iter(f"{space}Url")}
    assert urls["text/html"] == "https://news.example.org/?q={searchTerms}"
    suggestions = urls["application/x-suggestions+json"]
    path = suggestions.removeprefix("https://news.example.org").format(searchTerms="dock")
    body = client.get(path)
    assert body.mimetype == "application/x-suggestions+json"
    assert body.json
    assert body.json[0] == "dock"
    assert "dockers" in body.json[1]


# --- the description of the API -------------------------------------------------------------------


def checker(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": document["components"]})


def test_the_description_is_valid_openapi(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert document
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_route_of_the_api_is_described_and_no_other(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert document
    described = {
        (path.replace("{", "<").replace("}", ">"), method.upper())
        for path, methods in document["paths"].items()
        for method in methods
    }
    routes = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST"}
        if rule.rule.startswith("/api/v1/")
    }
    assert described == routes


def answers(client: FlaskClient) -> Iterator[tuple[str, str, TestResponse]]:
    yield "/api/v1/search", "get", client.get("/api/v1/search?q=lighthouse&colour=red")
    yield "/api/v1/articles/{article_id}", "get", client.get(f"/api/v1/articles/{ATTACK.id}")
    for part in ("similar", "explain"):
        answer = client.get(f"/api/v1/articles/{ATTACK.id}/{part}?q=lighthouse")
        yield f"/api/v1/articles/{{article_id}}/{part}", "get", answer
    yield "/api/v1/suggest", "get", client.get("/api/v1/suggest?q=li")
    yield "/api/v1/index", "get", client.get("/api/v1/index")
    queries = ["lighthouse", {"q": "a", "since": "no"}]
    yield "/api/v1/batch", "post", client.post("/api/v1/batch", json=queries)


def test_answers_have_the_described_shape(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").json
    assert document
    for path, method, answer in answers(client):
        responses = document["paths"][path][method]["responses"]
        schema = responses["200"]["content"]["application/json"]["schema"]
        checker(document, schema).validate(answer.json)


def test_metrics_tell_of_requests_and_of_the_index(client: FlaskClient) -> None:
    client.get("/?q=nothinghasthis")
    text = client.get("/metrics").text
    assert f"dateline_articles {float(len(ARTICLES))}" in text
    assert 'dateline_request_seconds_count{method="GET",route="/",status="200"}' in text
    assert "dateline_searches_without_hits_total" in text


def test_the_reader_of_one_request_is_asked_for_once(index: BruteIndex) -> None:
    """Two readers in one request could be of two generations, and show halves of both."""
    asked = []

    class Counting(BruteIndex):
        def reader(self) -> BruteReader:
            asked.append(1)
            return index.reader()

    client = make_app(Counting()).test_client()
    for address in ("/", "/?q=strike", f"/articles/{CEASEFIRE.id}?q=a", "/feed.atom?q=a"):
        asked.clear()
        assert client.get(address).status_code == 200
        assert len(asked) == 1, address


def test_sizes_are_the_configured_ones(index: BruteIndex) -> None:
    config: Config = configured(page_size=5)
    client = make_app(index, config).test_client()
    assert len(found(client, q="dockers")["hits"]) == 5
    assert len(found(client, q="dockers", size=1000)["hits"]) == 40
    assert client.get("/?q=dockers&size=101").status_code == 400


@pytest.mark.parametrize("took_ms", [0.0, 1_900.0])
def test_a_page_costs_no_more_than_its_search_where_that_is_slow(
    index: BruteIndex, took_ms: float
) -> None:
    """Ways out of a search without hits are tried only where that is cheap, and given up alone."""
    asked = []

    class Slow(BruteIndex):
        def reader(self) -> BruteReader:
            reader = index.reader()
            search = reader.search

            def slowly(query: Query) -> Results:
                asked.append(query)
                if len(asked) > 1:
                    raise OverBudget("after 2,000 ms")
                return dataclasses.replace(search(query), took_ms=took_ms)

            reader.search = slowly  # type: ignore[method-assign]
            return reader

    answer = make_app(Slow()).test_client().get("/?q=ceasefire&until=2020&source=Meridian")
    assert answer.status_code == 200
    assert "Nothing found" in answer.text
    assert len(asked) == (1 if took_ms else 3)


# --- anything at all ------------------------------------------------------------------------------

PIECES = st.sampled_from(
    ("dockers", "AND", "OR", "NOT", "-", "(", ")", '"', "~", "~9", "*", "?", "title:", "after:", ":",
     "date:2024..", "\u0000", "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
     "العربية", "漢字", "😀", "a" * 200, "%", "\\", "'", "<b>", " ", "\n")
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES | st.text(max_size=12), max_size=15).map("".join))
def test_whatever_is_typed_is_answered(client: FlaskClient, text: str) -> None:
    for path in ("/", "/api/v1/search", f"/articles/{CEASEFIRE.id}", "/api/v1/suggest"):
        answer = client.get(path, query_string={"q": text})
        assert answer.status_code == 200, (path, text, answer.text[:300])
