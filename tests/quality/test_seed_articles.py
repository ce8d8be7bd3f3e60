"""Five scraped articles from real sites, where they are at hand: each has its own kind of dirt."""

from pathlib import Path

import pytest

from indexer.cleaning.article import Cleaned, clean_text

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"
if not SEEDS.is_dir():
    pytest.skip("the seed articles are not beside this checkout", allow_module_level=True)

FURNITURE = (
    "back to top", "post a comment", "no comments", "editor in chief", "related articles",
    "leave a reply", "send your comments", "all rights reserved", "maintained and developed",
)  # fmt: skip


def seed(number: int) -> tuple[Cleaned, list[str]]:
    text = next(SEEDS.glob(f"{number:03d}_*.txt")).read_text(encoding="utf-8")
    return clean_text(text), [line.strip() for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize("number", range(5))
def test_no_furniture_is_left_and_no_date_is_invented(number: int) -> None:
    article, _ = seed(number)
    assert not [phrase for phrase in FURNITURE if phrase in article.body.lower()]
    assert article.published is None


@pytest.mark.parametrize(
    ("number", "title", "derived"),
    [
        (0, "Syria Stresses Resolve to Dislodge Rebels from Aleppo Soon", False),
        (1, "Foreign-backed militant groups have rejected", True),
        (2, "16 Districts in Syria’s East Aleppo Liberated in Past 72 Hours", False),
        (3, "President Bashar Assad’s forces say", True),
        (4, "Syrian govt. soldiers make gains in eastern Aleppo neighborhood", False),
    ],
)
def test_the_title_is_stated_or_derived(number: int, title: str, *, derived: bool) -> None:
    article, _ = seed(number)
    assert article.title.startswith(title) if derived else article.title == title
    assert (article.provenance["title"].found_in == "derived") is derived


@pytest.mark.parametrize(
    ("number", "first", "last"), [(0, 3, 14), (1, 0, 13), (2, 4, -1), (3, 0, 37), (4, 3, -3)]
)
def test_every_sentence_and_subheading_of_the_body_is_there_once(
    number: int, first: int, last: int
) -> None:
    """`first` and `last` are the body's lines in the file; captions may go."""
    article, lines = seed(number)
    wanted = [line for line in lines[first:last] if "(Photo by" not in line]
    kept = [part for part in article.body.split("\n\n") if "(Photo by" not in part]
    assert kept == wanted


@pytest.mark.parametrize(
    ("number", "source"), [(0, "Xinhua"), (2, "Islamic Invitation Turkey"), (3, "Arab News")]
)
def test_a_stated_source_is_found(number: int, source: str) -> None:
    assert seed(number)[0].source == source
