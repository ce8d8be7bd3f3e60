"""Whoosh's own test suite, run with our codec in the place of its default one.

The suite comes from Whoosh's source distribution, which `.ci/whoosh-suite` fetches into
`.venv/cache`. Stock 2.7.4 passes all of it, so nothing may fail here. The hash seed is fixed:
the suite's test of minimised automata depends on the order of sets, with any codec.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / ".venv" / "cache" / "Whoosh-2.7.4.zip"
TESTS_IN_SUITE = 575

CONFTEST = """
import whoosh.codec
from search.whoosh_engine.codec import ArrayCodec

# The suite expects lengths as coarse as those of Whoosh's own codec.
whoosh.codec.default_codec = lambda *args, **options: ArrayCodec(rounded_lengths=True)
"""


@pytest.mark.skipif(
    not SOURCE.exists(), reason=f"{SOURCE.name} is not in .venv/cache: run sh .ci/whoosh-suite"
)
def test_whoosh_passes_its_own_tests_on_our_codec(tmp_path: Path) -> None:
    with zipfile.ZipFile(SOURCE) as archive:
        archive.extractall(tmp_path, [n for n in archive.namelist() if "/tests/" in n])
    suite = tmp_path / "Whoosh-2.7.4" / "tests"
    (suite / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    settings = suite / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider",
         "-c", str(settings), "-W", "ignore", "."],
        cwd=suite, env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    tail = run.stdout[-4000:] + run.stderr[-1000:]
    assert run.returncode == 0, tail
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed, tail
    assert int(passed[1]) == TESTS_IN_SUITE, tail
