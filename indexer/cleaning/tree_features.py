"""A page's lines -> what the tree and the page's own statements say of each, as numbers.

The columns are TREE_FEATURES; they stand beside the columns of `indexer/cleaning/features.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.learned.columns import COLUMN, UNKNOWN, Floats, bounded
from indexer.lines.lines import MAX_LINE_CHARACTERS, Line, words_of
from indexer.lines.page import HEADINGS, Inside, Page

BITS = {
    name.lower(): value
    for name, value in vars(Inside).items()
    if isinstance(value, int) and value and not name.endswith("BY_RULE")
}
TAGS: dict[str, tuple[str, ...]] = {
    "tag_p": ("p",),
    "tag_heading": tuple(sorted(HEADINGS)),
    "tag_item": ("li", "dd", "dt"),
    "tag_cell": ("td", "th"),
    "tag_generic": ("div", "section", "body", "center"),
}
SHAPE_FEATURES = (
    *TAGS,
    "h1",
    "link_share",
    "emphasis_share",
    "depth",
    "same_block",
    "parent_lines",
    "parent_words",
    "parent_prose",
    "parent_links",
    "parent_paragraphs",
    "grand_words",
    "grand_prose",
    "grand_links",
    "steps_to_main",
    "main_before",
    "main_after",
    "depth_from_main",
    "like_main",
)
STATED_FEATURES = ("stated_body", "stated_summary", "stated_title")
TREE_FEATURES: tuple[str, ...] = (
    *SHAPE_FEATURES,
    *(f"inside_{name}" for name in BITS),
    *(f"near_{name}" for name in BITS),
    *STATED_FEATURES,
)
AT = {name: i for i, name in enumerate(TREE_FEATURES)}
SUMMARIES = ("og:description", "description", "twitter:description")
TITLES = ("og:title", "twitter:title")
MIN_STATED_WORDS = 80
"""A shorter `articleBody` is a teaser and says nothing of the lines that are not in it."""


def tree_table(page: Page, text_rows: Floats) -> Floats:
    """One row a line, float32, columns as TREE_FEATURES. `text_rows` are the lines' own features."""
    rows = np.zeros((len(page.lines), len(TREE_FEATURES)), np.float32)
    if not page.lines:
        return rows
    places = page.places
    lengths = np.array([max(1, len(line.text)) for line in page.lines], np.float32)
    links = np.array([place.link_characters for place in places], np.float32)
    emphasis = np.array([place.emphasis_characters for place in places], np.float32)
    depth = np.array([place.depth for place in places], np.float32)
    tags = [place.tag for place in places]
    for name, members in TAGS.items():
        rows[:, AT[name]] = [tag in members for tag in tags]
    rows[:, AT["h1"]] = [tag == "h1" for tag in tags]
    rows[:, AT["link_share"]] = np.minimum(1, links / lengths)
    rows[:, AT["emphasis_share"]] = np.minimum(1, emphasis / lengths)
    rows[:, AT["depth"]] = np.minimum(depth, 60)
    _blocks(page, text_rows, rows, lengths=lengths, links=links, depth=depth)
    inside = np.array([place.inside for place in places], np.int64)
    near = np.array([place.near for place in places], np.int64)
    for name, bit in BITS.items():
        rows[:, AT[f"inside_{name}"]] = (inside & bit) != 0
        rows[:, AT[f"near_{name}"]] = (near & bit) != 0
    _stated(page, rows)
    return rows


