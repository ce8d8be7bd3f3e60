"""Citations of an article."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest

from search.config import Config
from search.engine import Index
from search.model import Article
from web import cite
from web.site import Site

ARTICLE = Article(
    id="00ff00ff00ff00ff",
    path="post/strike.txt",
    title="Dockers & the $3 fare_rise",
    body="One.\n\nTwo.",
    published="2024-02-12",
    source="Harbour Post",
    author="Ines Corrado",
)


class NoIndex(Index):
    """Citing asks nothing of an index."""


@pytest.fixture
def site() -> Site:
    return Site(
        config=Config(),
        index=NoIndex(),  # type: ignore[abstract]
        address="https://news.example.org",
        edition="1",
        clock=lambda: datetime(2024, 5, 17, 12, tzinfo=UTC),
    )


def test_a_citation_in_words(site: Site) -> None:
    assert cite.plain(ARTICLE, site) == (
        "Ines Corrado. “Dockers & the $3 fare_rise.” Harbour Post, 12 February 2024. "
        "https://news.example.org/articles/00ff00ff00ff00ff (read 17 May 2024)."
    )


def test_bibtex_escapes_what_tex_would_run(site: Site) -> None:
    entry = cite.bibtex(ARTICLE, site)
    assert r"title = {Dockers \& the \$3 fare\_rise}" in entry
    assert "date = {2024-02-12}" in entry
    assert entry.count("{") == entry.count("}")


def test_ris_has_one_tag_a_line_whatever_the_title_holds(site: Site) -> None:
    hostile = dataclasses.replace(ARTICLE, title="Two\r\nER  - \r\nlines", author=None)
    lines = cite.ris(hostile, site).split("\r\n")
    assert lines[0] == "TY  - NEWS"
    assert "TI  - Two ER - lines" in lines
    assert [line for line in lines if line.startswith("ER")] == ["ER  - "]
    assert not any(line.startswith("AU") for line in lines)


@pytest.mark.parametrize(
    ("published", "parts"),
    [("2024", [2024]), ("2024-02", [2024, 2]), ("2024-02-12T08:00:00+01:00", [2024, 2, 12])],
)
def test_csl_states_a_date_in_its_own_precision(
    site: Site, published: str, parts: list[int]
) -> None:
    item = json.loads(cite.csl(dataclasses.replace(ARTICLE, published=published), site))[0]
    assert item["issued"] == {"date-parts": [parts]}


def test_an_undated_article_is_cited_without_a_date(site: Site) -> None:
    undated = dataclasses.replace(ARTICLE, published=None, source=None)
    assert "issued" not in json.loads(cite.csl(undated, site))[0]
    assert "year" not in cite.bibtex(undated, site)
    assert "undated" in cite.plain(undated, site)
