"""Nodes to documents and scores on arrays, and what an answer tells beside its hits."""
