"""`docs/architecture.md` against the tree: a map that leaves places out is no map."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
SHOWN_AS_ONE = {"loops", "training"}  # each of their modules says what it is


def section(folder: str) -> str:
    """The part of the map about one folder."""
    return MAP.partition(f"### {folder}/ ")[2].partition("\n#")[0]


@pytest.mark.parametrize("folder", ["search", "search/whoosh_engine", "indexer", "web"])
def test_every_module_is_on_the_map_and_the_map_shows_nothing_else(folder: str) -> None:
    of_another = ROOT / "search" / "whoosh_engine" if folder == "search" else None
    there = {
        path.name
        for path in (ROOT / folder).rglob("*.py")
        if path.parent.name not in SHOWN_AS_ONE and of_another not in path.parents
    } - {"__init__.py"}
    shown = set(re.findall(r"`([\w.]+\.py)`", section(folder)))
    assert shown == there


def test_every_document_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for document in (ROOT / "docs").glob("*.md"):
        assert f"docs/{document.name}" in readme


@pytest.mark.parametrize(
    "document",
    [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_link_inside_the_repository_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (document.parent / target).exists(), target


def test_every_decision_is_listed_where_it_stands() -> None:
    listed = re.findall(
        r"^- (\w+) \[(.+)\]\((design/\w+\.md)#",
        (ROOT / "docs" / "design.md").read_text("utf-8"),
        re.MULTILINE,
    )
    written = [
        (number, title, f"design/{document.name}")
        for document in (ROOT / "docs" / "design").glob("*.md")
        for number, title in re.findall(
            r"^### (\w+)\. (.+)$", document.read_text("utf-8"), re.MULTILINE
        )
    ]
    assert sorted(listed) == sorted(written)
    assert len({number for number, _, _ in listed}) == len(listed)
