"""How answers become JSON: by orjson, which takes a tenth of the time of the standard library."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.json.provider import DefaultJSONProvider


class Json(DefaultJSONProvider):
    """Plain dicts, lists, strings and numbers as UTF-8, in the order in which they are."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """The JSON text."""
        return orjson.dumps(obj).decode("utf-8")

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """An answer of it, as `jsonify` makes it."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs)) + b"\n"
        return Response(body, content_type="application/json")
