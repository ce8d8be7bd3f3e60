"""gunicorn's threaded worker, with patience that costs no thread, and a master that loses no signal.

Stock `gthread` hands a connection to a thread at its first byte, and the thread waits for the rest
of the request's head, for ever: as many slow clients as threads, and nobody else is answered. Here
a connection waits in the poller until its head is complete, and is closed when that takes too long.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import Mapping
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.arbiter import Arbiter

# Two of these are newer than the stubs.
from gunicorn.http.errors import (  # type: ignore[attr-defined]
    ConfigurationProblem,
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker

from web.headers import HEADERS
from web.loads import Loads

HEAD_WITHIN_S = 10.0  # from the first byte of a request to the end of its head
STALL_S = 20.0  # a body or an answer that does not move for so long is given up
MAX_HEAD_BYTES = 65_536  # larger ones are passed on, for the parser to refuse
STEP_ASIDE_S = 0.002  # for each connection more than another worker has, for that one to accept
MAX_STEPS = 5  # where the other one hangs, each new connection waits so long
PASSED_S = 0.1  # behind the wait: who finds a connection still there then takes it
END_OF_HEAD = b"\r\n\r\n"
HOST = re.compile(r"[\w.-]{1,255}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?", re.ASCII)
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
OURS = (ConfigurationProblem, InvalidResponseHeader, InvalidResponseHeaderName)  # not the client's
REFUSALS: Mapping[type[Exception], str] = {
    LimitRequestLine: "414 URI Too Long",
    LimitRequestHeaders: "431 Request Header Fields Too Large",
    ExpectationFailed: "417 Expectation Failed",
    UnsupportedTransferCoding: "501 Not Implemented",
}


LOADS = Loads()  # made in the master, shared by all workers


class Master(Arbiter):
    """Starts the workers so that none misses the signal that ends it.

    Between its fork and its own handlers a worker has the master's, which put the signal into a
    queue that nobody in that process reads: the worker served on, and was killed after
    `graceful_timeout`. Held back over the fork, the signal arrives when the handlers are there.
    """

    def spawn_worker(self) -> int:
        """Fork one. In the worker this does not return, and `init_signals` lets signals in.

        Where it ends they are held back for good: Python lets go of its handlers then, and of Ctrl-C,
        which reaches the whole group, and the master's word the second would kill it.
        """
        master = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
        try:
            return int(super().spawn_worker())
        finally:
            is_master = os.getpid() == master
            how = signal.SIG_UNBLOCK if is_master else signal.SIG_BLOCK
            signal.pthread_sigmask(how, ENDINGS)


class PatientWorker(ThreadWorker):
    """A thread for each request that is there, none for those still to come."""

    aside_until = 0.0
    """By the monotonic clock; before it, connections are left to workers that have fewer."""

    def init_signals(self) -> None:
        """Take over the signals, those first that came since the fork."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """End at once, at the first word; the ones behind it would only interrupt that."""
        for each in ENDINGS:  # not SIG_IGN: Python complains of a signal that is under way
            signal.signal(each, lambda _signal, _frame: None)
        super().handle_quit(sig, frame)

    def notify(self) -> None:
        """Tell the master that it lives, and the others how many connections it holds."""
        super().notify()
        if self.alive:
            LOADS.tell(self.age, self.nr_conns)

    def set_accept_enabled(self, enabled: bool | None) -> None:  # noqa: FBT001 - gunicorn's
        """Begin or end to listen for connections, but do not begin while others have fewer."""
        if enabled and time.monotonic() < self.aside_until and LOADS.surplus(self.nr_conns) > 0:
            return
        super().set_accept_enabled(enabled)

    def accept(self, listener: Any) -> None:
        """Take a connection, unless one of those who have fewer takes it meanwhile."""
        surplus, now = LOADS.surplus(self.nr_conns), time.monotonic()
        if surplus > 0 and now > self.aside_until + PASSED_S:
            self.aside_until = now + STEP_ASIDE_S * min(surplus, MAX_STEPS)
            self.set_accept_enabled(False)
            return
        self.aside_until = 0.0
        super().accept(listener)
        LOADS.tell(self.age, self.nr_conns)

    def wait_for_and_dispatch_events(self, timeout: Any) -> None:
        """Hear what there is to do; listen again in time."""
        left_s = self.aside_until - time.monotonic()
        super().wait_for_and_dispatch_events(min(timeout, left_s) if left_s > 0 else timeout)

    def enqueue_req(self, conn: Any) -> None:
        """Hand the connection to a thread, or let it wait for the rest of its head."""
        seen = 0 if self.cfg.is_ssl else _seen_of_head(conn)
        if self.cfg.is_ssl or seen is None:
            conn.head_until = None
            super().enqueue_req(conn)
            return
        if getattr(conn, "head_until", None) is None:
            conn.head_until = time.monotonic() + HEAD_WITHIN_S
        conn.timeout = conn.head_until
        conn.sock.setblocking(False)
        # Readable means: more than what was seen. Otherwise the poller would spin.
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, seen + 1)
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer; a client that stalls is given up, and one that names no host is refused."""
        conn.sock.settimeout(STALL_S)
        hosts = [value for name, value in req.headers if name == "HOST"]
        if (
            len(hosts) > 1
            or not all(map(HOST.fullmatch, hosts))
            or (req.version >= (1, 1) and not hosts)
        ):
            with contextlib.suppress(OSError):
                conn.sock.sendall(refusal(ParseException()))
            return False
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Refuse what is no HTTP with our headers, and without a line in the log for each."""
        if not isinstance(exc, ParseException) or isinstance(exc, OURS):
            super().handle_error(req, client, addr, exc)
            return
        self.log.debug("A request was refused: %s", exc)
        with contextlib.suppress(OSError):
            client.sendall(refusal(exc))


def refusal(error: ParseException) -> bytes:
    """The answer to bytes that are no request. They are not repeated in it."""
    status = REFUSALS.get(type(error), "400 Bad Request")
    told = "this cannot be read as HTTP"
    if isinstance(error, LimitRequestLine):
        longest = f"{error.max_size:,} bytes at most"
        told = f"addresses have {longest}; longer searches go to POST /api/v1/batch"
    body = f"{status}: {told}.\n"
    headers = HEADERS | {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", body]).encode()


def _seen_of_head(conn: Any) -> int | None:
    """How many bytes of an unfinished head are there; None if it can be parsed (or is at its end)."""
    if conn.parser is not None and conn.parser.unreader.buf.getvalue():
        return None  # read already, behind the request before
    try:
        seen = conn.sock.recv(MAX_HEAD_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return 0
    except OSError:
        return None
    if not seen or END_OF_HEAD in seen or len(seen) == MAX_HEAD_BYTES:
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        return None
    return len(seen)
