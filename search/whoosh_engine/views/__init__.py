"""A commit seen as one index: where words occur, what is known of each document, what is kept."""
