"""`python -m search.compile_loops PACKAGE…`: machine code of all loops of packages, made and kept.

What is there already is only read. All processors share the work.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Iterable, Sequence

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C just ends it: the rest is made later

from search import machine_code
from search.compiled import loops_of, modules_of


def _keep(module: str) -> None:
    for loop in loops_of(module):
        loop.made()


def follow(done: Iterable[None], total: int) -> None:
    """Wait for all of them; on a terminal, say how far it is."""
    for number, _ in enumerate(done, 1):
        if sys.stderr.isatty():
            end = "\n" if number == total else ""
            print(f"\r{number} of {total} modules", end=end, file=sys.stderr, flush=True)  # noqa: T201


def main(packages: Sequence[str]) -> None:
    """Keep machine code of all loops of these packages, and of no others beside them."""
    machine_code.tell()
    modules = [module for package in packages for module in modules_of(package)]
    with multiprocessing.get_context("fork").Pool() as processes:
        follow(processes.imap_unordered(_keep, modules), len(modules))
    machine_code.forget_others(loop for module in modules for loop in loops_of(module))


if __name__ == "__main__":
    main(sys.argv[1:])
