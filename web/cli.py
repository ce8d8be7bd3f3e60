"""`python -m web`: gunicorn with the settings of config.toml."""

from __future__ import annotations

import argparse
import dataclasses
import errno
import runpy
import socket
import sys
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from search import streams
from search.config import Config, load
from search.errors import BadConfig
from search.open import open_index
from web.site import local_address
from web.worker import Master

SETTINGS = Path(__file__).with_name("gunicorn.conf.py")
BACKLOG = 512  # connections that wait to be accepted; more would wait longer than anyone does


class Service(BaseApplication):
    """gunicorn around our application, listening where it is told."""

    def __init__(self, config: Config, listener: socket.socket) -> None:
        self.config = config
        self.listener = listener
        super().__init__()

    def load_config(self) -> None:
        """Take the settings of gunicorn.conf.py; the socket is open already."""
        settings = runpy.run_path(str(SETTINGS), init_globals={"configuration": self.config})
        for name, value in settings.items():
            if name in self.cfg.settings and value is not None:
                self.cfg.set(name, value)
        self.cfg.set("bind", f"fd://{self.listener.fileno()}")
        self.cfg.set("when_ready", self.announce)

    def load(self) -> Any:
        """The application; each worker process makes its own."""
        from web.app import create_app  # noqa: PLC0415 - gunicorn.conf.py says first where to count

        return create_app(self.config, open_index(self.config))

    def run(self) -> None:
        """Serve until told to end."""
        Master(self).run()

    def announce(self, _server: object) -> None:
        """Tell where to look, once the socket is served."""
        print(f"Dateline answers at {local_address(self.config)} (Ctrl-C ends it)", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Serve until Ctrl-C. 2: it could not start."""
    streams.open_closed()
    parser = argparse.ArgumentParser(prog="python -m web", description=__doc__)
    parser.add_argument("--config", type=Path, metavar="FILE", help="default: ./config.toml")
    parser.add_argument("--check", action="store_true", help="end at once: 2 if it cannot start")
    given = parser.parse_args(arguments)
    try:
        config = load(given.config)
        listener = listen(config)
    except BadConfig as error:
        return refuse(error)
    port = listener.getsockname()[1]
    service = Service(
        dataclasses.replace(config, web=dataclasses.replace(config.web, port=port)), listener
    )
    if given.check:
        listener.close()  # at once: whoever connected meanwhile would wait for nobody
    try:
        service.load()  # what is wrong shows here, and not in every worker process
    except BadConfig as error:
        service.cfg.on_exit(service)
        return refuse(error)
    if given.check:
        service.cfg.on_exit(service)
        return 0
    service.run()
    return 0


def refuse(error: BadConfig) -> int:
    """Say why it cannot start."""
    print(f"python -m web: {error}", file=sys.stderr)
    return 2


def listen(config: Config) -> socket.socket:
    """The listening socket, or BadConfig with what to do."""
    host, port = config.web.host, config.web.port
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise BadConfig(
                f"port {port} on {host} is taken: end what listens there, or choose another with"
                f" [web] port in config.toml or DATELINE_WEB_PORT={port + 1}"
            ) from error
        raise BadConfig(f"cannot listen on {host} port {port}: {error.strerror}") from error
    listener.set_inheritable(True)
    return listener
