"""An article as a citation: plain text, BibTeX, RIS, CSL-JSON. Nothing is cited that is not known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from search.days import day_in_words
from search.model import Article
from web import days
from web.site import Site, web_address

BIBTEX_SPECIAL = re.compile(r"[\\{}$&#%_^~]")
BIBTEX_ESCAPES = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
RIS_TYPE = "NEWS"


def plain(article: Article, site: Site) -> str:
    """Author. “Title.” Source, date. Address (read on a day)."""
    place = ", ".join(
        part
        for part in (
            article.source,
            days.spoken(article.published, site.config.articles.timezone),
        )
        if part
    )
    author = f"{article.author}. " if article.author else ""
    title = article.title.rstrip(".")
    reading_day = day_in_words(site.today)
    return f"{author}“{title}.” {place}. {_url(article, site)} (read {reading_day})."


def bibtex(article: Article, site: Site) -> str:
    """A BibTeX entry."""
    fields = {
        "title": article.title,
        "author": article.author,
        "journal": article.source,
        "year": article.published[:4] if article.published else None,
        "date": _stated_day(article),
        "language": article.language,
    }
    lines = [f"  {name} = {{{_tex(value)}}}" for name, value in fields.items() if value]
    lines += [f"  url = {{{_url(article, site)}}}", f"  urldate = {{{site.today}}}"]
    return f"@article{{dateline:{article.id},\n" + ",\n".join(lines) + "\n}\n"


def ris(article: Article, site: Site) -> str:
    """An RIS record."""
    stated = (_stated_day(article) or "").replace("-", "/")
    tags = [
        ("TY", RIS_TYPE),
        ("TI", article.title),
        ("AU", article.author),
        ("T2", article.source),
        ("PY", stated[:4]),
        ("DA", stated),
        ("LA", article.language),
        ("UR", _url(article, site)),
        ("Y2", f"{site.today:%Y/%m/%d}"),
        ("ID", article.id),
    ]
    lines = [f"{tag}  - {_one_line(value)}" for tag, value in tags if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl(article: Article, site: Site) -> str:
    """CSL-JSON, as Zotero and pandoc read it: a list with one item."""
    stated = _stated_day(article)
    item = {
        "id": article.id,
        "type": "article-newspaper",
        "title": article.title,
        "container-title": article.source,
        "author": [{"literal": article.author}] if article.author else None,
        "issued": {"date-parts": [[int(part) for part in stated.split("-")]]} if stated else None,
        "language": article.language,
        "URL": _url(article, site),
        "accessed": {"date-parts": [[site.today.year, site.today.month, site.today.day]]},
    }
    return json.dumps([{k: v for k, v in item.items() if v}], ensure_ascii=False, indent=2)


FORMS: Mapping[str, tuple[Callable[[Article, Site], str], str]] = {
    "txt": (plain, "text/plain; charset=utf-8"),
    "bib": (bibtex, "application/x-bibtex; charset=utf-8"),
    "ris": (ris, "application/x-research-info-systems; charset=utf-8"),
    "json": (csl, "application/vnd.citationstyles.csl+json"),
}


def _url(article: Article, site: Site) -> str:
    return web_address(article.url) or f"{site.address}/articles/{article.id}"


def _stated_day(article: Article) -> str | None:
    """As it was stated: a year, a month or a day."""
    return article.published[:10] if article.published else None


def _tex(text: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        return BIBTEX_ESCAPES.get(match[0], f"\\{match[0]}")

    return BIBTEX_SPECIAL.sub(escaped, _one_line(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())
