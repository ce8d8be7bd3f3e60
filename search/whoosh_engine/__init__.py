"""The engine: a Whoosh index whose segments are flat arrays. Only this package imports Whoosh.

arrays       what a segment, a field and a snapshot offer; the file format
stored       articles packed and unpacked
dates        a stated date as numbers
distinct     the distinct chunks of much text, by sorting integers
vocabulary   chunks -> forms -> terms, remembered over a build
invert       tokens -> postings by sorting integers
build        articles -> a segment
merge        several segments -> one
codec, toc   Whoosh's own door to the segments
schema       the fields as Whoosh knows them; the stream of terms of an article
durable      files that survive a power cut; the lock
generations  the index directory: manifests, checksums, opening
writer, known, index   the promises of `search.engine` that are not the reader's
"""

from search.whoosh_engine.index import WhooshIndex as WhooshIndex
