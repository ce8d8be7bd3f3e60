"""Words and articles that mean harm: shown as text, and nothing else."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sample_site import ATTACK, CEASEFIRE, HOSTILE, SCRIPT

from web import params

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


PIECES = st.sampled_from(
    ("dockers", "AND", "OR", "NOT", "-", "(", ")", '"', "~", "~9", "*", "?", "title:", "after:", ":",
     "date:2024..", "\u0000", "\ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
     "العربية", "漢字", "😀", "a" * 200, "%", "\\", "'", "<b>", " ", "\n")
)  # fmt: skip


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES | st.text(max_size=12), max_size=15).map("".join))
def test_whatever_is_typed_is_answered(client: FlaskClient, text: str) -> None:
    for path in ("/", "/api/v1/search", f"/articles/{CEASEFIRE.id}", "/api/v1/suggest"):
        answer = client.get(path, query_string={"q": text})
        assert answer.status_code == 200, (path, text, answer.text[:300])
