"""A search as a feed (Atom, JSON Feed), and the search box for a browser's address bar (OpenSearch).

XML is made with the standard library's tree, which escapes; what XML 1.0 cannot hold is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, jsonify, request

from search.model import Hit, Query, Results
from web import caching, days, metrics, params
from web.exports import passage
from web.site import Site, site, web_address

ATOM = "http://www.w3.org/2005/Atom"
OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
ENTRIES = 50
MAX_ENTRIES = 200
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

feeds = Blueprint("feeds", __name__)


@feeds.get("/feed.atom")
def atom() -> Response:
    """The search as an Atom feed (RFC 4287), newest first."""
    here = site()
    return _feed(
        here, lambda results, updated: _xml(_atom(here, results, updated), "application/atom+xml")
    )


@feeds.get("/feed.json")
def json_feed() -> Response:
    """The search as a JSON Feed (version 1.1), newest first."""
    here = site()
    return _feed(here, lambda results, _: _json_feed(here, results))


@feeds.get("/opensearch.xml")
def opensearch() -> Response:
    """The OpenSearch description (1.1, draft 6): search from a browser's address bar."""
    here = site()
    root = Element("OpenSearchDescription", xmlns=OPENSEARCH)
    SubElement(root, "ShortName").text = "Dateline"
    SubElement(root, "Description").text = "Search the news articles of this collection"
    SubElement(root, "InputEncoding").text = "UTF-8"
    for media_type, path, rel in (
        ("text/html", "/?q={searchTerms}", "results"),
        ("application/x-suggestions+json", "/opensearch/suggest?q={searchTerms}", "suggestions"),
        ("application/atom+xml", "/feed.atom?q={searchTerms}", "results"),
        ("application/opensearchdescription+xml", "/opensearch.xml", "self"),
    ):
        SubElement(root, "Url", type=media_type, rel=rel, template=here.address + path)
    icon = SubElement(root, "Image", type="image/svg+xml", width="16", height="16")
    icon.text = f"{here.address}/static/icon.svg"
    return _xml(root, "application/opensearchdescription+xml")


@feeds.get("/opensearch/suggest")
def opensearch_suggest() -> Response:
    """Completions as browsers want them: the words, and a list."""
    text = request.args.get("q", "")
    completions = site().index.reader().suggest(text) if text.strip() else ()
    response = jsonify([text, [completion.text for completion in completions]])
    response.content_type = "application/x-suggestions+json"
    return response


def _feed(here: Site, write: Callable[[Results, str], Response]) -> Response:
    """Search as a feed does; `write` makes a form of the results and of the time of the commit."""
    query = params.query(
        request.args,
        today=here.today,
        size=ENTRIES,
        max_size=MAX_ENTRIES,
        sort="newest",
    )
    reader = here.index.reader()
    etag = caching.tag(here, reader, query)
    known = caching.unchanged(etag)
    if known:
        return known
    results = metrics.timed_search(reader, query)
    return caching.marked(write(results, reader.status().committed_at), etag)


def _atom(here: Site, results: Results, updated: str) -> Element:
    root = Element("feed", xmlns=ATOM)
    pairs = _pairs(results.query)
    SubElement(root, "id").text = here.address + params.address("/feed.atom", pairs)
    SubElement(root, "title").text = _clean(_title(results.query))
    SubElement(root, "subtitle").text = _clean(f"{results.total} articles: {results.read_as}")
    SubElement(root, "updated").text = updated
    SubElement(SubElement(root, "author"), "name").text = "Dateline"
    SubElement(root, "generator").text = "Dateline"
    for rel, path, media_type in (
        ("self", "/feed.atom", "application/atom+xml"),
        ("alternate", "/", "text/html"),
    ):
        href = here.address + params.address(path, pairs)
        SubElement(root, "link", rel=rel, type=media_type, href=href)
    for hit in results.hits:
        root.append(_entry(here, hit, updated))
    return root


def _entry(here: Site, hit: Hit, committed_at: str) -> Element:
    entry = Element("entry")
    SubElement(entry, "id").text = f"{here.address}/articles/{hit.id}"
    SubElement(entry, "title").text = _clean(hit.title_text)
    published = _stamp(here, hit.published)
    SubElement(entry, "updated").text = published or committed_at
    if published:
        SubElement(entry, "published").text = published
    SubElement(entry, "link", rel="alternate", href=f"{here.address}/articles/{hit.id}")
    if original := web_address(hit.url):
        SubElement(entry, "link", rel="via", href=_clean(original))
    name = hit.author or hit.source
    if name:
        SubElement(SubElement(entry, "author"), "name").text = _clean(name)
    if hit.source:
        SubElement(entry, "category", term=_clean(hit.source))
    SubElement(entry, "summary").text = _clean(passage(hit))
    return entry


def _stamp(here: Site, published: str | None) -> str | None:
    zone = here.config.articles.timezone
    return days.moment(published, zone).isoformat() if published else None


def _json_feed(here: Site, results: Results) -> Response:
    pairs = _pairs(results.query)
    items = []
    for hit in results.hits:
        item = {
            "id": f"{here.address}/articles/{hit.id}",
            "url": f"{here.address}/articles/{hit.id}",
            "external_url": web_address(hit.url),
            "title": hit.title_text,
            "content_text": passage(hit),
            "date_published": _stamp(here, hit.published),
            "authors": [{"name": hit.author}] if hit.author else None,
            "tags": [hit.source] if hit.source else None,
            "language": hit.language,
        }
        items.append({name: value for name, value in item.items() if value is not None})
    response = jsonify(
        version="https://jsonfeed.org/version/1.1",
        title=_title(results.query),
        description=f"{results.total} articles: {results.read_as}",
        home_page_url=here.address + params.address("/", pairs),
        feed_url=here.address + params.address("/feed.json", pairs),
        items=items,
    )
    response.content_type = "application/feed+json"
    return response


def _pairs(query: Query) -> list[tuple[str, str]]:
    return params.arguments(query, size=ENTRIES, sort="newest")


def _title(query: Query) -> str:
    return f"{query.text.strip()} – Dateline" if query.text.strip() else "Dateline"


def _clean(text: str) -> str:
    return NOT_XML.sub("", text)


def _xml(root: Element, media_type: str) -> Response:
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, content_type=f"{media_type}; charset=utf-8")
