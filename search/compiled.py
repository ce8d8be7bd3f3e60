"""Functions over arrays, compiled by numba to the machine's own code: how, and for which types.

A function is compiled for the types that its decorator names, and its machine code is kept
(`search.machine_code`). It is read, and numba with it, when the function is first called, so that
a process waits only for what it calls. Whoever cannot wait reads all of a package beforehand with
`compile_all`, as the web service does before it forks; `python -m search.compile_loops PACKAGE…` does
so at set-up, so that no search waits for a compiler. Indices are checked as NumPy checks them: a
damaged index raises IndexError and never reads another's memory.

The interpreter's lock is kept meanwhile: to let go of it for some microseconds is to wait for it
afterwards behind every other thread. So a call ends within milliseconds: whoever has more to do
calls in parts, and looks at the clock between them.

    @compiled(int64(U4, I8))
    def count(docs: NDArray[np.uint32], starts: NDArray[np.int64]) -> int: ...
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial, update_wrapper
from typing import Any, TypeVar, cast

from search.stamps import stamp_of

Function = TypeVar("Function", bound=Callable[..., Any])


class Type:
    """A type of numba's, by how it is made there."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    @property
    def made(self) -> Any:
        """What it is to numba."""
        from numba import types  # noqa: PLC0415 - takes a third of a second

        return self._make(types)

    def __call__(self, *arguments: Any) -> Any:
        """What takes arguments of these types and returns this one; of a number, its like."""
        if all(isinstance(each, Type) for each in arguments):
            return Type(lambda _: self.made(*(each.made for each in arguments)))
        return self.made(*arguments)

    @property
    def _numba_type_(self) -> Any:
        """Within a loop it makes a number one of this type."""
        from numba import typeof  # noqa: PLC0415 - as above

        return typeof(self.made)


void, boolean = Type(lambda types: types.void), Type(lambda types: types.boolean)
uint8, uint16 = Type(lambda types: types.uint8), Type(lambda types: types.uint16)
uint32, uint64 = Type(lambda types: types.uint32), Type(lambda types: types.uint64)
int32, int64 = Type(lambda types: types.int32), Type(lambda types: types.int64)
float32, float64 = Type(lambda types: types.float32), Type(lambda types: types.float64)


def read_only(item: Type, dimensions: int = 1) -> Type:
    """The type of an array that is only read; one that may be written passes for it, too."""
    return Type(lambda types: types.Array(item.made, dimensions, "C", readonly=True))


def writable(item: Type, dimensions: int = 1) -> Type:
    """The type of an array that the function fills or returns."""
    return Type(lambda types: types.Array(item.made, dimensions, "C"))


def named(kind: type, *items: Type) -> Type:
    """The type of a NamedTuple of items of these types.

    A loop takes its arrays out before it begins: each look at one of them costs 10 ns.
    """
    return Type(lambda types: types.BaseTuple.from_types([each.made for each in items], kind))


def mixed(*items: Type) -> Type:
    """The type of a tuple of items of these types."""
    return Type(lambda types: types.BaseTuple.from_types([each.made for each in items]))


def several(item: Type, count: int) -> Type:
    """The type of a tuple of so many items of one type."""
    return mixed(*[item] * count)


# Arrays of one dimension that are only read, by their numbers.
U1, U2, U4, U8 = (read_only(item) for item in (uint8, uint16, uint32, uint64))
I4, I8, F4, F8 = (read_only(item) for item in (int32, int64, float32, float64))


class Compiled(partial[Any]):
    """A function that reads its machine code when it is first called, and then stands for it.

    What a partial object stands for can be exchanged, and calling it costs 10 ns more.
    """

    function: Callable[..., Any]
    signatures: tuple[Type, ...]

    @classmethod
    def of(cls, function: Callable[..., Any], signatures: tuple[Type, ...]) -> Compiled:
        """A function for these signatures; without one it is compiled into its callers."""
        self = cls(function)
        update_wrapper(self, function)
        self.function, self.signatures = function, signatures
        stamp_of(sys.modules[function.__module__])  # what is kept is of the sources as they are now
        self._stand_for(self._first_call)
        return self

    def made(self) -> Any:
        """Its machine code, which numba calls."""
        from search import machine_code  # noqa: PLC0415 - takes a third of a second

        with _reading:
            if self.func == self._first_call:
                signatures = [each.made for each in self.signatures]
                self._stand_for(machine_code.make(self.function, signatures))
        return self.func

    @property
    def _numba_type_(self) -> Any:
        """What it is to numba within another loop."""
        return self.made()._numba_type_

    def _stand_for(self, function: Any) -> None:
        self.__setstate__((function, (), {}, vars(self)))  # type: ignore[attr-defined]

    def _first_call(self, *arguments: Any) -> Any:
        start_s = time.monotonic()
        try:
            made = self.made()
        finally:
            _waited.s = getattr(_waited, "s", 0.0) + time.monotonic() - start_s
        return made(*arguments)


_reading = threading.RLock()
_waited = threading.local()


def clock_s() -> float:
    """Seconds by a clock that stands still while this thread waits for machine code."""
    return time.monotonic() - float(getattr(_waited, "s", 0.0))


def compiled(*signatures: Any) -> Callable[[Function], Function]:
    """Compile a function for these signatures; without one it is compiled into its callers."""

    def of(function: Function) -> Function:
        return cast("Function", Compiled.of(function, signatures))

    return of


def compile_all(package: str) -> None:
    """Read the machine code of all loops of a package, and make what is not there."""
    for module in modules_of(package):
        for loop in loops_of(module):
            loop.made()


def modules_of(package: str) -> list[str]:
    """The names of a package's modules."""
    folders = importlib.import_module(package).__path__
    return [each.name for each in pkgutil.iter_modules(folders, f"{package}.")]


def loops_of(module: str) -> Iterator[Compiled]:
    """A module's functions that are called from outside of loops."""
    for loop in vars(importlib.import_module(module)).values():
        if isinstance(loop, Compiled) and loop.signatures and loop.__module__ == module:
            yield loop
