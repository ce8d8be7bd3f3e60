"""The one place that chooses an engine."""

from collections.abc import Callable
from pathlib import Path

from search.config import Config
from search.engine import Index
from search.whoosh_engine import WhooshIndex
from search.whoosh_engine.commits import copies
from search.whoosh_engine.commits.manifest import Settings


def open_index(config: Config) -> Index:
    """The index that the configuration names. Nothing is read before it is asked for."""
    return WhooshIndex(
        config.index.dir,
        timezone=config.articles.timezone,
        keep_generations=config.index.keep_generations,
        budget_ms=config.web.query_budget_ms,
    )


def copy_live(index_dir: Path, target: Path) -> str:
    """Copy the live generation into an empty folder; returns its name. See `copies`."""
    return copies.copy_live(index_dir, target)


def bring_back(config: Config, source: Path, *, beside: Callable[[str], None]) -> str:
    """Make a copy the live generation of the configured index. See `copies`."""
    settings = Settings.now(str(config.articles.timezone))
    return copies.bring_back(source, config.index.dir, settings, beside=beside)
