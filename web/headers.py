"""The headers that every answer has, whoever gives it: a route, an error, gunicorn's own refusal."""

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
