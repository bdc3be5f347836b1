"""The port and the server of `participation serve`."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from participation import server

PROGRAM = """
from participation import server
listener = server.open_port(0)
print(server.address(listener), flush=True)
server.run(listener, {"PARTICIPATION_DEMO": "oui"})
"""


def test_a_free_port_is_taken_at_once():
    with server.open_port(0) as listener:
        port = listener.getsockname()[1]
        assert server.address(listener) == f"http://127.0.0.1:{port}"
        with socket.create_connection(("127.0.0.1", port)):
            pass


def test_a_taken_port_is_said_plainly():
    with server.open_port(0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(server.PortError, match=f"Le port {port} est déjà pris.*make run PORT=8001"):
            server.open_port(port)


def test_an_impossible_port_is_said_plainly():
    with pytest.raises(server.PortError, match="n'existe pas"):
        server.open_port(70000)


def test_an_impossible_address_is_said_plainly():
    with pytest.raises(server.PortError, match=r"Impossible d'écouter sur 192\.0\.2\.1"):
        server.open_port(0, "192.0.2.1")


def test_the_server_answers_and_stops_when_told(tmp_path: Path):
    environ = {**os.environ, "PARTICIPATION_INSTANCE": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            with urllib.request.urlopen(f"{address}/sante", timeout=30) as answer:
                assert answer.status == 200
            start = time.monotonic()
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=15)
        finally:
            process.kill()
    assert process.returncode == 0
    assert time.monotonic() - start < 10
    assert "Traceback" not in errors
