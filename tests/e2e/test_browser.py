"""What people do on the pages, in a real browser against real gunicorn."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sample_site import ARABIC, ATTACK, CEASEFIRE

OpenPage = Callable[..., Page]

NARROW = {"viewport": {"width": 360, "height": 740}}
PLACES = {
    "start": "/",
    "results": "/?q=dockers",
    "narrowed": "/?q=dockers+-ferry&source=Meridian&since=2024-02&match=all&colour=red",
    "nothing": "/?q=nothinghasthis+dockers&match=all&until=2020",
    "reader": f"/articles/{CEASEFIRE.id}?q=ceasefire",
    "hostile": f"/articles/{ATTACK.id}?q=lighthouse",
    "right to left": f"/articles/{ARABIC.id}",
    "misspelt": "/?q=ceesefire",
    "long word": f"/?q=dockers+title:{'a' * 99}&source={'b' * 99}",
    "help": "/help",
    "indexed": "/indexed",
    "failure": "/?page=0",
    "long failure": f"/?page={'0' * 99}",
}


def titles(page: Page) -> list[str]:
    return page.locator(".hit h2").all_inner_texts()


# --- the plain way --------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_search_then_next_page_then_an_article_then_back(
    open_page: OpenPage, *, scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts)
    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).fill("dockers")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("40 articles")
    first = titles(page)
    assert len(first) == 10

    page.get_by_role("link", name="Next →").click()
    expect(page.locator(".pager span").first).to_contain_text("11–20 of 40")
    second = titles(page)
    assert not set(first) & set(second)

    page.locator(".hit h2 a").nth(2).click()
    expect(page.locator(".reader h1")).to_have_text(re.compile("Dockers"))
    assert page.locator(".reader mark").count() > 0
    page.get_by_role("link", name="← Back to the results").click()
    expect(page.locator(".pager span").first).to_contain_text("11–20 of 40")
    assert titles(page) == second


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_source_is_taken_then_another_left_out(open_page: OpenPage, *, scripts: bool) -> None:
    page = open_page("/?q=dockers", java_script_enabled=scripts)
    counted = page.locator(".sources li", has_text="Meridian").locator(".count").inner_text()
    page.get_by_role("link", name="Meridian", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{counted} articles")
    assert {t.inner_text().upper() for t in page.locator(".dateline .source").all()} == {"MERIDIAN"}
    page.get_by_role("list", name="Narrowed by").get_by_role("link").click()
    page.get_by_role("link", name="Leave out Meridian").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{40 - int(counted)} articles")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_bar_of_the_histogram_is_its_period(open_page: OpenPage, *, scripts: bool) -> None:
    page = open_page("/?q=dockers", java_script_enabled=scripts)
    bar = page.locator("#histogram a").nth(3)
    label = bar.get_attribute("aria-label") or ""
    bar.locator(".bar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(rf"^{label.rpartition(': ')[2]} article")
    )
    expect(page.locator(".chips")).to_contain_text(label.rpartition(": ")[0])


def test_a_period_is_typed_without_scripts(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers&sort=oldest", java_script_enabled=False)
    page.get_by_label("From", exact=True).fill("2024-03-01")
    page.get_by_label("To", exact=True).fill("2024-04-30")
    page.get_by_role("button", name="Show").click()
    assert "since=2024-03-01" in page.url
    assert "sort=oldest" in page.url
    shown = page.locator(".hit time").all_inner_texts()
    assert shown
    assert all(re.search("March|April", text) for text in shown)


def test_the_order_is_chosen_and_the_words_stay(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers")
    page.get_by_role("link", name="oldest first").click()
    expect(page.locator("#q")).to_have_value("dockers")
    dates = [time.get_attribute("datetime") or "" for time in page.locator(".hit time").all()]
    assert dates == sorted(dates)


def test_a_download_holds_every_match(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("/?q=dockers&source=Meridian")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV", exact=True).click()
    file = tmp_path / "search.csv"
    started.value.save_as(file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")  # or Excel takes it for Windows-1252
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
    total = int(page.get_by_role("heading", level=1).inner_text().split()[0])
    assert len(rows) == total
    assert {row["source"] for row in rows} == {"Meridian"}


def test_the_empty_answer_leads_to_one_that_is_not(open_page: OpenPage) -> None:
    page = open_page("/?q=ceasefire&until=2020")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing found")
    page.get_by_role("link", name="The same at any time").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 article")


def test_a_misspelt_search_shows_what_was_probably_meant_and_replaces_nothing(
    open_page: OpenPage,
) -> None:
    page = open_page("/?q=ceesefire", java_script_enabled=False)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing found")
    expect(page.locator("#q")).to_have_value("ceesefire")
    meant = page.get_by_role("region", name="1 article for ceasefire")
    expect(meant.locator(".hit")).to_have_count(1)
    page.locator(".suggestion a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("1 article")


def test_the_nearest_search_that_finds_something_is_shown(open_page: OpenPage) -> None:
    page = open_page("/?q=ceasefire+quokka&match=all")
    expect(page.locator(".suggestion")).to_contain_text("Nearest search that finds something")
    expect(page.locator(".warnings")).to_contain_text("nothing matches quokka")
    page.locator(".instead .hit a").first.click()
    expect(page.locator("#matches")).to_contain_text("4 matches")


def test_an_address_that_cannot_be_read_keeps_the_words(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers&size=9999&source=Meridian")
    expect(page.locator("#q")).to_have_value("dockers")
    assert "bad_query" not in page.locator("main").inner_text()
    page.get_by_role("link", name="The same without “size”").click()
    expect(page.locator(".chips")).to_contain_text("Meridian")


def test_what_is_indexed_is_a_page_with_every_source(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers")
    page.get_by_role("link", name="What is indexed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What is indexed")
    page.locator("#sources + .counted").get_by_role("link", name="Meridian").click()
    expect(page.locator(".chips")).to_contain_text("Meridian")


# --- better with scripts --------------------------------------------------------------------------


def test_dragging_over_the_histogram_chooses_a_period(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers")
    bars = page.locator("#histogram .bar")
    first, last = bars.nth(2), bars.nth(5)
    start, end = first.bounding_box(), last.bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 1, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=6)
    wanted = (first.get_attribute("data-first"), last.get_attribute("data-last"))
    with page.expect_navigation():
        page.mouse.up()
    assert f"since={wanted[0]}&until={wanted[1]}" in page.url


def test_keys_go_through_the_results(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    second = page.locator(".hit h2 a").nth(1)
    expect(second).to_be_focused()
    wanted = second.inner_text()
    page.keyboard.press("o")
    expect(page.locator(".reader h1")).to_have_text(wanted)
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text("40 articles")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("j?")  # in the box, keys are letters
    expect(page.locator("#q")).to_have_value("j?")


def test_the_keys_are_listed_on_demand(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("to the search box")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_words_are_completed_while_typing(open_page: OpenPage) -> None:
    page = open_page()
    box = page.get_by_role("combobox")
    box.press_sequentially("lightho")
    option = page.get_by_role("option", name=re.compile(r"^lighthouse"))
    expect(option.first).to_be_visible()
    box.press("ArrowDown")
    expect(box).to_have_value("lighthouse")
    box.press("Escape")
    expect(box).to_have_value("lightho")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.press_sequentially("u")
    option.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 articles")


def test_the_reader_goes_from_match_to_match(open_page: OpenPage) -> None:
    page = open_page(f"/articles/{CEASEFIRE.id}?q=ceasefire")
    expect(page.locator("#matches")).to_contain_text("4 matches")
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator("#matches")).to_contain_text("2 of 4")
    expect(page.locator("mark.here")).to_have_attribute("id", "m2")
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(page.locator("#matches")).to_contain_text("4 of 4")
    page.get_by_role("button", name="Next match (n)").click()
    expect(page.locator("#matches")).to_contain_text("1 of 4")
    assert page.url.endswith("#m1")


def test_an_address_leads_to_its_match(open_page: OpenPage) -> None:
    page = open_page(f"/articles/{CEASEFIRE.id}?q=ceasefire#m3")
    expect(page.locator("#matches")).to_contain_text("3 of 4")


def test_the_reader_goes_from_match_to_match_without_scripts(open_page: OpenPage) -> None:
    page = open_page(f"/articles/{CEASEFIRE.id}?q=ceasefire", java_script_enabled=False)
    page.locator("#matches a").click()
    expect(page.locator("#m1 .steps")).to_be_visible()
    shown = "e => getComputedStyle(e, '::before').content"
    assert page.locator("#m1 .steps").evaluate(shown) == '"1 of 4"'
    page.locator("#m1").get_by_label("Next match").click()
    assert page.locator("#m2 .steps").evaluate(shown) == '"2 of 4"'
    expect(page.locator("#m2 .steps")).to_be_visible()
    expect(page.locator("#m1 .steps")).to_be_hidden()


def test_what_was_removed_is_shown_on_demand(open_page: OpenPage) -> None:
    page = open_page(f"/articles/{CEASEFIRE.id}")
    line = page.get_by_text("Subscribe to our newsletter")
    expect(line).to_be_hidden()
    page.get_by_text("2 lines left out of the text, and why").click()
    expect(line).to_be_visible()


# --- for everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "scheme"),
    [*((place, "light") for place in PLACES), ("narrowed", "dark"), ("reader", "dark")],
)
def test_axe_finds_nothing(open_page: OpenPage, place: str, scheme: str) -> None:
    page = open_page(PLACES[place], color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    report = Axe().run(page)
    assert report.violations_count == 0, report.generate_report()


@pytest.mark.parametrize("place", PLACES)
def test_nothing_sticks_out_of_a_narrow_screen(open_page: OpenPage, place: str) -> None:
    page = open_page(PLACES[place], **NARROW)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_dark_is_dark_and_paper_is_white(open_page: OpenPage) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    page = open_page("/?q=dockers", color_scheme="dark")
    assert max(map(int, re.findall(r"\d+", page.evaluate(ground)))) < 64
    page.emulate_media(media="print", color_scheme="light")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    expect(page.locator("aside")).to_be_hidden()
    expect(page.locator(".hit").first).to_be_visible()


def test_a_printed_article_says_where_it_is_from(open_page: OpenPage) -> None:
    page = open_page(f"/articles/{CEASEFIRE.id}")
    expect(page.locator(".printed")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".printed")).to_contain_text(CEASEFIRE.title)
    expect(page.locator(".reader-bar")).to_be_hidden()


def test_arabic_runs_from_right_to_left(open_page: OpenPage) -> None:
    page = open_page(f"/articles/{ARABIC.id}")
    for part in (".reader h1", ".body p"):
        direction = page.locator(part).first.evaluate("e => getComputedStyle(e).direction")
        assert direction == "rtl"


@pytest.mark.parametrize(
    "path", ["/?q=lighthouse", PLACES["hostile"], "/?q=<script>alert(1)</script>"]
)
def test_hostile_texts_stay_texts(open_page: OpenPage, path: str) -> None:
    """A script that ran would open a dialog or break the policy; both fail the test."""
    page = open_page(path)
    page.wait_for_load_state("networkidle")
    assert page.locator("img").count() == 0
    assert page.locator("main script, main svg[onload]").count() == 0


def test_the_page_says_where_its_feed_and_its_search_box_are(open_page: OpenPage) -> None:
    page = open_page("/?q=dockers")
    head = page.locator("head")
    feed = head.locator('link[type="application/atom+xml"]').get_attribute("href")
    assert feed == "/feed.atom?q=dockers"
    assert head.locator('link[rel="search"]').get_attribute("href") == "/opensearch.xml"
