"""What `watch` does when it is asked to end."""

import subprocess
import sys

STORM = """
import os, signal, threading, time
from indexer.watch import Stop, Stopped

def storm():
    while not may_begin:
        time.sleep(0.01)
    while True:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

stop, may_begin, interrupted = Stop(), False, 0
stop.listen()
threading.Thread(target=storm, daemon=True).start()
stop.at_work = {at_work}
end = time.monotonic() + 2
while time.monotonic() < end:
    try:
        may_begin = True
        time.sleep(0.001)
    except Stopped:
        interrupted += 1
print(stop.asked, interrupted, flush=True)
os._exit(os.EX_OK)
"""


def test_signals_that_interrupt_each_other_are_one_asking() -> None:
    """A terminal's Ctrl-C and the kill of whoever started it come within the same millisecond."""
    for at_work, said in ((False, "True 0\n"), (True, "True 1\n")):
        code = STORM.format(at_work=at_work)
        answer = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False
        )
        assert (answer.returncode, answer.stdout) == (0, said), answer.stderr
