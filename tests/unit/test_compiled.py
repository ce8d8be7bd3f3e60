"""Compiled functions: checked, kept beside their source, and made anew when what is kept is damaged."""

import importlib.util
import io
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from search import compile_loops, machine_code
from search.compiled import clock_s, compile_all

ROOT = Path(__file__).parents[2]
SOURCE = '''
from search.compiled import I8, compiled, int64

@compiled(int64(I8, I8))
def total(numbers, places):
    """The sum of the numbers at these places."""
    found = 0
    for place in places:
        found += numbers[place]
    return found
'''

BY_RULES = """
import {rules}
from search.compiled import I8, compiled, int64

FACTOR = {rules}.FACTOR

@compiled(int64(I8))
def weighed(numbers):
    return numbers[0] * FACTOR
"""


def load(path: Path, source: str = SOURCE) -> ModuleType:
    """The module, with its machine code beside it; a new name, so that it is read from its file."""
    if not path.exists() or path.read_text() != source:  # else what is kept of it may be used
        path.write_text(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # numba asks for it by its name
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Python keeps no bytecode of it: two versions of a file in one second may look alike to it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path / f"loops_{time.monotonic_ns()}.py"


def test_a_function_reads_arrays_that_may_not_be_written(source: Path) -> None:
    numbers = np.array([5, 7, 11])
    numbers.setflags(write=False)
    assert load(source).total(numbers, np.array([2, 0])) == 16


def test_an_index_past_the_end_is_an_error(source: Path) -> None:
    with pytest.raises(IndexError):
        load(source).total(np.array([5, 7, 11]), np.array([0, 3]))


def test_other_types_than_those_named_are_refused(source: Path) -> None:
    with pytest.raises(TypeError):
        load(source).total(np.array([5.0]), np.array([0]))


def test_machine_code_is_kept_beside_the_source(source: Path) -> None:
    load(source).total.made()
    assert {each.suffix for each in (source.parent / "__pycache__").iterdir()} == {".nbi", ".nbc"}


@pytest.mark.parametrize("content", [b"", b"torn"], ids=["empty", "torn"])
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_torn_file_is_made_anew(source: Path, suffix: str, content: bytes) -> None:
    load(source).total.made()
    for kept in (source.parent / "__pycache__").glob(f"*{suffix}"):
        kept.write_bytes(content)
    assert load(source).total(np.array([5]), np.array([0])) == 5
    load(source).total.made()
    now = (source.parent / "__pycache__").glob(f"*{suffix}")
    assert all(len(each.read_bytes()) > len(content) for each in now)


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_flipped_bit_is_noticed(source: Path, suffix: str) -> None:
    """Whatever it says then would be run, or looked up."""
    load(source).total.made()
    (kept,) = (source.parent / "__pycache__").glob(f"*{suffix}")
    whole = kept.read_bytes()
    for bit in range(800, 8 * len(whole), len(whole)):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        kept.write_bytes(damaged)
        total = load(source).total.made()
        assert total(np.array([5, 7]), np.array([1])) == 7
        assert not total.stats.cache_hits
        load(source).total.made()
        assert sum(load(source).total.made().stats.cache_hits.values()) == 1


def test_what_was_made_of_other_sources_is_not_taken_for_what_an_index_names(source: Path) -> None:
    """As it stands there after an end between the writing of the index and of what it names."""
    load(source).total.made()
    (kept,) = (source.parent / "__pycache__").glob("*.nbc")
    of_these = kept.read_bytes()
    other = SOURCE.replace("+=", "-=")
    load(source, other).total.made()
    kept.write_bytes(of_these)
    assert load(source, other).total(np.array([5]), np.array([0])) == -5


def test_a_torn_file_elsewhere_is_made_anew(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path / "told"))
    load(source).total.made()
    (kept,) = (tmp_path / "told").rglob("*.nbc")
    kept.write_bytes(b"torn")
    load(source).total.made()
    load(source).total.made()
    assert len(kept.read_bytes()) > len(b"torn")


def test_a_constant_of_another_module_is_part_of_the_machine_code(source: Path) -> None:
    rules = source.with_name(f"{source.stem}_rules.py")
    load(rules, "FACTOR = 2\n")
    assert load(source, BY_RULES.format(rules=rules.stem)).weighed(np.array([5])) == 10
    load(rules, "FACTOR = 3\n")
    assert load(source, BY_RULES.format(rules=rules.stem)).weighed(np.array([5])) == 15


def test_what_is_kept_is_judged_by_the_sources_and_not_by_their_dates(source: Path) -> None:
    load(source).total.made()
    os.utime(source, (2e9, 2e9))
    total = load(source).total.made()
    assert sum(total.stats.cache_hits.values()) == 1
    load(source, SOURCE.replace("+=", "-=")).total.made()
    os.utime(source, (1e9, 1e9))
    assert load(source, source.read_text()).total(np.array([5]), np.array([0])) == -5


