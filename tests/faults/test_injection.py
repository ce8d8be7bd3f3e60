"""Markup in every place of an article and of a request: shown as text, whoever asks in which form.

The whole line: files on disk, the indexer's own commands, the service's routes. What a payload
would do if it were alive is looked for by parsing each page as a browser would.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from goals import Measured
from sample_site import make_app
from served import clean_environment
from werkzeug.test import TestResponse

from search.config import load
from search.open import open_index
from web.headers import HEADERS

MARK = "zqxalive"  # in every payload; a page may hold it as text only
PAYLOADS = (
    f"<script>{MARK}</script>",
    f"</title><script>{MARK}</script>",
    f"</script><script>{MARK}</script>",
    f'"><img src=x onerror={MARK}>',
    f"'><svg/onload={MARK}>",
    f"' onmouseover='{MARK}' x='",
    f'" autofocus onfocus="{MARK}" x="',
    f"<iframe srcdoc='<script>{MARK}</script>'>",
    f"<a href=javascript:{MARK}>{MARK}</a>",
    f"javascript:{MARK}//",
    f"data:text/html,<script>{MARK}</script>",
    f"<style>@import'{MARK}'</style>",
    f"<base href=//{MARK}.example>",
    f"<meta http-equiv=refresh content=0;url=//{MARK}>",
    f"<form action=//{MARK}><input name=q>",
    f"<!--{MARK}--!><script>{MARK}</script>",
    f"<![CDATA[<script>{MARK}</script>]]>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={MARK}>",
    f"&lt;script&gt;{MARK}&lt;/script&gt;",
    f"&#60;script&#62;{MARK}&#60;/script&#62;",
    f"\\u003cscript\\u003e{MARK}\\u003c/script\\u003e",
    f"%3Cscript%3E{MARK}%3C/script%3E",
    f"+ADw-script+AD4-{MARK}+ADw-/script+AD4-",
    f"\u202e<script>{MARK}</script>\u202c",
    f"＜script＞{MARK}＜/script＞",
    f"{{{{7*7}}}}{MARK}{{% if 1 %}}",
    f"${{7*7}}{MARK}#{{7*7}}<%= 7*7 %>",
    f"\r\nSet-Cookie: {MARK}=1\r\n\r\n<script>{MARK}</script>",
    f"<mark>{MARK}</mark><mark><script>{MARK}</script>",
    f"\x1b]0;{MARK}\x07<script>{MARK}</script>",
)
SCRIPTED = re.compile(r"\s*(?:javascript|data|vbscript):|\s*//", re.IGNORECASE)
CHARSETS = ("utf-8", "utf-16", "windows-1252", "utf-7", "iso-2022-jp", 'x-mac-farsi"><script>')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The routes over articles that the indexer read from files full of payloads."""
    folder = tmp_path_factory.mktemp("injection")
    written = write_articles(folder / "articles")
    built = subprocess.run(
        [sys.executable, "-m", "indexer", "build", "--json"],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert built.returncode in {0, 1}, built.stderr
    assert json.loads(built.stdout)["articles"] > written * 0.9, built.stdout[-3000:]
    config = load(None, {"DATELINE_INDEX_DIR": str(folder / "index")})
    return make_app(open_index(config), config).test_client()


def write_articles(folder: Path) -> int:
    """Each payload as title, body, author, source, address, file name, line and charset."""
    folder.mkdir()
    count = 0
    for number, payload in enumerate(PAYLOADS):
        flat = payload.replace("\r", " ").replace("\n", " ")
        stated = flat.replace('"', "&quot;").replace("<", "&lt;")
        name = flat.replace("/", "_").replace("\x00", "")[:80]
        sentence = f"The lighthouse of pier {number} was lit at dusk, and the keeper wept with joy."
        (folder / f"{number} {name}.txt").write_text(
            f"Lighthouse {number} {flat}\n\nBy {flat}\n\n{sentence} {flat}\n\n{sentence * 3}\n",
            encoding="utf-8",
        )
        (folder / f"{number}.html").write_text(
            f'<html lang="{stated}"><head><title>{stated} lighthouse</title>'
            f'<meta name="author" content="{stated}"><meta property="og:site_name" content="{stated}">'
            f'<link rel="canonical" href="{stated}"><meta name="date" content="2024-05-06">'
            f"</head><body><article><h1>{stated} lighthouse {number}</h1><p>{sentence} {payload}</p>"
            f"<p>{sentence * 3}</p></article></body></html>",
            encoding="utf-8",
        )
        line = dict.fromkeys(("title", "author", "source", "url"), f"{flat} lighthouse")
        (folder / f"{number}.jsonl").write_text(
            json.dumps(
                line | {"id": str(number), "text": f"{sentence} {payload}", "language": flat[:20]}
            )
            + "\n",
            encoding="utf-8",
        )
        count += 3
    for number, charset in enumerate(CHARSETS):
        body = (
            f"<p>A lighthouse +ADw-script+AD4-{MARK}+ADw-/script+AD4- in another charset.</p>" * 4
        )
        page = (
            f'<html><head><meta charset="{charset}"><title>Lighthouse</title></head>{body}</html>'
        )
        (folder / f"charset {number}.html").write_bytes(page.encode())
    return count


def addresses(client: FlaskClient) -> Iterator[str]:
    """Every route, with payloads wherever it takes something."""
    hits = client.get("/api/v1/search?q=lighthouse&size=500").get_json()["hits"]
    for hit in hits:
        yield f"/articles/{hit['id']}?q=lighthouse"
        yield f"/api/v1/articles/{hit['id']}"
    for hit in hits[:5]:
        for ending in (".bib", ".ris", ".json", ".txt"):
            yield f"/articles/{hit['id']}{ending}"
        yield f"/api/v1/articles/{hit['id']}/similar"
    for page in range(1, 12):
        yield f"/?q=lighthouse&page={page}"
    yield from ("/", "/help", "/feed.atom?q=lighthouse", "/feed.json?q=lighthouse", "/api/v1/index")
    yield from (f"/api/v1/search?q=lighthouse&format={form}" for form in ("json", "csv", "ndjson"))
    for payload in PAYLOADS:
        sent = quote(payload, safe="")
        for path in ("/", "/api/v1/search", "/feed.atom", "/feed.json", "/api/v1/suggest"):
            yield f"{path}?q={sent}"
        for name in ("source", "without_source", "since", "sort", "page", "cursor", "group", sent):
            yield f"/?q=lighthouse&{name}={sent}"
            yield f"/api/v1/search?q=lighthouse&{name}={sent}"
        yield from (f"/{sent}", f"/articles/{sent}", f"/api/v1/{sent}", f"/api/problems/{sent}")
        yield f"/opensearch/suggest?q={sent}"


def alive(page: str) -> list[str]:
    """What of the payloads a browser would act on."""
    soup = BeautifulSoup(page, "lxml")
    found = []
    for element in soup.find_all(True):
        assert isinstance(element, Tag)
        if element.name in {"script", "style"} and MARK in element.text:
            found.append(str(element))
        if element.name in {"iframe", "base", "math", "object", "embed"}:
            found.append(str(element))
        if element.name == "meta" and element.get("http-equiv", "") == "refresh":
            found.append(str(element))
        for name, value in element.attrs.items():
            said = str(value)
            risky = name in {"href", "src", "action", "formaction"} and SCRIPTED.match(said)
            if name.startswith("on") or name in {"style", "srcdoc"} or MARK in name or risky:
                found.append(f"<{element.name} {name}={said[:80]}>")
    return found


def problems_of(answer: TestResponse) -> Iterator[str]:
    """What is wrong with an answer, whatever its form."""
    kind = str(answer.mimetype)
    if answer.status_code >= 500:
        yield f"{answer.status_code}"
    if any(answer.headers.get(name) != value for name, value in HEADERS.items()):
        yield "a header is missing"
    if "Set-Cookie" in answer.headers or MARK in str(answer.headers.get("Location", "")):
        yield f"{answer.headers}"
    if kind == "text/html":
        yield from alive(answer.text)
        if f"49{MARK}" in answer.text:
            yield "a template was run"
    elif "xml" in kind:
        root = ET.fromstring(answer.data)  # noqa: S314 - our own answer
        yield from filter(SCRIPTED.match, (element.get("href", "/") for element in root.iter()))
    elif kind == "application/feed+json":
        items = json.loads(answer.text)["items"]
        yield from filter(SCRIPTED.match, (item.get("external_url") or "" for item in items))
    elif kind.endswith("json"):
        for line in answer.text.splitlines() if "ndjson" in kind else [answer.text]:
            json.loads(line)


@pytest.mark.goal("R13")
def test_no_payload_is_alive_in_any_answer(client: FlaskClient, measured: Measured) -> None:
    problems, asked = [], 0
    kinds: set[str] = set()
    for address in addresses(client):
        answer = client.get(address, headers={"Host": "127.0.0.1:8000"})
        asked += 1
        kinds.add(str(answer.mimetype))
        problems += [f"{address}: {problem}" for problem in problems_of(answer)]
    measured(
        f"{asked:,} answers in {len(kinds)} forms over {len(PAYLOADS)} payloads in titles, texts,"
        f" names, charsets and addresses: {len(problems)} unescaped"
    )
    assert problems == []
    assert {"text/html", "application/json", "text/csv", "application/atom+xml"} <= kinds


def test_the_policy_of_the_headers_allows_nothing_but_our_own() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    sources = set(re.findall(r"(?<=[ ;])[^a-z -][^ ;]*|https?:[^ ;]*|data:", policy))
    assert sources == {"'none'", "'self'"}
    assert HEADERS["X-Content-Type-Options"] == "nosniff"


def test_the_check_sees_what_is_alive() -> None:
    """Each payload that is HTML by itself is found when it is put into a page unescaped."""
    html = [
        each for each in PAYLOADS if re.match(r"\W*<(?!mark|!|!\[)\w", each) or "<script" in each
    ]
    seen = [each for each in html if alive(f"<html><body><p>{each}</p></body></html>")]
    assert len(seen) >= len(html) - 3  # a form and a wide sign do nothing by themselves
