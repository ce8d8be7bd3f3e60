"""Feeds and the description for the browser's address bar."""

from xml.etree import ElementTree as ET

import feedparser
from brute_force import BruteIndex
from flask.testing import FlaskClient
from sample_site import ARTICLES, ATTACK, UNDATED, configured, make_app


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
