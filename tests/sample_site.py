"""A small collection for the tests of the web side: own-made articles of every awkward kind."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from flask import Flask

from search.config import Config
from search.engine import Index
from search.model import (
    Article,
    Everything,
    Fingerprint,
    Provenance,
    Query,
    Rejection,
    Removal,
    Results,
    SourceFile,
)
from web.app import create_app

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
SCRIPT = "<script>alert('x')</script>"
HOSTILE = (
    f'{SCRIPT} "><img src=x onerror=alert(1)> {{{{7*7}}}} </title></mark>\x0b javascript:alert(1)'
)
SOURCES = ("Harbour Post", "Varnholm Courier", "Meridian")
FINGERPRINT = Fingerprint(size_bytes=1, mtime_ns=1, ctime_ns=1, inode=1, sha256="00")


def article_id(path: str) -> str:
    return hashlib.blake2b(path.encode(), digest_size=8).hexdigest()


def article(path: str, title: str, body: str, **fields: object) -> Article:
    return Article(id=article_id(path), path=path, title=title, body=body, **fields)  # type: ignore[arg-type]


def serial(number: int) -> Article:
    """One of many plain articles: each has the words of its number, every second a strike."""
    subject = "strike" if number % 2 else "ferry"
    return article(
        f"serial/{number:03}.txt",
        f"Dockers and the {subject} of pier {number}",
        f"The dockers met at pier {number} on Monday to talk of the {subject}.\n\n"
        f"A second paragraph says that the harbour stays calm, and counts {number} cranes.",
        published=f"2024-{number % 12 + 1:02}-{number % 27 + 1:02}",
        source=SOURCES[number % len(SOURCES)],
        author="Ines Corrado" if number % 3 else None,
        language="en",
        url=f"https://harbour.example/{number}",
    )


CEASEFIRE = article(
    "post/ceasefire.html",
    "Ceasefire in the old port after night of talks",
    "The ceasefire was signed in the old port at dawn.\n\n"
    "Nobody had expected a ceasefire before the winter. The old harbour master wept.\n\n"
    "Boats left the old port in a row, and the ceasefire held through the night.",
    published="2024-11-25T07:30:00+01:00",
    source="Harbour Post",
    author="Marit Skaane",
    language="en",
    url="https://harbour.example/ceasefire",
    agency="Meridian",
    removed=(
        Removal(line=1, text="Subscribe to our newsletter", reason="newsletter"),
        Removal(line=9, text=f"Advertisement {SCRIPT}", reason="advertisement"),
    ),
    provenance={"published": Provenance(found_in="json-ld", confidence=1.0)},
)
TREATY = article(
    "courier/treaty.txt",
    "Treaty on the river Orle",
    "The treaty on the river runs to 84 pages and names no dates.",
    published="2023",
    source="Varnholm Courier",
    language="en",
)
ARABIC = article(
    "arabic/one.txt",
    "وقف إطلاق النار في المرفأ القديم",
    "وقع الطرفان على وقف إطلاق النار في المرفأ القديم عند الفجر.",
    language="ar",
    source="Meridian",
)
UNDATED = article(
    "post/undated.txt",
    "A lighthouse without a date",
    "The lighthouse stands alone.",
    provenance={"title": Provenance(found_in="derived", confidence=0.2)},
)
ATTACK = article(
    f"evil/{SCRIPT} & 'quotes'.txt",
    f"Lighthouse {HOSTILE}",
    f"A lighthouse text. {HOSTILE}\n\n{HOSTILE} lighthouse again.",
    published="2024-06",
    source=HOSTILE,
    author=HOSTILE,
    language="en",
    url="javascript:alert(document.domain)",
    agency=HOSTILE,
    removed=(Removal(line=1, text=HOSTILE, reason=HOSTILE),),
    provenance={"title": Provenance(found_in=HOSTILE, confidence=0.5)},
)
ARTICLES = (
    CEASEFIRE,
    TREATY,
    ARABIC,
    UNDATED,
    ATTACK,
    *(serial(number) for number in range(1, 41)),
)
REJECTED = Rejection(path=f"evil/{SCRIPT}.txt", reason=f"no text {SCRIPT}")


def fill(index: Index, articles: Iterable[Article] = ARTICLES) -> Index:
    """Put the articles into an index, one file each, and commit."""
    with index.writer() as writer:
        for each in articles:
            writer.put(SourceFile(path=each.path, fingerprint=FINGERPRINT), [each])
        writer.reject(REJECTED)
        writer.commit()
    return index


def results(query: Query | None = None, **changes: object) -> Results:
    """An answer of 95 articles, none of them shown."""
    plain = Results(
        query=query or Query(text="strike", tree=Everything()),
        read_as="strike",
        match="all",
        total=95,
        hits=(),
        generation="g1",
        took_ms=1.0,
    )
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def configured(config: Config | None = None, **web: object) -> Config:
    """The configuration with changes under [web]."""
    plain = config or Config()
    return dataclasses.replace(plain, web=dataclasses.replace(plain.web, **web))  # type: ignore[arg-type]


def make_app(
    index: Index, config: Config | None = None, clock: Callable[[], datetime] = lambda: NOW
) -> Flask:
    """The application over an index, on a fixed day."""
    app = create_app(config or Config(), index, clock)
    app.testing = False  # errors must become answers, as they do when it is served
    return app
