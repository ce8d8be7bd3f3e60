"""The engine: a Whoosh index whose segments are flat arrays. Only this package imports Whoosh.

What each module does is in docs/architecture.md.
"""

from search.whoosh_engine.index import WhooshIndex as WhooshIndex
