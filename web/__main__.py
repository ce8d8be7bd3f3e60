"""`python -m web`. Until gunicorn minds its signals, Ctrl-C just ends it: nothing runs yet."""

import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from web.cli import main

if __name__ == "__main__":
    sys.exit(main())
