"""What the tests of the web side share: the application over the reference engine."""

import pytest
from brute_force import BruteIndex
from flask import Flask
from flask.testing import FlaskClient
from sample_site import fill, make_app


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
