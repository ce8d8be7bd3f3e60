"""One module for each engine: `VERSION`, `build`, `open_index`. The conditions are the same.

All index one text (title, then body, with a word between them that no search has) with positions
and keep what is needed to show excerpts; all lower-case and stem (which stemmer makes no difference
here: see `benchmarks.corpus`); none drops stop words. All rank by BM25 with their own constants. All
commit once and durably, or as durably as they can. A search is built from the words inside the
measured time, and gives the exact total and the numbers of the ten best hits, which every engine
has at hand without fetching a stored text.

In the workloads `facets`, `excerpts` and `whole_answer` ours gives the product's whole answer, which
is more than the others are asked for in the first two; the last asks all for the same.
"""
