"""The benchmark's articles, searches and comparisons are what they say they are."""

import gzip
import itertools
import json
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import Stemmer

from benchmarks import cleaning, compare, corpus, workloads
from benchmarks.fresh import fresh
from benchmarks.load import REPEATED, arguments, mixed
from benchmarks.measure import nearest_rank
from benchmarks.plot import COLOURS, picture
from benchmarks.workloads import Search, Workload

STEM = Stemmer.Stemmer("english").stemWord
DOCS = 1200


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benchmarks") / "articles.jsonl"
    corpus.write(path, corpus.documents(DOCS, seed=3))
    return path


def draw(articles: Path, seed: int) -> list[Workload]:
    avoid = frozenset(corpus.FUNCTION_WORDS)
    return workloads.draw(articles, seed=seed, stem=STEM, avoid=avoid)


@pytest.fixture(scope="module")
def drawn(articles: Path) -> list[Workload]:
    return draw(articles, seed=3)


def test_the_same_seed_gives_the_same_articles_however_many_are_asked_for() -> None:
    few = list(corpus.documents(5, seed=9))
    assert few == list(itertools.islice(corpus.documents(50, seed=9), 5))
    assert few != list(corpus.documents(5, seed=10))


def test_articles_of_a_file_are_numbered_and_given_what_they_lack(tmp_path: Path) -> None:
    path = tmp_path / "real.jsonl.gz"
    lines = [
        {"id": "x", "title": "One", "text": "First.", "source": "Post", "published": "2001-02-03"},
        {"id": "y", "title": "Two", "text": "Second."},
        {"id": "z", "title": "Three", "text": "Third."},
    ]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    one, two = corpus.from_file(path, 2, seed=5)
    assert (one.id, one.source, one.published) == ("0000000", "Post", "2001-02-03")
    assert two.source.startswith("Paper ")
    assert [one, two] == list(corpus.from_file(path, 2, seed=5))


def test_articles_have_the_lengths_of_news(articles: Path) -> None:
    texts = [article["text"] for article in workloads.articles(articles)]
    words = sum(len(workloads.forms_of(text)) for text in texts) / len(texts)
    sentences = [s for text in texts for s in text.replace("\n", " ").split(".") if s.strip()]
    assert 350 < words < 450
    assert 15 < sum(len(s.split()) for s in sentences) / len(sentences) < 25


def test_the_words_of_articles_fall_off_as_in_real_text(articles: Path) -> None:
    """The most frequent word takes a few percent, and about half of the forms occur once or twice."""
    counts = Counter(
        form
        for article in workloads.articles(articles)
        for form in workloads.forms_of(article["text"])
    )
    assert 0.02 < counts.most_common(1)[0][1] / counts.total() < 0.1
    assert 0.4 < sum(count <= 2 for count in counts.values()) / len(counts) < 0.8


def test_both_english_stemmers_agree_on_every_word(articles: Path) -> None:
    """Otherwise engines would find other totals, and no comparison could be checked."""
    porter = Stemmer.Stemmer("porter").stemWord
    forms = {f for a in workloads.articles(articles) for f in workloads.forms_of(a["text"])}
    assert [form for form in forms if STEM(form) != porter(form)] == []


def test_the_same_seed_draws_the_same_searches(articles: Path, drawn: list[Workload]) -> None:
    assert draw(articles, seed=3) == drawn
    assert draw(articles, seed=4) != drawn


def test_searches_survive_the_way_into_another_process(drawn: list[Workload]) -> None:
    assert workloads.from_json(workloads.to_json(drawn)) == drawn


def test_drawn_words_have_the_frequency_of_their_band(
    articles: Path, drawn: list[Workload]
) -> None:
    frequency = Counter(
        stem
        for article in workloads.articles(articles)
        for stem in {STEM(f) for f in workloads.forms_of(article["title"] + " " + article["text"])}
    )
    common = next(workload for workload in drawn if workload.name == "or_common")
    least, most = workloads.BANDS["high"]
    shares = [frequency[STEM(word)] / DOCS for s in common.searches for word in s.words]
    assert all(least <= share <= most for share in shares)


def test_fresh_searches_are_like_the_drawn_ones_and_no_two_are_the_same(
    articles: Path, drawn: list[Workload]
) -> None:
    named = [w for w in drawn if w.name in {"or_1_4", "and_common", "phrase_1_4"}]
    asked = [search for workload in named for search in workload.searches]
    found = list(itertools.islice(fresh(named, articles), 5 * len(asked)))
    assert [(s.kind, len(s.words)) for s in found] == 5 * [(s.kind, len(s.words)) for s in asked]
    assert len({(s.kind, s.words) for s in found}) == len(found)
    begun = {s.words[0] for s in asked if s.kind == "phrase"}
    assert all(s.words[0] in begun for s in found if s.kind == "phrase" and len(s.words) > 1)


