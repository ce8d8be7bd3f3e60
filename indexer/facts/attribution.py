"""Who wrote an article and which paper it is from: the page's statements, then the lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from indexer.facts import bylines, metadata, titles
from indexer.facts.metadata import Answer, first_answer, letters
from indexer.lines.lines import Line
from indexer.lines.page import Stated

ABOVE, BELOW = 3, 5
"""Lines before the title and behind the first and last line of the text that may hold a byline."""
BETWEEN = 3
"""Lines behind the title that may be the writer's name alone."""
NAME_WORDS = 4
SEPARATED = re.compile(r"\s*[|•·–—/]\s*|\s{2,}|\s-\s|, ")
MARKED = re.compile(
    r"<[a-z]+\b(?=[^<>]{0,400}?\b(?:itemprop=[\"']?author\b|rel=[\"']?author\b|href=[\"']?[^\"'<> ]{0,200}/(?:authors?|autor|auteur"
    r"|writers?|by)/[\w%.-]{3,}))[^<>]{0,400}>(?:\s*<[^<>]{0,300}>){0,3}\s*(?P<name>[^<>]{3,80}?)\s*<",
    re.IGNORECASE,
)
POSTED = re.compile(r"\W*(?:posted|written|published|reported) by\b", re.IGNORECASE)
MARKED_IN = 300_000
"""Characters of a page in which its author's mark is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The lines of a file and where its title, its date and its text stand among them."""

    lines: Sequence[Line]
    kept: Sequence[bool]
    title: int | None
    date: int | None

    @property
    def head(self) -> Sequence[Line]:
        """From the title to the first lines of the text."""
        first = next((i for i, kept in enumerate(self.kept) if kept), len(self.lines))
        start = max(0, first - BELOW) if self.title is None else min(self.title, first)
        end = max(first, start if self.date is None else min(self.date, first + BELOW))
        return self.lines[max(0, start - ABOVE) : end + BELOW]

    @property
    def behind(self) -> Sequence[Line]:
        """All from the first line of the text on."""
        return self.lines[next((i for i, kept in enumerate(self.kept) if kept), 0) :]

    @property
    def foot(self) -> Sequence[Line]:
        """The last lines of the text and those behind it."""
        last = next((i for i in range(len(self.kept) - 1, -1, -1) if self.kept[i]), 0)
        return self.lines[max(0, last - 1) : last + 1 + BELOW]


def author_of(
    stated: Stated, html: str | None, around: Surroundings, source: str | None
) -> Answer | None:
    """Who wrote it: as the page states it for machines, else as a line credits."""
    answer = metadata.page_author(stated)
    if answer and answer.confidence > metadata.PAPER_AS_AUTHOR:
        return answer
    return (_marked(html) if html else None) or _credited(around, source) or answer


def _credited(around: Surroundings, source: str | None) -> Answer | None:
    """The writer whom a line credits, by where it stands."""
    head = around.head
    if signed := bylines.byline(head):
        return Answer(signed[0], f"line {signed[1].number}", 0.8)
    if dated := _beside_date(around, source):
        return dated
    if named := _below_title(around, source):
        return named
    foot = around.foot
    posted = [line for line in around.behind if POSTED.match(line.text)]
    if signed := bylines.reporting(foot) or bylines.byline(foot) or bylines.byline(posted):
        return Answer(signed[0], f"line {signed[1].number}", 0.7)
    return None


def _marked(html: str) -> Answer | None:
    """The name in an element that a page marks as its author's."""
    if "author" not in html and "/autor/" not in html and "/auteur/" not in html:
        return None
    match = MARKED.search(html, 0, MARKED_IN)
    name = bylines.cleaned_name(unescape(match["name"])) if match else None
    return Answer(name, "marked as author", 0.85) if name else None


def _below_title(around: Surroundings, source: str | None) -> Answer | None:
    """A line that is a name and nothing else, between the title and the text."""
    if around.title is None:
        return None
    for i in range(around.title + 1, min(len(around.lines), around.title + 1 + BETWEEN)):
        if around.kept[i]:
            return None
        name, *rest = SEPARATED.split(around.lines[i].text, maxsplit=1)
        known = bylines.lone_name(name) and len(name.split()) <= NAME_WORDS
        if known and letters(name) != letters(source or "") and (rest or _again(around, i, name)):
            return Answer(name, f"line {around.lines[i].number}", 0.5)
    return None


def _again(around: Surroundings, at: int, name: str) -> bool:
    """Whether another line names the same person: a note on the author, a line for mails."""
    words = " ".join(around.lines[at].words)
    said = f" {' '.join(around.lines[at].words)} "
    return len(name) > 5 and any(
        said in f" {' '.join(line.words)} " and " ".join(line.words) != words
        for line in around.lines
    )


def _beside_date(around: Surroundings, source: str | None) -> Answer | None:
    """The name on the line of the date, where the line begins with one."""
    rows = [around.lines[around.date]] if around.date is not None else around.head
    for line in rows:
        name = bylines.dated_name(line)
        if name and letters(name) != letters(source or ""):
            return Answer(name, f"line {line.number}", 0.6)
    return None


def source_of(
    stated: Stated,
    url: str | None,
    lines: Sequence[Line],
    paper: Answer | None,
    agency: Answer | None,
) -> Answer | None:
    """The paper: what the page states, a source line, the site behind a title, a notice of rights."""
    own = metadata.page_source(stated, url)
    if own and own.found_in != "domain":
        return own
    said = bylines.source_line(lines) or bylines.source_inside(lines)
    if said:
        return Answer(said[0], "source line", 0.9)
    return first_answer(paper, own, agency)


def paper_of(stated: Stated, lines: Sequence[Line], title: str) -> Answer | None:
    """The paper's own name, behind the title or in its notice of rights."""
    wanted = letters(title)
    for text in (stated.title, *(line.text for line in lines[:12])):
        cut = titles.cut_site(text)
        if cut and letters(cut[0]) == wanted and len(wanted) > 12:
            return Answer(cut[1], "page title", 0.8)
    owner = bylines.owner(lines)
    return Answer(owner, "copyright line", 0.6) if owner else None
