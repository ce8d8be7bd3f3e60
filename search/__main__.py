"""`python -m search`. Ctrl-C just ends it, whatever it is at: there is nothing to unwind."""

import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from search.cli import main

if __name__ == "__main__":
    sys.exit(main())
