"""`make serve` in a copy of the tree, for the tests that want the whole line running."""

import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Without what the make that runs the tests tells the makes below it.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def can_serve() -> bool:
    """Whether this checkout was set up with make, so that a copy can borrow its environment."""
    return (ROOT / ".venv" / "installed").exists() and shutil.which("make") is not None


def copy_tree(folder: Path) -> Path:
    """A copy of what the repository holds, sharing this checkout's environment.

    So the tests show the words themselves and not the speed of a package index.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    folder.mkdir(exist_ok=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for made in ROOT.glob("*/loops/__pycache__/*.nb?"):  # so that nothing is compiled again
        place = folder / made.relative_to(ROOT)
        place.parent.mkdir(exist_ok=True)
        shutil.copy2(made, place)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    return folder


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Service:
    """`make serve` in a tree, in a process group of its own."""

    def __init__(self, tree: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = tree / "serve.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "serve"],
                cwd=tree,
                env={**ENVIRONMENT, "DATELINE_WEB_PORT": str(port)},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def ready(self) -> bool:
        """Whether the index answers. Fails with the log when the service has ended."""
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=10) as answer:
                return int(answer.status) == 200
        except OSError:  # refused; or reset, by the check of the port before the start
            return False

    def interrupt(self) -> None:
        """Ctrl-C: the terminal sends it to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=60)

    def has_left_nothing(self) -> bool:
        """Whether every process of the group has ended."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def end(self) -> None:
        """Whatever is left of it."""
        if not self.has_left_nothing():
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
