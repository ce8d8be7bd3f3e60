"""Loops over millions of numbers, compiled to the machine's own code by numba.

Each is a plain function over flat arrays that could run as it stands, only a thousand times slower;
`search.compiled` says how they are compiled. They know nothing of queries, of files or of Whoosh:
whoever calls them has the arrays at hand.
"""
