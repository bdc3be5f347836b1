"""How long the application takes to be ready to answer, against loading the libraries that it stands on."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from tests.bench import Ratio, compare

OURS = "from participation import create_app; create_app()"
LIBRARIES = "import flask, flask_sqlalchemy, flask_migrate, flask_wtf, flask_babel, wtforms, babel.dates"


def measure(_full: bool) -> Iterator[Ratio]:
    """Start Python twice: with the application, and with the libraries alone."""
    with tempfile.TemporaryDirectory() as instance:
        environ = {**os.environ, "PARTICIPATION_INSTANCE": instance}
        ours, reference = compare(lambda: _run(OURS, environ), lambda: _run(LIBRARIES, environ))
    yield Ratio("start", ours, reference, "loading its libraries", 2)


def _run(program: str, environ: dict[str, str]) -> None:
    subprocess.run([sys.executable, "-c", program], env=environ, check=True)
