"""The wheel: built from this tree, installed elsewhere, its commands run outside the checkout."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from make_serve import ROOT, copy_tree

STORY = """Lantern Festival Moves To The Old Quay

MARREN - Organisers of the lantern festival said on Tuesday that the parade would move to the old
quay after the town council closed the market square for repairs that will last until the spring.
"The quay is wider and the light on the water is better," said Ilse Varga, who has led the parade
for eleven years, adding that the ferries would run until two in the morning on both days.

Back to top button
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's packages and its `bin`; what it depends on is here already."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    tree = copy_tree(folder / "tree")  # building leaves folders of its own in the tree
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(tree)]
    subprocess.run([*pip, *build], check=True, capture_output=True, cwd=folder)
    wheel = next(folder.glob("dateline-*.whl"))
    install = ["install", "--no-deps", "--no-index", "--target", str(folder / "site"), str(wheel)]
    subprocess.run([*pip, *install], check=True, capture_output=True, cwd=folder)
    _lend_machine_code(folder / "site")
    return folder / "site"


def _lend_machine_code(site: Path) -> None:
    """What this checkout's loops were compiled to: as if they had been compiled there, only sooner."""
    for made in ROOT.glob("*/loops/__pycache__/*.nb?"):
        place = site / made.relative_to(ROOT)
        place.parent.mkdir(exist_ok=True)
        shutil.copy2(made, place)


def run(installed: Path, folder: Path, command: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(installed / "bin" / command), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_installed_commands_index_and_search_a_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "lantern.txt").write_text(STORY)
    run(installed, tmp_path, "dateline-index", "build")
    answer = json.loads(run(installed, tmp_path, "dateline-search", "lanterns", "--json"))
    assert [hit["path"] for hit in answer["hits"]] == ["lantern.txt"]
    nothing = json.loads(run(installed, tmp_path, "dateline-search", '"back to top"', "--json"))
    assert nothing["total"] == 0


def test_the_installed_web_command_carries_its_pages(installed: Path, tmp_path: Path) -> None:
    program = (
        "import web, pathlib;"
        "from web.wsgi import app;"
        "print(pathlib.Path(web.__file__).parent);"
        "print(app.test_client().get('/healthz').status_code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    where, status = done.stdout.split()
    assert Path(where).is_relative_to(installed)
    assert status == "200"
    for name in ("templates", "static"):
        shipped = {path.name for path in (Path(where) / name).rglob("*") if path.is_file()}
        kept = {path.name for path in (ROOT / "web" / name).rglob("*") if path.is_file()}
        assert shipped == kept
        assert kept
