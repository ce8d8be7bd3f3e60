"""`python -m search`: the real command over a real index of the little corpus."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from little_corpus import NEW_YORK, corpus, fill

from search.cli import COULD_NOT_RUN, DONE, main
from search.whoosh_engine import WhooshIndex

ROOT = Path(__file__).parents[2]
LOADING = """
import os, runpy, sys
sys.addaudithook(lambda event, of: event == "import" and of[0] == "numpy" and os.write({write}, b"."))
runpy.run_module("{module}", run_name="__main__")
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration whose index holds the little corpus."""
    folder = tmp_path_factory.mktemp("command")
    fill(WhooshIndex(folder / "index", timezone=NEW_YORK, budget_ms=60_000), corpus().values())
    file = folder / "config.toml"
    file.write_text('[articles]\ntimezone = "America/New_York"\n', encoding="utf-8")
    return file


class Run:
    """What a command printed, and its exit code."""

    def __init__(self, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.config = config
        self.capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--config", str(self.config)])
        return code, *self.capsys.readouterr()


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(config, capsys)


def test_an_answer_is_readable(run: Run) -> None:
    code, out, errors = run("aleppo", "truce", "--match", "any")
    assert (code, errors) == (DONE, "")
    assert out.splitlines()[0] == "3 articles: any of: aleppo, truce"
    assert "  1 Aleppo truce holds" in out
    assert "    Arab Today · 17 October 2016 · Lina Haddad · 2016/10/truce.txt" in out
    assert "\x1b" not in out


def test_words_with_a_minus_need_no_quotes(run: Run) -> None:
    _, out, _ = run("aleppo", "-truce")
    assert out.startswith("1 article: aleppo; not truce")
    _, out, _ = run("-aleppo", "truce")
    assert out.startswith("1 article: truce; not aleppo")


def test_nothing_found_is_no_failure_and_says_which_part_is_to_blame(run: Run) -> None:
    code, out, _ = run("aleppo", "alepo", "--match", "all")
    assert code == DONE
    assert out.startswith("nothing found: all of: aleppo, alepo")
    assert "2 with aleppo" in out
    assert "0 with alepo" in out
    assert "Did you mean: aleppo aleppo" in out


def test_warnings_go_to_stderr_and_point_at_the_place(run: Run) -> None:
    code, out, errors = run("aleppo )")
    assert code == DONE
    assert "warning: this ) has no partner: left out" in errors
    assert "    aleppo )\n           ^" in errors
    assert "warning" not in out


def test_options_are_those_of_the_page(run: Run) -> None:
    def titles(*arguments: str) -> list[str]:
        _, out, _ = run(*arguments, "--json", "--size", "100")
        return [hit["title"] for hit in json.loads(out)["hits"]]

    assert titles("truce", "--sort", "newest") == ["Geneva talks stall", "Aleppo truce holds"]
    assert titles("truce", "--sort", "oldest") == ["Aleppo truce holds", "Geneva talks stall"]
    assert titles("truce", "--source", "Arab Today") == ["Aleppo truce holds"]
    assert len(titles("truce", "--source", "Arab Today", "--source", "Levant Post")) == 2
    assert titles("truce", "--since", "2016-11") == ["Geneva talks stall"]
    assert titles("truce", "--until", "2016-10") == ["Aleppo truce holds"]
    assert len(titles("flood drought", "--match", "any")) == 3
    assert len(titles("flood drought", "--match", "all")) == 1


def test_pages_are_counted_through(run: Run) -> None:
    _, first, _ = run("harvest", "--size", "4", "--json")
    _, last, _ = run("harvest", "--size", "4", "--page", "3", "--json")
    assert (json.loads(first)["next"], json.loads(last)["next"]) == ("2", None)
    assert json.loads(first)["total"] == json.loads(last)["total"] == 11
    assert len(json.loads(last)["hits"]) == 3
    _, out, _ = run("harvest", "--size", "4", "--page", "3")
    assert out.startswith("11 articles, page 3 of 3: harvest")
    assert "\n  9 " in out


def test_json_has_the_shape_of_the_http_answer(run: Run) -> None:
    _, out, errors = run("aleppo (", "--json")
    answer = json.loads(out)
    assert errors == ""
    assert list(answer) == [
        *(
            "query",
            "total",
            "hits",
            "facets",
            "suggestion",
            "nearest",
            "generation",
            "took_ms",
            "next",
        ),
    ]
    assert list(answer["query"]) == ["text", "read_as", "warnings", "clauses"]
    assert answer["query"]["warnings"][0]["position"] == 7
    assert answer["query"]["clauses"] == [{"clause": "aleppo", "count": 2}]
    assert list(answer["hits"][0]) == [
        *("id", "path", "title", "source", "published", "author", "language", "score"),
        *("excerpts", "url"),
    ]
    assert list(answer["hits"][0]["excerpts"][0][0]) == ["text", "marked"]
    assert answer["facets"]["source"][0] == {"value": "Arab Today", "count": 2}
    assert list(answer["facets"]["published"][0]) == ["from", "to", "count"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "no words"),
        (("aleppo", "--size", "0"), "--size 0: want a number from 1 to 1,000"),
        (("aleppo", "--page", "-3"), "--page -3: want a number"),
        (("aleppo", "--since", "soon"), "--since soon: want a date"),
        (("aleppo", "--batch", "-"), "not both"),
        (("--batch", "no-such-file.txt"), "no-such-file.txt"),
    ],
)
def test_what_cannot_be_done_says_why(run: Run, arguments: tuple[str, ...], told: str) -> None:
    code, out, errors = run(*arguments)
    assert (code, out) == (COULD_NOT_RUN, "")
    assert told in errors


def test_without_an_index_it_says_how_to_build_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    file.write_text("", encoding="utf-8")
    assert main(["aleppo", "--config", str(file)]) == COULD_NOT_RUN
    assert "build" in capsys.readouterr().err


# --- batches -------------------------------------------------------------------------------------

QUERIES = 'aleppo\n"security source"\n\nalepo truce\nquestion\n-truce -aleppo lorry\n'


@pytest.fixture
def queries(tmp_path: Path) -> str:
    file = tmp_path / "queries.txt"
    file.write_text(QUERIES, encoding="utf-8")
    return str(file)


def test_a_batch_gives_a_row_for_each_query(run: Run, queries: str) -> None:
    code, out, errors = run("--batch", queries)
    rows = {row["query"]: row for row in csv.DictReader(io.StringIO(out, newline=""))}
    assert code == DONE
    assert [row["total"] for row in rows.values()] == ["2", "1", "0", "2", "0"]
    assert rows["aleppo"]["first_published"] == "2016-10-17"
    assert rows["aleppo"]["last_published"] == "2016-10-20T09:00:00Z"
    assert rows['"security source"']["best_title"] == "Aleppo truce holds"
    assert "security source" in rows['"security source"']["best_passage"]
    assert rows["question"]["last_published"] == "2016-12-14T12:00:00Z"  # the other is undated
    assert rows["alepo truce"]["suggestion"] == "aleppo truce"
    assert "nothing found: alepo truce; did you mean: aleppo truce" in errors
    assert "'-truce" in rows["'-truce -aleppo lorry"]["query"]


def test_a_batch_as_json(run: Run, queries: str) -> None:
    code, out, _ = run("--batch", queries, "--json", "--source", "Arab Today")
    rows = json.loads(out)
    assert code == DONE
    assert [row["query"] for row in rows] == [line for line in QUERIES.splitlines() if line]
    assert [row["total"] for row in rows] == [2, 1, 0, 0, 0]


def test_a_batch_may_be_a_csv_with_a_column_of_queries(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_bytes(
        '\ufeffname,q\nAssad,"""president assad"""\nO’Brien,"o’brien, mccain"\n'.encode()
    )
    _, out, _ = run("--batch", str(file), "--json")
    assert [(row["query"], row["total"]) for row in json.loads(out)] == [
        ('"president assad"', 1),
        ("o’brien, mccain", 1),
    ]


def test_the_real_command_reads_a_pipe_and_ends_quietly_when_nobody_listens(config: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "search", "--config", str(config)]
    piped = subprocess.run(
        [*command, "--batch", "-"],
        input="aleppo\nحلب\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        env=environment,
    )
    assert [line.split(",")[:2] for line in piped.stdout.splitlines()[1:]] == [
        ["aleppo", "2"],
        ["حلب", "1"],
    ]
    with subprocess.Popen(
        [*command, "the", "--size", "100"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as child:
        assert child.stdout is not None
        child.stdout.close()
        _, errors = child.communicate(timeout=60)
    assert (child.returncode, errors) == (DONE, b"")


@pytest.mark.parametrize("module", ["search", "indexer", "web"])
def test_ctrl_c_while_the_program_loads_ends_it_without_a_word(module: str, tmp_path: Path) -> None:
    """It is sent when the module has run its first lines, and long before all is imported."""
    read, write = os.pipe()
    program = LOADING.format(write=write, module=module)
    running = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[write],
    )
    assert os.read(read, 1)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    os.close(read)
    os.close(write)
    assert said == b""
    assert running.returncode == -signal.SIGINT
