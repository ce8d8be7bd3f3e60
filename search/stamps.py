"""What the machine code of loops is made of, as a checksum: other sources make other code."""

from __future__ import annotations

import hashlib
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

# A division by zero is infinite, as in NumPy.
OPTIONS = {"boundscheck": True, "error_model": "numpy"}


@cache
def stamp_of(module: ModuleType) -> str:
    """A checksum of all that the loops of a module, just imported, are made of.

    That is how they are compiled, its source, those of the modules that it imports (constants
    and functions of others are part of the machine code), and what these import if they stand in
    the same folder.
    """
    source = Path(str(module.__file__)).read_bytes()
    made_of = [repr(OPTIONS).encode(), source]
    for other in _imported(module, source):
        is_near = other.__package__ == module.__package__
        made_of.append(
            stamp_of(other).encode() if is_near else Path(str(other.__file__)).read_bytes()
        )
    return hashlib.blake2b(b"".join(made_of), digest_size=16).hexdigest()


def _imported(module: ModuleType, source: bytes) -> list[ModuleType]:
    """The modules that it imports something from, or as a whole; no libraries."""
    names = {name.decode() for name in _IMPORTED.findall(source)}
    names.update(each.__name__ for each in vars(module).values() if isinstance(each, ModuleType))
    names.discard(__name__)  # types are told apart by numba
    ours = (name for name in sorted(names) if name.partition(".")[0] not in _LIBRARIES)
    return [sys.modules[name] for name in ours]


_IMPORTED = re.compile(rb"^(?:from|import) ([\w.]+)", re.MULTILINE)
_LIBRARIES = sys.stdlib_module_names | {"numpy", "numba"}
