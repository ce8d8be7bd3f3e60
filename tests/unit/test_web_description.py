"""The description of the API is valid, whole, and what the answers are."""

from collections.abc import Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sample_site import ATTACK
from werkzeug.test import TestResponse


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
