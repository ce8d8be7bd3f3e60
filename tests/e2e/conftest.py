"""A folder with the indexer's commands; one service and one browser for all tests of pages."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from indexer_desk import Desk, ended, wait_for
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from sample_site import fill
from served import Served

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    if not CHROMIUM:
        pytest.skip("no browser: install Chromium (Debian: apt install chromium) or set CHROMIUM")
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        except Error as error:
            pytest.fail(f"{CHROMIUM} does not start: {error}")
        yield started
        started.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[OpenPage]:
    """Opens pages of the service; what a page complains of in its console fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_(path: str = "/", **settings: object) -> Page:
        view = {"viewport": {"width": 1280, "height": 900}} | settings
        context = browser.new_context(base_url=served.address, **view)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
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
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
