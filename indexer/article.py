"""One file's text or HTML -> a clean article, with everything that was taken out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indexer import boilerplate, credits, metadata, phrases
from indexer.boilerplate import Verdict
from indexer.lines import Line, keys_of, text_lines
from indexer.markup import Page, read_page
from indexer.metadata import Answer, Metadata
from indexer.overrides import NO_OVERRIDES, Overrides
from indexer.recurrence import NOTHING_RECURS, Recurring
from search.model import Provenance, Removal

__all__ = ["Cleaned", "clean_html", "clean_text", "line_keys"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What cleaning makes of one file. `title`, `body` and `removed` hold every line of it."""

    title: str
    body: str
    published: str | None = None
    source: str | None = None
    author: str | None = None
    language: str | None = None
    url: str | None = None
    agency: str | None = None
    removed: tuple[Removal, ...] = ()
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    keys: frozenset[int] = frozenset()
    """The keys of all its lines, to be counted over the folder: see `line_keys`."""


def line_keys(lines: str | Sequence[Line]) -> frozenset[int]:
    """64-bit keys of the lines of a text (or of a page's lines) that may recur in other files."""
    return keys_of(text_lines(lines) if isinstance(lines, str) else lines)


def html_keys(html: str) -> frozenset[int]:
    """The keys of a page's lines."""
    return keys_of(read_page(html).lines)


def clean_text(
    text: str, *, recurring: Recurring = NOTHING_RECURS, overrides: Overrides = NO_OVERRIDES
) -> Cleaned:
    """Clean a plain text."""
    return _clean(text_lines(text), None, url=None, recurring=recurring, overrides=overrides)


def clean_html(
    html: str,
    *,
    url: str | None = None,
    recurring: Recurring = NOTHING_RECURS,
    overrides: Overrides = NO_OVERRIDES,
) -> Cleaned:
    """Clean a page. `url` is where it was fetched from, if that is known."""
    page = read_page(html, rule=overrides.selection())
    return _clean(page.lines, page, url=url, recurring=recurring, overrides=overrides)


def _clean(
    lines: Sequence[Line],
    page: Page | None,
    *,
    url: str | None,
    recurring: Recurring,
    overrides: Overrides,
) -> Cleaned:
    scores = boilerplate.rule_scores(lines)
    kept = [i for i, score in enumerate(scores) if score >= 0.5]
    repeated = boilerplate.repeats(lines)
    recurs = boilerplate.recurs(lines, recurring)
    found = Metadata()
    first = kept[0] if kept else 0
    title_line = _title(lines, first)
    if title_line is not None:
        head, _ = metadata.without_site(title_line.text)
        found.put("title", Answer(head, "first line", 0.5))
    found.put("source", metadata.text_source(lines, found.value("title")))
    verdicts = []
    for i, line in enumerate(lines):
        keep, reason = scores[i] >= 0.5, "text"
        if not line.words:
            keep, reason = False, "no words on it"
        elif i in repeated:
            keep, reason = False, f"repeat of line {lines[repeated[i]].number}"
        elif title_line is not None and line.same == title_line.same:
            keep, reason = False, "title"
        elif phrases.ALWAYS.search(line.text):
            keep, reason = False, phrases.FAMILIES[max(0, phrases.family(line.text))][0]
        elif recurs[i]:
            keep, reason = False, "the same line stands in other files"
        elif not keep:
            family = phrases.family(line.text)
            reason = (
                phrases.FAMILIES[family][0] if family >= 0 else "not part of the article's text"
            )
        verdicts.append(Verdict(line, keep, reason))
    body = [v.line for v in verdicts if v.keep]
    if "title" not in found.answers:
        found.put("title", metadata.derived_title([line.text for line in body]))
    sent = credits.agency(body)
    if sent:
        found.put("agency", Answer(sent[0], sent[1], 0.9))
    return Cleaned(
        title=found.value("title") or "",
        body="\n\n".join(line.text for line in body),
        source=found.value("source") or metadata.domain(url),
        agency=found.value("agency"),
        url=url,
        removed=tuple(
            Removal(line=v.line.number, text=v.line.text, reason=v.reason)
            for v in verdicts
            if not v.keep
        ),
        provenance={name: answer.provenance for name, answer in found.answers.items()},
        keys=keys_of(lines),
    )


def _title(lines: Sequence[Line], first: int) -> Line | None:
    """The nearest line before the text that may be its title."""
    for line in reversed(lines[:first]):
        if (
            3 <= len(line.words) <= 30
            and phrases.family(line.text) < 0
            and not phrases.is_image_name(line.text)
        ):
            return line
    return None
