"""One file's text or HTML -> a clean article, with everything that was taken out and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from indexer.cleaning import boilerplate, comments, extractors, features, looks, models
from indexer.cleaning.boilerplate import Evidence
from indexer.cleaning.looks import Flags
from indexer.cleaning.models import Models
from indexer.cleaning.overrides import NO_OVERRIDES, Overrides
from indexer.cleaning.recurrence import NOTHING_RECURS, Recurring
from indexer.cleaning.tree_features import tree_table
from indexer.cleaning.words import words_of_lines
from indexer.facts import agencies, attribution, bylines, metadata, publication, titles
from indexer.facts.attribution import Surroundings
from indexer.facts.languages import language_of
from indexer.facts.metadata import Answer, letters
from indexer.facts.publication import Seen
from indexer.learned.columns import COLUMN, Floats
from indexer.learned.company import company_rows
from indexer.learned.forest import Model
from indexer.lines.lines import Line, keys_of, text_lines
from indexer.lines.markup import read_page
from indexer.lines.page import NOTHING_STATED, Page, Stated
from indexer.lines.wrapping import unwrapped
from indexer.loops.words import Words
from search.model import Provenance, Removal

__all__ = ["Cleaned", "clean_html", "clean_text", "html_keys", "line_keys"]

MAX_LINES = 20_000
"""More are cleaned in parts of this many, so that a hostile file costs time in proportion only."""


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


def line_keys(lines: str | Sequence[Line]) -> frozenset[int]:
    """64-bit keys of the lines of a text (or of a page's lines) that may recur in other files."""
    return keys_of(text_lines(unwrapped(lines)) if isinstance(lines, str) else lines)


def html_keys(html: str) -> frozenset[int]:
    """The keys of a page's lines."""
    return keys_of(read_page(html).lines)


def clean_text(
    text: str,
    *,
    recurring: Recurring = NOTHING_RECURS,
    overrides: Overrides = NO_OVERRIDES,
    use: Models | None = None,
) -> Cleaned:
    """Clean a plain text. `use` puts other models in the place of the shipped ones."""
    chosen = use or models.shipped()
    lines = text_lines(unwrapped(text))
    words = words_of_lines(lines)
    rows = _in_parts(lines, words)
    source = bylines.source_line(lines)
    said = comments.in_text(lines, rows)
    chances, out = _judged_twice(rows, said, chosen.text, chosen.company)
    work = _Work(
        lines=lines,
        words=words,
        rows=rows,
        probabilities=chances,
        comments=out,
        model=chosen.company,
        models=chosen,
        recurring=recurring,
        overrides=overrides.of(source[0] if source else None),
    )
    return work.cleaned()


def clean_html(
    html: str,
    *,
    url: str | None = None,
    recurring: Recurring = NOTHING_RECURS,
    overrides: Overrides = NO_OVERRIDES,
    use: Models | None = None,
) -> Cleaned:
    """Clean a page. `url` is where it was fetched from, if that is known."""
    chosen = use or models.shipped()
    page = read_page(html)
    site = metadata.page_source(page.stated, url)
    own = overrides.of(
        metadata.domain(url), metadata.domain(page.stated.canonical), site.value if site else None
    )
    if rule := own.selection():
        page = read_page(html, rule=rule)
    words = words_of_lines(page.lines)
    rows = _in_parts(page.lines, words)
    wide = np.hstack([rows, tree_table(page, rows), extractors.table(html, page)])
    said = comments.in_page(page)
    chances, out = _judged_twice(wide, said, chosen.html, chosen.html_company)
    work = _Work(
        lines=page.lines,
        words=words,
        rows=rows,
        probabilities=chances,
        comments=out,
        model=chosen.html_company,
        models=chosen,
        recurring=recurring,
        overrides=own,
        page=page,
        html=html,
        url=url,
    )
    return work.cleaned()


def _in_parts(lines: Sequence[Line], words: Words) -> Floats:
    if len(lines) <= MAX_LINES:
        return features.table(lines, words)
    parts = [features.table(lines[i : i + MAX_LINES]) for i in range(0, len(lines), MAX_LINES)]
    return np.concatenate(parts)


def _judged_twice(
    rows: Floats, said: comments.Ints, first: Model, second: Model
) -> tuple[Floats, Flags]:
    """What the second forest says of each line, knowing what the first one says of all of them.

    With it the readers' comments, which are never likely: `said` but for what may be the article.
    """
    chances = first.probabilities(rows)
    out = comments.told_apart(said, chances, first.threshold)
    chances[out] = 0
    if not looks.is_rare_kind(rows):
        chances = second.probabilities(company_rows(chances, rows))
        chances[out] = 0
    return chances, out


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One file on its way from scored lines to the article."""

    lines: Sequence[Line]
    words: Words
    rows: Floats
    probabilities: Floats
    comments: Flags
    """Of readers."""
    model: Model
    """The one that gave the probabilities."""
    models: Models
    recurring: Recurring
    overrides: Overrides
    page: Page | None = None
    html: str | None = None
    url: str | None = None

    def cleaned(self) -> Cleaned:
        """Everything, in the order in which one thing rests on the other."""
        prose = self.rows[:, COLUMN["prose"]] > 0
        recurs = boilerplate.recurs(self.lines, prose, self.probabilities, self.recurring)
        kept = looks.kept_at_first(
            self.lines,
            self.rows,
            self.probabilities,
            threshold=self.model.threshold,
            is_page=self.page is not None,
        )
        if not (kept & ~recurs).any():  # reports written alike: the numbers are the news
            recurs &= ~(prose & boilerplate.with_numbers(self.lines))
        kept &= ~recurs
        title, title_lines = self.title(kept)
        paper = attribution.paper_of(self.stated, self.lines, title.value if title else "")
        published, date_line = publication.published(
            self.seen(kept, title_lines, paper), self.models.date
        )
        evidence = Evidence(
            lines=self.lines,
            words=self.words,
            rows=self.rows,
            probabilities=self.probabilities,
            threshold=self.model.threshold,
            comments=self.comments,
            recurs=recurs,
            title_lines=title_lines,
            date_line=date_line,
            overrides=self.overrides,
            places=self.page.places if self.page else (),
        )
        verdicts = boilerplate.verdicts(evidence, kept)
        body = [verdict.line for verdict in verdicts if verdict.keep]
        title = title or metadata.derived_title([line.text for line in body])
        around = Surroundings(
            lines=self.lines,
            kept=[verdict.keep for verdict in verdicts],
            title=title_lines[0] if title_lines else None,
            date=date_line,
        )
        answers = {"title": title, "published": published, **self.others(body, paper, around)}
        found = {name: answer for name, answer in answers.items() if answer and answer.value}
        value = {name: answer.value for name, answer in found.items()}
        return Cleaned(
            title=title.value,
            body="\n\n".join(line.text for line in body),
            published=value.get("published"),
            source=value.get("source"),
            author=value.get("author"),
            language=value.get("language"),
            agency=value.get("agency"),
            url=metadata.canonical(self.stated, self.url),
            removed=tuple(
                Removal(line=verdict.line.number, text=verdict.line.text, reason=verdict.reason)
                for verdict in verdicts
                if not verdict.keep
            ),
            provenance={name: answer.provenance for name, answer in found.items()},
        )

    @property
    def stated(self) -> Stated:
        """What a page states for machines; nothing for a text."""
        return self.page.stated if self.page else NOTHING_STATED

    def title(self, kept: Flags) -> tuple[Answer | None, tuple[int, ...]]:
        """The title, and the indexes of the lines that say it (and nothing else)."""
        answer = metadata.page_title(self.stated, self.lines) or self.title_line(kept)
        if answer is None:
            return None, ()
        wanted = letters(answer.value)
        last = int(np.flatnonzero(kept)[0]) if kept.any() else len(self.lines)
        same = []
        for i, line in enumerate(self.lines):
            if not wanted.startswith("".join(line.words[:1])):
                continue
            said = "".join(line.words)
            may_be_cut = i <= last + titles.BEHIND and said.startswith(wanted)
            cut = titles.cut_site(line.text) if may_be_cut else None
            if said == wanted or (cut and letters(cut[0]) == wanted):
                same.append(i)
        return answer, tuple(same)

    def title_line(self, kept: Flags) -> Answer | None:
        """The line that a text's title stands on."""
        flags = kept.tolist()
        found = titles.candidates(self.lines, self.rows, flags)
        if not found:
            return None
        chances = self.models.title.probabilities(
            titles.title_table(found, self.lines, self.rows, flags)
        )
        best = int(np.argmax(chances))
        if chances[best] < self.models.title.threshold:
            return None
        said = letters(found[best].text)
        best = next(
            (i for i, c in enumerate(found) if not c.site and letters(c.text) == said), best
        )
        where = "page title" if found[best].site else f"line {self.lines[found[best].line].number}"
        return Answer(found[best].text, where, float(chances[best]))

    def seen(self, kept: Flags, title_lines: Sequence[int], paper: Answer | None) -> Seen:
        """What the finders of the date look at."""
        return Seen(
            lines=self.lines,
            rows=self.rows,
            kept=kept.tolist(),
            title=title_lines[0] if title_lines else None,
            source=paper.value if paper else self.stated.first(*metadata.SITE_META),
            stated=self.stated,
            url=self.url,
        )

    def others(
        self, body: Sequence[Line], paper: Answer | None, around: Surroundings
    ) -> dict[str, Answer | None]:
        """Source, author, agency, dateline and language."""
        sent = agencies.agency(body)
        place = agencies.dateline(body)
        agency = Answer(sent[0], sent[1], 0.9) if sent else None
        source = attribution.source_of(
            self.stated, self.url, self.lines, paper, None if self.page else agency
        )
        return {
            "source": source,
            "author": attribution.author_of(
                self.stated, self.html, around, source.value if source else None
            ),
            "agency": agency,
            "dateline": Answer(place, f"dateline: {place}", 0.8) if place else None,
            "language": language_of([line.text for line in body], self.stated.language),
        }
