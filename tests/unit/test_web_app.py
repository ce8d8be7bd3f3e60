"""What every answer has: headers, limits that are off until configured, figures."""

import re

import pytest
from brute_force import BruteIndex, BruteReader
from flask.testing import FlaskClient
from sample_site import ARTICLES, CEASEFIRE, configured, make_app

from search.errors import BadConfig
from web.headers import HEADERS

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
    doubled = [address.replace("/", "//")[1:] for address in PAGES + PROGRAMS]
    for address in [*PAGES, *PROGRAMS, *doubled, "/help/", "/api/v1/search/"]:
        with client.get(address, headers={"Host": "attacker.example"}) as answer:
            assert "attacker.example" not in answer.get_data(as_text=True)
            assert "attacker.example" not in str(answer.headers)


def test_a_host_that_is_not_trusted_is_refused(index: BruteIndex) -> None:
    client = make_app(index, configured(trusted_hosts=("news.example.org",))).test_client()
    assert client.get("/healthz", headers={"Host": "news.example.org"}).status_code == 200
    refused = client.get("/?q=strike", headers={"Host": "attacker.example"})
    assert refused.status_code == 400
    assert "Content-Security-Policy" in refused.headers


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


@pytest.mark.parametrize("limit", ["often", "0 per minute"])
def test_a_rate_limit_that_is_none_is_refused_at_the_start(index: BruteIndex, limit: str) -> None:
    with pytest.raises(BadConfig, match="rate_limit"):
        make_app(index, configured(rate_limit=limit))


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


def test_arguments_that_are_not_known_are_named_in_one_warning(client: FlaskClient) -> None:
    for names, named in (
        ("ab", 'the arguments "a", "b" are not known and were ignored; known are q, page'),
        ("abcdefg", 'the arguments "a", "b", "c", "d", "e" and others are not known and were'),
    ):
        answer = client.get(f"/api/v1/search?q=strike&{'&'.join(f'{name}=1' for name in names)}")
        assert answer.json
        (warning,) = answer.json["query"]["warnings"]
        assert warning["message"].startswith(named)
