"""What holds for every test, wherever and however pytest was started."""

import signal

from hypothesis import HealthCheck, settings

# Both go by the clock on the wall, which a busy machine makes run: a test has a time-out of its own.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start: a shell that starts pytest behind it has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
