"""`python -m indexer`. Until the program is loaded, Ctrl-C just ends it: there is nothing to unwind."""

import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from indexer.cli import main

if __name__ == "__main__":
    sys.exit(main())
