"""gunicorn's threaded worker, with patience that costs no thread.

Stock `gthread` hands a connection to a thread at its first byte, and the thread waits for the rest
of the request's head, for ever: as many slow clients as threads, and nobody else is answered. Here
a connection waits in the poller until its head is complete, and is closed when that takes too long.
"""

from __future__ import annotations

import socket
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

HEAD_WITHIN_S = 10.0  # from the first byte of a request to the end of its head
STALL_S = 20.0  # a body or an answer that does not move for so long is given up
MAX_HEAD_BYTES = 65_536  # larger ones are passed on, for the parser to refuse
END_OF_HEAD = b"\r\n\r\n"


class PatientWorker(ThreadWorker):
    """A thread for each request that is there, none for those still to come."""

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
        """Answer; a client that stalls is given up."""
        conn.sock.settimeout(STALL_S)
        return super().handle_request(req, conn)


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
