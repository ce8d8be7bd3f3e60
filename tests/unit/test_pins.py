"""What pyproject.toml asks for is pinned in .ci, for every Python that we name."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

CHECKOUT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
EXTRAS = SETTINGS["project"]["optional-dependencies"] | SETTINGS["dependency-groups"]
WANTED = {
    "requirements.txt": SETTINGS["project"]["dependencies"],
    **{f"requirements-{extra}.txt": wanted for extra, wanted in EXTRAS.items()},
}
PYTHONS = ("3.11", "3.12", "3.13")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pins(file: str, python: str) -> dict[str, str]:
    """Name -> version, as pip reads `file` under that Python; what is pinned twice is an error."""
    pins: dict[str, str] = {}
    for line in (CHECKOUT / ".ci" / file).read_text().splitlines():
        if not line[:1].isalnum():
            continue
        pin = Requirement(line.removesuffix("\\"))
        here = {"python_version": python, "python_full_version": f"{python}.7"}
        if pin.marker is None or pin.marker.evaluate(here):
            assert _plain(pin.name) not in pins, f"{file} pins {pin.name} twice"
            pins[_plain(pin.name)] = str(pin.specifier).removeprefix("==")
    return pins


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("file", WANTED)
def test_every_dependency_is_pinned(file: str, python: str) -> None:
    """Otherwise `make setup` leaves out a package that the code imports: run `make lock`."""
    pins = _pins(file, python)
    for text in WANTED[file]:
        wanted = Requirement(text)
        version = pins.get(_plain(wanted.name))
        assert version is not None, f"{file} does not pin {wanted.name}"
        assert wanted.specifier.contains(version), f"{file} pins {wanted.name} {version}"


@pytest.mark.parametrize("python", PYTHONS)
def test_what_is_installed_together_is_pinned_alike(python: str) -> None:
    serving = _pins("requirements.txt", python)
    for file in WANTED:
        pins = _pins(file, python)
        assert {name: pins[name] for name in serving.keys() & pins.keys()} == {
            name: serving[name] for name in serving.keys() & pins.keys()
        }
