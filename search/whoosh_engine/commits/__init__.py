"""Which segments are the index: what a commit is, how it becomes visible, which one is live."""
