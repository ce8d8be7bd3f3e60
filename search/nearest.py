"""Nothing was found: the query with less asked of it, in order of what a reader would give up first.

Trees in, trees out. Whether one of them finds something is for an engine to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from search.model import And, Everything, Node, Not, Phrase, Words
from search.query import all_of
from search.wording import is_plain, is_quoted, words_in

MAX_TRIED = 8  # parts left out one at a time: each is a search of its own


def without(tree: Node, is_idle: Callable[[Node], bool]) -> Node | None:
    """The tree without the parts that match nothing by themselves; None if that is all or none."""
    kept = [part for part in _parts(tree) if isinstance(part, Not) or not is_idle(part)]
    changed = len(kept) < len(_parts(tree))
    return _joined(kept, tree) if changed else None


def unquoted(tree: Node) -> Node | None:
    """The tree with the words of its quotations one by one; None if it has no quotation."""
    parts = _parts(tree)
    words = [
        word
        for part in parts
        for word in (words_in(part) if isinstance(part, Phrase) and is_quoted(part) else (part,))
    ]
    if words == parts:
        return None
    plain = tuple(word for word in words if is_plain(word))
    others = [word for word in words if not is_plain(word)]
    return all_of([Words(plain) if len(plain) > 1 else plain[0], *others])


def part_count(tree: Node) -> int:
    """How many parts must all match."""
    return len(_parts(tree))


def with_one_part_fewer(tree: Node) -> Iterator[Node]:
    """Each tree that leaving out one part makes of this one."""
    parts = _parts(tree)[:MAX_TRIED]
    for index in range(len(parts)):
        fewer = _joined(parts[:index] + parts[index + 1 :], tree)
        if fewer is not None:
            yield fewer


def _parts(tree: Node) -> list[Node]:
    """What must all match, words side by side one by one."""
    found: list[Node] = []
    for part in _tops(tree):
        if isinstance(part, Words):
            found += part.clauses
        elif not isinstance(part, Everything):
            found.append(part)
    return found


def _joined(parts: list[Node], tree: Node) -> Node | None:
    """What is left, if it still asks for something; side by side are the words that stood so."""
    if all(isinstance(part, Not) for part in parts):
        return None
    stood = [part for part in _tops(tree) if isinstance(part, Words)]
    beside = [part for part in parts if stood and part in stood[0].clauses and is_plain(part)]
    if len(beside) < 2:
        return all_of(parts)
    return all_of([Words(tuple(beside)), *(part for part in parts if part not in beside)])


def _tops(tree: Node) -> tuple[Node, ...]:
    return tree.clauses if isinstance(tree, And) else (tree,)
