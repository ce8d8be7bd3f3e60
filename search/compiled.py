"""Functions over arrays, compiled by numba to the machine's own code: how, and for which types.

A function is compiled for the types that its decorator names, when its module is imported, so that
no search ever waits for a compiler. The machine code is kept in `__pycache__` beside the source and
loaded from there by whoever imports the module next, also where nothing may be written (with nothing
kept there, the user's folder for such things takes its place); `python -m search.compiled PACKAGE…`
imports all of a package. Indices are checked as NumPy checks them: a damaged index raises IndexError
and never reads another's memory.

The interpreter's lock is kept meanwhile: to let go of it for some microseconds is to wait for it
afterwards behind every other thread. So a call ends within milliseconds: whoever has more to do
calls in parts, and looks at the clock between them.

What is kept is thrown away when it is older than its source, than another module of the same
folder, or than a module that its own imports as a whole (`from search import ranking`): constants
and functions of other modules are part of the machine code.

    @compiled(int64(U4, I8))
    def count(docs: NDArray[np.uint32], starts: NDArray[np.int64]) -> int: ...
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numba
from numba import njit
from numba import types as types
from numba.core.caching import InTreeCacheLocator

Function = TypeVar("Function", bound=Callable[..., Any])

void, boolean = types.void, types.boolean
uint8, uint16, uint32, uint64 = types.uint8, types.uint16, types.uint32, types.uint64
int32, int64, float32, float64 = types.int32, types.int64, types.float32, types.float64


def read_only(item: Any, dimensions: int = 1) -> Any:
    """The type of an array that is only read; one that may be written passes for it, too."""
    return types.Array(item, dimensions, "C", readonly=True)


def writable(item: Any, dimensions: int = 1) -> Any:
    """The type of an array that the function fills or returns."""
    return types.Array(item, dimensions, "C")


def named(kind: type, *items: Any) -> Any:
    """The type of a NamedTuple of items of these types.

    A loop takes its arrays out before it begins: each look at one of them costs 10 ns.
    """
    return types.NamedTuple(items, kind)


def several(item: Any, count: int) -> Any:
    """The type of a tuple of so many items of one type."""
    return types.UniTuple(item, count)


# Arrays of one dimension that are only read, by their numbers.
U1, U2, U4, U8 = (read_only(item) for item in (uint8, uint16, uint32, uint64))
I4, I8, F4, F8 = (read_only(item) for item in (int32, int64, float32, float64))


class KeptBeside(InTreeCacheLocator):  # type: ignore[misc]  # numba has no types
    """Finds what is kept beside a source, also where nothing more can be written there.

    By itself numba reads from no folder that it may not write.
    """

    def ensure_cache_path(self) -> None:
        """Raise OSError unless the folder can be written or has something for this source."""
        try:
            super().ensure_cache_path()
        except OSError:
            if not any(_kept(Path(self._py_file))):
                raise


numba.config.CACHE_LOCATOR_CLASSES = numba.config.CACHE_LOCATOR_CLASSES or (
    f"UserProvidedCacheLocator,{__name__}.KeptBeside,UserWideCacheLocator"
)


def compiled(*signatures: Any) -> Callable[[Function], Function]:
    """Compile a function for these signatures; without one it is compiled into its callers."""

    def compile_function(function: Function) -> Function:
        made: Function
        try:
            made = _compiled(function, signatures, cache=_is_sound(function.__module__))
        except Exception:  # noqa: BLE001 - what was kept is torn, or there is no place to keep it
            _forget(_kept(Path(function.__code__.co_filename), function.__name__))
            made = _compiled(function, signatures, cache=False)  # the next process keeps it again
        stats = getattr(made, "stats", None)  # none where NUMBA_DISABLE_JIT is set
        if stats and stats.cache_misses and sys.stderr and sys.stderr.isatty():
            _tell()
        return made

    return compile_function


@cache
def _tell() -> None:
    """Say once to whoever waits at a terminal why it takes so long."""
    print("compiling loops for this processor, once: about a minute", file=sys.stderr)  # noqa: T201


@cache
def _is_sound(name: str) -> bool:
    """Whether what is kept of a module, after a look at it, is not older than what it is made of."""
    module = sys.modules[name]
    source = Path(str(module.__file__))
    imported = [each for each in vars(module).values() if isinstance(each, ModuleType)]
    # What is built into the interpreter (`math`, in Debian's) has no file.
    files = filter(None, [getattr(each, "__file__", None) for each in imported])
    made_of = {__file__, *files, *map(str, source.parent.glob("*.py"))}
    newest = max(Path(file).stat().st_mtime_ns for file in made_of)
    return _forget(each for each in _kept(source) if _made_ns(each) < newest)


def _kept(source: Path, function: str = "*") -> Iterator[Path]:
    """The files with machine code beside a source."""
    return source.parent.glob(f"__pycache__/{source.stem}.{function}-*.nb?")


def _made_ns(kept: Path) -> int:
    try:
        return kept.stat().st_mtime_ns
    except FileNotFoundError:
        return 0  # another process threw it away


def _forget(kept: Iterable[Path]) -> bool:
    """Throw files with machine code away; whether that could be done."""
    try:
        for each in kept:
            each.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _compiled(function: Function, signatures: tuple[Any, ...], *, cache: bool) -> Any:
    return njit(
        list(signatures) or None,
        cache=cache,
        boundscheck=True,
        error_model="numpy",  # a division by zero is infinite, as in NumPy
    )(function)


def compile_all(*packages: str) -> None:
    """Import every module of these packages."""
    for name in packages:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{name}."):
            importlib.import_module(module.name)


if __name__ == "__main__":
    compile_all(*sys.argv[1:])
