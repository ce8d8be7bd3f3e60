# ruff: noqa: N999 - gunicorn gave the file its name
"""How gunicorn serves, with reasons. `python -m web` reads this file; so may gunicorn itself.

The figures are from the measurement in docs/design/web.md.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from search.config import Config, load
from web import logs, memory, shared
from web.worker import LOADS

# `python -m web` puts its configuration here; gunicorn by itself reads ./config.toml.
# (The name `config` is taken: it is one of gunicorn's own settings.)
configuration: Config = globals().get("configuration") or load()

wsgi_app = "web.wsgi:app"
bind = f"{configuration.web.host}:{configuration.web.port}"
workers = configuration.web.workers

# Threads, because a slow client then holds a thread and not a whole process, and connections can
# be kept open. The Reader is safe for threads and has its own budget for each query.
worker_class = "web.worker.PatientWorker"
threads = 4

# A query stops itself at its budget. This is the last resort for a worker that hangs.
timeout = 30
graceful_timeout = 10
keepalive = 5

# Leaks of libraries end with the process; the jitter keeps workers from ending together.
max_requests = 20_000
max_requests_jitter = 2_000

# The longest address is a search with all its filters; the rest is somebody else's traffic.
limit_request_line = 8_190
limit_request_fields = 64

# Each process opens the index for itself after the fork: nothing is shared but the mapped files,
# and what `on_starting` reads.
preload_app = False

# The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108

# gunicorn 27 opens a socket for remote control in the home folder unless told not to.
control_socket_disable = True

# One form for every line, whoever writes it. The application logs requests itself, without what
# people search for, so that gunicorn's access log stays off.
accesslog = None
errorlog = "-"
loglevel = configuration.web.log_level
logconfig_dict = logs.settings(loglevel)

# Each process counts into files here, and /metrics adds the files up. In memory where there is a
# file system for it: nothing in it outlives the service.
_ours = shared.VARIABLE not in os.environ
if _ours:
    _parent = Path(worker_tmp_dir or tempfile.gettempdir())
    os.environ[shared.VARIABLE] = str(shared.make_folder(_parent))


def on_starting(_server: Any) -> None:
    """Read what every worker needs, once: the machine code of compiled loops, 40 MB, and modules, 20."""
    import web.app  # noqa: F401, PLC0415 - it asks when it is read where this service counts
    from search import compiled  # noqa: PLC0415 - whoever only asks for settings needs no compiler

    compiled.compile_all("search.loops")
    memory.set_aside_start()


def post_fork(_server: Any, _worker: Any) -> None:
    """Before a worker starts its threads."""
    memory.share_heap()


def post_worker_init(worker: Any) -> None:
    """Before a worker takes its first request, which would wait for templates to be compiled."""
    templates = worker.wsgi.jinja_env
    for name in templates.list_templates():
        templates.get_template(name)
    memory.set_aside_start()


def child_exit(_server: Any, worker: Any) -> None:
    """Keep what a process counted, and forget the process: the folder does not grow."""
    LOADS.forget(worker.age)
    shared.fold(Path(os.environ[shared.VARIABLE]), worker.pid)


def on_exit(_server: Any) -> None:
    """Leave nothing behind."""
    if _ours:
        shutil.rmtree(os.environ[shared.VARIABLE], ignore_errors=True)
