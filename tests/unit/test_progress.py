"""What a terminal shows while the indexer is at work, and a pipe does not."""

from __future__ import annotations

import io

import pytest

from indexer.progress import Meter, duration, shown, silent


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_rate_and_the_time_left_are_those_of_the_last_seconds() -> None:
    clock = Clock()
    meter = Meter(clock)
    assert meter.line("cleaning", 1, 9_000) == "cleaning 1 of 9,000"
    for second in range(1, 31):  # ten a second, then fifty
        clock.now_s += 1
        said = meter.line("cleaning", 1 + 10 * second, 9_000)
    assert said == "cleaning 301 of 9,000, 10 a second, 14 min left"
    for second in range(1, 31):
        clock.now_s += 1
        said = meter.line("cleaning", 301 + 50 * second, 9_000)
    assert said == "cleaning 1,801 of 9,000, 50 a second, 2 min left"


def test_a_new_phase_begins_anew_and_claims_nothing_at_once() -> None:
    clock = Clock()
    meter = Meter(clock)
    meter.line("reading", 1, 10)
    clock.now_s += 5
    assert meter.line("reading", 10, 10) == "reading 10 of 10, 1.8 a second, 0 s left"
    clock.now_s += 1
    assert meter.line("cleaning", 1, 10) == "cleaning 1 of 10"
    clock.now_s += 1
    assert meter.line("cleaning", 2, 10) == "cleaning 2 of 10"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (5_399, "90 min"), (5_400, "1.5 h")],
)
def test_a_time_is_not_more_exact_than_it_is_known(seconds: float, said: str) -> None:
    assert duration(seconds) == said


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_one_line_that_is_gone_in_the_end() -> None:
    terminal = Terminal()
    with shown(terminal) as progress:
        progress("reading", 1, 2)
    assert terminal.getvalue() == "\r\x1b[Kreading 1 of 2\r\x1b[K"


def test_a_pipe_stays_silent() -> None:
    pipe = io.StringIO()
    with shown(pipe) as progress:
        assert progress is silent
        progress("reading", 1, 2)
    assert pipe.getvalue() == ""
