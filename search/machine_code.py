"""The machine code of loops: made by numba, kept in files, and read from there by the next process.

It is kept in `__pycache__` beside the source, and read from there also where nothing may be written;
with nothing kept there, the user's folder for such things takes its place. What other sources were
made to is not read: a file names the checksum of all that it is made of. numba adds its version, the
function's bytecode and the processor. Nor is read what has been damaged since it was written: a
process would run it as it is.
"""

from __future__ import annotations

import pickle
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import caching, dispatcher
from numba.core.runtime import rtsys

from search.stamps import OPTIONS, stamp_of


class _ByAllSources:
    """What is kept is judged by all that it is made of: numba looks at one source."""

    def __init__(self, function: Any, file: str) -> None:
        super().__init__(function, file)  # type: ignore[call-arg]  # numba has no types
        self._stamp = stamp_of(sys.modules[function.__module__])

    def get_source_stamp(self) -> str:
        return self._stamp


class KeptWhereTold(_ByAllSources, caching.UserProvidedCacheLocator):  # type: ignore[misc]
    """In the folder that NUMBA_CACHE_DIR names."""


class KeptBeside(_ByAllSources, caching.InTreeCacheLocator):  # type: ignore[misc]
    """Beside the source, also where nothing more can be written there.

    By itself numba reads from no folder that it may not write.
    """

    def ensure_cache_path(self) -> None:
        """Raise OSError unless the folder can be written or has something for this source."""
        try:
            super().ensure_cache_path()
        except OSError:
            if not any(_kept(Path(self._py_file))):
                raise


class KeptForUser(_ByAllSources, caching.UserWideCacheLocator):  # type: ignore[misc]
    """In the user's folder for such things."""


numba.config.CACHE_LOCATOR_CLASSES = numba.config.CACHE_LOCATOR_CLASSES or ",".join(
    f"search.machine_code.{each.__name__}" for each in (KeptWhereTold, KeptBeside, KeptForUser)
)


class _Sealed(caching.IndexDataCacheFile):  # type: ignore[misc]
    """Files that hold a checksum of what they hold."""

    def _dump(self, content: Any) -> bytes:
        return pickle.dumps(_Seal(super()._dump(content)))

    def _save_data(self, name: str, data: Any) -> None:
        super()._save_data(name, (self._source_stamp, data))

    def _load_data(self, name: str) -> Any:
        """Nothing if it is of other sources: whoever made the index for these was ended before."""
        kept = super()._load_data(name)
        return kept[1] if kept[0] == self._source_stamp else None


class _Seal:
    """What is read back as what these bytes hold, if they are as they were."""

    def __init__(self, pickled: bytes) -> None:
        self._pickled = pickled

    def __reduce__(self) -> tuple[Any, ...]:
        return _opened, (self._pickled, zlib.crc32(self._pickled))


def _opened(pickled: bytes, checksum: int) -> Any:
    if zlib.crc32(pickled) != checksum:
        raise ValueError("kept machine code is damaged")
    return pickle.loads(pickled)  # noqa: S301 - no less ours than the sources beside it


caching.IndexDataCacheFile = _Sealed


class _Kept(caching.FunctionCache):  # type: ignore[misc]
    """Reads machine code without what only a compiler needs, which takes a process a third of a second more.

    That is loaded when there is something to compile.
    """

    def load_overload(self, signature: Any, target: Any) -> Any:
        """What is kept for a signature, or None."""
        rtsys.initialize(target)  # the functions that machine code calls
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, target)


dispatcher.FunctionCache = _Kept  # type: ignore[attr-defined]  # numba has no types


def make(function: Callable[..., Any], signatures: Sequence[Any]) -> Any:
    """What calls the function's machine code: read, or else compiled and kept."""
    try:
        made = _compiled(function, signatures, cache=bool(signatures))
    except Exception:  # noqa: BLE001 - what was kept is damaged, or there is no place to keep it
        _forget(_kept_anywhere(function))
        made = _compiled(function, signatures, cache=False)  # the next process keeps it again
    stats = getattr(made, "stats", None)  # none where NUMBA_DISABLE_JIT is set
    if stats and stats.cache_misses and sys.stderr and sys.stderr.isatty():
        tell()
    return made


def forget_others(loops: Iterable[Any]) -> None:
    """Throw away what is kept beside these loops' sources of loops that there are no more."""
    folders, ours = set(), set()
    for loop in loops:
        code = loop.function.__code__
        source = Path(code.co_filename)
        folders.add(source.parent)
        ours.add(f"{source.stem}.{code.co_name}-{code.co_firstlineno}")
    for folder in folders:
        kept = folder.glob("__pycache__/*.nb?")
        _forget(each for each in kept if each.name.partition(".py")[0] not in ours)


def _kept(source: Path) -> Iterator[Path]:
    """The files with machine code beside a source."""
    return source.parent.glob(f"__pycache__/{source.stem}.*-*.nb?")


def _kept_anywhere(function: Callable[..., Any]) -> Iterator[Path]:
    """The files with a function's machine code, wherever it may be read from."""
    source = Path(function.__code__.co_filename)
    for place in (KeptWhereTold, KeptBeside, KeptForUser):
        locator = place.from_function(function, str(source))
        if locator is not None:
            folder = Path(locator.get_cache_path())
            yield from folder.glob(f"{source.stem}.{function.__name__}-*.nb?")


def _forget(kept: Iterable[Path]) -> None:
    """Throw files with machine code away, where that can be done."""
    with suppress(OSError):
        for each in kept:
            each.unlink(missing_ok=True)


def _compiled(function: Callable[..., Any], signatures: Sequence[Any], *, cache: bool) -> Any:
    return numba.njit(list(signatures) or None, cache=cache, **OPTIONS)(function)


@cache
def tell() -> None:
    """Say once to whoever waits why it takes so long."""
    print("compiling loops for this processor, once: some minutes", file=sys.stderr)  # noqa: T201
