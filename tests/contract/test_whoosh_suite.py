"""Whoosh's own test suite, run with our codec in the place of its default one.

The suite comes from Whoosh's source distribution, which `.ci/whoosh-suite` fetches into
`.venv/cache`. What fails on our codec must fail in the same way on Whoosh's own: its test of
minimised automata depends on the order of sets, and so on the hash seed, with any codec.
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
import os
import whoosh.codec
from search.whoosh_engine.codec import ArrayCodec

if "STOCK" not in os.environ:
    # The suite expects lengths as coarse as those of Whoosh's own codec.
    whoosh.codec.default_codec = lambda *args, **options: ArrayCodec(rounded_lengths=True)
"""


def run_suite(suite: Path, *names: str, **environment: str) -> str:
    """What pytest says of the suite, or of some of its tests.

    Whoosh's RAM storage writes to a fixed name in the temporary directory: it gets one of its own.
    """
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider",
         "-c", "pytest.ini", "-W", "ignore", *names],
        cwd=suite, env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "TMPDIR": str(suite)} | environment,
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    return run.stdout + run.stderr


@pytest.mark.skipif(not SOURCE.exists(), reason=f"no {SOURCE}: run sh .ci/whoosh-suite")
def test_whoosh_passes_its_own_tests_on_our_codec(tmp_path: Path) -> None:
    with zipfile.ZipFile(SOURCE) as archive:
        archive.extractall(tmp_path, [n for n in archive.namelist() if "/tests/" in n])
    suite = tmp_path / "Whoosh-2.7.4" / "tests"
    (suite / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (suite / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    said = run_suite(suite)
    passed = re.search(r"(\d+) passed", said)
    failed = re.findall(r"^FAILED (\S+)", said, re.MULTILINE)
    assert passed, said[-4000:]
    assert int(passed[1]) + len(failed) == TESTS_IN_SUITE, said[-4000:]
    if failed:
        stock = run_suite(suite, *failed, STOCK="1")
        assert f"{len(failed)} failed" in stock, said[-4000:]
        assert "passed" not in stock, said[-4000:]
