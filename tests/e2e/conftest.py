"""A folder with the indexer's commands; one service and one browser for all tests of pages."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from indexer_desk import Desk, ended
from playwright.sync_api import Browser, Error, Page, Playwright, sync_playwright
from sample_site import fill
from served import Served
from waiting import wait_for

from search.config import Config, load
from search.open import open_index

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def index_config(folder: Path) -> Config:
    """The configuration of an index in this folder."""
    plain = load(None, {})
    return dataclasses.replace(plain, index=dataclasses.replace(plain.index, dir=folder / "index"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.at(tmp_path)


@pytest.fixture
def watching(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """`watch`, after its first update."""
    desk.write("first.txt", "Aldham")
    with ended(desk.start("watch")) as process:
        wait_for(lambda: desk.body("first.txt"), process)
        yield process


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service over the sample articles."""
    folder = tmp_path_factory.mktemp("served")
    fill(open_index(index_config(folder)))
    service = Served(folder, folder / "index")
    yield service
    service.end()


class Chromium:
    """A browser, started anew when it has crashed.

    Its look-up of fonts does so now and then, in fontconfig, some seconds after the start. A page
    that it takes with it while that is opened is opened once more.
    """

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self.running = self._start()

    def _start(self) -> Browser:
        assert CHROMIUM
        try:
            return self._playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        except Error as error:
            pytest.fail(f"{CHROMIUM} does not start: {error}")

    def show(self, path: str, prepare: Callable[[Page], None], **view: Any) -> Page:
        """A page in a context of its own, at this path."""
        while True:
            try:
                context = self.running.new_context(**view)
                context.set_default_timeout(15_000)
                page = context.new_page()
                prepare(page)
                page.goto(path)
            except Error:
                if self.running.is_connected():
                    raise
                self.running = self._start()
            else:
                return page


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """One browser for all tests."""
    if not CHROMIUM:
        pytest.skip("no browser: install Chromium (Debian: apt install chromium) or set CHROMIUM")
    with sync_playwright() as playwright:
        browser = Chromium(playwright)
        yield browser
        browser.running.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Chromium, served: Served) -> Iterator[OpenPage]:
    """Opens pages of the service; what a page complains of in its console fails the test."""
    opened: list[Page] = []
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(f"{page.url}: {said.text}")
                if said.type in {"error", "warning"}
                and "the server responded with" not in said.text
                else None
            ),
        )
        page.on("dialog", lambda dialog: complaints.append(f"{page.url}: alert {dialog.message}"))

    def open_(path: str = "/", **settings: object) -> Page:
        view = {"viewport": {"width": 1280, "height": 900}} | settings
        opened.append(chromium.show(path, listen, base_url=served.address, **view))
        return opened[-1]

    yield open_
    for page in opened:
        page.context.close()
    assert complaints == []
