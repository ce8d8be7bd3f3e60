"""For monitors and the people who run it: alive, ready, figures."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST

from search.model import Everything, Query
from web import metrics
from web.site import site

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
def alive() -> Response:
    """This process answers. Touches nothing else."""
    return jsonify(status="alive")


@ops.get("/readyz")
def ready() -> Response:
    """The index answers a search; an index that does not is a 503 with the reason."""
    reader = site().index.reader()
    results = reader.search(Query(text="", tree=Everything(), size=1))
    return jsonify(status="ready", generation=reader.generation, articles=results.total)


@ops.get("/metrics")
def figures() -> Response:
    """Everything that is counted, for Prometheus."""
    return Response(metrics.exposition(site()), content_type=CONTENT_TYPE_LATEST)
