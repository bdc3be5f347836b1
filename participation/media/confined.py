"""Programs that read what strangers sent run in a process of their own, with limits that the system itself holds.

A file made to harm may make its reader crash, loop or ask for gigabytes: that ends the reader, never the server. The
process gets no environment (no key of ours in it), no input, and what it says goes to a file, so that nothing grows
in our memory.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launcher.py")
AT_ONCE = 2
"""Files read at the same time by one server process: the others wait, and memory stays bounded."""
PATIENCE = 30
"""Seconds to wait for one's turn."""

_turns = threading.BoundedSemaphore(AT_ONCE)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What the process may use: seconds of processor and of wall clock, bytes of address space and of a written file.

    The address space counts libraries and what is reserved but never touched; memory really used stays below it.
    """

    processor: int
    wall: int
    memory: int
    written: int


class Busy(Exception):
    """Too many files are being read; one may try again in a minute."""


class Failed(Exception):
    """The program did not do it: `code` is its exit status, negative for a signal, None when the time was up."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"exit status {code}")
        self.code = code


def run(argv: Sequence[str], limits: Limits, folder: Path) -> str:
    """Run a program in `folder` within `limits` and return what it said, 4 KB at most. Raises Failed or Busy."""
    said = folder / "said"
    command = [sys.executable, "-I", "-S", str(LAUNCHER)]
    command += [str(number) for number in (limits.processor, limits.memory, limits.written)]
    with _turn(), said.open("wb") as out:
        try:
            code = subprocess.run(  # noqa: S603  # our own programs, arguments made by us
                [*command, *argv],
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                timeout=limits.wall,
                start_new_session=True,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
    if code != 0:
        # Neither a name nor a word of the file: its metadata may say who speaks.
        _log.info("%s did not read a file: exit status %s", Path(argv[0]).name, code)
        raise Failed(code)
    with said.open("rb") as words:
        return words.read(4096).decode("utf-8", "replace")


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise Busy
    try:
        yield
    finally:
        _turns.release()


def _environment() -> dict[str, str]:
    """Return the environment of the program: what finds libraries, and nothing that is ours."""
    return {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "PATH") if name in os.environ} | {
        "LC_ALL": "C.UTF-8"
    }
