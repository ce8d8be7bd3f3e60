"""What is logged, in which form, and what never is."""

import json
import logging

import pytest
from brute_force import BruteIndex, BruteReader
from flask.testing import FlaskClient
from sample_site import configured, make_app
from werkzeug.test import TestResponse

from search.errors import OverBudget
from search.model import Query, Results
from web import logs

WORD = "quokka"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    """What was logged, as it would be written."""
    return [json.loads(logs.JsonLines().format(record)) for record in caplog.records]


def fields(record: logging.LogRecord) -> dict[str, object]:
    found = record.__dict__["fields"]
    assert isinstance(found, dict)
    return found


# --- the id of a request --------------------------------------------------------------------------


def ask(client: FlaskClient, given: str | None) -> TestResponse:
    return client.get("/healthz", headers={logs.HEADER: given} if given else {})


def test_an_id_that_is_given_comes_back(client: FlaskClient) -> None:
    assert ask(client, "trace-1.2:3_4").headers[logs.HEADER] == "trace-1.2:3_4"


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, "<script>", "ü", "a;b"])
def test_without_a_sound_id_each_request_has_one_of_its_own(
    client: FlaskClient, given: str | None
) -> None:
    first, second = (ask(client, given).headers[logs.HEADER] for _ in range(2))
    assert first != second
    assert logs.ID.fullmatch(first)


@pytest.mark.parametrize(
    "address", ["/nowhere", "/api/v1/nowhere", "/?page=0", "/static/style.css"]
)
def test_errors_and_files_have_one_too(client: FlaskClient, address: str) -> None:
    with client.get(address, headers={logs.HEADER: "mine"}) as answer:
        assert answer.headers[logs.HEADER] == "mine"


def test_an_unexpected_error_names_the_id_under_which_it_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(BruteIndex):
        def reader(self) -> BruteReader:
            raise ZeroDivisionError("secret")

    client = make_app(Broken()).test_client()
    answer = client.get(f"/api/v1/search?q={WORD}", headers={logs.HEADER: "mine"})
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal")
    assert "logged under mine" in answer.get_json()["detail"]
    assert "ZeroDivisionError" in (caplog.records[-1].exc_text or caplog.text)
    assert WORD not in caplog.text


# --- requests -------------------------------------------------------------------------------------


def test_each_request_is_a_line_at_info_without_what_is_searched_for(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="web"):
        client.get(f"/api/v1/search?q={WORD}", headers={"User-Agent": "agent"})
    (line,) = lines(caplog)
    assert line["message"] == "GET /api/v1/search 200"
    assert isinstance(line["took_ms"], float)
    assert isinstance(line["bytes"], int)
    assert WORD not in caplog.text
    assert "127.0.0.1" not in json.dumps(line)


def test_at_the_default_level_nothing_is_logged_of_a_request_that_goes_well(
    index: BruteIndex, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_app(index, configured(None, slow_query_ms=600_000)).test_client()
    with caplog.at_level(logging.WARNING, logger="web"):
        assert client.get("/?q=strike").status_code == 200
    assert caplog.records == []


# --- searches -------------------------------------------------------------------------------------


def slow(index: BruteIndex, caplog: pytest.LogCaptureFixture, level: int, **web: bool) -> None:
    """One search, where every search is slow."""
    client = make_app(index, configured(None, slow_query_ms=0, **web)).test_client()
    with caplog.at_level(level, logger="web"):
        assert client.get(f"/api/v1/search?q={WORD}").status_code == 200


def test_a_slow_search_is_told_without_its_words(
    index: BruteIndex, caplog: pytest.LogCaptureFixture
) -> None:
    slow(index, caplog, logging.WARNING)
    (record,) = caplog.records
    assert record.getMessage().startswith("slow search: ")
    assert fields(record)["characters"] == len(WORD)
    assert fields(record)["total"] == 0
    assert WORD not in json.dumps(lines(caplog))


@pytest.mark.parametrize(
    ("level", "web"),
    [(logging.WARNING, {"log_query_texts": True}), (logging.DEBUG, {})],
    ids=["by the setting", "at debug"],
)
def test_the_words_are_told_to_who_asks_for_them(
    index: BruteIndex, caplog: pytest.LogCaptureFixture, level: int, web: dict[str, bool]
) -> None:
    slow(index, caplog, level, **web)
    told = [fields(record) for record in caplog.records if record.name == "web.searches"]
    assert [each["text"] for each in told] == [WORD]


def test_a_quick_search_is_no_warning(index: BruteIndex, caplog: pytest.LogCaptureFixture) -> None:
    client = make_app(index, configured(None, slow_query_ms=60_000)).test_client()
    with caplog.at_level(logging.DEBUG, logger="web.searches"):
        client.get("/api/v1/search?q=strike")
    assert [record.levelno for record in caplog.records] == [logging.DEBUG]


def test_a_search_that_was_stopped_is_told_and_counted(
    index: BruteIndex, caplog: pytest.LogCaptureFixture
) -> None:
    class Stopping(BruteIndex):
        def reader(self) -> BruteReader:
            reader = index.reader()

            def search(_query: Query) -> Results:
                raise OverBudget("after 2,000 ms")

            reader.search = search  # type: ignore[assignment,method-assign]
            return reader

    client = make_app(Stopping()).test_client()
    assert client.get("/api/v1/search?q=a").status_code == 422
    (record,) = caplog.records
    assert record.getMessage().startswith("search stopped at its budget")
    assert fields(record)["total"] is None
    counted = client.get("/metrics").text
    assert "dateline_searches_stopped_total 0.0" not in counted


# --- the form -------------------------------------------------------------------------------------


def test_a_line_is_one_line_whatever_is_in_it() -> None:
    record = logging.LogRecord("web", logging.ERROR, "", 1, "a\nb\r\u2028%s", ("\x1b[31m",), None)
    text = logs.JsonLines().format(record)
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text
    assert json.loads(text)["message"] == "a\nb\r\u2028\x1b[31m"


def test_the_settings_of_gunicorn_are_a_logging_configuration() -> None:
    """Or gunicorn would refuse to start with another."""
    config = logs.settings("info")
    assert config["root"]["level"] == "INFO"
    assert set(config["loggers"]["gunicorn.error"]["handlers"]) <= set(config["handlers"])
    assert isinstance(logs.formatter(), logging.Formatter)
