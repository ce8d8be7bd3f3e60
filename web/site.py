"""What every route works with: the configuration, the index, the day. Effects enter here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from flask import current_app

from search.config import Config
from search.engine import Index
from search.model import Status
from web.answers import Answers

STATIC = Path(__file__).parent / "static"
TEMPLATES = Path(__file__).parent / "templates"
EXTENSION = "dateline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One service: what it serves, and from where."""

    config: Config
    index: Index
    address: str
    """Where the service is reached, without a slash at the end. Never taken from a request."""
    edition: str
    """Changes with the templates and static files, so that no cache mixes two of them."""
    clock: Callable[[], datetime]
    answers: Answers = field(default_factory=Answers)
    """What was answered before, in this process."""

    @property
    def today(self) -> date:
        """The day in the configured time zone."""
        return self.clock().astimezone(self.config.articles.timezone).date()

    def age_s(self, status: Status) -> float:
        """Seconds since the index was last written."""
        age = self.clock() - datetime.fromisoformat(status.committed_at)
        return max(0.0, round(age.total_seconds(), 1))


def site() -> Site:
    """The Site of the request that is being answered."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Site)  # noqa: S101 - put there by create_app, and by nobody else
    return found


def edition() -> str:
    """A short digest of everything that shapes a page."""
    digest = hashlib.blake2b(digest_size=6)
    for file in sorted([*STATIC.iterdir(), *TEMPLATES.iterdir(), *STATIC.parent.glob("*.py")]):
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def public_address(config: Config) -> str:
    """`[web] public_url`, or else where the service listens."""
    return config.web.public_url.rstrip("/") or local_address(config)


def local_address(config: Config) -> str:
    """Where the service listens."""
    host = f"[{config.web.host}]" if ":" in config.web.host else config.web.host
    return f"http://{host}:{config.web.port}"


def web_address(url: str | None) -> str | None:
    """The address if a link may lead there; what an article states could also be a script."""
    return url if url and url.lower().startswith(("http://", "https://")) else None
