"""Articles packed for the index and unpacked again: everything about one, compressed by itself.

A packed article is a zlib stream over a line of JSON (all but the body) and the body. ISA-L's level 1
takes a third of the time of zlib's own for a little less space (docs/design.md).
"""

from __future__ import annotations

import json
from typing import Any

import orjson
from isal import isal_zlib

from search.model import Article, Provenance, Removal

_LEVEL = 1
Opened = tuple[dict[str, Any], str]
_PLAIN = ("published", "source", "author", "language", "url", "agency")


def pack_article(article: Article) -> bytes:
    """The article as bytes. What cannot be UTF-8 (half of a surrogate pair) becomes `?`."""
    head: dict[str, Any] = {"id": article.id, "path": article.path, "title": article.title}
    for name in _PLAIN:
        value = getattr(article, name)
        if value is not None:
            head[name] = value
    if article.removed:
        head["removed"] = [[cut.line, cut.text, cut.reason] for cut in article.removed]
    if article.provenance:
        head["provenance"] = {
            name: [origin.found_in, origin.confidence]
            for name, origin in article.provenance.items()
        }
    try:
        line = orjson.dumps(head)
    except orjson.JSONEncodeError:  # half of a surrogate pair
        line = json.dumps(head, ensure_ascii=False).encode("utf-8", "replace")
    text = b"%b\n%b" % (line, article.body.encode("utf-8", "replace"))
    return isal_zlib.compress(text, _LEVEL)


def unpack_article(packed: bytes) -> Article:
    """The article that `pack_article` took."""
    head, body = opened(packed)
    return Article(
        id=head["id"],
        path=head["path"],
        title=head["title"],
        body=body,
        **{name: head.get(name) for name in _PLAIN},
        removed=tuple(
            Removal(line=cut[0], text=cut[1], reason=cut[2]) for cut in head.get("removed", ())
        ),
        provenance={
            name: Provenance(found_in=origin[0], confidence=origin[1])
            for name, origin in head.get("provenance", {}).items()
        },
    )


def opened(packed: bytes) -> Opened:
    """The fields that are known, by their names in an article, and the body: all that a hit shows."""
    line, _, body = isal_zlib.decompress(packed).partition(b"\n")
    return orjson.loads(line), body.decode("utf-8")
