"""The query side and the index itself. Knows nothing of Flask, nor of article files.

model    the nouns: articles, queries, answers
errors   what is raised on purpose
config   config.toml and the environment -> one Config
engine   the promises: Index, Reader, Writer
open     the one place that chooses an engine
text     what a word is
query    the reader's words -> a Query tree (lexer and mending prepare them; days, languages)
wording  a Query tree in plain English, and in its own syntax again
ranking  the score, as readable functions
highlight  text and terms -> excerpts
suggest  completion and "did you mean"
answer   Results -> the one JSON shape
batch, terminal  many queries at once; an answer as lines for a shell
whoosh_engine/  the engine: a Whoosh index at native speed
"""
