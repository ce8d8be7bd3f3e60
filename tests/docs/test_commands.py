"""`docs/commands.md` against the command line itself: no verb or option is missing or made up."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pytest

from indexer.cli import main, parser
from indexer.jsonl import article_id
from search.config import load
from search.open import open_index

PAGE = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = {
    part.partition("\n")[0]: part.partition("\n")[2]
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
}


def verbs() -> dict[str, argparse.ArgumentParser]:
    for action in parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("the command line has no verbs")


def test_every_verb_has_a_section_and_every_section_a_verb() -> None:
    assert SECTIONS.keys() == verbs().keys()


@pytest.mark.parametrize("verb", SECTIONS)
def test_every_argument_is_in_the_table_and_the_table_shows_nothing_else(verb: str) -> None:
    shown = {
        match.split()[0] for match in re.findall(r"^\| `([^`]+)` \|", SECTIONS[verb], re.MULTILINE)
    }
    offered = set()
    for action in verbs()[verb]._actions:
        if not isinstance(action, argparse._HelpAction):
            offered.add(action.option_strings[-1] if action.option_strings else action.metavar)
    assert shown == offered
    assert f"`python -m indexer {verb}" in SECTIONS[verb]


def test_the_line_of_json_is_an_article_with_all_that_it_states(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```jsonl\n(.+)\n```$", PAGE, re.MULTILINE)
    stated = json.loads(example)
    folder = tmp_path / "articles"
    folder.mkdir()
    bare = {name: stated[name] for name in ("id", "text")}
    (folder / "a.jsonl").write_text(example, encoding="utf-8")
    (folder / "b.jsonl").write_text(f"{json.dumps(bare)}\n{{}}\n", encoding="utf-8")
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    assert main(["build", "--config", str(tmp_path / "config.toml")]) == 1
    reader = open_index(load(tmp_path / "config.toml")).reader()
    (rejection,) = reader.status().rejections
    assert (rejection.path, rejection.reason) == ("b.jsonl#line 2", "has no `id`")
    article = reader.article(article_id(f"a.jsonl#{stated['id']}"))
    assert article.body == stated["text"]
    assert article.author == "Ann Lee, Bo Ek"
    for name in ("title", "published", "source", "language", "url", "agency"):
        assert getattr(article, name) == stated[name]
    assert reader.article(article_id(f"b.jsonl#{stated['id']}")).title == "First paragraph."


@pytest.mark.parametrize("verb", ["", *SECTIONS])
def test_help_can_be_printed(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*([verb] if verb else []), "--help"])
    said = capsys.readouterr().out
    assert "Exit codes: 0 done, 1 done but some files failed (listed), 2 could not run." in said
    if not verb:
        assert all(name in said for name in SECTIONS)


@pytest.mark.parametrize(
    "given",
    ["--config a.toml stats", "stats --config a.toml", "--config b.toml stats --config a.toml"],
)
def test_settings_may_be_named_before_the_verb_and_behind_it(given: str) -> None:
    assert parser().parse_args(given.split()).config == Path("a.toml")
