"""What becomes of pages: own-written ones, broken ones, hostile ones."""

from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.cleaning.article import Cleaned, clean_html
from indexer.cleaning.overrides import Override, Overrides
from indexer.folder.files import Unreadable
from indexer.lines import markup
from indexer.lines.markup import linked_data, read_page

BODY = [
    (
        "The harbour council voted on Tuesday evening to close the old ferry berth for two winters, after "
        "divers found that the timber piles had lost a third of their strength."
    ),
    (
        "Ferries to the islands will leave from the fish quay instead, the harbour master said, and the "
        "timetable is to be thinned out to four crossings a day until the work is done."
    ),
    "Shopkeepers on the east side of the basin fear for their trade and have asked for a shuttle bus.",
    "The work is expected to cost eleven million crowns, two thirds of which the province will pay.",
]
TITLE = "Old ferry berth closes for two winters"
HEAD = f"""<title>{TITLE} - The Quay Courier</title><meta property="og:title" content="{TITLE}">
<meta property="og:site_name" content="The Quay Courier"><link rel="canonical" href="/news/berth">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{TITLE}",
"datePublished": "2021-03-04T18:30:00+01:00", "author": [{{"name": "Ida Lund"}}, {{"name": "Tomas Reed"}}],}}</script>"""
PAGE = f"""<html lang="en"><head>{HEAD}</head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>{TITLE}</h1><div class="byline">By Ida Lund</div>
<div class="article-body">{"".join(f"<p>{text}</p>" for text in BODY)}</div>
<figure><img src="x.jpg"><figcaption>The berth last summer. Photo: Jon Vik</figcaption></figure></article>
<aside class="related"><h3>Related stories</h3><a href="/a">Storm keeps the fleet in port</a></aside>
<script>var tracker = "The harbour";</script><footer>© 2024 The Quay Courier. All rights reserved.</footer>
</body></html>"""


def page_text(article: Cleaned) -> list[str]:
    return article.body.split("\n\n")


def test_the_body_stays_and_the_furniture_goes_with_reasons() -> None:
    article = clean_html(PAGE, url="https://courier.example/news/berth?from=feed")
    assert page_text(article) == BODY
    reasons = {removal.text: removal.reason for removal in article.removed}
    assert reasons["Sport"] == "navigation"
    assert reasons["Storm keeps the fleet in port"] == "other stories"
    assert reasons["© 2024 The Quay Courier. All rights reserved."] == "copyright"
    assert reasons[TITLE] == "title"
    assert "tracker" not in " ".join(reasons)


def test_what_the_page_states_for_machines_is_taken_with_its_provenance() -> None:
    article = clean_html(PAGE, url="https://courier.example/news/berth?from=feed")
    assert article.title == TITLE
    assert article.published == "2021-03-04T18:30:00+01:00"
    assert article.author == "Ida Lund, Tomas Reed"
    assert article.source == "The Quay Courier"
    assert article.language == "en"
    assert article.url == "https://courier.example/news/berth"
    found = {name: provenance.found_in for name, provenance in article.provenance.items()}
    assert found["published"] == "json-ld"
    assert found["source"] == "og:site_name"


def test_a_page_that_states_nothing_is_undated_and_named_after_its_domain() -> None:
    html = "<h1>" + TITLE + "</h1>" + "".join(f"<p>{text}</p>" for text in BODY) + "<p>© 2019</p>"
    article = clean_html(html, url="https://www.courier.example/berth")
    assert article.published is None
    assert article.source == "courier.example"
    assert page_text(article) == BODY


def test_blocks_and_breaks_end_lines_and_inline_elements_do_not() -> None:
    page = read_page(
        "<p>one <b>two</b>th<i>ree</i><br>four</p><ul><li>five<li>six</ul>se<span>ven</span>"
    )
    assert [line.text for line in page.lines] == ["one twothree", "four", "five", "six", "seven"]


def test_a_selector_keeps_and_drops_what_it_finds() -> None:
    wishes = Overrides(
        (
            Override(
                keep=False, source="courier.example", selector="div.article-body > p:last-child"
            ),
            Override(keep=True, selector="figcaption"),
            Override(keep=False, source="other.example", selector="p"),
        )
    )
    article = clean_html(PAGE, url="https://courier.example/berth", overrides=wishes)
    assert page_text(article) == [*BODY[:-1], "The berth last summer. Photo: Jon Vik"]
    assert {r.text: r.reason for r in article.removed}[BODY[-1]] == "your override"


