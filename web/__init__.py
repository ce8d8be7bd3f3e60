"""Pages, JSON API and feeds, made with Flask. Knows nothing of the indexer."""
