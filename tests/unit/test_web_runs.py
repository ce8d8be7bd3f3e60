"""Asking for an update over HTTP: who may, and what is answered."""

from pathlib import Path

import pytest
from brute_force import BruteIndex
from flask.testing import FlaskClient
from sample_site import make_app

from search import runs
from search.config import load


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


def test_where_no_request_can_be_left_the_answer_says_where_and_why(
    keyed: FlaskClient, tmp_path: Path
) -> None:
    """A read-only index, say, whose `runs` folder was not excepted."""
    (tmp_path / "runs").write_text("no folder", encoding="utf-8")
    answer = keyed.post("/api/v1/index/runs", headers={"Authorization": "Bearer k1"})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "not_ready")
    assert str(tmp_path / "runs") in answer.get_json()["detail"]
    assert answer.headers["Retry-After"]


def test_where_somebody_answers_the_run_says_so(keyed: FlaskClient, tmp_path: Path) -> None:
    runs.sign_of_life(tmp_path)
    key = {"Authorization": "Bearer k1"}
    asked = keyed.post("/api/v1/index/runs", headers=key).get_json()
    assert asked["watched"] is True
    runs.take(tmp_path)
    assert keyed.get(f"/api/v1/index/runs/{asked['id']}", headers=key).get_json()["state"] == (
        "running"
    )


def test_what_verify_found_last_is_told(keyed: FlaskClient, tmp_path: Path) -> None:
    before = keyed.get("/api/v1/index").json
    assert before
    assert before["verified"] is None
    runs.note_audit(
        tmp_path, runs.Audit(generation="g2", finished_at=runs.now(), took_ms=5.0, missing=3)
    )
    told = keyed.get("/api/v1/index").json
    assert told
    assert (told["verified"]["agrees"], told["verified"]["missing"]) == (False, 3)
