"""The one place that chooses an engine."""

from search.config import Config
from search.engine import Index
from search.whoosh_engine import WhooshIndex


def open_index(config: Config) -> Index:
    """The index that the configuration names. Nothing is read before it is asked for."""
    return WhooshIndex(
        config.index.dir,
        timezone=config.articles.timezone,
        keep_generations=config.index.keep_generations,
        budget_ms=config.web.query_budget_ms,
    )
