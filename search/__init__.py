"""The query side and the index itself. Knows nothing of Flask, nor of article files.

model    the nouns: articles, queries, answers
errors   what is raised on purpose
config   config.toml and the environment -> one Config
engine   the promises: Index, Reader, Writer
open     the one place that chooses an engine
text     what a word is
query    the reader's words -> a Query tree
ranking  the score, as readable functions
highlight  text and terms -> excerpts
suggest  completion and "did you mean"
whoosh_engine/  the engine: a Whoosh index at native speed
"""
