"""How templates write a value: escaped, as plain text.

Jinja's own way makes a Markup of each piece, three hundred of a page, to join them all at once: three
times the work of escaping them.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame


def escape(value: Any) -> str:
    """The value as HTML, as `markupsafe.escape` gives it; what is HTML already stays as it is."""
    if type(value) is not str:
        if hasattr(value, "__html__"):
            return str(value.__html__())
        value = str(value)
    safe: str = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return safe.replace("'", "&#39;").replace('"', "&#34;")


class PlainCode(CodeGenerator):
    """The code of templates, in which `escape` is the one above."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
        """Write the code, and behind it, where every function in it will look, the import."""
        super().visit_Template(node, frame)
        self.writeline(f"from {__name__} import {escape.__name__}")