def test_drawn_phrases_stand_in_an_article(articles: Path, drawn: list[Workload]) -> None:
    texts = [
        f" {' '.join(workloads.forms_of(article['text']))} "
        for article in workloads.articles(articles)
    ]
    phrases = [s for w in drawn if w.name == "phrase_1_4" for s in w.searches]
    assert {len(search.words) for search in phrases} == {1, 2, 3, 4}
    assert all(any(f" {' '.join(s.words)} " in text for text in texts) for s in phrases)


def test_too_few_articles_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    one = {"id": "x", "title": "One", "text": "First.", "source": "Post", "published": "2001-02-03"}
    path.write_text(json.dumps(one) + "\n", "utf-8")
    with pytest.raises(ValueError, match="generate more with --docs"):
        draw(path, seed=1)


SEARCHES = (Search(kind="any", words=("storm",)), Search(kind="all", words=("storm", "port")))


def test_a_total_that_engines_do_not_share_is_named() -> None:
    asked = [Workload(name="or", searches=SEARCHES, equal=True)]
    totals = {"a": {"or": [5, 2]}, "b": {"or": [5, 3]}, "c": {}}
    assert compare.disagreements(asked, totals) == ["or: all storm port: a 2, b 3"]


def test_totals_are_not_compared_where_semantics_differ() -> None:
    asked = [Workload(name="fuzzy", searches=SEARCHES, equal=False)]
    assert compare.disagreements(asked, {"a": {"fuzzy": [5, 2]}, "b": {"fuzzy": [9, 9]}}) == []


def test_an_engine_that_cannot_be_imported_has_no_python() -> None:
    absent = compare.Entry(name="absent", module="absent", needs="no_such_engine_anywhere")
    assert compare.python_for(absent) is None


def test_the_table_shows_ratios_to_ours_and_gaps() -> None:
    figures = {
        "build_docs_per_s": 100.0,
        "index_mb": 8.0,
        "queries": {"or": {"p50_ms": 2.0, "p95_ms": 4.0}},
    }
    other = {"build_docs_per_s": 25.0, "index_mb": 4.0, "queries": {}}
    rows = compare.table({"engines": {"dateline": figures, "other": other}}).splitlines()
    split = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    cells = {name: values for name, *values in split}
    assert cells["build, articles/s"] == ["100 (1x)", "25 (0.25x)"]
    assert cells["or p50, ms"] == ["2 (1x)", "-"]


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 2.0), (0.51, 3.0), (0.95, 4.0), (1.0, 4.0)]
)
def test_a_percentile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert nearest_rank([1.0, 2.0, 3.0, 4.0], share) == value


def test_a_search_becomes_the_address_that_a_person_would_open() -> None:
    phrase = Search(kind="phrase", words=("port", "alder"))
    assert arguments(phrase) == "q=%22port+alder%22&match=any"
    assert arguments(SEARCHES[1]) == "q=storm+port&match=all"


def test_the_picture_has_a_dot_for_each_time_further_right_when_slower() -> None:
    quick, slow = {"p50_ms": 0.2, "p95_ms": 0.4}, {"p50_ms": 20.0, "p95_ms": 90.0}
    engines = {"dateline": {"queries": {"or": quick}}, "whoosh": {"queries": {"or": slow}}}
    drawn = ET.fromstring(picture([{"docs": 1000, "engines": engines}]))  # noqa: S314 - our own
    dots = list(drawn.iter("{http://www.w3.org/2000/svg}circle"))[2:]  # after the legend
    x = {dot.get("fill"): float(dot.get("cx", "nan")) for dot in dots}
    assert x[COLOURS["dateline"]] < x[COLOURS["whoosh"]]
    assert len(dots) == 2


def test_a_third_of_what_people_ask_was_asked_before() -> None:
    asked = list(itertools.islice(mixed(f"/{number}" for number in itertools.count()), 6_000))
    assert asked == list(itertools.islice(mixed(map("/{}".format, itertools.count())), 6_000))
    new = list(dict.fromkeys(asked))
    assert new == [f"/{number}" for number in range(len(new))]
    assert len(new) / len(asked) == pytest.approx(1 - REPEATED, abs=0.03)
    most = Counter(asked).most_common(1)[0][1]
    assert most > 10  # some are asked again and again


def test_cleaning_is_measured_on_texts_and_pages(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A title\n\nThe dockers walked out on Monday.\n" * 9, "utf-8")
    (tmp_path / "b.html").write_text("<p>The dockers walked out on Monday.</p>" * 9, "utf-8")
    (tmp_path / "c.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    texts, pages = cleaning.samples(tmp_path)
    assert [len(texts), len(pages)] == [1, 1]
    assert min(cleaning.once(tmp_path)) > 0


def test_cleaning_of_a_folder_without_pages_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("The dockers walked out on Monday.\n", "utf-8")
    monkeypatch.setattr("sys.argv", ["benchmarks.cleaning", str(tmp_path)])
    with pytest.raises(SystemExit):
        cleaning.main()
    assert "holds 1 texts and 0 pages" in capsys.readouterr().err
