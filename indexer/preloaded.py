"""What every worker begins with: the process that they are forked from imports this module."""

from indexer import read as read
from search.compiled import compile_all

compile_all("indexer.loops")
