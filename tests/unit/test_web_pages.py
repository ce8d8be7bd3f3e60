"""The page and the reader over the reference engine: what they show, and where they lead."""

import dataclasses
import html
import re
from typing import Never
from urllib.parse import quote

import pytest
from brute_force import BruteIndex, BruteReader
from flask.testing import FlaskClient
from sample_site import ARABIC, ATTACK, CEASEFIRE, NOW, UNDATED, fill, make_app

from search.errors import DatelineError, IndexMissing, OverBudget
from search.model import Hit, Query, Reading, Results, Segment
from search.query import parse
from web import examples

HIT = Hit(id="0" * 16, path="a.txt", title=(Segment("Dockers walk out"),), source=None,
          published=None, author=None, language="en", url=None, score=0.0, excerpts=())  # fmt: skip

# --- the page -------------------------------------------------------------------------------------


def test_a_search_shows_its_hits_with_marks_and_its_receipt(client: FlaskClient) -> None:
    page = client.get("/?q=ceasefire").text
    assert "1 article<" in page
    assert "<mark>Ceasefire</mark> in the old port" in page
    assert f'href="/articles/{CEASEFIRE.id}?q=ceasefire"' in page
    assert "25 November 2024" in page
    assert "Searched for ceasefire" in page


def test_the_whole_state_is_in_the_address(client: FlaskClient) -> None:
    page = client.get(
        "/?q=dockers&source=Harbour+Post&since=2024-02&sort=newest&size=20&match=all"
    ).text
    assert 'name="source" value="Harbour Post"' in page
    assert 'name="since" value="2024-02-01"' in page
    assert 'aria-current="true">newest first' in page
    assert "Harbour Post</bdi> <span" in page  # a chip to take off


def test_an_unknown_argument_is_told_on_the_page(client: FlaskClient) -> None:
    assert "&#34;colour&#34; is not known" in client.get("/?q=strike&colour=red").text


