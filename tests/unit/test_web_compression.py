"""Clients that take gzip get less; what they read is the same."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize(
    "address",
    ["/?q=strike", "/api/v1/search?q=strike", "/static/style.css", "/feed.atom?q=strike", "/help"],
)
def test_an_answer_is_the_same_in_less_bytes(client: FlaskClient, address: str) -> None:
    plain, packed = (
        client.get(address, buffered=True),
        client.get(address, headers=GZIP, buffered=True),
    )
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.content_length == len(packed.data) < len(plain.data) / 2
    assert all("Accept-Encoding" in answer.vary for answer in (plain, packed))


@pytest.mark.parametrize("refusal", ["identity", "gzip;q=0", "br"])
def test_who_does_not_take_gzip_gets_the_plain_answer(client: FlaskClient, refusal: str) -> None:
    answer = client.get("/?q=strike", headers={"Accept-Encoding": refusal})
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"<!doctype html>")


def test_small_answers_and_streamed_rows_go_as_they_are(client: FlaskClient) -> None:
    for address in ("/healthz", "/api/v1/search?q=strike&format=csv", "/static/icon.svg"):
        answer = client.get(address, headers=GZIP, buffered=True)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers


def test_a_compressed_answer_is_known_again(client: FlaskClient) -> None:
    for address in ("/?q=strike", "/static/style.css"):
        etag = client.get(address, headers=GZIP, buffered=True).headers["ETag"]
        again = client.get(address, headers=GZIP | {"If-None-Match": etag}, buffered=True)
        assert (again.status_code, again.data) == (304, b"")
        assert "Accept-Encoding" in again.vary


def test_a_page_with_all_that_it_loads_is_light(client: FlaskClient) -> None:
    """Well under the 60 kB that a page may weigh; on the sample articles."""
    page = "/?q=the+strike"
    files = ["style.css", "keys.js", "complete.js", "histogram.js", "icon.svg"]
    loaded = [page, *(f"/static/{name}" for name in files)]
    assert (
        sum(len(client.get(address, headers=GZIP, buffered=True).data) for address in loaded)
        < 20_000
    )
    assert sum(len(client.get(address, buffered=True).data) for address in loaded) < 60_000
