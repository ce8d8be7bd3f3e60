"""The override file: what it may say, and how it complains."""

from pathlib import Path

import pytest

from indexer.cleaning.overrides import NO_OVERRIDES, load_overrides
from indexer.lines.lines import Line, said_by
from search.errors import BadConfig


def a_line(text: str) -> Line:
    return Line(1, text, *said_by([text])[0])


def written(folder: Path, text: str) -> Path:
    file = folder / "overrides.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_that_does_not_exist_says_nothing(tmp_path: Path) -> None:
    assert load_overrides(tmp_path / "overrides.toml") == NO_OVERRIDES


def test_the_last_entry_that_names_a_line_counts(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        '[[override]]\ndrop = "/harbour/"\n[[override]]\nkeep = "The  Harbour, today!"\n',
    )
    overrides = load_overrides(file)
    assert overrides.verdict(a_line("the harbour today")) is True
    assert overrides.verdict(a_line("harbours of the north")) is False
    assert overrides.verdict(a_line("The Harbour")) is None


def test_an_entry_with_a_source_is_about_that_source_alone(tmp_path: Path) -> None:
    file = written(tmp_path, '[[override]]\nsource = "Quay Courier"\ndrop = "weather"\n')
    overrides = load_overrides(file)
    line = a_line("Weather")
    assert overrides.of("quay courier", None).verdict(line) is False
    assert overrides.of("courier.example").verdict(line) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[override]]\n", "either keep or drop"),
        ('[[override]]\nkeep = "a"\ndrop = "b"\n', "either keep or drop"),
        ('[[override]]\ndrop = "/(/"\n', "not a regular expression"),
        (f"[[override]]\ndrop = '/{'(' * 5_000}/'\n", "not a regular expression"),
        ("[[override]]\ndrop = '/a{99999999999}/'\n", "not a regular expression"),
        ('[[override]]\ndrop = "css:div["\n', "not a CSS selector"),
        ('[[override]]\ndrop = "***"\n', "no word in it"),
        ("[[override]]\ndrop = 3\n", "want a text"),
        ('[[override]]\nlose = "a"\n', "lose is not a key"),
        ('[override]\ndrop = "a"\n', "two pairs of brackets"),
        ('rule = "a"\n', r"want \[\[override\]\] tables"),
        ("drop\n", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(BadConfig, match=told) as caught:
        load_overrides(file)
    assert str(file) in str(caught.value)
