"""Every error has one status and one shape; alive and ready are two things."""

from typing import Never

import pytest
from brute_force import BruteIndex
from flask.testing import FlaskClient
from sample_site import make_app

from search.errors import (
    BadConfig,
    DatelineError,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    IndexOutdated,
    OverBudget,
)
from web import failures


@pytest.mark.parametrize(
    ("method", "address"),
    [("GET", "/api/v2"), ("GET", "/nowhere"), ("DELETE", "/api/v1/search"), ("POST", "/help")],
)
def test_an_address_that_is_not_served_is_told_in_our_own_words(method: str, address: str) -> None:
    answer = make_app(BruteIndex()).test_client().open(address, method=method)
    assert answer.status_code in {404, 405}
    assert ("/api/openapi.json" in answer.text) is (answer.status_code == 404)
    assert "requested URL" not in answer.text


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
        (IndexMissing("/secret/index: no index"), 503, "index_missing"),
        (IndexDamaged("/secret/index/gen-1: damaged"), 503, "index_damaged"),
        (IndexOutdated("/secret/index: format 1"), 503, "index_outdated"),
        (IndexLocked("/secret/index: another"), 503, "index_locked"),
        (PermissionError(13, "Permission denied", "/secret/CURRENT"), 503, "index_unreadable"),
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
    assert answer.json["detail"]
    assert "secret" not in answer.text
    described = client.get(answer.json["type"]).json
    assert described
    assert described["title"] == answer.json["title"]

    page = client.get("/?q=a")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert answer.json["title"] in page.text
    assert "secret" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_which_file_of_the_index_is_damaged_is_told_in_the_log_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = make_app(Failing(IndexDamaged("/srv/index/gen-1: too short"))).test_client()
    assert "/srv" not in client.get("/readyz").text
    assert "/srv/index/gen-1: too short" in caplog.text


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


@pytest.mark.parametrize("error", [IndexMissing("none"), PermissionError(13, "Permission denied")])
def test_alive_needs_no_index_and_ready_does(error: Exception) -> None:
    client = make_app(Failing(error)).test_client()
    assert client.get("/healthz").json == {"status": "alive"}
    assert client.get("/readyz").status_code == 503
    assert client.get("/help").status_code == 200
    assert "dateline_ready 0.0" in client.get("/metrics").text


def test_a_wrong_method_is_told_with_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/api/v1/search")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
