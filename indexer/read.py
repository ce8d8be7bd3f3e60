"""One file -> the keys of its lines, or its article; the reason if there is none.

Runs in a worker: everything heavy is imported from here, and the parent never does.
"""

from __future__ import annotations

import time
from functools import lru_cache
from pathlib import Path

from indexer.cleaning import article as cleaning
from indexer.cleaning.article import Cleaned
from indexer.cleaning.overrides import Overrides, load_overrides
from indexer.counts import Recurs
from indexer.folder.files import Content, Found, Looked, Unreadable, Unsettled, fingerprint, read
from indexer.jsonl import MAX_BODY_CHARACTERS, TOO_LONG, article_id, derived_title
from indexer.lines.decode import Decoded, decode
from indexer.lines.lines import text_lines
from indexer.lines.markup import read_page
from indexer.settings import Settings
from search.model import Article, Provenance


def warm_up(settings: Settings) -> None:
    """Load weights, tables and overrides, by cleaning next to nothing."""
    for is_html in (False, True):
        decoded = decode(b"<p>A word.</p>", is_html=is_html)
        clean(decoded, settings, is_html=is_html, recurs=Recurs(frozenset()))


def look(found: Found, settings: Settings) -> Looked:
    """A file's state and the keys of its lines; a file without text has none."""
    read_ns = time.time_ns()
    if found.is_json_lines:
        return Looked(fingerprint(found), read_ns, frozenset())
    content = read(found, max_bytes=settings.max_file_bytes)
    try:
        decoded = decode(content.data, is_html=found.is_html)
        keys = keys_of(decoded, is_html=found.is_html)
    except Unreadable:
        keys = frozenset()  # Read says why
    return Looked(content.fingerprint, read_ns, keys)


def read_again(found: Found, settings: Settings, *, sha256: str, recurs: Recurs) -> Article:
    """The article of a file that was looked at and must not have changed since."""
    content = read(found, max_bytes=settings.max_file_bytes)
    if content.fingerprint.sha256 != sha256:
        raise Unsettled("changed while it was read; it is read again when it has come to rest")
    return article_of(found, content, settings, recurs=recurs)


def keys_of(decoded: Decoded, *, is_html: bool) -> frozenset[int]:
    """The keys of the lines of a text or page."""
    if is_html:
        return cleaning.html_keys(decoded.text)
    return cleaning.line_keys(decoded.text)


def article_of(found: Found, content: Content, settings: Settings, *, recurs: Recurs) -> Article:
    """The clean article of a file's bytes. Raises Unreadable if there is none in them."""
    decoded = decode(content.data, is_html=found.is_html)
    cleaned = clean(decoded, settings, is_html=found.is_html, recurs=recurs)
    if not cleaned.body.strip():
        raise Unreadable("holds no article: nothing in it reads like an article's text")
    if len(cleaned.body) > MAX_BODY_CHARACTERS:
        raise Unreadable(TOO_LONG)
    return Article(
        id=article_id(found.path),
        path=found.path,
        title=cleaned.title or derived_title(cleaned.body),
        body=cleaned.body,
        published=cleaned.published,
        source=cleaned.source,
        author=cleaned.author,
        language=cleaned.language,
        url=cleaned.url,
        agency=cleaned.agency,
        removed=cleaned.removed,
        provenance=dict(cleaned.provenance),
    )


def clean(
    decoded: Decoded, settings: Settings, *, is_html: bool, recurs: Recurs, url: str | None = None
) -> Cleaned:
    """What cleaning makes of a text or page; every line of it, where cleaning is off."""
    overrides = _overrides(settings.overrides, settings.overrides_sha256)
    if not settings.cleaning:
        return _as_it_stands(decoded, is_html=is_html, url=url)
    if is_html:
        return cleaning.clean_html(decoded.text, url=url, recurring=recurs, overrides=overrides)
    return cleaning.clean_text(decoded.text, recurring=recurs, overrides=overrides)


def _as_it_stands(decoded: Decoded, *, is_html: bool, url: str | None) -> Cleaned:
    lines = list(read_page(decoded.text).lines) if is_html else text_lines(decoded.text)
    title = derived_title(lines[0].text) if lines else ""
    return Cleaned(
        title=title,
        # The body does not repeat the title, unless that is only the beginning of its line.
        body="\n\n".join(line.text for line in lines if line.text != title),
        url=url,
        provenance={"title": Provenance(found_in="first line", confidence=0.2)},
    )


@lru_cache(maxsize=1)
def _overrides(file: Path, sha256: str) -> Overrides:  # noqa: ARG001 - says when to load it again
    return load_overrides(file)
