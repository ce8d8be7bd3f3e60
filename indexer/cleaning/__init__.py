"""Lines to verdicts with reasons, and to the body of an article."""
