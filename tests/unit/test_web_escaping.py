"""What templates write is what Jinja itself would write."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError
from markupsafe import Markup
from markupsafe import escape as escape_as_jinja

from web.escaping import PlainCode, escape

VALUES = st.one_of(
    st.text(st.sampled_from("<>&\"'a é\u202e")),
    st.text().map(Markup),
    st.integers(),
    st.floats(),
    st.dates(),
    st.none(),
)
TEMPLATE = """
{% macro cell(value) %}<td title="{{ value }}">{{ value }}</td>{% endmacro %}
{% set kept %}<b>{{ value }}</b>{% endset %}
{{ cell(value) }}{{ kept }}{{ kept | upper }}{{ value ~ kept }}{{ value | e }}{{ value | safe }}
"""


def written(value: object, environment: Environment) -> str:
    """The template with a value in it."""
    return environment.from_string(TEMPLATE).render(value=value)


@given(VALUES)
def test_a_value_is_escaped_as_jinja_escapes_it(value: object) -> None:
    assert escape(value) == str(escape_as_jinja(value))


@given(VALUES)
def test_macros_blocks_and_filters_neither_escape_twice_nor_forget_it(value: object) -> None:
    ours, jinjas = Environment(autoescape=True), Environment(autoescape=True)
    ours.code_generator_class = PlainCode
    assert written(value, ours) == written(value, jinjas)


def test_the_pages_are_written_so(app: Flask) -> None:
    code = app.jinja_env.get_template("search.html").root_render_func
    assert code.__globals__["escape"] is escape


def test_a_name_that_is_not_there_is_an_error(app: Flask) -> None:
    with pytest.raises(UndefinedError):
        app.jinja_env.from_string("{{ missing }}").render()
