"""The engine: a Whoosh index whose segments are flat arrays. Only this package imports Whoosh.

arrays       what a segment, a field and a snapshot offer; the file format
stored       articles packed and unpacked
dates        a stated date as numbers
vocabulary   chunks -> forms -> terms, remembered over a build
invert       tokens -> postings by sorting integers
build        articles -> a segment
"""