def test_pages_share_no_hit_and_hold_all(client: FlaskClient) -> None:
    shown: list[str] = []
    address: str | None = "/?q=dockers"
    while address:
        page = client.get(address).text
        shown += re.findall(r'<h2><a href="/articles/(\w+)', page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else None
    assert len(shown) == len(set(shown)) == 40


@pytest.mark.parametrize(
    "asked", ["q=dockers", "q=ceasefire+dockers", "q=ceasefire+dockers&match=all"]
)
def test_what_is_kept_is_what_is_listed(client: FlaskClient, asked: str) -> None:
    """Where few articles have all the words the page lists those with any: the file was empty."""
    page = client.get(f"/?{asked}&size=100").text
    listed = re.findall(r'<h2><a href="/articles/(\w+)', page)
    links = re.findall(r'href="(/api/v1/search\?[^"]+)">(CSV|NDJSON|JSON)<', page)
    for address, form in links:
        kept = client.get(html.unescape(address)).text
        ids = re.findall(r'^(\w{16}),|"id": ?"(\w{16})"', kept, re.MULTILINE)
        assert ["".join(each) for each in ids] == listed, form
    assert len(links) == (3 if listed else 0)


def test_a_page_beyond_the_last_says_so_and_leads_back(client: FlaskClient) -> None:
    page = client.get("/?q=dockers&page=50").text
    assert "The answer has 4 pages, and this is page 50" in page
    assert "/?q=dockers&amp;page=4" in page


def test_when_nothing_is_found_the_page_offers_what_does(client: FlaskClient) -> None:
    page = client.get("/?q=ceasefire&until=2020&source=Meridian").text
    assert "Nothing found" in page
    assert "The same in all sources" not in page  # it would find nothing either
    page = client.get("/?q=ceasefire&until=2020").text
    assert re.search(
        r'href="/\?q=ceasefire">The same at any time</a>\s*<span class="count">1<', page
    )


def test_the_undated_bar_leads_to_the_undated_articles(client: FlaskClient) -> None:
    page = client.get("/?q=lighthouse").text
    link = re.search(r'class="undated-bar" href="([^"]+)"', page)
    assert link
    hits = client.get(link[1].replace("&amp;", "&")).text
    assert UNDATED.id in hits
    assert ATTACK.id not in hits


def test_every_example_of_the_start_page_finds_something(client: FlaskClient) -> None:
    page = client.get("/").text
    examples = re.findall(r'<li><a href="(/\?q=[^"]+)" dir="auto">', page)
    assert len(examples) >= 4
    for example in examples:
        assert "Nothing found" not in client.get(example.replace("&amp;", "&")).text


def test_an_empty_index_has_a_friendly_page() -> None:
    client = make_app(fill(BruteIndex(), ())).test_client()
    page = client.get("/")
    assert page.status_code == 200
    assert "The index is empty" in page.text
    assert client.get("/?q=anything").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_the_help_page_teaches_searches_that_are_read_without_warnings() -> None:
    for text, _ in examples.syntax(examples.ANY, NOW.date()):
        assert parse(text, today=NOW.date()).warnings == ()


def test_the_help_page_has_examples_that_find_something_here(client: FlaskClient) -> None:
    shown = [
        html.unescape(text)
        for text in re.findall(r"<code>(.+?)</code></a></td>", client.get("/help").text)
        if not text.startswith("/api")
    ]
    assert len(shown) == len(list(examples.syntax(examples.ANY, NOW.date())))
    assert not any("aleppo" in text.lower() for text in shown)
    for text in shown:
        assert parse(text, today=NOW.date()).warnings == ()
    found = {
        text: (client.get(f"/api/v1/search?q={quote(text)}").json or {})["total"] for text in shown
    }
    assert [text for text, total in found.items() if not total] == ["after:30d"]


@pytest.mark.parametrize("error", [IndexMissing("index: no index"), OverBudget("no time")])
def test_the_help_page_needs_no_index(error: DatelineError) -> None:
    class Missing(BruteIndex):
        def reader(self) -> Never:
            raise error

    page = make_app(Missing()).test_client().get("/help")
    assert page.status_code == 200
    assert "ceasefire" in page.text


def test_a_source_with_quotation_marks_is_no_example() -> None:
    hits = [HIT._replace(source=name) for name in ('The "Post"', "Harbour Post")]
    assert examples.words_of(hits).sources == ("Harbour Post",)


def test_where_nothing_is_found_the_hint_is_made_of_the_words_that_were_typed(
    client: FlaskClient,
) -> None:
    page = client.get("/?q=xq+zzyzxqqqj").text
    assert '<a href="/?q=zzyzxq%2A"><code>zzyzxq*</code></a>' in page
    assert "<code>" not in client.get("/?q=xq").text


# --- the reader -----------------------------------------------------------------------------------


def test_the_reader_numbers_every_match(client: FlaskClient) -> None:
    page = client.get(f"/articles/{CEASEFIRE.id}?q=ceasefire").text
    assert re.findall(r'<mark id="m(\d+)">([A-Za-z]+)<', page) == [
        ("1", "Ceasefire"),
        ("2", "ceasefire"),
        ("3", "ceasefire"),
        ("4", "ceasefire"),
    ]
    assert "4 matches" in page
    assert 'href="#m3" aria-label="Next match">' in page


def test_the_reader_says_that_a_title_is_derived(client: FlaskClient) -> None:
    assert "The file states no title" in client.get(f"/articles/{UNDATED.id}").text
    assert "The file states no title" not in client.get(f"/articles/{CEASEFIRE.id}").text


def test_a_phrase_is_marked_as_a_phrase_only(client: FlaskClient) -> None:
    page = client.get(f'/articles/{CEASEFIRE.id}?q="old+port"').text
    marked = re.findall(r'<mark id="m\d+">([^<]+)<', page)
    assert marked
    assert set(marked) == {"old port"}


def test_the_reader_leads_back_to_the_very_results(client: FlaskClient) -> None:
    page = client.get(f"/articles/{CEASEFIRE.id}?q=dockers&page=2&sort=newest").text
    assert 'href="/?q=dockers&amp;sort=newest&amp;page=2">← Back to the results' in page


def test_the_reader_shows_what_was_removed_and_why(client: FlaskClient) -> None:
    page = client.get(f"/articles/{CEASEFIRE.id}").text
    assert "2 lines left out" in page
    assert "Subscribe to our newsletter" in page
    assert "from json-ld, certain" in page


def test_a_text_from_right_to_left_is_set_so(client: FlaskClient) -> None:
    page = client.get(f"/articles/{ARABIC.id}").text
    assert '<article lang="ar">' in page
    assert '<h1 dir="auto">' in page


@pytest.mark.parametrize(
    ("form", "media_type"),
    [
        ("bib", "application/x-bibtex"),
        ("ris", "application/x-research-info-systems"),
        ("json", "application/vnd.citationstyles.csl+json"),
        ("txt", "text/plain"),
    ],
)
def test_an_article_can_be_cited(client: FlaskClient, form: str, media_type: str) -> None:
    answer = client.get(f"/articles/{CEASEFIRE.id}.{form}")
    assert answer.mimetype == media_type
    assert "Ceasefire in the old port" in answer.text
    assert client.get(f"/articles/unknown.{form}").status_code == 404


def test_an_article_whose_marks_take_too_long_is_shown_without_them(index: BruteIndex) -> None:
    """It was refused with 422, and a long one could not be opened from a search of many words."""

    class Slow(BruteIndex):
        def reader(self) -> BruteReader:
            reader = index.reader()
            read = reader.read

            def slowly(article_id: str, query: Query) -> Reading:
                if query.text:
                    raise OverBudget("after 2,000 ms")
                return read(article_id, query)

            reader.read = slowly  # type: ignore[method-assign]
            return reader

    answer = make_app(Slow()).test_client().get(f"/articles/{CEASEFIRE.id}?q=ceasefire")
    assert answer.status_code == 200
    assert "Ceasefire in the old port" in answer.text
    assert "took too long, so none is marked" in answer.text
    assert "not in this text" not in answer.text
    assert 'href="/?q=ceasefire"' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("took_ms", [0.0, 1_900.0])
def test_a_page_costs_no_more_than_its_search_where_that_is_slow(
    index: BruteIndex, took_ms: float
) -> None:
    """Ways out of a search without hits are tried only where that is cheap, and given up alone."""
    asked = []

    class Slow(BruteIndex):
        def reader(self) -> BruteReader:
            reader = index.reader()
            search = reader.search

            def slowly(query: Query) -> Results:
                asked.append(query)
                if len(asked) > 1:
                    raise OverBudget("after 2,000 ms")
                return dataclasses.replace(search(query), took_ms=took_ms)

            reader.search = slowly  # type: ignore[method-assign]
            return reader

    answer = make_app(Slow()).test_client().get("/?q=ceasefire&until=2020&source=Meridian")
    assert answer.status_code == 200
    assert "Nothing found" in answer.text
    assert len(asked) == (1 if took_ms else 3)
