"""What holds for every test, wherever and however pytest was started."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start: a shell that starts pytest behind it has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
