"""`docs/operating.md` and `deploy/` against the program: settings, metrics, units, images."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from brute_force import BruteIndex
from prometheus_client.parser import text_string_to_metric_families
from sample_site import configured, fill, make_app

from search import runs
from search.config import Index, Web, load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SYSTEMD = shutil.which("systemd-analyze")
NOT_FOR_OPERATORS = {"page_size"}


def column(heading: str) -> set[str]:
    """What stands in the first column of the table with this heading, without its marks."""
    table = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return {line.split(" | ")[0].strip("| `") for line in table.splitlines()[2:]}


def test_every_setting_of_the_service_is_told_of_and_no_other() -> None:
    told = " ".join(column("setting"))
    ours = {key.name for section in (Web, Index) for key in dataclasses.fields(section)}
    assert {name for name in ours if not re.search(rf"\b{name}\b", told)} == NOT_FOR_OPERATORS
    assert set(re.findall(r"\w+", told)) <= ours | {"web", "index", "articles", "roots", "timezone"}


def test_every_metric_is_told_of_and_no_other(tmp_path: Path) -> None:
    """After a run and a `verify` were noted, for those two are told of only then."""
    plain = configured()
    config = dataclasses.replace(plain, index=dataclasses.replace(plain.index, dir=tmp_path))
    now = runs.now()
    report = runs.Report(generation=None, started_at=now, finished_at=now, took_ms=1, files_seen=0)
    runs.note_run(tmp_path, report)
    runs.note_audit(tmp_path, runs.Audit(generation=None, finished_at=now, took_ms=1))
    text = make_app(fill(BruteIndex()), config).test_client().get("/metrics").text
    ours = {family.name for family in text_string_to_metric_families(text)}
    ours = {name for name in ours if name.startswith("dateline_") and not name.endswith("_created")}
    assert ours == {name.removesuffix("_total") for name in column("metric")}


# --- systemd --------------------------------------------------------------------------------------


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units, with a Python that is there in place of the one they will find."""
    if SYSTEMD is None:
        pytest.skip("no systemd-analyze: install systemd")
    made = []
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8")
        made.append(tmp_path / unit.name)
        made[-1].write_text(text.replace("/opt/dateline/.venv/bin/python", sys.executable))
    return made


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert SYSTEMD
    return subprocess.run(
        [SYSTEMD, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_units_are_sound(units: list[Path]) -> None:
    done = analyze("verify", "--man=no", *map(str, units))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_are_as_tight_as_the_page_says(units: list[Path]) -> None:
    """The exposure is what `systemd-analyze security` says; its weights differ a little by version."""
    stated = re.search(r"rates them (\d\.\d) and (\d\.\d)", PAGE)
    assert stated
    for unit, limit in zip(units, stated.groups(), strict=True):
        done = analyze("security", "--offline=true", "--no-pager", str(unit))
        found = re.search(r"exposure level for \S+: (\d+\.\d)", done.stdout)
        if found is None:
            pytest.skip(f"this systemd-analyze cannot rate a file: {done.stderr.strip()[:100]}")
        assert float(found[1]) <= float(limit) + 0.2, unit.name


def test_the_units_start_what_there_is() -> None:
    for unit in UNITS:
        (command,) = re.findall(r"^ExecStart=\S+ -m (\w+)(.*)$", unit.read_text(), re.MULTILINE)
        module, arguments = command
        assert (ROOT / module / "__main__.py").exists()
        assert "--config /etc/dateline/config.toml" in arguments


def test_the_units_let_machine_code_be_read_into_memory() -> None:
    """A process that may make no memory executable cannot import numba."""
    for unit in UNITS:
        assert "MemoryDenyWriteExecute=true" not in unit.read_text()


# --- Docker ---------------------------------------------------------------------------------------

DOCKERFILE = (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8")
yaml = pytest.importorskip("yaml")  # comes with the tests of the API's description
COMPOSE = yaml.safe_load((DEPLOY / "docker" / "compose.yaml").read_text(encoding="utf-8"))


def test_the_image_copies_what_there_is_and_lets_through() -> None:
    """What is not in `.dockerignore` with a `!` never reaches the build."""
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert len(copied) >= 6
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignore


def test_the_image_is_set_up_by_settings_that_there_are() -> None:
    """A variable that is none would end the start."""
    given = dict(re.findall(r"(DATELINE_\w+)=(\S+)", DOCKERFILE))
    config = load(None, given)
    assert config.index.dir == Path("/var/lib/dateline/index")
    assert config.web.host == "0.0.0.0"  # noqa: S104 - within the container


def test_whatever_the_image_runs_can_be_run() -> None:
    """It once compiled its loops by a module that does nothing when it is run."""
    ours = re.findall(r"-m (search[\w.]*|indexer[\w.]*|web[\w.]*)", DOCKERFILE)
    assert len(ours) == 1
    for module in ours:
        source = (ROOT / module.replace(".", "/")).with_suffix(".py")
        assert 'if __name__ == "__main__"' in source.read_text(encoding="utf-8")


def test_nothing_runs_as_root_or_on_a_file_system_that_it_may_write() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["dateline-web"]
    assert "HEALTHCHECK" in DOCKERFILE
    for name, service in COMPOSE["services"].items():
        assert service["user"] == f"dateline-{name}"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    index = [v for v in COMPOSE["services"]["web"]["volumes"] if v["source"] == "index"]
    assert [v.get("read_only", False) for v in index] == [True, False]
    assert index[1]["target"].endswith("/runs")
    assert COMPOSE["services"]["indexer"]["network_mode"] == "none"
