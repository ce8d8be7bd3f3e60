"""Short and long forms of the tests of goals, and the table that the long ones fill."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import goals
import pytest
import sized
from batches import commit_and_look, start
from ten_best import compare

_RUNS = pytest.StashKey[dict[str, goals.Run]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="the long form of the goals, and of nothing else"
    )
    parser.addoption(
        "--table", action="store_true", help=f"write what is measured to {goals.PAGE.name}"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "goal(name): a test of a goal in tests/goals.py")
    config.stash[_RUNS] = {}


def _is_long(config: pytest.Config) -> bool:
    return bool(config.getoption("--long", default=False))


def _goal(item: pytest.Item) -> str | None:
    mark = item.get_closest_marker("goal")
    return str(mark.args[0]) if mark else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the long form: the goals in their order, nothing else."""
    if not _is_long(config):
        return
    order = list(goals.GOALS)
    items[:] = [item for item in items if _goal(item)]
    items.sort(key=lambda item: order.index(_goal(item) or ""))


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether a test of a goal is to take its time."""
    return _is_long(request.config)


@pytest.fixture(scope="session")
def sized_index(tmp_path_factory: pytest.TempPathFactory, *, long: bool) -> Path:
    """An index of 20,000 articles (the short form: 400). Tests only read it, or a copy."""
    directory = tmp_path_factory.mktemp("sized") / "index"
    sized.fill(directory, 20_000 if long else 400)
    return directory


@pytest.fixture(scope="session")
def many_commits(
    tmp_path_factory: pytest.TempPathFactory, *, long: bool
) -> tuple[BaseProcess, int, Path]:
    """A process that commits and refreshes, how often, and where it tells of its memory."""
    folder, rounds = tmp_path_factory.mktemp("commits"), 8_000 if long else 300
    result = folder / "result.json"
    return start(commit_and_look, folder / "index", rounds, result), rounds, result


@pytest.fixture(scope="session")
def brute_forced(
    tmp_path_factory: pytest.TempPathFactory, *, long: bool
) -> tuple[BaseProcess, int, int, Path]:
    """A process that looks at each article for each question, how many of both, and its result."""
    folder, articles, asked = tmp_path_factory.mktemp("brute"), *((400, 500) if long else (100, 50))
    result = folder / "result.json"
    process = start(compare, folder / "index", articles, asked, result)
    return process, articles, asked, result


EARLY = {"R10": "many_commits", "R7": "brute_forced"}


@pytest.fixture(scope="session", autouse=True)
def _begin_early(request: pytest.FixtureRequest, *, long: bool) -> None:
    """What takes a minute of one core goes on beside tests that measure no time."""
    goals_here = {_goal(item) for item in request.session.items}
    for goal in EARLY if long else ():
        if goal in goals_here:
            request.getfixturevalue(EARLY[goal])


@pytest.fixture(scope="session")
def quiet(request: pytest.FixtureRequest, *, long: bool) -> None:
    """For tests that measure time: what began early has ended."""
    for goal in EARLY if long else ():
        if goal in {_goal(item) for item in request.session.items}:
            request.getfixturevalue(EARLY[goal])[0].join()


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Iterator[goals.Measured]:
    """Take down a sentence with figures for the table; call it before asserting."""
    sentences = _run(request.config, request.node).sentences
    yield sentences.append
    print("; ".join(sentences))  # noqa: T201 - seen with -s, and beside a failure


def _run(config: pytest.Config, item: pytest.Item) -> goals.Run:
    runs = config.stash[_RUNS]
    return runs.setdefault(item.nodeid, goals.Run(_goal(item) or "", item.path.name))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a test of a goal ended and what it took."""
    report = yield
    if _goal(item):
        run = _run(item.config, item)
        run.seconds += report.duration
        if report.skipped:
            run.outcome = "not run here"
            run.sentences.append(report.longreprtext.rpartition("Skipped: ")[2].rstrip("')"))
        elif report.when == "call" and report.passed:
            run.outcome = "reached"
        elif report.failed:
            run.outcome = "missed"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With --table: write it, and fail unless every goal was reached."""
    if not session.config.getoption("--table", default=False):
        return
    runs = [*session.config.stash[_RUNS].values()]
    goals.write(runs)
    if goals.missed(runs):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """In the long form: the table."""
    if _is_long(config):
        runs = [*config.stash[_RUNS].values()]
        terminalreporter.write_sep("=", f"goals missed: {', '.join(goals.missed(runs)) or 'none'}")
        terminalreporter.write(goals.table(runs))
