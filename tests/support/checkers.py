"""Others' checkers, each run as a program: what they bring along stays out of the tests' own environment."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support import ROOT

FOLDER = ROOT / "build" / "checkers" / "bin"


def run_checker(name: str, *words: str, within: Path, seconds: int = 300) -> subprocess.CompletedProcess[str]:
    """Run `name` (frictionless, schemathesis) in a folder. Fails with the remedy if it is not there."""
    python = FOLDER / "python"
    if not python.is_file():
        pytest.fail("the checkers are not there: run « make checkers »", pytrace=False)
    return subprocess.run(
        [python, FOLDER / name, *words],  # by its own Python: a moved folder keeps working
        cwd=within,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
