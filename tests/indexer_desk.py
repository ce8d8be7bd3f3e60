"""A folder, a configuration and the indexer's commands, for the tests that run them for real."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from waiting import WAIT_S, wait_for

from indexer.jsonl import article_id
from search import runs
from search.config import load
from search.errors import IndexMissing, UnknownArticle
from search.open import open_index

ROOT = Path(__file__).parents[1]
STORY = (
    "{place} gets its library back\n\n"
    "The library of {place} opened its doors again on Saturday after two years of repairs, the "
    "town council said. Readers stood in line from the early morning.\n\n"
    "The oldest book in {place}, a herbal of 1611, survived the flood on the top shelf of the "
    "reading room, where nobody had dusted it since the war.\n"
)


@dataclass(frozen=True)
class Desk:
    """A folder, a configuration and the commands."""

    base: Path

    @classmethod
    def at(cls, base: Path) -> Desk:
        """One in an empty folder."""
        (base / "articles").mkdir()
        (base / "config.toml").write_text("", encoding="utf-8")
        return cls(base)

    @property
    def folder(self) -> Path:
        return self.base / "articles"

    @property
    def config(self) -> Path:
        return self.base / "config.toml"

    @property
    def index_dir(self) -> Path:
        return self.base / "index"

    def write(self, name: str, place: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_name(f".{file.name}")
        scratch.write_text(STORY.format(place=place), encoding="utf-8")
        scratch.replace(file)
        return file

    def start(
        self, verb: str, *more: str, start_new_session: bool = False, by: Sequence[str] = ()
    ) -> subprocess.Popen[str]:
        """Run a verb; `by` is a command that runs it instead of ours, or ours with other settings."""
        command = by or [sys.executable, "-m", "indexer"]
        return subprocess.Popen(
            [*command, verb, "--config", str(self.config), *more],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=start_new_session,
        )

    def run(self, verb: str, *more: str, code: int = 0) -> str:
        """What the verb prints; its exit code must be `code`."""
        with self.start(verb, *more) as process:
            out, errors = process.communicate(timeout=60)
        assert process.returncode == code, (out, errors)
        return out + errors

    def body(self, name: str) -> str | None:
        """The article of a file, as a reader of the index finds it now."""
        try:
            return open_index(load(self.config)).reader().article(article_id(name)).body
        except (UnknownArticle, IndexMissing):
            return None

    def asked_for(self, watching: subprocess.Popen[str]) -> runs.Run:
        """A run that was asked for, when it is done."""
        asked = runs.ask(self.index_dir)

        def done() -> runs.Run | None:
            run = runs.find(self.index_dir, asked.id)
            return run if run and run.report else None

        wait_for(done, watching)
        run = done()
        assert run
        return run


@contextlib.contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """A command that is told to end in the end."""
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_S)
