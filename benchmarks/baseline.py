"""The real application with one more route, `/benchmarks/empty`, that answers `{}`.

What that route takes is what HTTP, gunicorn, Flask and our own hooks take without any search.
"""

from flask import Response, jsonify

from web.wsgi import app

__all__ = ["app"]


@app.route("/benchmarks/empty")
def empty() -> Response:
    """Nothing, as JSON."""
    return jsonify({})
