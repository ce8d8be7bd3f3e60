"""Unpickling that runs no code: only plain values and a few harmless types have names.

Whoosh keeps stored values as pickles. Whoever can write to the index directory could have code
run by the next reader; here a name that is not on the list is refused.
"""

from __future__ import annotations

import io
import pickle
from typing import Any

from search.errors import IndexDamaged

_ALLOWED = frozenset(
    {
        *((module, name) for module in ("builtins", "__builtin__") for name in (
            "set", "frozenset", "bytearray", "complex", "slice", "range", "list", "dict", "tuple",
            "int", "float", "str", "bytes", "object")),
        *(("datetime", name) for name in ("datetime", "date", "time", "timedelta", "timezone")),
        ("decimal", "Decimal"),
        ("collections", "OrderedDict"),
        ("_codecs", "encode"),  # how pickle protocol 2 writes bytes
    }
)  # fmt: skip


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise IndexDamaged(
                f"{module}.{name}: a stored value of the index names what it may not; "
                "rebuild the index with `python -m indexer build`"
            )
        return super().find_class(module, name)


def loads(content: bytes) -> Any:
    """The pickled value. Raises IndexDamaged where it names anything but plain types."""
    return _Unpickler(io.BytesIO(content)).load()
