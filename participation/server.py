"""The web server of `participation serve`: one gunicorn process with threads, on a port that was seen to be free."""

import errno
import os
import socket
import sys
from collections.abc import Mapping
from typing import NoReturn

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
    """Replace this process by the server, which answers on `listener`; `environ` is added to the environment.

    A new process image rather than a fork: no database connection of this one can be shared by mistake.
    """
    listener.set_inheritable(True)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    command = _command(listener.fileno())
    os.execve(command[0], command, {**os.environ, **(environ or {})})  # noqa: S606  # the point of this function


def _command(handle: int) -> list[str]:
    options = {
        "--bind": f"fd://{handle}",
        "--threads": str(THREADS),
        "--log-level": "warning",
        "--graceful-timeout": "10",  # seconds left to the requests under way when the server is told to stop
    }
    given = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "gunicorn", "--no-control-socket", *given, "participation:create_app()"]


def _explain(fault: OSError | OverflowError, port: int, host: str) -> str:
    remedy = "Choisissez-en un autre, par exemple : make run PORT=8001"
    if isinstance(fault, OverflowError):
        return f"Le port {port} n'existe pas (de 1 à 65535). {remedy}"
    if fault.errno == errno.EADDRINUSE:
        return f"Le port {port} est déjà pris par un autre programme. {remedy}"
    if fault.errno in (errno.EACCES, errno.EPERM):
        return f"Le port {port} est réservé à l'administrateur de la machine. {remedy}"
    return f"Impossible d'écouter sur {host}, port {port} ({fault.strerror}). {remedy}"
