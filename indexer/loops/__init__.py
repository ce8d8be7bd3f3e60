"""Loops over lines and letters, compiled to the machine's own code: see `search.compiled`."""
