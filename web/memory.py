"""One heap for all threads of a process, from which what is free goes back to the system.

glibc gives each thread a heap of its own and keeps what large arrays leave there: at 200,000 articles
eight threads came to hold 460 MB of which 70 were in use. The interpreter's lock lets one thread
at a time ask for memory anyway. Other C libraries have no such heaps and are left alone.
"""

from __future__ import annotations

import ctypes
import gc

# The names in <malloc.h>, and what fits this service.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
LARGE_BYTES = 4_000_000  # an array of more is mapped by itself, and gone when it is freed
FREE_BYTES = 8_000_000  # so much at the end of the heap is kept for the next query


def share_heap() -> bool:
    """Before the first thread starts. Whether the C library knows what is meant."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    settings = (
        (_M_ARENA_MAX, 1),
        (_M_MMAP_THRESHOLD, LARGE_BYTES),
        (_M_TRIM_THRESHOLD, FREE_BYTES),
    )
    return all(mallopt(name, value) for name, value in settings)


def set_aside_start() -> None:
    """Before the first request: what the start has made stays, and no search of garbage visits it.

    Modules and routes are half of what a full search visits, which holds a request up for 50 ms.
    """
    gc.collect()
    gc.freeze()
