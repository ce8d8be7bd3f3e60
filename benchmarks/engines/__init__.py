"""One module for each engine: `VERSION`, `build`, `open_index`. The conditions are the same.

All index one text (title, then body, with a word between them that no search has) with positions
and keep what is needed to show excerpts; all lower-case and stem (which stemmer makes no difference
here: see `benchmarks.corpus`); none drops stop words. All rank by BM25 with their own constants. All
commit once and durably, or as durably as they can. A search is built from the words inside the
measured time, and gives the ten best hits' identities and the exact total.

Ours answers through the public Reader, which always adds facets, a histogram, marked titles and
excerpts, and the receipt of each clause; the others are asked for such things only in the workloads
of that name. That favours the others.
"""
