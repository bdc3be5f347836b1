"""The web server of `participation serve`: one gunicorn process with threads, on a port that was seen to be free."""

import errno
import os
import socket
from collections.abc import Mapping
from typing import NoReturn

from flask import Flask
from gunicorn.app.base import BaseApplication

HOST = "127.0.0.1"
PORT = 8000
THREADS = 8

_BACKLOG = 128  # connections that wait while every thread is busy


class PortError(Exception):
    """The port cannot be had; the message says why and what to do, in plain French."""


def open_port(port: int = PORT, host: str = HOST) -> socket.socket:
    """Return a listening socket on `host`:`port` (0: any free port); it is what `run` hands to the server.

    Opened before the database is touched, so that a taken port stops the command at once. Raises PortError.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as fault:
        listener.close()
        raise PortError(_explain(fault, port, host)) from fault
    return listener


def address(listener: socket.socket) -> str:
    """Return the address to open in a browser."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(listener: socket.socket, environ: Mapping[str, str] | None = None) -> NoReturn:
    """Answer on `listener` until the process is told to stop; `environ` is added to the environment first.

    The application is made in the process that answers. Close this one's database connections before: what is open
    when a process divides belongs to both.
    """
    os.environ.update(environ or {})
    _Gunicorn(listener.detach()).run()
    raise SystemExit


class _Gunicorn(BaseApplication):
    """Gunicorn within this process: everything is imported already, so that answering begins a second sooner."""

    def __init__(self, handle: int) -> None:
        self._options = {
            "bind": f"fd://{handle}",
            "threads": THREADS,
            "loglevel": "warning",
            "graceful_timeout": 10,  # seconds left to the requests under way when the server is told to stop
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        """Take our options, and none from files or the command line, which is not gunicorn's."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        from participation import create_app

        return create_app()


def _explain(fault: OSError | OverflowError, port: int, host: str) -> str:
    remedy = "Choisissez-en un autre, par exemple : make run PORT=8001"
    if isinstance(fault, OverflowError):
        return f"Le port {port} n'existe pas (de 1 à 65535). {remedy}"
    if fault.errno == errno.EADDRINUSE:
        return f"Le port {port} est déjà pris par un autre programme. {remedy}"
    if fault.errno in (errno.EACCES, errno.EPERM):
        return f"Le port {port} est réservé à l'administrateur de la machine. {remedy}"
    return f"Impossible d'écouter sur {host}, port {port} ({fault.strerror}). {remedy}"
