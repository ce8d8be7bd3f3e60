"""Ours beside other engines, in one run, on one machine: `python -m benchmarks`.

corpus     a seed -> any number of news-like articles, as JSON Lines
workloads  that file and workloads.toml -> the searches, as data
measure    one engine in one process: build it, ask it, say how long and how large
engines/   how each engine is built and asked; only its own file imports it
compare    the answers of the engines held against each other, and their ratios
cleaning   texts and pages cleaned on one core, and how long each one took
load       an HTTP load on the real server, bounded, on the loopback address
hostile    random and hostile searches, and how long each one took
paint      from the key to the painted answer, in a real browser
scratch    the index that these two ask: one that is there, or one that is built
plot       the medians as a picture (SVG)

Every engine gets the same file of articles and the same searches in a process of its own. Nothing
here is imported by the product.
"""
