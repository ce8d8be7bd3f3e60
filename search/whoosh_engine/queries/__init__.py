"""A query to Whoosh's nodes: which words are meant, which terms they stand for."""
