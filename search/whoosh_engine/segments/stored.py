"""Articles packed for the index and unpacked again: everything about one by itself.

A packed article is a line of JSON with what a hit shows, the body as it is, and the rest compressed:
what was removed, and where each field was found. An older index has all of it in one zlib stream.
"""

from __future__ import annotations

import json
from typing import Any

import orjson
from isal import isal_zlib

from search.model import Article, Provenance, Removal

_LEVEL = 1  # of ISA-L: a third of the time of zlib's own for a little less space
_REST_BYTES = "rest_bytes"
Opened = tuple[dict[str, Any], str]
_PLAIN = ("published", "source", "author", "language", "url", "agency")


def pack_article(article: Article) -> bytes:
    """The article as bytes. What cannot be UTF-8 (half of a surrogate pair) becomes `?`."""
    head: dict[str, Any] = {"id": article.id, "path": article.path, "title": article.title}
    for name in _PLAIN:
        value = getattr(article, name)
        if value is not None:
            head[name] = value
    rest = _packed_rest(article)
    if rest:
        head[_REST_BYTES] = len(rest)
    return b"%b\n%b%b" % (_line(head), article.body.encode("utf-8", "replace"), rest)


def _packed_rest(article: Article) -> bytes:
    """What only a reader of the whole article wants to know."""
    rest: dict[str, Any] = {}
    if article.removed:
        rest["removed"] = [[cut.line, cut.text, cut.reason] for cut in article.removed]
    if article.provenance:
        rest["provenance"] = {
            name: [origin.found_in, origin.confidence]
            for name, origin in article.provenance.items()
        }
    return isal_zlib.compress(_line(rest), _LEVEL) if rest else b""


def _line(fields: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(fields)
    except orjson.JSONEncodeError:  # half of a surrogate pair
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


def unpack_article(packed: bytes) -> Article:
    """The article that `pack_article` took."""
    head, body = opened(packed)
    rest_bytes = head.get(_REST_BYTES, 0)
    rest = orjson.loads(isal_zlib.decompress(packed[-rest_bytes:])) if rest_bytes else head
    return Article(
        id=head["id"],
        path=head["path"],
        title=head["title"],
        body=body,
        **{name: head.get(name) for name in _PLAIN},
        removed=tuple(
            Removal(line=cut[0], text=cut[1], reason=cut[2]) for cut in rest.get("removed", ())
        ),
        provenance={
            name: Provenance(found_in=origin[0], confidence=origin[1])
            for name, origin in rest.get("provenance", {}).items()
        },
    )


def opened(packed: bytes) -> Opened:
    """The fields that are known, by their names in an article, and the body: all that a hit shows."""
    if not packed.startswith(b"{"):
        packed = isal_zlib.decompress(packed)
    end_of_line = packed.index(b"\n")
    head = orjson.loads(packed[:end_of_line])
    end = len(packed) - head.get(_REST_BYTES, 0)
    return head, packed[end_of_line + 1 : end].decode("utf-8")
