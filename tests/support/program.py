"""The program's own web server (`participation serve`), in a process of its own, on a database of the tests."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.apps import SECRETS

_PROGRAM = """
from participation import server
listener = server.open_port(0)
print(server.address(listener), flush=True)
server.run(listener)
"""


@contextmanager
def running(url: str, instance: Path) -> Iterator[str]:
    """Run the server on the database `url`, with the tests' secrets: a session made by the tests holds there too."""
    own = {"DATABASE_URL": url, "PARTICIPATION_INSTANCE": str(instance)}
    secrets = {name.upper(): value for name, value in SECRETS.items()}
    words = [sys.executable, "-c", _PROGRAM]
    with subprocess.Popen(words, env={**os.environ, **own, **secrets}, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()
            process.wait(timeout=20)
