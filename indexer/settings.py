"""How files are read, and a digest of all that decides what becomes of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from search.config import Cleaning, Config
from search.errors import BadConfig

MAKES_ARTICLES = ("read.py", "jsonl.py", "lines/*", "learned/*", "facts/*", "cleaning/*", "loops/*")
"""What makes articles: whatever else changes, no folder has to be read again for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How files are read; the same in every worker."""

    max_file_bytes: int
    cleaning: bool
    overrides: Path
    overrides_sha256: str

    @classmethod
    def of(cls, config: Config) -> Settings:
        """As configured. Raises BadConfig if the overrides cannot be read, or were named and are none."""
        file, digest = config.cleaning.overrides, ""
        if file.exists():
            from indexer.cleaning.overrides import load_overrides  # noqa: PLC0415 - heavy, and mostly not there

            load_overrides(file)  # a mistake in it is told here, once, and not by every file
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        elif file.name != Cleaning().overrides.name:  # that one need not be there
            raise BadConfig(f"[cleaning] overrides: {file}: no such file; make it, or name another")
        return cls(
            max_file_bytes=config.articles.max_file_bytes,
            cleaning=config.cleaning.enabled,
            overrides=file,
            overrides_sha256=digest,
        )

    @property
    def rules(self) -> dict[str, str]:
        """All that decides what becomes of a file's bytes, by name: code with weights, settings.

        Not the limits of size and time: what failed at those is listed and can be tried again.
        """
        return {
            "rules of cleaning": _code(),
            "[cleaning] enabled": str(self.cleaning).lower(),
            "[cleaning] overrides": self.overrides_sha256,
        }


@cache
def _code() -> str:
    """A digest of all that this process cleans with: a program that is replaced runs on as it was."""
    code, here = hashlib.sha256(), Path(__file__).parent
    for file in sorted(file for pattern in MAKES_ARTICLES for file in here.glob(pattern)):
        if file.is_file():
            name = file.relative_to(here).as_posix()
            code.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return code.hexdigest()
