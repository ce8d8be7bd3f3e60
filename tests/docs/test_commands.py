"""`docs/commands.md` against the command line itself: no verb or option is missing or made up."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from indexer.cli import main, parser

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


@pytest.mark.parametrize("verb", ["", *SECTIONS])
def test_help_can_be_printed(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*([verb] if verb else []), "--help"])
    said = capsys.readouterr().out
    assert "Exit codes: 0 done, 1 done but some files failed (listed), 2 could not run." in said
    if not verb:
        assert all(name in said for name in SECTIONS)
