"""schemathesis reads the description of the API and tries it on the application."""

from typing import Any

import pytest
import schemathesis
from brute_force import BruteIndex
from hypothesis import HealthCheck, settings
from sample_site import configured, fill, make_app
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

KEY = "a-key-for-this-test"
APP = make_app(fill(BruteIndex()), configured(api_keys=(KEY,)))
API = schemathesis.openapi.from_wsgi("/api/openapi.json", APP)


@pytest.fixture(scope="module", autouse=True)
def quiet() -> None:
    """Refusals are what is being tried; each would be logged."""
    APP.logger.disabled = True


@API.parametrize()
@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
def test_the_api_is_as_described(case: schemathesis.Case[Any]) -> None:
    """No 5xx, and status, media type, headers and body are the described ones.

    Left out: that what the description does not allow is refused. Here an argument that is not
    known is a warning, by design, and a day may be written in more ways than the pattern lists.
    Nor is a cursor made up: only the service can make one.
    """
    (case.query or {}).pop("cursor", None)
    excluded: list[Any] = [negative_data_rejection]
    if case.media_type == "text/csv":  # a schema cannot say what a sound CSV is
        excluded.append(positive_data_acceptance)
    # In one process nobody is there to decompress an answer.
    case.call_and_validate(excluded_checks=excluded, headers={"Accept-Encoding": "identity"})
