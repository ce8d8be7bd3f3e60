"""Files -> clean articles -> index. Knows nothing of Flask."""