def test_a_constant_may_come_through_another_loop(source: Path) -> None:
    """The loop's own source and that of the one that it calls are what they were."""
    rules = source.with_name(f"{source.stem}_rules.py")
    inner = source.with_name(f"{source.stem}_inner.py")
    outer = (
        f"from search.compiled import I8, compiled, int64\nfrom {inner.stem} import weighed\n"
        "@compiled(int64(I8))\ndef outer(numbers):\n    return weighed(numbers)\n"
    )
    for factor in (2, 3):
        load(rules, f"FACTOR = {factor}\n")
        load(inner, BY_RULES.format(rules=rules.stem))
        assert load(source, outer).outer(np.array([5])) == 5 * factor


def test_of_loops_that_there_are_no_more_nothing_is_kept(source: Path) -> None:
    load(source).total.made()
    before = {*(source.parent / "__pycache__").iterdir()}
    total = load(source, "\n" + SOURCE).total
    total.made()
    machine_code.forget_others([total])
    now = {*(source.parent / "__pycache__").iterdir()}
    assert len(now) == len(before) == 2
    assert not now & before


def test_only_who_calls_a_loop_waits_for_numba() -> None:
    """To print its help, or to say what the index holds, a command needs none."""
    imports = "import sys, indexer.cli, search.cli, web.app, web.cli; print('numba' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", imports], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_what_only_a_compiler_needs_is_loaded_when_there_is_something_to_compile(
    source: Path,
) -> None:
    source.write_text(SOURCE)
    run = (
        f"import sys, numpy; from {source.stem} import total\n"
        "sum = total(numpy.array([5, 7]), numpy.array([1]))\n"
        "print(sum, 'numba.np.npyimpl' in sys.modules)"
    )
    said = [
        subprocess.run(
            [sys.executable, "-B", "-c", run],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": f"{ROOT}:{source.parent}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert said == ["7 True\n", "7 False\n"]


def test_while_machine_code_is_read_the_clock_of_searches_stands_still(source: Path) -> None:
    total = load(source).total
    start_s, searched_s = time.monotonic(), clock_s()
    assert total(np.array([5]), np.array([0])) == 5
    took_s, counted_s = time.monotonic() - start_s, clock_s() - searched_s
    assert 0 <= counted_s < took_s / 2


def test_threads_that_call_a_loop_first_wait_for_one_another(source: Path) -> None:
    total = load(source).total
    with ThreadPoolExecutor(8) as threads:
        calls = [
            threads.submit(total, np.array([5, 7]), np.array([place % 2])) for place in range(8)
        ]
        assert [each.result() for each in calls] == [5, 7] * 4


def test_a_module_that_is_built_into_the_interpreter_has_no_file_to_look_at(source: Path) -> None:
    """`sys` is built into every interpreter, `math` into some."""
    with_builtin = f"import sys\n{SOURCE}"
    load(source, with_builtin).total.made()
    total = load(source, with_builtin).total.made()
    assert sum(total.stats.cache_hits.values()) == 1


def test_without_a_place_for_the_machine_code_it_is_made_in_memory(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source.parent / "__pycache__").write_text("no folder")
    monkeypatch.setenv("HOME", str(source.parent / "__pycache__"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(source.parent / "__pycache__"))
    assert load(source).total(np.array([5]), np.array([0])) == 5


def test_what_is_kept_is_read_where_nothing_can_be_written(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a service whose user owns neither the checkout nor a home."""
    load(source).total.made()

    def refuse(**_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("numba.core.caching.tempfile.TemporaryFile", refuse)
    total = load(source).total.made()
    assert total(np.array([5]), np.array([0])) == 5
    assert total.stats.cache_path == str(source.parent / "__pycache__")
    assert sum(total.stats.cache_hits.values()) == 1
    assert not total.stats.cache_misses


def test_ctrl_c_while_loops_are_compiled_ends_all_processes_quietly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "search.compile_loops", "search.loops"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as made:
        until_s = time.monotonic() + 60
        while not any(tmp_path.iterdir()) and time.monotonic() < until_s:
            time.sleep(0.05)
        os.killpg(made.pid, signal.SIGINT)
        said = made.communicate(timeout=60)[1]  # all of them have closed it
        assert said == "compiling loops for this processor, once: some minutes\n"
        assert made.returncode == -signal.SIGINT


def test_on_a_terminal_it_is_said_how_many_modules_are_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    compile_loops.follow(iter([None, None]), 2)
    assert terminal.getvalue() == "\r1 of 2 modules\r2 of 2 modules\n"


def test_all_modules_of_a_package_are_compiled_by_one_word() -> None:
    for package in ("search", "indexer"):
        compile_all(f"{package}.loops")
        for path in (ROOT / package / "loops").glob("[!_]*.py"):
            assert f"{package}.loops.{path.stem}" in sys.modules