def test_json_ld_is_read_with_its_usual_faults_and_refused_without_harm() -> None:
    assert linked_data('<!-- {"a": 1,} -->') == [{"a": 1}]
    assert linked_data("not json") == []
    assert linked_data("[" * 100_000) == []


MARKUP = st.lists(
    st.one_of(
        st.sampled_from(
            ["<p>", "</p>", "<div>", "</div>", "<br>", "<a href=x>", "</a>", "<table><td>", "<!--", "-->",
             "<script>", "</script>", "<h1>", "</h1>", "<li>", "&amp;", "<title>", "</title>", *BODY]
        ),
        st.text("abc <>&\"'/=!-\n", max_size=20),
    ),
    max_size=20,
).map("".join)  # fmt: skip


@given(MARKUP)
def test_no_line_of_a_page_is_lost_silently(html: str) -> None:
    article = clean_html(html)
    lines = {line.number: line.text for line in read_page(html).lines}
    removed = {removal.line: removal.text for removal in article.removed}
    stayed = [text for number, text in lines.items() if number not in removed]
    assert removed.items() <= lines.items()
    assert [part for part in article.body.split("\n\n") if part] == stayed
    assert all(a < b for a, b in pairwise(lines))


@given(MARKUP)
def test_a_page_reads_the_same_with_and_without_its_tree(html: str) -> None:
    with patch.object(markup, "_tree", return_value=None):
        events = read_page(html)
    page = read_page(html)
    assert (page.lines, page.parents, page.stated) == (events.lines, events.parents, events.stated)
    assert [place[:4] for place in page.places] == [place[:4] for place in events.places]


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>first</p></body></html> between <p>last</p>",
        "<html><body><p>first</p></body></html><html><body><p>last</p></body></html>",
        '<?xml version="1.0"?><?xml version="1.0" encoding="UTF-8"?><p>first</p><p>last</p>',
        f'<?xml version="1.0" {" " * 200} encoding="UTF-8"?><p>first</p><p>last</p>',
    ],
    ids=["behind its end", "two pages", "two declarations", "long declaration"],
)
def test_a_page_that_is_put_together_wrongly_is_read_whole(html: str) -> None:
    lines = [line.text for line in read_page(html).lines]
    assert (lines[0], lines[-1]) == ("first", "last")


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>word</p>" * 3_000, "a tree"),
        ("<div>" * 300 + "word", "none"),
        ("<i>word</i>" * 60_000, "none"),
        ("<p>" + "word " * 700_000, "none"),
    ],
    ids=["honest", "deep", "many elements", "long"],
)
def test_only_an_honest_page_has_a_tree_for_the_extractors(html: str, kept: str) -> None:
    page = read_page(html)
    assert ("none" if page.tree is None else "a tree") == kept
    assert "word" in page.lines[-1].text


BOMBS = {
    "nested": "<div>" * 100_000 + BODY[0],
    "nested inline": "<b>" * 100_000 + BODY[0],
    "lists": "<ul><li>" * 30_000 + BODY[0],
    "tables": "<table><tr><td>" * 15_000 + BODY[0],
    "attributes": "<div " + " ".join(f'a{i}="x"' for i in range(300_000)) + f">{BODY[0]}</div>",
    "one long text": "<p>" + (BODY[0] + " ") * 120_000 + "</p>",
    "unclosed attributes": '<a href="' * 50_000,
    "comments": "<!--" * 100_000,
    "instructions": "<?" * 100_000,
    "ends": "</" * 200_000,
    "scripts": "<script>" * 50_000,
    "paragraphs": f"<p>{BODY[0]}</p>" + "".join(f"<p>w{i} x</p>" for i in range(30_000)),
    "classes": BODY[0] + "".join(f'<div class="c{i} nav-{i}x"><p>' for i in range(60_000)),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.timeout(60)
def test_a_hostile_page_ends_in_time(name: str) -> None:
    article = clean_html(BOMBS[name])
    seen = article.body + "".join(removal.text for removal in article.removed)
    assert (BODY[0] in seen) == (BODY[0] in BOMBS[name])


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("".join(f"<p>w{i} x</p>" for i in range(200_000)), "more than 50,000 lines"),
        ("<div>" * 200_001, "more than 200,000 elements"),
    ],
    ids=["paragraphs", "elements"],
)
@pytest.mark.timeout(60)
def test_a_page_that_no_article_fills_is_refused_at_once(html: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=f"{reason}.*leave it out"):
        clean_html(html)
