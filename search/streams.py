"""Standard input, output and errors, where whoever started the process has closed some of them."""

from __future__ import annotations

import os
import sys


def open_closed() -> None:
    """Have closed streams lead nowhere: or a file of the index would get the number of one.

    Called before any other file is opened, so that each gets its own number again.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115 - it stays open
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
