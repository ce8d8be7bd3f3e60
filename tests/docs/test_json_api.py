"""Every example in docs/json-api.md gives what the page shows; its tables are those of the code."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from sample_site import configured, fill, make_app
from werkzeug.test import TestResponse

from search.config import load
from search.open import open_index
from web import params
from web.failures import PROBLEMS

PAGE = (Path(__file__).parents[2] / "docs" / "json-api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CUT = "…"


class Example(NamedTuple):
    """A request and what the page shows of its answer."""

    request: str
    kind: str
    shown: str


def examples() -> Iterator[Example]:
    blocks = [(match[1], match[2]) for match in BLOCK.finditer(PAGE)]
    for (kind, request), (answer_kind, shown) in zip(blocks[::2], blocks[1::2], strict=True):
        assert kind == "http", request
        yield Example(request, answer_kind, shown)


EXAMPLES = list(examples())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The application over the real engine."""
    plain = configured(load(None, {}), api_keys=("a-key-for-the-examples",))
    place = dataclasses.replace(plain.index, dir=tmp_path_factory.mktemp("index"))
    config = dataclasses.replace(plain, index=place)
    return make_app(fill(open_index(config)), config).test_client()


def ask(client: FlaskClient, request: str) -> TestResponse:
    head, _, body = request.partition("\n\n")
    first, *lines = head.strip().splitlines()
    method, address = first.split(" ", 1)
    headers = dict(line.split(": ", 1) for line in lines)
    if headers.get("If-None-Match") == "{etag}":
        headers["If-None-Match"] = client.get(address).headers["ETag"]
    return client.open(address, method=method, headers=headers, data=body or None)


def fits(shown: Any, real: Any) -> bool:
    """Whether an answer is as shown, but for what `…` stands for."""
    if shown == CUT:
        return True
    if isinstance(shown, dict) and isinstance(real, dict):
        named = {name: value for name, value in shown.items() if name != CUT}
        whole = CUT in shown or set(named) == set(real)
        return whole and all(n in real and fits(value, real[n]) for n, value in named.items())
    if isinstance(shown, list) and isinstance(real, list):
        if shown[-1:] == [CUT]:
            shown, real = shown[:-1], real[: len(shown) - 1]
        return len(shown) == len(real) and all(map(fits, shown, real))
    if isinstance(shown, str) and isinstance(real, str):
        return re.fullmatch(re.escape(shown).replace(CUT, ".*"), real, re.DOTALL) is not None
    return bool(shown == real and type(shown) is type(real))


@pytest.mark.parametrize("example", EXAMPLES, ids=[e.request.splitlines()[0] for e in EXAMPLES])
def test_an_example_gives_what_the_page_shows(client: FlaskClient, example: Example) -> None:
    answer = ask(client, example.request)
    if example.kind == "text" and re.fullmatch(r"\d+\n", example.shown):
        assert answer.status_code == int(example.shown)
    elif example.kind == "text":
        assert fits(example.shown.strip(), answer.text.replace("\r\n", "\n").strip()), answer.text
    else:
        assert fits(json.loads(example.shown), json.loads(answer.text)), answer.text


@pytest.mark.parametrize(
    ("shown", "real", "same"),
    [
        ({"a": 1, "…": "…"}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1, "…": "…"}, {"b": 2}, False),
        (["x…", "…"], ["xyz", 4], True),
        ([1], [1, 2], False),
        ("ab", "abc", False),
        (1, True, False),
    ],
)
def test_only_what_is_cut_may_differ(shown: Any, real: Any, *, same: bool) -> None:
    assert fits(shown, real) is same


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return [[cell.strip("` ") for cell in line] for line in lines]


def test_the_table_of_arguments_is_that_of_the_code() -> None:
    documented = {name: (values, meaning) for name, values, meaning in rows("argument")}
    for argument in params.ARGUMENTS:
        values, meaning = documented.pop(argument.name)
        assert values == argument.values
        assert meaning == argument.meaning + (" (may be repeated)" if argument.repeatable else "")
    assert set(documented) == {"cursor", "format"}


def test_the_table_of_problems_is_that_of_the_code() -> None:
    documented = [(code, int(status), title) for code, status, title in rows("code")]
    assert documented == [(p.code, p.status, p.title) for p in PROBLEMS]
