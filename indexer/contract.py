"""One clean article as the `clean` verb writes it: a line of JSON with keys that scripts rely on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from indexer.cleaning.article import Cleaned
from search.model import Article, Provenance, Removal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Contract:
    """One answer of the verb, in the keys that scripts rely on."""

    id: object
    path: str | None
    article: Article | Cleaned

    def json(self) -> str:
        """On one line."""
        found = self.article
        answer = {
            "id": self.id,
            "path": self.path,
            "title": found.title,
            "published": found.published,
            "source": found.source,
            "author": found.author,
            "language": found.language,
            "body": found.body,
            "removed": [_removal(removal) for removal in found.removed],
            "provenance": {name: _provenance(p) for name, p in sorted(found.provenance.items())},
        }
        return dumped(answer)


def in_order(answers: Iterable[tuple[int, T]]) -> Iterator[tuple[int, T]]:
    """Numbered answers by their numbers; each is passed on as soon as those before it have come."""
    early: dict[int, T] = {}
    due = 0
    for number, answer in answers:
        early[number] = answer
        while due in early:
            yield due, early.pop(due)
            due += 1


def dumped(answer: dict[str, object]) -> str:
    """JSON on one line; halves of characters, which no file may hold, stay escaped."""
    text = json.dumps(answer, ensure_ascii=False)
    return text if _is_text(text) else json.dumps(answer)


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _removal(removal: Removal) -> dict[str, object]:
    return {"line": removal.line, "text": removal.text, "reason": removal.reason}


def _provenance(provenance: Provenance) -> dict[str, object]:
    return {"from": provenance.found_in, "confidence": round(provenance.confidence, 3)}
