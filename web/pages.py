"""The pages for people: search, article, citations, help. Views of a few lines; no HTML is made here."""

from __future__ import annotations

import time
from typing import Literal

from flask import Blueprint, Response, make_response, redirect, render_template, request

from search.engine import Reader
from search.errors import DatelineError, OverBudget
from search.model import Article, Everything, Hit, Query, Reading
from web import caching, cite, examples, metrics, params, present
from web.reading import Page as ReadingPage
from web.reading import lay_out
from web.site import Site, site
from web.ways_out import ways_out
from web.welcome import welcome

SIMILAR = 5
LISTED_SOURCES = 300  # on the page of what is indexed; with all of several thousand it gets heavy
LISTED_REJECTIONS = 200
pages = Blueprint("pages", __name__)


@pages.get("/")
def search() -> Response:
    """The search page; without a question, what there is to search."""
    here = site()
    reader = here.index.reader()
    etag = caching.search_tag(here, reader)
    known = caching.known(here, etag)
    if known:
        return known
    query = asked(here)
    if params.is_blank(query):
        return caching.marked(_start(here, reader, query), etag)
    results = metrics.timed_search(reader, query)
    size = here.config.web.page_size
    out = ways_out(reader, results, today=here.today, size=size)
    html = render_template(
        "search.html",
        page=present.page(results, size=size),
        instead=present.page(out.instead, size=size) if out.instead else None,
        ways=out.ways,
        beginning=out.beginning,
    )
    response = make_response(html)
    response.headers["X-Robots-Tag"] = "noindex"
    return caching.keep(here, response, etag) if out.is_whole else caching.not_whole(response)


@pages.get("/articles/<article_id>")
def article(article_id: str) -> Response:
    """The reader: clean text, every match marked, and what is known of where it came from."""
    here = site()
    query = asked(here)
    reader = here.index.reader()
    etag = caching.tag(here, reader, query, here.today)  # the citation states the day
    known = caching.unchanged(etag)
    if known:
        return known
    started = time.perf_counter()
    reading, is_marked = _read(reader, article_id, query)
    page: ReadingPage = lay_out(reading)
    similar: tuple[Hit, ...] = reader.similar(article_id, size=SIMILAR)
    metrics.observe("read", time.perf_counter() - started)
    html = render_template(
        "article.html",
        page=page,
        is_marked=is_marked,
        state=present.state(query, size=here.config.web.page_size),
        similar=similar,
        permalink=f"{here.address}/articles/{article_id}",
        citation=cite.plain(page.article, here),
    )
    response = make_response(html)
    return caching.marked(response, etag) if is_marked else caching.not_whole(response)


def _read(reader: Reader, article_id: str, query: Query) -> tuple[Reading, bool]:
    """The article, and whether matches are marked: where that takes too long it is shown without."""
    try:
        return reader.read(article_id, query), True
    except OverBudget:
        return reader.read(article_id, Query(text="", tree=Everything())), False


@pages.get("/articles/<article_id>.<any(txt, bib, ris, json):form>")
def citation(article_id: str, form: Literal["txt", "bib", "ris", "json"]) -> Response:
    """The article's citation, to save or to hand to a reference manager."""
    here = site()
    found: Article = here.index.reader().article(article_id)
    write, media_type = cite.FORMS[form]
    response = Response(write(found, here), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{article_id}.{form}"'
    return response


@pages.get("/help")
def help_page() -> str:
    """The query language on a page, with examples from this index where there is one."""
    here = site()
    try:
        rows = welcome(here.index.reader(), here.today).syntax  # type: ignore[arg-type]  # as below
    except (DatelineError, OSError):  # no index to look into, or no time
        rows = tuple(examples.syntax(examples.ANY, here.today))
    return render_template("help.html", rows=rows)


@pages.get("/indexed")
def indexed() -> Response:
    """What the index holds, and which files gave no article."""
    here = site()
    reader = here.index.reader()
    etag = caching.tag(here, reader)
    known = caching.unchanged(etag)
    if known:
        return known
    html = render_template(
        "indexed.html",
        status=reader.status(),
        listed_sources=LISTED_SOURCES,
        listed_rejections=LISTED_REJECTIONS,
    )
    return caching.marked(make_response(html), etag)


@pages.get("/robots.txt")
def robots() -> Response:
    """Articles may be found by crawlers; the endless space of searches may not be walked."""
    return Response("User-agent: *\nDisallow: /?\nDisallow: /api/\n", content_type="text/plain")


@pages.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask for it unasked."""
    return make_response(redirect("/static/icon.svg", code=301))


def asked(here: Site) -> Query:
    """The search that a page's address states."""
    return params.query(
        request.args,
        today=here.today,
        size=here.config.web.page_size,
        max_size=params.PAGE_MAX_SIZE,
    )


def _start(here: Site, reader: Reader, query: Query) -> Response:
    state = present.state(query, size=here.config.web.page_size)
    shown = welcome(reader, here.today)  # type: ignore[arg-type]  # every object has a hash
    return make_response(render_template("start.html", state=state, welcome=shown))