def _blocks(  # noqa: PLR0913 - columns that are there already are passed, not computed again
    page: Page,
    text_rows: Floats,
    rows: Floats,
    *,
    lengths: Floats,
    links: Floats,
    depth: Floats,
) -> None:
    """Sums over block elements: what stands beside a line, and how far the main block is."""
    parents = page.parents
    count = max(1, len(parents))
    block = np.array([max(0, place.block) for place in page.places], np.intp)
    parent_of = np.array(parents or [-1], np.intp)
    parent = np.where(parent_of[block] >= 0, parent_of[block], block)
    grand = np.where(parent_of[parent] >= 0, parent_of[parent], parent)
    words = np.expm1(text_rows[:, COLUMN["words"]])
    prose_words = words * (text_rows[:, COLUMN["prose"]] > 0)
    paragraph = rows[:, AT["tag_p"]]

    def own(values: NDArray[Any]) -> NDArray[Any]:
        return np.bincount(block, weights=values, minlength=count)

    own_sums = np.stack(
        [own(v) for v in (np.ones(len(block)), words, prose_words, lengths, links, paragraph)]
    )
    direct_prose = np.bincount(parent, weights=prose_words, minlength=count)
    before = np.concatenate((np.zeros((len(own_sums), 1)), np.cumsum(own_sums, axis=1)), axis=1)
    sums = before[:, _ends(parents)] - before[:, :-1]
    lines, all_words, prose, characters, linked, paragraphs = sums
    total_prose = max(1.0, float(prose_words.sum()))
    rows[:, AT["same_block"]] = np.minimum(10, np.bincount(block, minlength=count)[block])
    rows[:, AT["parent_lines"]] = np.log1p(lines[parent])
    rows[:, AT["parent_words"]] = np.log1p(all_words[parent])
    rows[:, AT["parent_prose"]] = prose[parent] / total_prose
    rows[:, AT["parent_links"]] = linked[parent] / np.maximum(1, characters[parent])
    rows[:, AT["parent_paragraphs"]] = np.log1p(paragraphs[parent])
    rows[:, AT["grand_words"]] = np.log1p(all_words[grand])
    rows[:, AT["grand_prose"]] = prose[grand] / total_prose
    rows[:, AT["grand_links"]] = linked[grand] / np.maximum(1, characters[grand])
    main = int(np.argmax(direct_prose))
    steps = _steps(parents, main)
    at = np.arange(len(block))
    in_main = np.flatnonzero((parent == main) & (prose_words > 0))
    first, last = (in_main[0], in_main[-1]) if len(in_main) else (0, len(block) - 1)
    rows[:, AT["steps_to_main"]] = np.minimum(steps[block], 12)
    rows[:, AT["main_before"]] = bounded(first - at, 0, 30)
    rows[:, AT["main_after"]] = bounded(at - last, 0, 30)
    main_depth = np.median(depth[in_main]) if len(in_main) else 0
    rows[:, AT["depth_from_main"]] = bounded(depth - main_depth, -12, 12)
    shape = [(place.tag, place.near) for place in page.places]
    main_shapes = {shape[i] for i in in_main}
    rows[:, AT["like_main"]] = [one in main_shapes for one in shape]


def _ends(parents: Sequence[int]) -> NDArray[np.intp]:
    """For each block element the number behind its last descendant's; numbers go by opening."""
    count = max(1, len(parents))
    ends = list(range(1, count + 1))
    for i in range(count - 1, 0, -1):
        parent = parents[i]
        if parent >= 0 and ends[parent] < ends[i]:
            ends[parent] = ends[i]
    return np.array(ends, np.intp)


def _steps(parents: Sequence[int], main: int) -> NDArray[np.int64]:
    """For each block element how far one climbs from the main one to meet it."""
    chain: dict[int, int] = {}
    at = main
    while at >= 0:
        chain[at] = len(chain)
        at = parents[at] if parents else -1
    steps = [len(chain)] * max(1, len(parents))
    for i, parent in enumerate(parents):
        steps[i] = chain[i] if i in chain else steps[parent] if parent >= 0 else len(chain)
    return np.array(steps, np.int64)


def stands_in(lines: Sequence[Line], text: str) -> list[bool]:
    """For each line whether a text holds it: as a line of its own, or four words and more of it."""
    of_lines = [" ".join(words_of(line)) for line in text.split("\n")]
    own = set(of_lines)
    if len(text) > MAX_LINE_CHARACTERS:  # words_of stops there, and all of the text counts
        of_lines = [" ".join(words_of(text, limit=None))]
    flat = f" {' '.join(filter(None, of_lines))} "
    known = set(flat.split())
    return [
        known.issuperset(line.words)
        and bool(line.words)
        and (line.said in own or (len(line.words) >= 4 and f" {line.said} " in flat))
        for line in lines
    ]


def _stated(page: Page, rows: Floats) -> None:
    body = stated_body(page)
    rows[:, AT["stated_body"]] = stands_in(page.lines, body) if body else UNKNOWN
    summaries = [text for name in SUMMARIES if (text := page.stated.first(name))]
    rows[:, AT["stated_summary"]] = stands_in(page.lines, "\n".join(summaries))
    title = set(
        words_of(" ".join([page.stated.title, *(page.stated.first(name) for name in TITLES)]))
    )
    rows[:, AT["stated_title"]] = [
        len(title.intersection(line.words)) / len(line.words) if line.words else 0
        for line in page.lines
    ]


def stated_body(page: Page) -> str:
    """The article's text as the page states it for machines (JSON-LD `articleBody`), or nothing."""
    bodies = [
        text for item in page.stated.linked_data if isinstance(text := item.get("articleBody"), str)
    ]
    longest = max(bodies, key=len, default="")
    return longest if len(words_of(longest)) >= MIN_STATED_WORDS else ""
