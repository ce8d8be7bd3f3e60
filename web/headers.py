"""The headers that every answer has, whoever gives it: a route, an error, gunicorn's own refusal."""

from __future__ import annotations

from werkzeug.datastructures import Headers

HEADERS = {
    # Our own style sheet, scripts and icon; nothing inline, nothing from elsewhere, in no frame.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # what somebody searches for is nobody else's to know
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def vary(headers: Headers, name: str) -> None:
    """Say that the answer depends on this header of the request.

    `Response.vary` does the same, and takes as long as all other headers together.
    """
    said = headers.get("Vary")
    if said is None:
        headers.add("Vary", name)
    elif name.lower() not in said.lower().split(", "):
        headers.set("Vary", f"{said}, {name}")
